/** SARIF 2.1.0 (https://docs.oasis-open.org/sarif/sarif/v2.1.0/), for code scanning. */
import { createHash } from 'node:crypto';
import { isAbsolute, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Finding } from './findings.ts';
import { findingCodes } from './findings.ts';

const helpUri = 'https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/';

function uri(file: string): string {
  const path = isAbsolute(file) ? relative(process.cwd(), file) : file;
  return path.startsWith('..') ? pathToFileURL(file).href : path.split(/[/\\]/).map(encodeURIComponent).join('/');
}

function result({ code, level, message, advice, place, package: name, target }: Finding): object {
  const fingerprint = createHash('sha256').update([code, place.file, name ?? message, target ?? ''].join('\n')).digest('hex');
  return {
    ruleId: code, ruleIndex: Object.keys(findingCodes).indexOf(code), level,
    message: { text: [message, ...advice].join('. ') },
    locations: [{
      physicalLocation: {
        artifactLocation: { uri: uri(place.file === 'command line' ? '.' : place.file) },
        region: { startLine: place.line, startColumn: Math.max(1, place.column) },
      },
    }],
    partialFingerprints: { 'armatureCheck/v1': fingerprint },
  };
}

export function sarifReport(findings: readonly Finding[], version: string): string {
  const rules = Object.entries(findingCodes).map(([id, { level, meaning }]) => ({
    id, shortDescription: { text: meaning }, helpUri, defaultConfiguration: { level },
  }));
  return `${JSON.stringify({
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0',
    runs: [{ tool: { driver: { name: 'armature check', version, rules } }, columnKind: 'utf16CodeUnits', results: findings.map(result) }],
  }, null, 1)}\n`;
}
