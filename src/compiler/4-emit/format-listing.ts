/** The machine code of a unit as text: address, size, stencil with its registers, the micro-op it stands for. */
import type { CompiledUnit } from './emit-unit.ts';

export function formatListing(unit: CompiledUnit): string {
  const lines = unit.listing.map(({ address, size, text }) =>
    text.endsWith(':') ? text : `  ${address.toString(16).padStart(5)} ${String(size).padStart(4)}  ${text}`);
  const exits = unit.reasons.map((r) => `  exit ${r.exit}: ${r.reason} at ${r.code}:${r.offset}`);
  return [...lines, `${unit.code.length} bytes, ${unit.spillCount} spill slots, ${unit.guardCount} guards`, ...exits].join('\n');
}
