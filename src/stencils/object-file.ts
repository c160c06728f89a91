/** What the readers of object files have in common: functions with their bytes and relocations, whatever the format. */
export type ObjectFormat = 'elf' | 'coff' | 'mach-o';

export interface Relocation {
  /** From the start of the function. */
  readonly offset: number;
  /** Number in the format's list for the processor. */
  readonly type: number;
  readonly symbol: string;
  /** As ELF counts: value = symbol + addend − place. */
  readonly addend: number;
}

export interface ObjectFunction {
  readonly name: string;
  readonly code: Uint8Array;
  readonly relocations: readonly Relocation[];
}

export interface ObjectFile {
  readonly format: ObjectFormat;
  readonly machine: 'x86_64' | 'aarch64';
  readonly functions: readonly ObjectFunction[];
}

export interface PlacedFunction {
  readonly name: string;
  readonly start: number;
}

/** Formats without sizes: a function ends where the next one starts, the last with its section. Padding is left to the passes. */
export function splitFunctions(section: Uint8Array, functions: readonly PlacedFunction[], relocations: readonly Relocation[]): ObjectFunction[] {
  const sorted = [...functions].sort((a, b) => a.start - b.start);
  return sorted.map(({ name, start }, i) => {
    const end = sorted[i + 1]?.start ?? section.length;
    return {
      name, code: section.slice(start, end),
      relocations: relocations.filter((r) => r.offset >= start && r.offset < end).map((r) => ({ ...r, offset: r.offset - start })).sort((a, b) => a.offset - b.offset),
    };
  });
}

/** A string up to its NUL. */
export function stringAt(bytes: Uint8Array, start: number, limit = bytes.length): string {
  const end = bytes.subarray(0, limit).indexOf(0, start);
  return Buffer.from(bytes.subarray(start, end < 0 ? limit : end)).toString('latin1');
}
