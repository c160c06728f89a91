import type { Metadata } from '#lab/format/metadata.ts';
import { commonMetadata, ownValue } from '#lab/format/metadata.ts';
import type { Benchmark, Run } from '#lab/format/pyperf.ts';

/** Names, values and warmups of a benchmark; the metadata of its runs must contain its `name`. */
export type WrittenBenchmark = Pick<Benchmark, 'runs'>;

function without(metadata: Metadata, common: Metadata): Metadata {
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => ownValue(common, name) === undefined));
}

function runToJson({ values, warmups, metadata }: Run, common: Metadata): object {
  const own = without(metadata, common);
  return {
    ...(Object.keys(own).length > 0 && { metadata: own }),
    ...(values.length > 0 && { values }),
    ...(warmups.length > 0 && { warmups }),
  };
}

/** As `json.dump(sort_keys=True)` does, so that two writers of one result yield one text. */
function sortKeys(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)));
}

/** The text of a pyperf file: metadata that all runs, or all benchmarks, share stands a level higher, as in `BenchmarkSuite._as_json`. */
export function writeSuite(benchmarks: readonly WrittenBenchmark[]): string {
  const common = benchmarks.map(({ runs }) => commonMetadata(runs.map((run) => run.metadata)));
  const root = commonMetadata(common);
  const written = benchmarks.map(({ runs }, index) => {
    const shared = common[index] ?? {};
    const own = without(shared, root);
    return { ...(Object.keys(own).length > 0 && { metadata: own }), runs: runs.map((run) => runToJson(run, shared)) };
  });
  const suite = { version: '1.0', benchmarks: written, ...(Object.keys(root).length > 0 && { metadata: root }) };
  return `${JSON.stringify(suite, sortKeys)}\n`;
}
