import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { codec } from '#server/codec.ts';
import type { Compiler } from '#server/compiler.ts';
import type { JitServerOptions } from '#server/jit-server.ts';
import { JitServer } from '#server/jit-server.ts';
import { openSocket } from '#server/listen.ts';
import { noModes } from '#server/replies.ts';
import { UnitCache } from '#server/unit-cache.ts';

export interface TestServer {
  readonly path: string;
  readonly server: JitServer;
  readonly log: readonly string[];
}

export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'armature-test-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A server in this process with a compiler of the test's own; gone after the test. */
export function serve(t: TestContext, compiler: Compiler, options: Partial<JitServerOptions> = {}): TestServer {
  const path = join(temporaryDirectory(t), 'socket');
  const log: string[] = [];
  const server = new JitServer(openSocket(path), {
    codec, compiler, cache: new UnitCache(['test']), modes: noModes, log: (line) => log.push(line), ...options,
  });
  t.after(() => server.close());
  return { path, server, log };
}

/** A unit without code, with one byte that tells units apart. */
export function emptyUnit(mark = 0): Uint8Array {
  const header = Buffer.alloc(64);
  header.writeUInt32LE(64, 56);
  header.writeUInt32LE(2, 60);
  return Buffer.concat([header, Buffer.from('[]'), Buffer.from([mark])]);
}
