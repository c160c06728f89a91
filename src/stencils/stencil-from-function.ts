/** From a compiled C function to a stencil: relocations become holes, passes rewrite the jumps. */
import { defined, invariant } from '#support/invariant.ts';
import { aarch64 } from './aarch64.ts';
import type { ObjectFile, ObjectFormat, ObjectFunction, Relocation } from './object-file.ts';
import type { DecodedInstruction, Processor, StencilInstruction } from './instructions.ts';
import { invertOverJump } from './passes/invert-over-jump.ts';
import type { StencilPass } from './passes/pass.ts';
import { removeJumpToNext } from './passes/remove-jump-to-next.ts';
import { removeUnreachable } from './passes/remove-unreachable.ts';
import { resolveContinue } from './passes/resolve-continue.ts';
import { threadJumps } from './passes/thread-jumps.ts';
import type { Hole, HoleKind, HoleSymbol, Stencil } from './table.ts';
import { x86_64 } from './x86-64.ts';

export const processors: Readonly<Record<ObjectFile['machine'], Processor>> = { x86_64, aarch64 };

const passes: readonly StencilPass[] = [threadJumps, invertOverJump, removeUnreachable, removeJumpToNext];

/** `ownPasses`: those of the target. */
export function stencilFromFunction(fn: ObjectFunction, processor: Processor, format: ObjectFormat = 'elf', ownPasses: readonly StencilPass[] = []): Stencil {
  const holes = fn.relocations.map((r) => toHole(r, fn.name, processor, format));
  let instructions = resolveContinue(withIndexedTargets(processor.decode(fn.code, holes)), processor);
  for (let before: typeof instructions | undefined; before !== instructions; ) {
    before = instructions;
    for (const pass of [...passes, ...ownPasses]) instructions = pass(instructions, processor);
  }
  const encoded = processor.encode(instructions);
  return { code: encoded.code, holes: [...encoded.holes].sort((x, y) => x.offset - y.offset) };
}

function toHole(relocation: Relocation, fn: string, processor: Processor, format: ObjectFormat): Hole {
  const kind = processor.holeKind(format, relocation.type, relocation.symbol);
  invariant(kind !== undefined, `${fn}: unknown relocation ${relocation.type} of ${format} against ${relocation.symbol}`);
  const symbol = holeSymbol(relocation.symbol, fn);
  invariant(!isLiteral(symbol) || kind === 'x86_64.rel32' || kind === 'aarch64.literal19', `${fn}: takes the address of ${symbol}`);
  invariant(!symbol.startsWith('IMM') || !placeRelative.has(kind), `${fn}: ${symbol} as a place`);
  return { offset: relocation.offset, kind, symbol, addend: relocation.addend };
}

/** Kinds that hold a distance: places only, never numbers. */
const placeRelative = new Set<HoleKind>([
  'x86_64.rel32', 'x86_64.rel8', 'aarch64.branch26', 'aarch64.branch19', 'aarch64.branch14', 'aarch64.literal19', 'aarch64.adr21',
]);

const isLiteral = (symbol: HoleSymbol): boolean => /^(LIT|TYPE_|OBJ_)/.test(symbol);

const symbolPattern = /^_HOLE_((CONTINUE|TARGET|IMM[0-2]|LIT[0-2]|CALL[01]|(TYPE|OBJ)_[A-Z_]+|FN_\w+)|(?:INDEX|LOGICAL|WIDE|FMOV)([0-2]))$/;

function holeSymbol(symbol: string, fn: string): HoleSymbol {
  const match = symbolPattern.exec(symbol);
  invariant(match !== null, `${fn}: refers to "${symbol}", which is no hole`);
  return (match[4] === undefined ? match[1] : `IMM${match[4]}`) as HoleSymbol;
}

/** The stencil with its instructions changed. */
export function rewriteStencil(
  { code, holes }: Stencil, processor: Processor, rewrite: (instructions: readonly StencilInstruction[]) => readonly StencilInstruction[],
): Stencil {
  return processor.encode(rewrite(withIndexedTargets(processor.decode(code, holes))));
}

/** Byte offsets of jump targets become indices in the list; the end of the code is one, too. */
function withIndexedTargets(decoded: readonly DecodedInstruction[]): readonly StencilInstruction[] {
  const indexAt = new Map(decoded.map((d, index) => [d.offset, index]));
  const last = decoded.at(-1);
  if (last !== undefined) indexAt.set(last.offset + last.size, decoded.length);
  return decoded.map(({ instruction }) => {
    if (instruction.kind === 'plain' || typeof instruction.target === 'string') return instruction;
    return { ...instruction, target: defined(indexAt.get(instruction.target), `instruction at ${instruction.target}`) };
  });
}
