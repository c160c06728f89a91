/**
 * Makes a Python program smaller that fails: statements are deleted, blocks are put in place of their statement, expressions in
 * parentheses become one of their parts or a literal. `failing` gets several candidates, the best first, and tells which fails.
 */
export type FindFailing = (candidates: readonly string[]) => Promise<number | undefined>;

const groupSize = 8;

export async function shrinkProgram(text: string, failing: FindFailing, goesOn: () => boolean = () => true): Promise<string> {
  let best = text;
  for (const candidatesOf of [withoutUnused, scenarios, withoutUnused, withoutStatements, unwrapped, withoutUnused, withoutStatements, simplified, withoutUnused, withoutStatements]) {
    for (let at = 0; goesOn();) {
      const group = unique(candidatesOf(best)).slice(at, at + groupSize);
      if (group.length === 0) break;
      const found = await failing(group);
      if (found === undefined) at += group.length;
      else {
        best = group[found]!;
        // What failed to go before mostly still does: go on at the same place, and look at all once more at the end.
        at = Math.max(0, at - 1);
      }
    }
  }
  return best;
}

const unique = (list: readonly string[]): readonly string[] => [...new Set(list)];

const indentOf = (line: string): number => (line.trim() === '' ? -1 : line.length - line.trimStart().length);

/** One past the last line of the statement that begins at `start`. */
function endOf(lines: readonly string[], start: number): number {
  const own = indentOf(lines[start]!);
  let end = start + 1;
  while (end < lines.length && (indentOf(lines[end]!) > own || (indentOf(lines[end]!) < 0 && end + 1 < lines.length && indentOf(lines[end + 1]!) > own))) end++;
  return end;
}

/** All functions and classes at once that nothing names. */
function withoutUnused(text: string): readonly string[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  for (let start = 0; start < lines.length;) {
    const end = endOf(lines, start);
    const name = /^(?:def|class) (\w+)|^(\w+) = \w+$/.exec(lines[start]!)?.slice(1).find((n) => n !== undefined);
    const used = name === undefined || [...lines.slice(0, start), ...lines.slice(end)].some((line) => new RegExp(`\\b${name}\\b`).test(line));
    if (used) start = end;
    else {
      lines.splice(start, end - start);
      start = 0;
    }
  }
  return lines.join('\n') === text ? [] : [lines.join('\n')];
}

/** What stands at the end is the program; what comes before is there to be called. */
function scenarios(text: string): readonly string[] {
  const lines = text.split('\n');
  const starts = lines.map((_, n) => n).filter((n) => indentOf(lines[n]!) === 0);
  return starts.toReversed().map((start) => [...lines.slice(0, start), ...lines.slice(endOf(lines, start))].join('\n'));
}

/** Long ones first: each statement with its block, then runs of statements. */
function withoutStatements(text: string): readonly string[] {
  const lines = text.split('\n');
  const starts = lines.map((_, n) => n).filter((n) => indentOf(lines[n]!) >= 0);
  const spans = starts.map((start) => [start, endOf(lines, start)] as const);
  const runs = [32, 8, 3].flatMap((length) => starts.filter((_, n) => n % length === 0).map((start) => [start, runEnd(lines, start, length)] as const));
  return [...runs, ...spans.toSorted((a, b) => (b[1] - b[0]) - (a[1] - a[0]))].map(([start, end]) => {
    const rest = [...lines.slice(0, start), ...lines.slice(end)];
    const isOnly = /:$/.test(lines[start - 1] ?? '') && indentOf(lines[end] ?? '') < indentOf(lines[start]!);
    if (isOnly) rest.splice(start, 0, `${' '.repeat(indentOf(lines[start]!))}pass`);
    return rest.join('\n');
  }).filter((candidate) => candidate !== text);
}

/** Up to `length` statements of one block. */
function runEnd(lines: readonly string[], start: number, length: number): number {
  const own = indentOf(lines[start]!);
  let end = start;
  for (let n = 0; n < length && end < lines.length && indentOf(lines[end]!) === own; n++) end = endOf(lines, end);
  return end;
}

function unwrapped(text: string): readonly string[] {
  const lines = text.split('\n');
  return lines.flatMap((line, start) => {
    if (!/^\s*(if|for|while|try|with|else|finally)\b.*:$/.test(line)) return [];
    const end = endOf(lines, start);
    const body = lines.slice(start + 1, end).map((inner) => inner.slice(4));
    // What belongs to the statement, such as an else, goes as well.
    let after = end;
    while (after < lines.length && indentOf(lines[after]!) === indentOf(line) && /^\s*(else|elif|except|finally)\b/.test(lines[after]!)) after = endOf(lines, after);
    return [[...lines.slice(0, start), ...body, ...lines.slice(after)].join('\n'), [...lines.slice(0, start), ...body, ...lines.slice(end)].join('\n')];
  });
}

function simplified(text: string): readonly string[] {
  const places: (readonly [number, number])[] = [];
  const open: number[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '(') open.push(at);
    else if (text[at] === ')') {
      const start = open.pop();
      if (start !== undefined) places.push([start, at + 1]);
    }
  }
  return places.toSorted((a, b) => (b[1] - b[0]) - (a[1] - a[0])).flatMap(([start, end]) => {
    const inner = text.slice(start + 1, end - 1);
    if (inner.includes('\n')) return [];
    const replace = (by: string): string => text.slice(0, start) + by + text.slice(end);
    const children = places.filter(([s, e]) => s > start && e < end && !/\w/.test(text[s - 1] ?? '')).map(([s, e]) => text.slice(s, e));
    const isCall = /[\w\])]/.test(text[start - 1] ?? '');
    if (isCall) return [];
    return [...['1', '0.5', 'True'].filter((literal) => inner !== literal).map(replace), ...children.slice(0, 4).map(replace), ...(/^[\w.]+$/.test(inner) ? [replace(inner)] : [])];
  });
}
