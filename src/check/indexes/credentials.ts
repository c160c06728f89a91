import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** Entries of ~/.netrc by host; `default` has the empty one. Comments and macros end a line's meaning. */
export function parseNetrc(text: string): ReadonlyMap<string, Login> {
  const words = text.replace(/^\s*#.*$/gm, '').replace(/^macdef[^\n]*\n(?:[^\n]+\n)*/gm, '').split(/\s+/).filter((word) => word !== '');
  const logins = new Map<string, Login>();
  let host: string | undefined;
  let login: Login = { user: '', password: '' };
  const store = (): void => {
    if (host !== undefined && !logins.has(host)) logins.set(host, login);
  };
  for (let index = 0; index < words.length; index++) {
    const word = words[index];
    if (word === 'machine' || word === 'default') {
      store();
      host = word === 'default' ? '' : words[++index] ?? '';
      login = { user: '', password: '' };
    } else if (word === 'login') login = { ...login, user: words[++index] ?? '' };
    else if (word === 'password') login = { ...login, password: words[++index] ?? '' };
    else if (word === 'account') index += 1;
  }
  store();
  return logins;
}

export function readNetrc(environment: NodeJS.ProcessEnv): ReadonlyMap<string, Login> {
  const home = environment['HOME'] ?? homedir();
  const candidates = environment['NETRC'] === undefined ? [join(home, '.netrc'), join(home, '_netrc')] : [environment['NETRC']];
  const file = candidates.find((candidate) => existsSync(candidate));
  try {
    return file === undefined ? new Map() : parseNetrc(readFileSync(file, 'utf8'));
  } catch {
    return new Map();
  }
}

/** An address without its user and password, and those apart: they must not end up in reports or in the cache. */
export function splitCredentials(address: string): { readonly url: string; readonly login: Login | undefined } {
  if (!URL.canParse(address)) return { url: address, login: undefined };
  const url = new URL(address);
  if (url.username === '' && url.password === '') return { url: address, login: undefined };
  const login = { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
  url.username = '';
  url.password = '';
  return { url: url.href, login };
}

export function basicAuthorization({ user, password }: Login): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
