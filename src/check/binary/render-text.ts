import type { Colours } from '#support/colours.ts';
import { printable } from '#support/printable.ts';
import { wrapped } from '#support/wrapped.ts';
import type { Verdict } from './checks/baseline.ts';
import { cpusFor, extensionTitles, verdictFor } from './checks/baseline.ts';
import { compareVersions, neededVersions } from './checks/linux.ts';
import { largestPage } from './checks/pages.ts';
import type { Finding, FindingCode, Severity } from './finding.ts';
import { findingKinds } from './finding.ts';
import type { ElfFacts } from './images/elf.ts';
import type { InspectOptions } from './inspect.ts';
import type { Guard } from './instructions/guards.ts';
import type { Native } from './native.ts';
import type { SubjectReport } from './report.ts';

export function renderText(reports: readonly SubjectReport[], options: Pick<InspectOptions, 'cpus'>, colours: Colours): string {
  return reports.map((report) => renderReport(report, options, colours)).join('\n');
}

function renderReport(report: SubjectReport, options: Pick<InspectOptions, 'cpus'>, colours: Colours): string {
  const lines = [colours.bold(printable(report.subject)), `  ${summary(report.natives)}`];
  lines.push(...linuxLines(report.natives), ...instructionLines(report.natives), ...cpuLines(report.natives, options, colours));
  lines.push(...findingLines(report.findings, colours));
  const counts = (['error', 'warning', 'note'] as const).map((severity) => [severity, report.findings.filter((found) => found.severity === severity).length] as const)
    .filter(([, count]) => count > 0).map(([severity, count]) => `${count} ${severity}${count === 1 ? '' : 's'}`);
  lines.push(counts.length === 0 ? `  ${colours.green('nothing to complain of')}` : `  ${counts.join(', ')}`);
  return `${lines.join('\n')}\n`;
}

function summary(natives: readonly Native[]): string {
  if (natives.length === 0) return 'no machine code';
  const kinds = new Map<string, number>();
  for (const { images } of natives) {
    const kind = `${images[0]?.format.toUpperCase() ?? ''} ${images.map(({ machine }) => machine).join('+')}`;
    kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  }
  const files = natives.length === 1 ? '1 file' : `${natives.length} files`;
  return `${files} with machine code: ${[...kinds].map(([kind, count]) => (kinds.size === 1 ? kind : `${count} ${kind}`)).join(', ')}`;
}

function linuxLines(natives: readonly Native[]): readonly string[] {
  const elves = natives.flatMap(({ images }) => images.filter((image): image is ElfFacts => image.format === 'elf' && image.loads.length > 0));
  if (elves.length === 0) return [];
  const needed = elves.map(neededVersions);
  const families = (['GLIBC', 'GLIBCXX', 'CXXABI', 'GCC'] as const).flatMap((family) => {
    const newest = needed.flatMap((versions) => { const version = versions.get(family); return version === undefined ? [] : [version]; }).sort(compareVersions).at(-1);
    return newest === undefined ? [] : [family === 'GLIBC' ? `glibc ${newest.join('.')}` : `${family}_${newest.join('.')}`];
  });
  const pages = `pages of up to ${Math.min(...elves.map(largestPage))} KB`;
  return [`  needs ${families.length === 0 ? 'no version of glibc' : families.join(', ')}; ${pages}`];
}

/** Lists are broken to fit a terminal of 80 columns; what goes on is set in further. */
function indented(text: string): readonly string[] {
  return wrapped(text, 74).map((line, index) => (index === 0 ? `  ${line}` : `      ${line}`));
}

const guards: readonly Guard[] = ['unguarded', 'unknown', 'guarded'];

function instructionLines(natives: readonly Native[]): readonly string[] {
  const scanned = natives.filter(({ scan }) => scan !== undefined);
  if (scanned.length === 0) return [];
  const uses = scanned.flatMap((native) => native.uses.filter(({ guard }) => guard !== 'data'));
  const extensions = [...new Set(uses.map(({ extension }) => extension))];
  const shown = extensions.map((extension) => {
    const worst = guards.find((guard) => uses.some((use) => use.extension === extension && use.guard === guard));
    return `${extensionTitles[extension]} (${worst ?? ''})`;
  });
  const outlined = scanned.some(({ scan }) => (scan?.outlined ?? 0) > 0) ? ['LSE atomics behind helpers (safe)'] : [];
  const list = [...shown, ...outlined];
  return indented(`beyond Armv8.0: ${list.length === 0 ? 'nothing' : list.join(', ')}`);
}

const verdicts: readonly Verdict[] = ['unguarded', 'unknown', 'guarded', 'runs'];
const verdictWords: Readonly<Record<Verdict, string>> = {
  unguarded: 'would stop on', unknown: 'unclear on', guarded: 'chooses at run time on', runs: 'has all it needs on',
};

function cpuLines(natives: readonly Native[], options: Pick<InspectOptions, 'cpus'>, colours: Colours): readonly string[] {
  const byVerdict = new Map<Verdict, string[]>();
  for (const cpu of new Set(natives.flatMap((native) => cpusFor(native, options.cpus)))) {
    const met = natives.filter((native) => cpusFor(native, options.cpus).includes(cpu)).map(({ uses }) => verdictFor(uses, cpu));
    const worst = verdicts.find((verdict) => met.includes(verdict)) ?? 'runs';
    byVerdict.set(worst, [...(byVerdict.get(worst) ?? []), cpu.name]);
  }
  const paint: Readonly<Record<Verdict, (text: string) => string>> = { unguarded: colours.red, unknown: colours.yellow, guarded: colours.green, runs: colours.green };
  return verdicts.flatMap((verdict) => {
    const names = byVerdict.get(verdict);
    if (names === undefined) return [];
    const words = verdictWords[verdict];
    const [first = '', ...more] = indented(`${words} ${names.join(', ')}`);
    return [first.replace(words, paint[verdict](words)), ...more];
  });
}

const mostOfOneKind = 5;

function findingLines(findings: readonly Finding[], colours: Colours): readonly string[] {
  const paint: Readonly<Record<Severity, (text: string) => string>> = { error: colours.red, warning: colours.yellow, note: colours.dim };
  const codes = [...new Set(findings.map(({ code }) => code))].sort((a, b) => rank(findings, a) - rank(findings, b));
  return codes.flatMap((code) => {
    const same = findings.filter((found) => found.code === code);
    const severity = same[0]?.severity ?? 'note';
    const shown = same.slice(0, mostOfOneKind).map(({ path, message }) => `    ${path === undefined ? '' : `${printable(path)}: `}${printable(message)}`);
    const rest = same.length - shown.length;
    return [
      `  ${paint[severity](severity)} ${findingKinds[code].meaning} [${code}]`,
      ...shown, ...(rest > 0 ? [`    … and ${rest} more (--json lists all)`] : []),
      `    ${colours.dim(`→ ${findingKinds[code].remedy}`)}`,
    ];
  });
}

const severities: readonly Severity[] = ['error', 'warning', 'note'];
const rank = (findings: readonly Finding[], code: FindingCode): number => severities.indexOf(findings.find((found) => found.code === code)?.severity ?? 'note');
