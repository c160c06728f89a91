/** x86-64: instruction lengths, control transfers, relocations. */
import { InvariantError, defined, invariant } from '#support/invariant.ts';
import {
  externalTarget, isExternal,
  type DecodedInstruction, type JumpTarget, type Processor, type StencilInstruction,
} from './instructions.ts';
import type { ObjectFormat } from './object-file.ts';
import type { Hole, HoleKind } from './table.ts';
import { instructionLength } from './x86-64-length.ts';

const holeKinds: Readonly<Record<ObjectFormat, ReadonlyMap<number, HoleKind>>> = {
  // REL32 and REL32_1 to REL32_5, which the reader makes alike; ADDR32
  coff: new Map([[2, 'x86_64.abs32'], ...[4, 5, 6, 7, 8, 9].map((type): [number, HoleKind] => [type, 'x86_64.rel32'])]),
  'mach-o': new Map([[1, 'x86_64.rel32'], [2, 'x86_64.rel32']]), // SIGNED, BRANCH
  elf: new Map([
    [2, 'x86_64.rel32'], // PC32
    [4, 'x86_64.rel32'], // PLT32
    [10, 'x86_64.abs32'], // 32
    [11, 'x86_64.abs32'], // 32S
    [14, 'x86_64.abs8'], // 8
    [15, 'x86_64.rel8'], // PC8
  ]),
};

function jumpTarget(at: number, end: number, distance: number, holes: readonly Hole[]): JumpTarget {
  const hole = holes[0];
  if (hole === undefined) return end + distance;
  invariant(hole.offset === end - 4 && hole.addend === -4, `unusual jump hole at ${at}`);
  return defined(externalTarget(hole.symbol), `jump to ${hole.symbol}`);
}

function decodeOne(code: Uint8Array, at: number, size: number, holes: readonly Hole[]): StencilInstruction {
  const view = new DataView(code.buffer, code.byteOffset, code.byteLength);
  const end = at + size;
  const target = (distance: number): JumpTarget => jumpTarget(at, end, distance, holes);
  const first = defined(code[at], 'opcode');
  const second = code[at + 1] ?? 0;
  // With a hole it stays as it is: how far it goes only the emitter knows.
  const isShortJump = first === 0xeb && holes.length > 0;
  if (first === 0xeb && !isShortJump) return { kind: 'jump', target: target(view.getInt8(at + 1)) };
  if (first === 0xe9) return { kind: 'jump', target: target(view.getInt32(at + 1, true)) };
  if (first >> 4 === 7) return { kind: 'branch', condition: first & 15, target: target(view.getInt8(at + 1)) };
  if (first === 0x0f && second >> 4 === 8) {
    return { kind: 'branch', condition: second & 15, target: target(view.getInt32(at + 2, true)) };
  }
  const ends = isShortJump || first === 0xc3 || first === 0xcc || (first === 0x0f && second === 0x0b); // ret, int3, ud2
  return { kind: 'plain', bytes: code.slice(at, end), holes: holes.map((h) => ({ ...h, offset: h.offset - at })), ends };
}

function decode(code: Uint8Array, holes: readonly Hole[]): DecodedInstruction[] {
  const decoded: DecodedInstruction[] = [];
  const covered = new Set<Hole>();
  for (let at = 0; at < code.length; ) {
    const { size, ripRelative } = instructionLength(code, at);
    const inside = holes.filter((h) => h.offset >= at && h.offset < at + size);
    if (ripRelative && inside.length === 0) throw new InvariantError(`instruction at ${at} depends on its place`);
    inside.forEach((h) => covered.add(h));
    decoded.push({ offset: at, size, instruction: decodeOne(code, at, size, inside) });
    at += size;
  }
  invariant(covered.size === holes.length, 'a hole outside any instruction');
  return decoded;
}

/** Bytes of each instruction: internal jumps start short and grow until all distances fit. */
function layOut(instructions: readonly StencilInstruction[]): number[] {
  const sizes = instructions.map((i) =>
    i.kind === 'plain' ? i.bytes.length : !isExternal(i.target) ? 2 : i.kind === 'jump' ? 5 : 6);
  for (;;) {
    const starts = startsOf(sizes);
    let grown = false;
    instructions.forEach((i, index) => {
      if (i.kind === 'plain' || isExternal(i.target) || sizes[index] !== 2) return;
      const distance = defined(starts[i.target], 'label') - defined(starts[index + 1], 'end');
      if (distance >= -128 && distance <= 127) return;
      sizes[index] = i.kind === 'jump' ? 5 : 6;
      grown = true;
    });
    if (!grown) return starts;
  }
}

function startsOf(sizes: readonly number[]): number[] {
  const starts = [0];
  for (const size of sizes) starts.push((starts.at(-1) ?? 0) + size);
  return starts;
}

function encode(instructions: readonly StencilInstruction[]): { code: Uint8Array; holes: Hole[] } {
  const starts = layOut(instructions);
  const code = new Uint8Array(starts.at(-1) ?? 0);
  const view = new DataView(code.buffer);
  const holes: Hole[] = [];
  instructions.forEach((i, index) => {
    const at = defined(starts[index], 'start');
    const end = defined(starts[index + 1], 'end');
    if (i.kind === 'plain') {
      code.set(i.bytes, at);
      holes.push(...i.holes.map((h) => ({ ...h, offset: h.offset + at })));
      return;
    }
    if (end - at === 2) {
      code[at] = i.kind === 'jump' ? 0xeb : 0x70 | i.condition;
      invariant(!isExternal(i.target), 'a short jump stays inside');
      view.setInt8(at + 1, defined(starts[i.target], 'label') - end);
      return;
    }
    if (i.kind === 'jump') code[at] = 0xe9;
    else code.set([0x0f, 0x80 | i.condition], at);
    if (isExternal(i.target)) holes.push({ offset: end - 4, kind: 'x86_64.rel32', symbol: i.target, addend: -4 });
    else view.setInt32(end - 4, defined(starts[i.target], 'label') - end, true);
  });
  return { code, holes };
}

export const x86_64: Processor = {
  decode, encode,
  invert: (condition) => condition ^ 1,
  holeKind: (format, relocationType) => holeKinds[format].get(relocationType),
};
