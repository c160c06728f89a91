/** What the measurements of all steps compile, and for whom. */
import type { Fn } from '#ir/types.ts';
import type { CompileRequest } from '#protocol/request.ts';
import { Bailout } from '#support/bailout.ts';
import { defaultOptions } from '../options.ts';
import { compileToIr } from '../pipeline.ts';

export interface Program {
  readonly request: CompileRequest;
  readonly fn: Fn;
}

/** Of the kernels, which no request asked for. */
export const header = { request: 1, kind: 'entry', offset: 0, assumptions: [], keysOf: () => ({ keys: 0n, entries: 0 }) } as const;

/** How far above the arena the interpreter's functions are, within reach of `bl`. */
export const NEAR = 2 ** 26;

/** Nothing when the compiler refuses the request. */
export function compileRequest(request: CompileRequest): Program[] {
  try {
    return [{ request, fn: compileToIr(request, { ...defaultOptions, evenWithoutProfit: true }) }];
  } catch (error) {
    if (error instanceof Bailout) return [];
    throw error;
  }
}
