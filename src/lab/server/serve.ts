import type { ServerType } from '@hono/node-server';
import { serve } from '@hono/node-server';
import type { Hono } from 'hono';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createServer as createProbe } from 'node:net';
import { LabError } from '#lab/errors.ts';
import type { LabEnvironment } from './reader.ts';

export interface RunningServer {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** In PEM form. */
export interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

/** With a certificate over HTTPS only. */
export async function listen(app: Hono<LabEnvironment>, host: string, port: number, certificate?: Certificate): Promise<RunningServer> {
  return new Promise((resolve, reject) => {
    const tls = certificate === undefined ? {} : { createServer, serverOptions: { ...certificate } };
    const server: ServerType = serve({ fetch: app.fetch, hostname: host, port, ...tls }, ({ port: actual }: AddressInfo) => {
      resolve({ url: `${certificate === undefined ? 'http' : 'https'}://${host.includes(':') ? `[${host}]` : host}:${actual}`, close: () => closed(server) });
    });
    server.on('error', (error: Error) => reject(cannotListen(host, port, error)));
  });
}

const cannotListen = (host: string, port: number, error: Error): LabError => new LabError('port-in-use', { address: `${host}:${port}`, reason: error.message });

/** Takes the port for a moment, so that a refusal comes before work that would be in vain. */
export async function assertCanListen(host: string, port: number): Promise<void> {
  const probe = createProbe();
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (error) => reject(cannotListen(host, port, error)));
    probe.listen(port, host, () => probe.close(() => resolve()));
  });
}

async function closed(server: ServerType): Promise<void> {
  if ('closeIdleConnections' in server) server.closeIdleConnections();
  await new Promise<void>((resolve) => server.close(() => resolve()));
}
