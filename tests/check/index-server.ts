/** Indexes on 127.0.0.1 that answer as real ones do, or as they should not. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface TestServer {
  readonly url: string;
  readonly port: number;
  /** Paths in the order in which they were asked for. */
  readonly requests: string[];
}

export async function serve(t: TestContext, handler: Handler): Promise<TestServer> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(request.url ?? '');
    handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, port, requests };
}

export interface PageFile {
  readonly filename: string;
  readonly 'requires-python'?: string;
  readonly yanked?: boolean | string;
  /** METADATA that the index keeps beside the file. */
  readonly metadata?: string;
  readonly hashes?: Readonly<Record<string, string>>;
}

/** Packages of an index, by name; a text stands for a file without anything else. */
export type Pages = Readonly<Record<string, readonly (string | PageFile)[]>>;

function withDetails(file: string | PageFile): PageFile {
  return typeof file === 'string' ? { filename: file } : file;
}

/** `/simple/NAME/` as JSON of API version 1.4, files and their METADATA below `/files/`. */
export function jsonIndex(pages: Pages): Handler {
  return (request, response) => {
    const [, kind, name = ''] = (request.url ?? '').split('/');
    if (kind === 'files') {
      const wanted = Object.values(pages).flat().map(withDetails).find(({ filename }) => `${filename}.metadata` === decodeURIComponent(name));
      response.writeHead(wanted?.metadata === undefined ? 404 : 200, { 'content-type': 'text/plain' }).end(wanted?.metadata ?? '');
      return;
    }
    const files = pages[name];
    if (files === undefined) {
      response.writeHead(404).end('not found');
      return;
    }
    response.writeHead(200, { 'content-type': 'application/vnd.pypi.simple.v1+json', 'etag': `"${name}"` });
    response.end(JSON.stringify({
      'meta': { 'api-version': '1.4' }, name, 'project-status': { status: 'active' }, 'versions': [],
      'files': files.map(withDetails).map(({ metadata, ...file }) => ({
        'hashes': {}, 'yanked': false, ...file, 'url': `/files/${encodeURIComponent(file.filename)}`, 'core-metadata': metadata !== undefined,
      })),
    }));
  };
}

/** As download.pytorch.org answers: HTML, addresses relative to the page, hashes in the fragment, 403 for what it lacks. */
export function htmlIndex(pages: Pages): Handler {
  return (request, response) => {
    const name = (request.url ?? '').split('/').filter((part) => part !== '').at(-1) ?? '';
    const files = pages[name];
    if (files === undefined) {
      response.writeHead(403).end('Forbidden');
      return;
    }
    const anchors = files.map(withDetails).map(({ filename, 'requires-python': requires }) => {
      const attribute = requires === undefined ? '' : ` data-requires-python="${requires.replaceAll('>', '&gt;').replaceAll('<', '&lt;')}"`;
      return `    <a href="/whl/${encodeURIComponent(filename)}#sha256=${'0'.repeat(64)}"${attribute}>${filename}</a><br/>`;
    });
    response.writeHead(200, { 'content-type': 'text/html' });
    response.end(`<!DOCTYPE html>\n<html>\n  <body>\n    <h1>Links for ${name}</h1>\n${anchors.join('\n')}\n  </body>\n</html>\n<!--TIMESTAMP 1764374400-->\n`);
  };
}
