import { request } from 'node:http';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';

/** The proxy for an address, from the variables that pip, uv and curl read; undefined when there is none. */
export function proxyFor(url: URL, environment: NodeJS.ProcessEnv): URL | undefined {
  const variable = (name: string): string | undefined => environment[name] ?? environment[name.toUpperCase()];
  if (isExcepted(url, variable('no_proxy') ?? '')) return undefined;
  const text = variable(url.protocol === 'https:' ? 'https_proxy' : 'http_proxy') ?? variable('all_proxy');
  if (text === undefined || text === '') return undefined;
  const withScheme = text.includes('://') ? text : `http://${text}`;
  return URL.canParse(withScheme) ? new URL(withScheme) : undefined;
}

function isExcepted(url: URL, exceptions: string): boolean {
  return exceptions.split(',').map((entry) => entry.trim().toLowerCase()).some((entry) => {
    if (entry === '*') return true;
    const host = entry.replace(/^\*?\./, '');
    return host !== '' && (url.hostname === host || url.host === host || url.hostname.endsWith(`.${host}`));
  });
}

/** A connection through an HTTP proxy (CONNECT), with TLS inside. */
export function openTunnel(proxy: URL, url: URL, signal: AbortSignal, authorities: { readonly ca?: string[] }): Promise<() => Socket> {
  const port = url.port || '443';
  const credentials = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  const headers = proxy.username === '' ? {} : { 'proxy-authorization': `Basic ${Buffer.from(credentials).toString('base64')}` };
  return new Promise((resolve, reject) => {
    const connecting = request({ host: proxy.hostname, port: proxy.port || 80, method: 'CONNECT', path: `${url.hostname}:${port}`, headers, signal });
    connecting.on('connect', (response, socket) => {
      if (response.statusCode !== 200) reject(new Error(`the proxy ${proxy.host} answers ${String(response.statusCode)}`));
      else resolve(() => connectTls({ socket, servername: url.hostname, ...authorities }));
    });
    connecting.on('error', reject).end();
  });
}
