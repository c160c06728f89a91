/** Holes as the emitter reads them: what goes into each is worked out once for a stencil, not each time the stencil is used. */
import { defined } from '#support/invariant.ts';
import { wellKnownSymbols, type Hole, type HoleKind, type WellKnownSymbol } from './table.ts';

/**
 * - `target`, `continue`: a place in the code
 * - `immediate`, `literal`, `call`: the operand with this `index`
 * - `function`: the C function `name`, called; `address`: a literal-pool slot with the address of the C symbol `name`
 */
export type PatchContent = 'target' | 'continue' | 'immediate' | 'literal' | 'call' | 'function' | 'address';

export interface Patch {
  readonly offset: number;
  readonly kind: HoleKind;
  readonly addend: number;
  readonly content: PatchContent;
  readonly index: number;
  readonly name: string;
  /** No second hole holds the upper bits of the same immediate. */
  readonly isWhole: boolean;
}

const FUNCTION = 'FN_';

export function patchList(holes: readonly Hole[]): Patch[] {
  return holes.map((hole) => ({
    offset: hole.offset, kind: hole.kind, addend: hole.addend, ...contentOf(hole.symbol),
    isWhole: !holes.some((other) => other.symbol === hole.symbol && other.kind === 'aarch64.movw_g1'),
  }));
}

function contentOf(symbol: Hole['symbol']): Pick<Patch, 'content' | 'index' | 'name'> {
  const operand = (content: PatchContent): Pick<Patch, 'content' | 'index' | 'name'> => ({ content, index: Number(symbol.at(-1)), name: symbol });
  if (symbol === 'TARGET') return { content: 'target', index: 0, name: symbol };
  if (symbol === 'CONTINUE') return { content: 'continue', index: 0, name: symbol };
  if (symbol.startsWith('IMM')) return operand('immediate');
  if (symbol.startsWith('LIT')) return operand('literal');
  if (symbol.startsWith('CALL')) return operand('call');
  if (symbol.startsWith(FUNCTION)) return { content: 'function', index: 0, name: symbol.slice(FUNCTION.length) };
  return { content: 'address', index: 0, name: defined(wellKnownSymbols[symbol as WellKnownSymbol], 'symbol', symbol) };
}
