/** What a pass is, and how one is run: timed, dumped and verified. */
import { print } from '#ir/print.ts';
import type { Fn, Origin } from '#ir/types.ts';
import { assertValid } from '#ir/verify.ts';

/** Facts from outside the function that passes may use. */
export interface PassContext {
  /**
   * Object-table indices of types whose instances never change their type (not heap types, not module types):
   * a type guard on such an instance holds for ever.
   */
  readonly staticTypes?: ReadonlySet<number>;
  /** True when a guard has failed at this place of the bytecode in former versions. */
  readonly failed?: (origin: Origin | undefined) => boolean;
  /** By object-table index of a class: byte offset of the first attribute in its instances, where the values are in them (3.13+). */
  readonly valuesOffsets?: ReadonlyMap<number, number>;
  /** Object-table indices of the builtin number types. */
  readonly numberTypes?: { readonly int?: number; readonly float?: number; readonly bool?: number };
}

export interface Pass {
  /** Kebab-case; also the name of its directory of filetests. */
  readonly name: string;
  readonly summary: string;
  /** Changes the function in place; true when it did. */
  run(fn: Fn, context: PassContext): boolean;
}

export interface PassTiming {
  readonly pass: string;
  readonly milliseconds: number;
  readonly changed: boolean;
}

export interface RunOptions {
  /** Verify after the pass. `typed`: specializeTypes is done. */
  readonly verify?: false | { readonly typed: boolean };
  /** Receives the IR after each pass that changed something. */
  readonly dump?: ((pass: string, text: string) => void) | undefined;
  readonly timings?: PassTiming[] | undefined;
}

export function runPass(fn: Fn, pass: Pass, context: PassContext = {}, options: RunOptions = {}): boolean {
  const start = performance.now();
  const changed = pass.run(fn, context);
  options.timings?.push({ pass: pass.name, milliseconds: performance.now() - start, changed });
  if (changed && options.dump) options.dump(pass.name, print(fn));
  if (options.verify) assertValid(fn, { typed: options.verify.typed, after: pass.name });
  return changed;
}
