/** GET over HTTP with what indexes need: proxies, limits, retries, redirects that do not lead into a private network. */
import { lookup } from 'node:dns';
import { readFileSync, statSync } from 'node:fs';
import type { IncomingMessage, RequestOptions } from 'node:http';
import { Agent as HttpAgent, request as httpRequest } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import { createGunzip, createInflate } from 'node:zlib';
import { openTunnel, proxyFor } from './proxy.ts';
import { isPrivateAddress } from './private-address.ts';

export interface HttpResponse {
  readonly status: number;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: Buffer;
}

export class HttpError extends Error {
  override readonly name = 'HttpError';
  /** The host gives no answer at all; others on it need not be tried. */
  readonly isUnreachable: boolean;

  constructor(message: string, isUnreachable = false) {
    super(message);
    this.isUnreachable = isUnreachable;
  }
}

export interface HttpOptions {
  /** Until the whole answer is there. */
  readonly timeoutMilliseconds: number;
  readonly retries: number;
  readonly parallel: number;
  readonly environment: NodeJS.ProcessEnv;
  /** `host:port` that the user named: they may be private. */
  readonly trustedHosts: ReadonlySet<string>;
  readonly authorization: (url: URL) => string | undefined;
}

const mostRedirects = 5;
/** The largest page of PyPI has some 40 MB. */
const largestBody = 128 << 20;
const unreachableCodes = new Set(['ENOTFOUND', 'EAI_AGAIN', 'ECONNREFUSED', 'ENETUNREACH', 'EHOSTUNREACH', 'ETIMEDOUT']);

export class HttpClient {
  readonly #options: HttpOptions;
  readonly #agents: { readonly http: HttpAgent; readonly https: HttpsAgent };
  readonly #authorities: { readonly ca?: string[] };
  readonly #waiting: (() => void)[] = [];
  readonly #unreachable = new Map<string, HttpError>();
  #running = 0;

  constructor(options: HttpOptions) {
    this.#options = options;
    const agent = { keepAlive: true, maxSockets: options.parallel };
    this.#authorities = readAuthorities(options.environment);
    this.#agents = { http: new HttpAgent(agent), https: new HttpsAgent({ ...agent, ...this.#authorities }) };
  }

  close(): void {
    this.#agents.http.destroy();
    this.#agents.https.destroy();
  }

  /** Statuses below 500 are answers. */
  async get(url: string, headers: Readonly<Record<string, string>> = {}): Promise<HttpResponse> {
    await this.#enter();
    try {
      return await this.#withRetries(url, headers);
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #enter(): Promise<void> {
    if (this.#running >= this.#options.parallel) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
  }

  async #withRetries(url: string, headers: Readonly<Record<string, string>>): Promise<HttpResponse> {
    const { host } = new URL(url);
    for (let attempt = 0; ; attempt++) {
      const known = this.#unreachable.get(host);
      if (known !== undefined) throw known;
      try {
        const response = await this.#follow(url, headers);
        if (response.status < 500 && response.status !== 429) return response;
        throw new RetryError(`${host} answers ${response.status}`);
      } catch (error) {
        if (error instanceof HttpError && error.isUnreachable) this.#unreachable.set(host, error);
        if (!(error instanceof RetryError) || attempt >= this.#options.retries) throw error instanceof RetryError ? new HttpError(error.message) : error;
        await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** attempt));
      }
    }
  }

  async #follow(first: string, headers: Readonly<Record<string, string>>): Promise<HttpResponse> {
    let url = new URL(first);
    for (let count = 0; count <= mostRedirects; count++) {
      const response = await this.#once(url, headers);
      const { location } = response.headers;
      if (response.status < 300 || response.status > 399 || response.status === 304 || location === undefined) return response;
      if (!URL.canParse(location, url.href)) throw new HttpError(`${url.host} redirects to '${location.slice(0, 100)}', which is no address`);
      url = new URL(location, url);
    }
    throw new HttpError(`${first} redirects more than ${mostRedirects} times`);
  }

  async #once(url: URL, headers: Readonly<Record<string, string>>): Promise<HttpResponse> {
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw new HttpError(`${url.protocol} is no address of an index`);
    const isTrusted = this.#options.trustedHosts.has(url.host);
    if (!isTrusted && (isPrivateAddress(url.hostname) || url.hostname === 'localhost')) throw privateError(url);
    const authorization = this.#options.authorization(url);
    const all = { ...headers, 'accept-encoding': 'gzip, deflate', 'user-agent': 'armature-check', ...(authorization === undefined ? {} : { authorization }) };
    const deadline = AbortSignal.timeout(this.#options.timeoutMilliseconds);
    try {
      return await readResponse(url, await this.#send(url, all, isTrusted, deadline), deadline);
    } catch (error) {
      throw explain(url, error, deadline, this.#options.timeoutMilliseconds);
    }
  }

  async #send(url: URL, headers: Readonly<Record<string, string>>, isTrusted: boolean, signal: AbortSignal): Promise<IncomingMessage> {
    const proxy = proxyFor(url, this.#options.environment);
    const isSecure = url.protocol === 'https:';
    const options: RequestOptions = { headers, signal };
    const agent = isSecure ? this.#agents.https : this.#agents.http;
    if (proxy === undefined) Object.assign(options, { agent, lookup: isTrusted ? undefined : publicLookup(url) });
    else if (isSecure) Object.assign(options, { createConnection: await openTunnel(proxy, url, signal, this.#authorities) });
    else {
      const forProxy = { ...headers, host: url.host, ...proxyHeaders(proxy) };
      Object.assign(options, { hostname: proxy.hostname, port: proxy.port || 80, path: url.href, headers: forProxy });
    }
    return new Promise((resolve, reject) => {
      const send = isSecure ? httpsRequest : httpRequest;
      send(url, options, resolve).on('error', reject).end();
    });
  }
}

/** Certificates of a company's own proxy or index, where pip, requests and OpenSSL look for them; beside those that Node has. */
function readAuthorities(environment: NodeJS.ProcessEnv): { readonly ca?: string[] } {
  const file = ['PIP_CERT', 'REQUESTS_CA_BUNDLE', 'SSL_CERT_FILE'].map((name) => environment[name]).find((path) => path !== undefined && statSync(path, { throwIfNoEntry: false })?.isFile() === true);
  return file === undefined ? {} : { ca: [...rootCertificates, readFileSync(file, 'utf8')] };
}

function proxyHeaders(proxy: URL): Readonly<Record<string, string>> {
  if (proxy.username === '') return {};
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
}

/** Worth another try. */
class RetryError extends Error {}

function privateError(url: URL): HttpError {
  return new HttpError(`the index leads to the private address ${url.host}, which was not named by you; it is not asked`);
}

/** The address is looked at where the connection is made: a name may resolve to anything, and to something else next time. */
function publicLookup(url: URL): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      const isPrivate = addresses?.some(({ address }) => isPrivateAddress(address)) === true;
      const [first] = addresses ?? [];
      if (error !== null || first === undefined || isPrivate) callback(error ?? privateError(url), '', 4);
      else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, first.family);
    });
  };
}

async function readResponse(url: URL, message: IncomingMessage, signal: AbortSignal): Promise<HttpResponse> {
  const encoding = message.headers['content-encoding'];
  const stream = encoding === 'gzip' ? message.pipe(createGunzip()) : encoding === 'deflate' ? message.pipe(createInflate()) : message;
  if (stream !== message) message.on('error', (error) => stream.destroy(error));
  signal.addEventListener('abort', () => { stream.destroy(new Error('deadline')); }, { once: true });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += (chunk as Buffer).length;
    if (size > largestBody) {
      message.destroy();
      throw new HttpError(`${url.host} sends more than ${largestBody >> 20} MB`);
    }
    chunks.push(chunk as Buffer);
  }
  const headers = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]));
  return { status: message.statusCode ?? 0, url: url.href, headers, body: Buffer.concat(chunks) };
}

function explain(url: URL, error: unknown, deadline: AbortSignal, milliseconds: number): Error {
  if (error instanceof HttpError) return error;
  if (deadline.aborted) return new HttpError(`${url.host} did not answer within ${milliseconds / 1000} s`);
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== undefined && unreachableCodes.has(code)) return new HttpError(`${url.host} cannot be reached (${code})`, true);
  return new RetryError(`${url.host}: ${message}`);
}
