import { join } from 'node:path';
import { readRequest } from '#protocol/read-request.ts';
import { codec } from '#server/codec.ts';
import { diskCacheFrom, noDiskCache } from '#server/disk-cache.ts';
import type { JitServerOptions } from '#server/jit-server.ts';
import { JitServer } from '#server/jit-server.ts';
import type { OpenSocket } from '#server/listen.ts';
import { loadCompiler, stepNames } from '#server/load-compiler.ts';
import { logFrom } from '#server/log.ts';
import { neutralRequest } from '#server/neutral-request.ts';
import type { Modes } from '#server/replies.ts';
import { modesFrom, noModes } from '#server/replies.ts';
import type { Client } from '#server/record.ts';
import { currentPlace } from '#server/runtime-directory.ts';
import { tuneEngine } from '#server/tune-engine.ts';
import { UnitCache } from '#server/unit-cache.ts';
import { compileTemplate } from '#server/unit-template.ts';
import { WarmUp } from '#server/warm-up.ts';

export { stepNames };

export type StartOptions = Pick<JitServerOptions, 'observer' | 'idleSeconds' | 'onIdle'> & {
  readonly environment: NodeJS.ProcessEnv;
  /** Root of the installed package, where the stencil tables are. */
  readonly root: string;
  /** How long to compile samples in spare moments after the start. */
  readonly warmUpMilliseconds: number;
  /** Called when that time is spent. */
  readonly warmedUp?: () => void;
};

const trimMilliseconds = 5000;

/** Puts the real parts together and starts to serve. */
export function startServer(socket: OpenSocket, options: StartOptions): JitServer {
  tuneEngine();
  const { environment, root, warmUpMilliseconds, warmedUp, ...rest } = options;
  const log = logFrom(environment);
  const modes = modesFrom(environment);
  const disabled = (environment['ARMATURE_DISABLE_PASSES'] ?? '').split(',').filter((name) => name !== '');
  const verify = !isPlain(modes) || environment['ARMATURE_VERIFY'] === '1';
  const { compiler, identity } = loadCompiler({ root, verify, disabled });
  const disk = identity === undefined || !isPlain(modes) ? noDiskCache : diskCacheFrom(environment, currentPlace().uid, log);
  const cache = new UnitCache([identity ?? '', JSON.stringify(modes)], disk);
  log(`serving ${socket.path}`);
  // Short runs leave the tidying to longer ones.
  setTimeout(() => void cache.trimDisk(), trimMilliseconds).unref();
  const observer = {
    ...rest.observer,
    connected: (client: Client): void => {
      warmUp.prepare(client);
      rest.observer?.connected?.(client);
    },
  };
  const server = new JitServer(socket, { ...rest, observer, codec, compiler, cache, modes, log });
  const warmUp = new WarmUp({
    folder: join(root, 'dist', 'warm-up'),
    read: readRequest,
    compile: (request) => {
      const neutral = neutralRequest(request);
      cache.keyOf(neutral);
      compileTemplate(neutral, (marked) => compiler.compile(marked, { modes: noModes }));
    },
    isBusy: () => server.isBusy,
    milliseconds: warmUpMilliseconds,
    finished: () => warmedUp?.(),
  }, process.arch === 'arm64' ? 'aarch64' : 'x86_64');
  return server;
}

/** Units made for tests stay out of the user's cache. */
function isPlain(modes: Modes): boolean {
  return JSON.stringify(modes) === JSON.stringify(noModes);
}
