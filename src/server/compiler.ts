import type { CompileRequest } from '#protocol/request.ts';
import type { Modes, Refusal } from '#server/replies.ts';

export interface CompileOptions {
  readonly modes: Pick<Modes, 'thresholdZero' | 'spillAll' | 'failGuard'>;
  /** Receives the text of the function after each step, and of the machine code at last. */
  readonly dump?: ((pass: string, text: string) => void) | undefined;
}

/** What a request gets. */
export type CompileResult =
  | { readonly kind: 'unit'; readonly unit: Uint8Array }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** What the server needs of a compiler: the payload of a unit message, or a Bailout that says why not. */
export interface Compiler {
  compile(request: CompileRequest, options: CompileOptions): Uint8Array;
}
