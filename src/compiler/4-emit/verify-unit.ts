/** Both checks of machine code: by decoding it, and against the stencils it is made of. */
import type { CompiledUnit } from './emit-unit.ts';
import { verifyCode, type Finding, type MachineName } from './verify-code.ts';
import { verifyPlacements } from './verify-placements.ts';

/** Of a unit emitted with its listing; without one only the code itself is checked. */
export function verifyUnit(unit: CompiledUnit, machine: MachineName): Finding[] {
  return [...verifyCode(unit, machine), ...(unit.listing.length > 0 ? verifyPlacements(unit) : [])];
}

export function formatFindings(unit: CompiledUnit, findings: readonly Finding[]): string {
  if (findings.length === 0) return `${unit.codeLength} bytes of machine code verified, ${unit.code.length - ((unit.codeLength + 7) & ~7)} of literals: nothing wrong`;
  return findings.map(({ at, problem }) => `wrong at ${at.toString(16)}: ${problem}`).join('\n');
}
