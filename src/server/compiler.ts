import type { CompileRequest } from '#protocol/request.ts';
import type { Modes, Refusal } from '#server/replies.ts';

export interface CompileOptions {
  readonly modes: Pick<Modes, 'spillAll' | 'failGuard'>;
  /** Receives the text of the function after each pass, and of the machine code at last. */
  readonly dump?: ((pass: string, text: string) => void) | undefined;
}

export type CompileResult =
  | { readonly kind: 'unit'; readonly unit: Uint8Array }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** What the server needs of a compiler. It may be replaced in tests. */
export interface Compiler {
  compile(request: CompileRequest, options: CompileOptions): CompileResult;
}
