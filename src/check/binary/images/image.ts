import type { ElfFacts } from './elf.ts';
import type { FunctionTable } from './functions.ts';
import type { MachFacts } from './mach-o.ts';
import type { PeFacts } from './pe.ts';

/** Machine names are those of wheel tags where a wheel tag exists. */
export type Machine = 'aarch64' | 'x86_64' | 'armv7l' | 'i686' | 'ppc64' | 'ppc64le' | 's390x' | 'riscv64' | 'arm64ec' | 'arm64x' | `unknown (${string})`;

/** Bytes that are executed: where they are in the file and at which address they run. */
export interface CodeRange {
  readonly offset: number;
  readonly size: number;
  readonly address: number;
}

/** What the code scan needs to know of an image, whatever its format. */
export interface Code {
  readonly ranges: readonly CodeRange[];
  readonly functions: FunctionTable;
  /** Evidence that the file asks at run time what the processor can do: the names of what it uses for that. */
  readonly detection: readonly string[];
}

export const mayDetect: ReadonlySet<string> = new Set([
  // Linux and the BSDs
  'getauxval', '__getauxval', 'elf_aux_info', '__init_cpu_features', '__init_cpu_features_resolver', '__aarch64_cpu_features',
  // Windows
  'IsProcessorFeaturePresent',
  // macOS
  'sysctlbyname', '_sysctlbyname',
]);

/** One program image; a universal Mach-O file holds several. */
export type Image = ElfFacts | PeFacts | MachFacts;
