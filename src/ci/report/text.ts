import type { DataAge, System } from '#ci/facts.ts';
import { dataAges, pricePerMinute, runnerCoverage, systems } from '#ci/facts.ts';
import type { Finding, Severity } from '#ci/rules/rule.ts';
import type { Colours } from '#support/colours.ts';

/** Tables older than this are said to be old: labels change within weeks. */
const oldAfterDays = 90;

export function findingsText(findings: readonly Finding[], colours: Colours): string {
  const paint: Readonly<Record<Severity, (text: string) => string>> = { error: colours.red, warning: colours.yellow, note: colours.dim };
  return findings.map((finding) => {
    const place = `${finding.file}:${String(finding.line)}:${String(finding.column)}`;
    const more = finding.fix !== undefined ? `\n    port: ${finding.fix.reason}` : finding.advice === undefined ? '' : `\n    do: ${finding.advice}`;
    return `${colours.bold(place)}: ${paint[finding.severity](finding.severity)}: ${finding.message} [${finding.rule}]${more}\n    ${colours.dim(finding.link)}\n`;
  }).join('');
}

export function summaryText(findings: readonly Finding[]): string {
  const count = (severity: Severity): number => findings.filter((finding) => finding.severity === severity).length;
  const fixable = findings.filter((finding) => finding.fix !== undefined).length;
  const mends = fixable === 0 ? '' : `; \`armature ci port\` mends ${String(fixable)}`;
  return `${plural(count('error'), 'error')}, ${plural(count('warning'), 'warning')}, ${plural(count('note'), 'note')}${mends}\n`;
}

const plural = (count: number, noun: string): string => `${String(count)} ${noun}${count === 1 ? '' : 's'}`;

/** How old the tables are that the answer rests on. */
export function agesText(today: string): string {
  const ages = dataAges(today);
  const byDate = new Map<string, DataAge[]>();
  for (const age of ages) byDate.set(age.checked, [...(byDate.get(age.checked) ?? []), age]);
  const parts = [...byDate].map(([checked, group]) => `${group.map((age) => age.name).join(', ')} of ${checked} (${plural(group[0]?.days ?? 0, 'day')} old)`);
  const old = ages.some((age) => age.days > oldAfterDays) ? '\nSome of it is older than a quarter; a newer Armature may know more.' : '';
  return `Data: ${parts.join('; ')}.${old}\n`;
}

/** What more Arm legs cost where they are not free. */
export function costText(added: Readonly<Record<System, number>>): string {
  const parts = systems.filter((os) => added[os] > 0).map((os) => `${plural(added[os], `${os} leg`)} at $${pricePerMinute(os, 'arm64').toFixed(3)} a minute (x64: $${pricePerMinute(os, 'x64').toFixed(3)})`);
  return parts.length === 0 ? '' : `More on Arm: ${parts.join(', ')} in a private repository; public ones pay nothing.\n`;
}

export function coverageText(): string {
  return `Note: ${runnerCoverage}.\n`;
}
