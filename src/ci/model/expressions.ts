import { Evaluator, Lexer, Parser, data, wellKnownFunctions } from '@actions/expressions';
import type { Json } from '#ci/source/nodes.ts';

/** A value, or that it is known only when the workflow runs. */
export type Value = { readonly known: true; readonly value: Json } | { readonly known: false; readonly because: string };

/** Contexts (`matrix`, `inputs`, `runner`, …) whose content is known. Whatever reads another one is not. */
export type Contexts = Readonly<Record<string, Readonly<Record<string, Json>>>>;

/** GitHub's own limit for one expression is 21,000 characters. */
const longestExpression = 21_000;
const contextNames = ['github', 'env', 'vars', 'job', 'jobs', 'steps', 'runner', 'secrets', 'strategy', 'matrix', 'needs', 'inputs'];
/** Functions that ask the running job. */
const runtimeFunctions = ['hashfiles', 'success', 'failure', 'always', 'cancelled'];

export class ExpressionProblem extends Error {}

/** The parts of a text: what is outside and inside of `${{ }}`. */
export function templateParts(text: string): readonly { readonly expression: boolean; readonly text: string; readonly start: number }[] {
  const parts: { expression: boolean; text: string; start: number }[] = [];
  let at = 0;
  while (at < text.length) {
    const open = text.indexOf('${{', at);
    if (open < 0) break;
    const close = expressionEnd(text, open + 3);
    if (close < 0) throw new ExpressionProblem("'${{' without '}}'");
    if (open > at) parts.push({ expression: false, text: text.slice(at, open), start: at });
    parts.push({ expression: true, text: text.slice(open + 3, close), start: open + 3 });
    at = close + 2;
  }
  if (at < text.length) parts.push({ expression: false, text: text.slice(at), start: at });
  return parts;
}

/** Strings are in single quotes and may contain `}}`. */
function expressionEnd(text: string, from: number): number {
  let quoted = false;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === "'") quoted = !quoted;
    else if (!quoted && text.startsWith('}}', at)) return at;
  }
  return -1;
}

function parse(text: string) {
  if (text.length > longestExpression) throw new ExpressionProblem(`an expression of ${String(text.length)} characters; GitHub allows ${String(longestExpression)}`);
  try {
    const { tokens } = new Lexer(text).lex();
    const extra = runtimeFunctions.map((name) => ({ name, minArgs: 0, maxArgs: 255 }));
    return new Parser(tokens, contextNames, extra).parse();
  } catch (error) {
    throw new ExpressionProblem(`the expression '${shortened(text.trim())}' cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text);

/** Throws when the expression is none; reports nothing else. */
export function validateExpression(text: string): void {
  if (text.trim() !== '') parse(text);
}

/** The value of one expression without its braces. What is wrong with an expression is said when its file is read (`validateExpression`). */
export function evaluateExpression(text: string, contexts: Contexts): Value {
  const missing = unknownReference(text, contexts);
  if (missing !== undefined) return { known: false, because: missing };
  try {
    const root = new data.Dictionary(...Object.entries(contexts).map(([key, value]) => ({ key, value: toData(value) })));
    return { known: true, value: fromData(new Evaluator(parse(text), root, new Map(Object.entries(wellKnownFunctions))).evaluate()) };
  } catch (error) {
    return { known: false, because: error instanceof Error ? error.message : String(error) };
  }
}

/** The value of a text with expressions in it. One expression alone keeps its type. */
export function evaluateTemplate(text: string, contexts: Contexts): Value {
  const parts = templateParts(text);
  const [only] = parts;
  if (parts.length === 1 && only?.expression === true) return evaluateExpression(only.text, contexts);
  let result = '';
  for (const part of parts) {
    if (!part.expression) {
      result += part.text;
      continue;
    }
    const value = evaluateExpression(part.text, contexts);
    if (!value.known) return value;
    result += value.value === null ? '' : String(value.value);
  }
  return { known: true, value: result };
}

/** The first thing in an expression that only the running job knows. */
function unknownReference(text: string, contexts: Contexts): string | undefined {
  const code = text.replace(/'(?:[^']|'')*'/g, "''");
  for (const [, name = '', call] of code.matchAll(/(?<![.\w-])([A-Za-z_][\w-]*)(\s*\()?/g)) {
    const lower = name.toLowerCase();
    if (call !== undefined ? runtimeFunctions.includes(lower) : contextNames.includes(lower) && !(lower in contexts)) return lower;
  }
  for (const [whole, context = '', key = ''] of code.matchAll(/(?<![.\w-])(inputs|env)\.([\w-]+)/gi)) {
    const known = contexts[context.toLowerCase()];
    if (known !== undefined && !(key in known)) return whole;
  }
  return undefined;
}

/** Contexts and their properties that a text reads: `matrix.os`. */
export function referencesIn(text: string): readonly string[] {
  const found = new Set<string>();
  for (const part of templateParts(text)) {
    if (!part.expression) continue;
    const code = part.text.replace(/'(?:[^']|'')*'/g, "''");
    for (const [whole] of code.matchAll(/(?<![.\w-])[A-Za-z_][\w-]*(\.[\w-]+)+/g)) found.add(whole);
  }
  return [...found];
}

function toData(value: Json): data.ExpressionData {
  if (value === null) return new data.Null();
  if (typeof value === 'string') return new data.StringData(value);
  if (typeof value === 'number') return new data.NumberData(value);
  if (typeof value === 'boolean') return new data.BooleanData(value);
  if (Array.isArray(value)) return new data.Array(...value.map(toData));
  return new data.Dictionary(...Object.entries(value).map(([key, item]) => ({ key, value: toData(item) })));
}

function fromData(value: data.ExpressionData): Json {
  return JSON.parse(JSON.stringify(value, data.replacer)) as Json;
}
