import type { Compiler } from '#server/compiler.ts';
import { refusingCompiler } from '#server/compiler.ts';
import type { Log } from '#server/log.ts';

export interface LoadedCompiler {
  readonly compiler: Compiler;
  /** Names this build of the compiler in the cache; undefined when its units should not be kept on disk. */
  readonly identity: string | undefined;
}

export function loadCompiler(_root: string, _log: Log): Promise<LoadedCompiler> {
  return Promise.resolve({ compiler: refusingCompiler('no-compiler', 'not built yet'), identity: undefined });
}
