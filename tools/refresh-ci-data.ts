/**
 * Brings src/ci/data/pythons.json up to date and lists the runner labels that runners.json does not know, or knows and nobody
 * else does any more. Prices, actions and images have no file that could be read: their sources are named in them.
 *
 *   node --import tsx tools/refresh-ci-data.ts [--from DIRECTORY]
 *
 * DIRECTORY has versions-manifest.json and README.md, for machines without a network.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ManifestEntry } from './ci-data.ts';
import { labelsIn, prereleases, pythonsOfImages } from './ci-data.ts';

const data = join(import.meta.dirname, '..', 'src', 'ci', 'data');
const sources = {
  'versions-manifest.json': 'https://raw.githubusercontent.com/actions/python-versions/main/versions-manifest.json',
  'README.md': 'https://raw.githubusercontent.com/actions/runner-images/main/README.md',
} as const;

async function textOf(name: keyof typeof sources, directory: string | undefined): Promise<string> {
  if (directory !== undefined) return readFileSync(join(directory, name), 'utf8');
  const response = await fetch(sources[name], { signal: AbortSignal.timeout(60_000) });
  if (!response.ok) throw new Error(`${sources[name]}: ${String(response.status)} ${response.statusText}`);
  return response.text();
}

interface PythonTable {
  checked: string;
  images: Readonly<Record<string, readonly string[]>>;
  prerelease: readonly string[];
}

function refreshPythons(manifest: readonly ManifestEntry[], today: string): void {
  const path = join(data, 'pythons.json');
  const table = JSON.parse(readFileSync(path, 'utf8')) as PythonTable;
  const found = pythonsOfImages(manifest, Object.keys(table.images));
  for (const [image, names] of Object.entries(found)) {
    const before = table.images[image] ?? [];
    const more = names.filter((name) => !before.includes(name));
    const fewer = before.filter((name) => !names.includes(name));
    console.log(`${image}: ${more.length + fewer.length === 0 ? 'as before' : `new ${more.join(' ') || 'none'}, gone ${fewer.join(' ') || 'none'}`}`);
  }
  const all = [...new Set(Object.values(found).flat())];
  const next = { ...table, checked: today, images: found, prerelease: prereleases(manifest, all) };
  // Lists of plain values stand on one line, as in the other tables.
  const text = JSON.stringify(next, undefined, 2).replace(/\[\s+("[^[\]{}]*")\s+\]/g, (_whole, items: string) => `[${items.replace(/\s*\n\s*/g, ' ')}]`);
  writeFileSync(path, `${text}\n`);
}

function compareLabels(readme: string): void {
  const table = JSON.parse(readFileSync(join(data, 'runners.json'), 'utf8')) as { images: object; aliases: object; retired: object };
  const known = [...Object.keys(table.images), ...Object.keys(table.aliases)];
  const labels = labelsIn(readme);
  console.log(`labels not in runners.json: ${labels.filter((label) => !known.includes(label)).join(', ') || 'none'}`);
  console.log(`labels only in runners.json: ${known.filter((label) => !labels.includes(label) && !(label in table.retired)).join(', ') || 'none'}`);
  console.log('After changing runners.json by hand, set its `checked` to the day.');
}

const from = process.argv.indexOf('--from');
const directory = from < 0 ? undefined : process.argv[from + 1];
refreshPythons(JSON.parse(await textOf('versions-manifest.json', directory)) as readonly ManifestEntry[], new Date().toISOString().slice(0, 10));
compareLabels(await textOf('README.md', directory));
