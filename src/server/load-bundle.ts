/**
 * What dist/server.js is: loads the compile server from dist/server.cjs, together with the bytecode that V8 made of it in an earlier
 * process. Without that, a new server spends a third of its first second on compiling itself, function by function.
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { Script } from 'node:vm';
import { type DiskCache, diskCacheFrom } from '#server/disk-cache.ts';
import type { JitServer } from '#server/jit-server.ts';
import type { OpenSocket } from '#server/listen.ts';
import { logFrom } from '#server/log.ts';
import { currentPlace } from '#server/runtime-directory.ts';
import type { StartOptions } from '#server/start.ts';
import { tuneEngine } from '#server/tune-engine.ts';

interface ServerModule {
  startServer(socket: OpenSocket, options: StartOptions): JitServer;
  stepNames(): readonly string[];
}

interface Bundle {
  readonly server: ServerModule;
  /** Keeps what V8 has compiled so far for later processes; nothing when it came from there. */
  storeCode(): void;
}

type Wrapper = (require: NodeJS.Require, module: { exports: unknown }, bundleUrl: string) => void;

async function loadBundle(url: URL): Promise<Bundle> {
  // V8 takes its bytecode back only under the flags it was made under.
  tuneEngine();
  const disk = diskCacheFrom(process.env, currentPlace().uid, logFrom(process.env));
  const source = await readFile(url, 'utf8');
  const key = `code-${createHash('sha256').update(`${process.version} ${process.arch} ${source}`).digest('hex')}`;
  const known = await disk.read(key);
  const script = new Script(`(function (require, module, bundleUrl) {${source}\n})`, {
    filename: url.pathname, cachedData: known === undefined ? undefined : Buffer.from(known),
  });
  const module: { exports: unknown } = { exports: {} };
  (script.runInThisContext() as Wrapper)(createRequire(url), module, url.href);
  const isUsed = known !== undefined && script.cachedDataRejected !== true;
  return { server: module.exports as ServerModule, storeCode: isUsed ? () => undefined : storeOnce(script, disk, key) };
}

function storeOnce(script: Script, disk: DiskCache, key: string): () => void {
  let isStored = false;
  return () => {
    if (isStored) return;
    isStored = true;
    void disk.write(key, script.createCachedData());
  };
}

const { server, storeCode } = await loadBundle(new URL('./server.cjs', import.meta.url));

export const stepNames = (): readonly string[] => server.stepNames();

export const startServer = (socket: OpenSocket, options: StartOptions): JitServer =>
  server.startServer(socket, { ...options, warmedUp: storeCode });
