import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, Server } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  readonly call: string;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
}

/** A webhook, and as much of GitHub as a check and a comment need. */
export class Receiver {
  readonly received: Received[] = [];
  readonly comments: { id: number; body: string }[] = [];
  readonly checks: { id: number; name: string; conclusion: string; head_sha: string }[] = [];
  /** How many of the next requests fail. */
  failures = 0;
  readonly #server: Server;

  constructor() {
    this.#server = createServer((request, response) => {
      let text = '';
      request.on('data', (chunk: Buffer) => (text += chunk.toString())).on('end', () => {
        const call = `${request.method ?? ''} ${request.url ?? ''}`;
        this.received.push({ call, headers: request.headers, text });
        const isFailure = this.failures-- > 0;
        response.statusCode = isFailure ? 503 : 200;
        response.end(isFailure ? 'busy' : JSON.stringify(this.#answer(call, text)));
      });
    });
  }

  async open(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #answer(call: string, text: string): unknown {
    const body = text === '' ? {} : JSON.parse(text) as { body: string; name: string; conclusion: string; head_sha: string };
    const id = Number(/\d+$/.exec(call)?.[0]);
    if (/^GET .*\/comments/.test(call)) return call.includes('page=1') && !call.includes('page=10') ? this.comments.slice(0, 100) : this.comments.slice(100);
    if (/^POST .*\/comments$/.test(call)) return this.comments.push({ id: 1000 + this.comments.length, body: (body as { body: string }).body });
    if (/^PATCH .*\/comments\//.test(call)) return Object.assign(this.comments.find((comment) => comment.id === id)!, body);
    if (/^GET .*\/check-runs/.test(call)) return { check_runs: this.checks.map((check) => ({ id: check.id })) };
    if (/^POST .*\/check-runs$/.test(call)) return this.checks.push({ id: 1 + this.checks.length, ...(body as { name: string; conclusion: string; head_sha: string }) });
    if (/^PATCH .*\/check-runs\//.test(call)) return Object.assign(this.checks.find((check) => check.id === id)!, body);
    return {};
  }
}

export async function within(seconds: number, what: () => boolean): Promise<void> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
    if (what()) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.fail(`not within ${seconds} s`);
}
