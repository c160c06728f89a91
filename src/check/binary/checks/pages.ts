import type { Finding } from '../finding.ts';
import { finding } from '../finding.ts';
import type { ElfFacts } from '../images/elf.ts';
import type { Native } from '../native.ts';
import type { CheckContext } from './context.ts';
import { quoted } from './context.ts';

/** Page sizes that AArch64 kernels are configured with, in KB, and where they are met. */
export const pageSizes = [4, 16, 64] as const;
const whoHas: Readonly<Record<number, string>> = {
  16: 'Raspberry Pi 5, Asahi Linux', 64: 'the 64k kernels of RHEL, Ubuntu and SUSE, as used on Grace and Graviton',
};

/** What the dynamic linker of glibc insists on (elf/dl-load.c: "ELF load command alignment not page-aligned"). */
export function loadsWithPages(elf: ElfFacts, kilobytes: number): boolean {
  const page = kilobytes * 1024;
  return elf.loads.every(({ align, address, offset }) => align % page === 0 && align > 0 && (address - offset) % align === 0);
}

export function largestPage(elf: ElfFacts): number {
  return Math.max(0, ...pageSizes.filter((size) => loadsWithPages(elf, size)));
}

export function checkPages({ path, images, jemalloc }: Native, context: CheckContext): readonly Finding[] {
  const [elf] = images;
  if (elf?.format !== 'elf' || elf.machine !== 'aarch64' || elf.loads.length === 0) return [];
  const wanted = context.cpus.map((cpu) => cpu.pages[0] ?? 4);
  const severityFor = (sizes: readonly number[]): 'error' | 'warning' => (sizes.some((size) => wanted.includes(size)) ? 'error' : 'warning');
  const failing = pageSizes.filter((size) => !loadsWithPages(elf, size));
  const found: Finding[] = [];
  if (failing.includes(4)) found.push(finding('page-alignment', path, `load segments are aligned to ${quoted([...new Set(elf.loads.map(({ align }) => String(align)))])} bytes`));
  else if (failing.length > 0) {
    const where = failing.map((size) => `${size} KB (${whoHas[size] ?? ''})`).join(' and ');
    found.push(finding('page-size', path, `loads with pages of ${largestPage(elf)} KB; not of ${where}`, severityFor(failing)));
  }
  if (jemalloc) found.push(finding('jemalloc-page-size', path, 'jemalloc is built in; unless it was built for large pages it stops on pages of 16 or 64 KB'));
  return found;
}
