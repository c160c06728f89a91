import type { Colours } from '#support/colours.ts';
import type { ExitCount, PlaceReport, RunReport } from '#cli/statistics/merge.ts';
import { explainRefusal } from '#cli/statistics/reasons.ts';

export function milliseconds(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}

function describeStatus(place: PlaceReport, colours: Colours): string {
  switch (place.status) {
    case 'compiled': return colours.green('compiled');
    case 'disabled': return colours.yellow('compiled, then given up: it was left too soon too often');
    case 'refused': return `${colours.red('not compiled')}: ${explainRefusal(place.refusal ?? { code: 'unknown', detail: '' })}`;
    case 'waiting': return colours.yellow('hot, but the program ended before the code was ready');
  }
}

function describeExit(exit: ExitCount, place: PlaceReport): string {
  const where = `line ${exit.line}${exit.name === place.name ? '' : ` of ${exit.name}`}`;
  const observed = exit.observed === '' ? '' : `, met ${exit.observed}`;
  const what = {
    deopt: 'guard failed', unsupported: 'not compiled from here', exception: 'exception', safepoint: 'interrupted', return: 'returned',
  }[exit.kind];
  const reason = exit.kind === 'deopt' || exit.kind === 'unsupported' ? ` (${exit.reason}${observed})` : '';
  return `${what} at ${where}${reason}: ${times(exit.count)}`;
}

function placeLines(place: PlaceReport, colours: Colours): string[] {
  const what = place.kind === 'osr' ? `loop at line ${place.line}` : 'whole function';
  const lines = [`  ${what}: ${describeStatus(place, colours)}`];
  if (place.units > 0) {
    const versions = place.units === 1 ? '' : `, ${place.units} versions`;
    lines.push(`    ${place.bytes} bytes${versions}, compiled in ${milliseconds(place.compileMilliseconds)}; `
      + `entered ${times(place.entries)}, ${milliseconds(place.nanoseconds / 1e6)} in compiled code`);
  }
  for (const { line, name, reason } of place.notInlined) {
    lines.push(colours.dim(`    line ${line}${name === place.name ? '' : ` of ${name}`} calls out (${reason})`));
  }
  for (const exit of place.exits) lines.push(colours.dim(`    ${describeExit(exit, place)}`));
  return lines;
}

function dumpLines(place: PlaceReport, colours: Colours): string[] {
  return place.dumps.flatMap(({ pass, text }) => ['', colours.bold(`; ${place.name}, ${place.kind} at line ${place.line}, after ${pass}`), text.trimEnd()]);
}

export function summaryText(report: RunReport): string {
  const share = report.wallMilliseconds > 0 ? Math.round((report.compiledNanoseconds / 1e4) / report.wallMilliseconds) : 0;
  const count = (value: number, one: string): string => `${value} ${one}${value === 1 ? '' : 's'}`;
  return `${count(report.compiledUnits, 'compiled unit')}, ${count(report.refusedPlaces, 'refusal')}, `
    + `${report.guardsFailed === 1 ? '1 guard' : `${report.guardsFailed} guards`} failed; `
    + `${milliseconds(report.compiledNanoseconds / 1e6)} of ${milliseconds(report.wallMilliseconds)} in compiled code (${share} %)`;
}

/** The text of `armature explain`: one paragraph a function, the one with most compiled time first. */
export function reportText(report: RunReport, colours: Colours): string {
  const functions = new Map<string, PlaceReport[]>();
  for (const place of report.places) {
    const title = `${colours.bold(place.name)}  ${place.file}:${place.functionLine}`;
    functions.set(title, [...(functions.get(title) ?? []), place]);
  }
  const paragraphs = [...functions].map(([title, places]) =>
    [title, ...places.flatMap((place) => placeLines(place, colours)), ...places.flatMap((place) => dumpLines(place, colours))].join('\n'));
  if (paragraphs.length === 0) paragraphs.push('Nothing got hot: no loop ran long enough to be worth compiling.');
  return `${paragraphs.join('\n\n')}\n\n${summaryText(report)}\n`;
}
