/**
 * AArch64, of units that save the link register where they begin: it is written by nothing but calls and loads from where it
 * was saved, no one else writes there, and every return has what the unit was called with.
 */
import type { Effects } from '#stencils/effects.ts';
import type { Finding } from './verify-code.ts';

const LINK = 30;
/** str and ldr of x30 with x20, the activation record, as base; the offset is in bits 21..10. */
const SAVE = 0xf900029e, RESTORE = 0xf940029e, OFFSET = 0x003ffc00;
/** What tells these from others: str of x and d registers, stp of them, all with the record as base. */
const KIND_AND_BASE = 0xffc003e0;
const singleStores: ReadonlySet<number> = new Set([0xf9000280, 0xfd000280]);
const pairStores: ReadonlySet<number> = new Set([0xa9000280, 0x6d000280]);

export const savesLink = (code: Uint8Array): boolean => code.length >= 4 && ((wordAt(code, 0) & ~OFFSET) >>> 0) === SAVE;

export function verifyLink(code: Uint8Array, instructions: ReadonlyMap<number, Effects>): Finding[] {
  const findings: Finding[] = [];
  const offset = wordAt(code, 0) & OFFSET, restore = (RESTORE | offset) >>> 0;
  for (const [at, { writes, flow }] of instructions) {
    const word = wordAt(code, at);
    if (at > 0 && writesSlot(word, offset >>> 10)) findings.push({ at, problem: 'writes where the link register is saved' });
    if ((writes.integer & (1 << LINK)) !== 0 && flow.kind !== 'call' && word !== restore) findings.push({ at, problem: 'writes x30 without saving it' });
  }
  findings.push(...lostReturns(code, instructions, restore));
  return findings;
}

function writesSlot(word: number, slot: number): boolean {
  const kind = (word & KIND_AND_BASE) >>> 0, first = (word >>> 15) & 0x7f;
  return (singleStores.has(kind) && (word & OFFSET) >>> 10 === slot) || (pairStores.has(kind) && (first === slot || first + 1 === slot));
}

/** Every path, for each instruction once with the register intact and once without. */
function lostReturns(code: Uint8Array, instructions: ReadonlyMap<number, Effects>, restore: number): Finding[] {
  const seen = new Set<number>(), findings: Finding[] = [];
  const work: (readonly [at: number, intact: boolean])[] = [[0, true]];
  for (let next = work.pop(); next !== undefined; next = work.pop()) {
    const [at, intact] = next, instruction = instructions.get(at), key = at * 2 + (intact ? 1 : 0);
    if (instruction === undefined || seen.has(key)) continue;
    seen.add(key);
    const { flow, size, writes } = instruction;
    if (flow.kind === 'return' && !intact) findings.push({ at, problem: 'returns without the link register it was called with' });
    if (flow.kind === 'return' || flow.kind === 'trap' || flow.kind === 'indirect_jump') continue;
    const after = wordAt(code, at) === restore || (intact && (writes.integer & (1 << LINK)) === 0);
    if (flow.kind === 'jump' || flow.kind === 'branch' || (flow.kind === 'call' && instructions.has(at + flow.distance))) work.push([at + flow.distance, after]);
    if (flow.kind !== 'jump') work.push([at + size, after]);
  }
  return findings;
}

const wordAt = (code: Uint8Array, at: number): number => new DataView(code.buffer, code.byteOffset).getUint32(at, true);
