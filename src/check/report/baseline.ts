/** A baseline holds gaps that are known; only what is new is reported. */
import { readText } from '../project/text-file.ts';
import { list, table, text, texts } from '../project/values.ts';
import { CheckError } from '../errors.ts';
import type { Finding } from './findings.ts';

const format = 1;

/** Lines and versions may change; the gap stays the same one. */
function keys({ code, package: name, target, pythons, message }: Pick<Finding, 'code' | 'package' | 'target' | 'pythons' | 'message'>): readonly string[] {
  if (target === undefined) return [`${code} ${name ?? ''} ${message}`];
  return (pythons ?? []).map((python) => `${code} ${name ?? ''} ${target} ${python}`);
}

export function writeBaseline(findings: readonly Finding[]): string {
  const entries = findings.map(({ code, package: name, target, pythons, message }) => ({ code, package: name, target, pythons, ...(target === undefined ? { message } : {}) }));
  return `${JSON.stringify({ format, findings: entries }, null, 2)}\n`;
}

function readBaseline(path: string): ReadonlySet<string> {
  let document: unknown;
  try {
    document = JSON.parse(readText(path));
  } catch (error) {
    if (error instanceof CheckError) throw error;
    throw new CheckError('invalid-baseline', { path, reason: error instanceof Error ? error.message : String(error) });
  }
  if (table(document)['format'] !== format) throw new CheckError('invalid-baseline', { path, reason: `its format is not ${format}` });
  const entries = list(table(document)['findings']).map(table);
  return new Set(entries.flatMap((entry) => keys({
    code: text(entry['code']) as Finding['code'], package: text(entry['package']) ?? '', message: text(entry['message']) ?? '',
    ...(text(entry['target']) === undefined ? {} : { target: text(entry['target'])!, pythons: texts(entry['pythons']) }),
  })));
}

/** What the baseline does not know; a gap for another Python is new for that Python. */
export function withoutKnown(findings: readonly Finding[], path: string): readonly Finding[] {
  const known = readBaseline(path);
  return findings.flatMap((finding) => {
    const fresh = keys(finding).filter((key) => !known.has(key));
    if (fresh.length === 0) return [];
    const { pythons } = finding;
    const isNew = (python: string): boolean => fresh.some((key) => key.endsWith(` ${python}`));
    if (pythons === undefined || pythons.every(isNew)) return [finding];
    const left = pythons.filter(isNew);
    return [{ ...finding, pythons: left, message: `${finding.message} (new: Python ${left.join(', ')})` }];
  });
}
