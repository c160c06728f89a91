/**
 * Filetests: IR in, IR out.
 *
 *   test <pass> [with <pass>…]  the pass to run, or `parse`, `verify`, `verify typed`, `interpret`
 *   static-types 1 2            object-table indices of types in PassContext.staticTypes
 *   values-offsets 5=24         PassContext.valuesOffsets
 *   number-types int=2 float=3  PassContext.numberTypes
 *   objects [{"type": "list"}]  the object table for `run:` lines
 *   function "name" { … }       input; `;` comments are ignored
 *   ; …                         expected output; for verify: `; error: text` lines; for interpret nothing
 *   run: … == …                 see `runLine`: executed on the input and on the output of the pass
 *
 * BLESS=1 rewrites the expected output.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { interpret, type Outcome } from '#ir/interpret.ts';
import { parse } from '#ir/parse.ts';
import { print } from '#ir/print.ts';
import type { Fn } from '#ir/types.ts';
import { verify } from '#ir/verify.ts';
import { runPass, type Pass, type PassContext } from '#compiler/pass.ts';
import { diffLines } from './diff.ts';

interface FileTest {
  readonly head: string[];
  readonly test: string;
  readonly context: PassContext;
  readonly objects: readonly unknown[];
  readonly input: string;
  readonly expected: string[];
  readonly runs: string[];
}

export function runFileTest(path: string, passes: ReadonlyMap<string, Pass>): void {
  const test = readFileTest(readFileSync(path, 'utf8'));
  const actual = execute(test, passes);
  const wanted = test.expected.join('\n').trim();
  if (actual.trim() === wanted) return;
  if (process.env['BLESS']) {
    writeFileSync(path, render(test, actual));
    return;
  }
  const name = relative(process.cwd(), path);
  const accept = `BLESS=1 node --import tsx --test tests/filetests/run.test.ts`;
  throw new Error(`${name}: the output differs (- expected, + actual)\n${diffLines(wanted, actual.trim())}\nto accept it: ${accept}`);
}

function readFileTest(text: string): FileTest {
  const lines = text.split('\n');
  const start = lines.findIndex((l) => l.startsWith('function '));
  const end = lines.indexOf('}', start);
  if (start < 0 || end < 0) throw new Error('no function');
  const head = lines.slice(0, start);
  const rest = lines.slice(end + 1);
  const test = head.find((l) => l.startsWith('test '));
  if (!test) throw new Error('no "test" line');
  return {
    head, test: test.slice(5).trim(),
    context: readContext(head),
    objects: JSON.parse(head.find((l) => l.startsWith('objects '))?.slice(8) ?? '[]') as unknown[],
    input: lines.slice(start, end + 1).join('\n'),
    expected: rest.filter((l) => l.startsWith(';')).map((l) => l.replace(/^; ?/, '')),
    runs: [...head, ...rest].filter((l) => l.startsWith('run: ')),
  };
}

function readContext(head: readonly string[]): PassContext {
  const words = (name: string): string[] => head.find((l) => l.startsWith(`${name} `))?.split(/\s+/).slice(1) ?? [];
  return {
    staticTypes: new Set(words('static-types').map(Number)),
    valuesOffsets: new Map(words('values-offsets').map((w) => w.split('=').map(Number) as [number, number])),
    numberTypes: Object.fromEntries(words('number-types').map((w) => [w.split('=')[0], Number(w.split('=')[1])])),
  };
}

function render(test: FileTest, actual: string): string {
  const expected = actual.trim() === '' ? [] : ['', ...actual.trim().split('\n').map((l) => `; ${l}`.trimEnd())];
  const runs = test.runs.filter((r) => !test.head.includes(r));
  return [...test.head, test.input, ...expected, ...(runs.length > 0 ? ['', ...runs] : []), ''].join('\n');
}

function execute(test: FileTest, passes: ReadonlyMap<string, Pass>): string {
  const fn = parse(test.input);
  const [kind = '', ...more] = test.test.split(/\s+/);
  if (kind === 'verify') return verify(fn, { typed: more.includes('typed') }).map((e) => `error: ${e}`).join('\n');
  assertRoundTrip(fn);
  const errors = verify(fn);
  if (errors.length > 0) throw new Error(`the input is not valid: ${errors.join('; ')}`);
  for (const line of test.runs) checkRun(fn, test, line, 'before');
  if (kind === 'parse') return print(fn);
  if (kind === 'interpret') return '';
  for (const name of [kind, ...more.filter((w) => w !== 'with')]) {
    const pass = passes.get(name);
    if (!pass) throw new Error(`no pass called ${name}`);
    runPass(fn, pass, test.context, { verify: { typed: false } });
  }
  assertRoundTrip(fn);
  for (const line of test.runs) checkRun(fn, test, line, 'after');
  return print(fn);
}

function assertRoundTrip(fn: Fn): void {
  const once = print(fn);
  const twice = print(parse(once));
  if (once !== twice) throw new Error(`print → parse → print is not stable:\n${diffLines(once, twice)}`);
}

/**
 * `run: f(1, 2.5, [1, 2]) == 7`: the locals of the outer frame, and the stack of a `return` exit (a tuple when there are several).
 * `run: f(1) exit deopt "reason"`: how it must leave; for a guard the reason is the name of its op.
 */
function checkRun(fn: Fn, test: FileTest, line: string, when: string): void {
  const match = /^run: f\((.*)\) (?:== (.+)|exit (\w+) "(.*)")$/.exec(line);
  if (!match) throw new Error(`cannot read ${line}`);
  const outcome = interpret(fn, { locals: readArguments(match[1]!), objects: test.objects });
  const actual = describe(outcome, match[2] !== undefined);
  const wanted = match[2] ?? `exit ${match[3]} "${match[4]}"`;
  if (actual !== wanted) throw new Error(`${line}: ${when} the pass the outcome is ${actual}`);
}

/** JSON, but integers are exact and `2.0` is a float. */
function readArguments(text: string): unknown[] {
  const exact = text.replace(/"[^"]*"|-?\d+(\.\d+)?(e[+-]?\d+)?/g, (token, fraction?: string, power?: string) => {
    if (token.startsWith('"')) return token;
    return fraction ?? power ? `{"float": "${token}"}` : `{"int": "${token}"}`;
  });
  return JSON.parse(`[${exact}]`) as unknown[];
}

function describe(outcome: Outcome, value: boolean): string {
  if (value && outcome.exit === 'return') return outcome.stack.length === 1 ? outcome.stack[0]! : `(${outcome.stack.join(', ')})`;
  return `exit ${outcome.exit} "${outcome.reason}"`;
}
