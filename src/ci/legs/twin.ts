/** The twin of a value of a matrix on Arm: `x86_64-pc-windows-msvc` is `aarch64-pc-windows-msvc`. */
import type { YAMLMap, YAMLSeq } from 'yaml';
import { isMap, isScalar } from 'yaml';
import type { System } from '#ci/facts.ts';
import { requoted } from '#ci/source/edits.ts';
import { entriesOf, resolved, sourceOf } from '#ci/source/nodes.ts';
import type { SourceFile } from '#ci/source/source-file.ts';

/** Longest first: each is one spelling of x86-64 and what takes its place. Systems that spell it otherwise are named. */
const spellings: readonly (readonly [pattern: RegExp, twin: string | Readonly<Record<System, string>>])[] = [
  [/x86_64(?=-(?:unknown|pc|apple)-)/g, 'aarch64'],
  [/(?<=(?:many|musl)linux\w*_)x86_64/g, 'aarch64'],
  [/(?<=linux[/_-])amd64/g, 'arm64'],
  [/(?<=linux[_-])x86_64/g, 'aarch64'],
  [/(?<=macosx?[_-])x86_64/g, 'arm64'],
  [/(?<=win[_-])amd64/g, 'arm64'],
  [/(?<![A-Za-z0-9])AMD64(?![A-Za-z0-9])/g, 'ARM64'],
  [/(?<![A-Za-z0-9])X64(?![A-Za-z0-9])/g, 'ARM64'],
  [/(?<![A-Za-z0-9])x64(?![A-Za-z0-9])/g, 'arm64'],
  [/(?<![A-Za-z0-9])amd64(?![A-Za-z0-9])/g, 'arm64'],
  [/(?<![A-Za-z0-9])x86[_-]64(?![A-Za-z0-9])/g, { linux: 'aarch64', windows: 'ARM64', macos: 'arm64' }],
];

/** 32-bit x86 and processors of other kinds have no twin, nor has what says it is emulated already. */
const noTwin = /(?<![A-Za-z0-9])(i[3-6]86|x86|win32|ppc64le|s390x|riscv64|armv7l?|aarch64|arm64|ARM64)(?![A-Za-z0-9_-]*64)/;

function twinText(text: string, os: System): string | undefined {
  let result = text;
  for (const [pattern, twin] of spellings) result = result.replace(pattern, typeof twin === 'string' ? twin : twin[os]);
  if (result === text && noTwin.test(text)) return undefined;
  return result;
}

/** Whether a value of a matrix says x86: by itself or with other things around it. */
export function namesX86(text: string): boolean {
  return twinText(text, 'linux') !== text && !/(?<![A-Za-z0-9])(?:aarch64|arm64|ppc64le|s390x|riscv64|armv7l?)(?![A-Za-z0-9])/i.test(text);
}

/** A matrix entry with its label replaced and every other value by its twin; undefined when one has none. */
export function twinEntry(file: SourceFile, entry: YAMLMap, key: string, label: string, os: System): string | undefined {
  const pairs: string[] = [];
  for (const { key: name, value } of entriesOf(file, entry)) {
    const source = sourceOf(file, value).trimEnd();
    if (String(name.value) === key) pairs.push(`${sourceOf(file, name)}: ${requoted(source, label)}`);
    else if (isScalar(value) && value.value === null) pairs.push(`${sourceOf(file, name)}:`);
    else {
      const twin = scalarTwin(file, value, source, os);
      if (twin === undefined) return undefined;
      pairs.push(`${sourceOf(file, name)}: ${twin}`);
    }
  }
  if (!pairs.some((pair) => pair.startsWith(key) || pair.startsWith(`"${key}"`) || pair.startsWith(`'${key}'`))) return undefined;
  if (entry.flow !== true) return pairs.join('\n');
  const space = sourceOf(file, entry).startsWith('{ ') ? ' ' : '';
  return `{${space}${pairs.join(', ')}${space}}`;
}

function scalarTwin(file: SourceFile, value: unknown, source: string, os: System): string | undefined {
  const node = resolved(file, value);
  if (!isScalar(node)) {
    // A list on one line is copied as it is as long as nothing in it names a processor.
    return source.includes('\n') || isMap(node) && node.flow !== true || twinText(source, os) !== source ? undefined : source;
  }
  if (source.includes('\n')) return undefined;
  return twinText(source, os);
}

/** The same for a list on one line whose element at `index` is the label. */
export function twinList(file: SourceFile, list: YAMLSeq, index: number, label: string, os: System): string | undefined {
  if (list.flow !== true) return undefined;
  const items = list.items.map((item, at) => {
    const source = sourceOf(file, item).trimEnd();
    return at === index ? requoted(source, label) : scalarTwin(file, item, source, os);
  });
  const space = sourceOf(file, list).startsWith('[ ') ? ' ' : '';
  return items.includes(undefined) ? undefined : `[${space}${items.join(', ')}${space}]`;
}

/** An entry of `exclude`: the same, for another label, or with `value` as it is written. */
export function entryText(file: SourceFile, entry: YAMLMap, key: string, label: string | undefined, value?: string): string {
  const pairs = entriesOf(file, entry).map(({ key: name, value: old }) => {
    const source = sourceOf(file, old).trimEnd();
    const changed = value ?? (label === undefined ? source : requoted(source, label));
    return `${sourceOf(file, name)}: ${String(name.value) === key ? changed : source}`;
  });
  return entry.flow === true ? `{ ${pairs.join(', ')} }` : pairs.join('\n');
}
