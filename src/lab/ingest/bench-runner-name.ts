/**
 * What bench_runner tells in the names of its files only:
 * `results/bm-DATE-VERSION-HASH[-FLAG,FLAG…]/bm-DATE-MACHINE-ARCH-FORK-REF-VERSION-HASH.json`.
 * Its fields have no dash: it writes "_" for one, and "%2d" in the name of a fork.
 */
export interface BenchRunnerName {
  readonly machine: string;
  readonly architecture: string;
  readonly fork: string;
  readonly version: string;
  readonly commit: string;
  readonly flags: readonly string[];
}

const directoryPattern = /^bm-(\d{8})-([^-/]+)-([0-9a-f]{6,40})(?:-([^-/]+))?$/;
const filePattern = /^bm-(\d{8})-([^-/]+)-([^-/]+)-([^-/]+)-([^-/]+)-([^-/]+)-([0-9a-f]{6,40})\.json(?:\.gz)?$/;

/** Undefined when the path is not of this form: a comparison (`-vs-`), statistics of the interpreter, or something else. */
export function parseBenchRunnerName(path: string): BenchRunnerName | undefined {
  const [file = '', directory = ''] = path.split('/').reverse();
  const match = filePattern.exec(file);
  if (match === null) return undefined;
  const [, , machine = '', architecture = '', fork = '', , version = '', commit = ''] = match;
  const flags = directoryPattern.exec(directory)?.[4]?.split(',') ?? [];
  return { machine, architecture, fork: fork.replaceAll('%2d', '-'), version, commit, flags };
}
