/** What stencils are made for. */
import type { Machine } from './families.ts';
import type { StencilTable } from './table.ts';

export type TargetName = StencilTable['target'];
export type LayoutNumber = StencilTable['layout'];

export interface StencilTarget {
  readonly name: TargetName;
  readonly machine: Machine;
  /**
   * Integer registers r0… that keep their values over a C call: r0–r2 are R13–R15, on Windows r3 and r4, which are RDI and RSI,
   * too; on AArch64 all are X21–X28.
   */
  readonly calleeSaved: number;
  /**
   * The target with the same table: the code does not depend on the system where the C calling convention is the same and no
   * register is the system's own (X18 on Windows and macOS). `build/compare-systems.ts` checks it by compiling for both.
   */
  readonly sameAs?: TargetName;
  /**
   * C's long has 32 bits, which CPython's range iterators are made of: a table of its own. It is compiled as an ELF object with
   * those structures, since immediates have no relocations in COFF, and what can be compared is compared with a COFF object.
   */
  readonly llp64?: true;
  /** The table is compiled for the system itself, since the format of its objects has a relocation for every hole. */
  readonly native?: 'coff';
  /**
   * AArch64: calls need not save the link register, the unit does where it begins. Not on Windows, which finds the return
   * address of a unit that called on the stack (agent/unwind-windows.c).
   */
  readonly savesLinkOnce?: true;
}

export const stencilTargets: readonly StencilTarget[] = [
  { name: 'x86_64-linux', machine: 'x86_64', calleeSaved: 3 },
  { name: 'aarch64-linux', machine: 'aarch64', calleeSaved: 8, savesLinkOnce: true },
  { name: 'x86_64-macos', machine: 'x86_64', calleeSaved: 3, sameAs: 'x86_64-linux' },
  { name: 'aarch64-macos', machine: 'aarch64', calleeSaved: 8, sameAs: 'aarch64-linux', savesLinkOnce: true },
  { name: 'x86_64-windows', machine: 'x86_64', calleeSaved: 5, native: 'coff' },
  { name: 'aarch64-windows', machine: 'aarch64', calleeSaved: 8, llp64: true },
];

export const layouts: readonly LayoutNumber[] = [311, 314];

/** Their stencils are compiled in a second format, too, and compared with the table: that of the system, or ELF where that is the table's. */
export const comparedTargets: readonly StencilTarget[] = stencilTargets.filter(({ name }) => !name.endsWith('-linux'));

/** Targets with a table file of their own. */
export const builtTargets: readonly StencilTarget[] = stencilTargets.filter(({ sameAs }) => sameAs === undefined);

/** Whose file holds the table of this target. */
export const fileTarget = (name: TargetName): TargetName => stencilTargets.find((target) => target.name === name)?.sameAs ?? name;

export const savesLinkOnce = (name: TargetName): boolean => stencilTargets.some((target) => target.name === name && target.savesLinkOnce === true);
