import type { Finding } from './finding.ts';
import type { Native } from './native.ts';

/** What was found in one thing that was named. */
export interface SubjectReport {
  readonly subject: string;
  readonly kind: 'wheel' | 'file' | 'directory';
  /** `cp312-cp312-manylinux_2_17_aarch64`; undefined where there is no tag. */
  readonly tag: string | undefined;
  readonly natives: readonly Native[];
  readonly findings: readonly Finding[];
}
