import { readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { gzipSync } from 'node:zlib';
import { resultFiles } from '#lab/figures/nightly.ts';
import type { Metadata } from '#lab/format/metadata.ts';
import { ownValue, textOf } from '#lab/format/metadata.ts';
import type { Run } from '#lab/format/pyperf.ts';
import { readSuite } from '#lab/format/pyperf.ts';
import { writeSuite } from '#lab/format/write-pyperf.ts';

/**
 * Makes the extract of real nightly results that the tests read: node --import tsx tools/extract-nights.ts DIR OUT.json.gz
 * A few benchmarks of the plain builds until the end of May, without warmups and most metadata, six digits a value.
 */
const benchmarks = ['async_tree_io', 'create_gc_cycles', 'gc_traversal', 'go', 'json_loads', 'pickle', 'regex_v8', 'richards', 'spectral_norm', 'telco'];
const kept = ['name', 'unit', 'loops', 'inner_loops', 'date', 'load_avg_1min', 'cpu_config', 'cpu_affinity', 'cpu_count', 'aslr', 'boot_time', 'platform',
  'perf_version', 'performance_version', 'python_compiler', 'benchmark_hash'];
const lastNight = '2026-05-31';

function smaller({ values, metadata }: Run): Run {
  const entries = kept.flatMap((key) => {
    const value = ownValue(metadata, key);
    return value === undefined ? [] : [[key, key === 'date' ? String(value).slice(0, 19) : value] as const];
  });
  return { values: values.map((value) => Number(value.toPrecision(6))), warmups: [], metadata: Object.fromEntries(entries) as Metadata };
}

const [directory = '', out = ''] = process.argv.slice(2);
const tree: Record<string, unknown> = {};
for (const { path, name } of resultFiles(directory).filter(({ flags }) => flags === '')) {
  const suite = readSuite(readFileSync(path), name);
  const chosen = suite.benchmarks.filter((benchmark) => benchmarks.includes(benchmark.name))
    .map(({ runs }) => ({ runs: runs.filter(({ values }) => values.length > 0).map(smaller) }));
  const date = textOf(chosen[0]?.runs[0]?.metadata ?? {}, 'date') ?? '';
  if (date < lastNight) tree[dirname(name)] = JSON.parse(writeSuite(chosen));
}
writeFileSync(out, gzipSync(JSON.stringify(tree), { level: 9 }));
