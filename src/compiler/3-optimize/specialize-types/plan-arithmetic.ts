/** Which machine operation an arithmetic or comparison op becomes: shared by inference (types) and rewriting (code). */
import { EITHER } from './met-types.ts';
import type { Failure } from './profile-interface.ts';
import { isNumeric, isOpen, type Kind, type Numeric } from './kinds.ts';

/** What is known at one arithmetic instruction. */
export interface Site {
  readonly specialization: string;
  readonly failures: readonly Failure[];
  /** The type its result is used as, if there is one. */
  readonly resultDemand: Numeric | undefined;
  /** Type name each operand probably has, or `EITHER`. */
  readonly hints: readonly (string | undefined)[];
  /** False where guesses without evidence have gone wrong. */
  readonly mayGuess: boolean;
  /** 3.14 specialises arithmetic of a float and an int as well. */
  readonly specializesMixed: boolean;
  /** Somewhere in this unit a bool came where an int was expected, or the other way round. */
  readonly boolsAmongInts: boolean;
}

/** What an operand is taken as; `integer`: the number of an object that is an int or a bool. */
export type Wanted = Numeric | 'integer';

/** The representation that comes of it. */
export const wantedType = (wanted: Wanted): Numeric => (wanted === 'integer' ? 'int' : wanted);

/**
 * - `int`, `float`: operands are converted to this representation
 * - `true_division`: int by int
 * - `big`: int objects of any size, through CPython; runs no Python code
 * - `numbers`: objects each of which is an int or a float, through CPython; runs no Python code
 * - `generic`: through CPython, may run Python code
 */
export interface ArithmeticPlan {
  readonly family: 'int' | 'float' | 'true_division' | 'big' | 'numbers' | 'generic';
  /** Representation each operand is wanted in; undefined: object. */
  readonly operands: readonly (Wanted | undefined)[];
  readonly result: Kind;
  /** An object that may be an int as well as a float, which the operation makes a float anyway: the other operand is one. */
  readonly mayBeEither?: number;
  /** The float that makes it so is told by its type alone: a failure then says that this one was none. */
  readonly floatByType?: number;
}

const INT_ONLY = new Set(['and', 'or', 'xor', 'lshift', 'rshift']);
const INT_LIKELY = new Set([...INT_ONLY, 'floordiv', 'mod']);
const FLOAT_OPERATORS = new Set(['add', 'sub', 'mul', 'truediv', 'floordiv', 'mod', 'pow']);
/** Of two bools they make a bool. */
const LOGICAL = new Set(['and', 'or', 'xor']);
const INT_OPERATORS = new Set(['add', 'sub', 'mul', 'floordiv', 'mod', ...INT_ONLY]);

/** The operator without the mark of its in-place form. */
export const plainOperator = (operator: string): string =>
  operator.startsWith('i') && operator !== 'invert' ? operator.slice(1) : operator;

/** Types that failed type guards at this place. */
const observedTypes = (failures: readonly Failure[]): Set<string> =>
  new Set(failures.filter((f) => f.reason.startsWith('unbox.') || f.reason === 'guard.type').map((f) => f.observed));

/** True when int results at this place were seen not to fit 64 bits. */
export const hasOverflowed = (failures: readonly Failure[]): boolean =>
  failures.some((f) => f.reason.startsWith('int.') || ((f.reason === 'unbox.int' || f.reason === 'unbox.integer') && f.observed === 'int'));

/** What failures say about an operand of unknown type: a type, 'mixed', or undefined when nothing failed. */
function guessFromFailures(failures: readonly Failure[]): Wanted | 'either' | 'mixed' | undefined {
  const types = observedTypes(failures);
  if (types.size === 0) return undefined;
  if (hasOverflowed(failures) || failures.some((f) => f.reason === 'unbox.real')) return 'mixed';
  // An int was expected, and a bool came: both do.
  if (types.has('bool') && [...types].every((type) => type === 'bool' || type === 'int')) return 'integer';
  if (types.size === 2 && types.has('int') && types.has('float')) return 'either';
  // First the one and then the other operand was taken to be the float.
  if (failures.some((f) => f.reason === 'guard.type' && f.observed === 'int') && failures.some((f) => f.reason === 'unbox.float' && f.observed === 'int')) return 'either';
  const [only] = types;
  return types.size === 1 && isNumeric(only) ? only : 'mixed';
}

/**
 * Type to assume for operand `n`, which nothing is known about: what failed guards, the specialisation and observed types say.
 * 'either' when it is an int as well as a float, 'open' when they say nothing; undefined when it is no number.
 */
function evidence(n: number, site: Site, other: Kind): Wanted | 'either' | 'open' | undefined {
  if (!isNumeric(other) && !isOpen(other)) return undefined;
  const failed = guessFromFailures(site.failures);
  if (failed === 'mixed') return undefined;
  if (site.hints[n] === EITHER) return 'either';
  if (failed !== undefined) return failed;
  if (/_INT(_|$)/.test(site.specialization)) return 'int';
  if (site.specialization.includes('_FLOAT')) return 'float';
  if (/_(STR|UNICODE)/.test(site.specialization)) return undefined;
  const hint = site.hints[n];
  if (hint === undefined) return site.mayGuess ? 'open' : undefined;
  if (site.boolsAmongInts && (hint === 'int' || hint === 'bool')) return 'integer';
  return isNumeric(hint) ? hint : undefined;
}

/** A guess without evidence; where bools were met among ints it makes no difference between them. */
const guessed = (type: Numeric, site: Site): Wanted => (type === 'int' && site.boolsAmongInts ? 'integer' : type);

/** `other` is the other operand. */
function guessOperand(operator: string, n: number, site: Site, other: Kind): Wanted | undefined {
  const known = evidence(n, site, other);
  if (known === 'either') return undefined;
  const guess = known === 'open' ? guessWithoutEvidence(operator, n, site, other) : known;
  // Whether two bools come decides about the type of the result.
  if (guess !== 'integer' || !LOGICAL.has(operator) || other === 'int') return guess;
  const observed = observedTypes(site.failures);
  return observed.size === 0 ? 'int' : observed.size === 1 ? 'bool' : undefined;
}

/** 3.14: an int and a float, in this or the other order. */
const isIntAndFloat = (operator: string, site: Site): boolean => site.specialization === 'BINARY_OP_EXTEND' && FLOAT_OPERATORS.has(operator);

function guessWithoutEvidence(operator: string, n: number, site: Site, other: Kind): Wanted | undefined {
  if (isIntAndFloat(operator, site)) return n === 0 || other === 'int' ? 'float' : 'int';
  if (INT_ONLY.has(operator)) return other === 'float' ? undefined : guessed('int', site);
  if (operator === 'truediv' && other === 'int' && site.specializesMixed && site.specialization === 'BINARY_OP') return 'int';
  if (operator === 'truediv' || operator === 'pow') return other === 'int' || other === 'bool' ? site.resultDemand ?? 'float' : 'float';
  // float with float would have been specialised: the other one of an unspecialised pair is likely an int.
  if (isNumeric(other)) return guessed('int', site);
  // A wrong guess teaches: the guard that fails reports the type.
  return guessed(INT_LIKELY.has(operator) ? 'int' : site.resultDemand ?? 'int', site);
}

/** Known to be an int, or worth a guard. */
function mayBeInt(kind: Kind, site: Site, n: number): boolean {
  if (kind === 'int' || kind === 'exact:int') return true;
  return isOpen(kind) && (site.hints[n] ?? 'int') === 'int' && !site.failures.some((f) => f.reason === 'guard.type');
}

/** Position of an object that a float is combined with: int or float, unless another type has come by. */
function findEither(operator: string, left: Kind, right: Kind, site: Site): number | undefined {
  const n = left === 'float' && isOpen(right) ? 1 : right === 'float' && isOpen(left) ? 0 : undefined;
  if (n === undefined || !FLOAT_OPERATORS.has(operator)) return undefined;
  const types = observedTypes(site.failures);
  if (types.size > 0) return [...types].every((type) => type === 'int' || type === 'float') ? n : undefined;
  return evidence(n, site, 'float') === undefined ? undefined : n;
}

/** A float, and an object that may be either. Only an object that probably is a float as well is wanted as one where it is made. */
function planEither(either: number, site: Site): ArithmeticPlan {
  const guess = evidence(either, site, 'float') === 'float' ? 'float' : undefined;
  return { family: 'float', operands: either === 0 ? [guess, 'float'] : ['float', guess], result: 'float', mayBeEither: either };
}

/**
 * Two objects, at least one of them probably a float: a guard for that one is enough. When it turns out to be an int, the other one
 * is taken to be the float.
 */
function planObjects(operator: string, a: Wanted | undefined, b: Wanted | undefined, site: Site): ArithmeticPlan | undefined {
  if (!FLOAT_OPERATORS.has(operator) || (a !== 'float' && b !== 'float')) return undefined;
  return planEither(a === 'float' ? 1 : 0, site);
}

/** The operand taken to be a float was an int. */
function planSwapped(operator: string, site: Site): ArithmeticPlan | undefined {
  const failed = site.failures.filter((f) => f.reason.startsWith('unbox.') || f.reason === 'guard.type');
  const first = failed.length === 1 && failed[0]!.reason === 'unbox.float' && failed[0]!.observed === 'int';
  if (!first || !FLOAT_OPERATORS.has(operator)) return undefined;
  const before = { ...site, failures: [] };
  const int = findIntAmong(operator, before);
  return int === undefined ? undefined : { ...planEither(int, before), floatByType: 1 - int };
}

/** Position of the operand that was taken to be the float, or that was an int where it was made. */
function findIntAmong(operator: string, site: Site): number | undefined {
  const ints = [0, 1].filter((n) => site.hints[n] === 'int');
  if (ints.length > 0) return ints.length === 1 ? ints[0] : undefined;
  if (!isIntAndFloat(operator, site) && ![0, 1].some((n) => evidence(n, site, 'any') === 'float')) return undefined;
  return guessOperand(operator, 0, site, 'any') === 'float' ? 0 : 1;
}

const NUMBERS_OPERATORS = new Set(['add', 'sub', 'mul', 'truediv', 'floordiv', 'mod']);

const planNumbers = (operator: string): ArithmeticPlan => ({ family: 'numbers', operands: [undefined, undefined], result: operator === 'truediv' ? 'float' : 'any' });

/** One of them is an int as well as a float, and the other one some number. */
function areNumbers(left: Kind, right: Kind, site: Site): boolean {
  const known = [isOpen(left) ? evidence(0, site, right) : left, isOpen(right) ? evidence(1, site, left) : right];
  return known.includes('either') && known.every((type) => type === 'either' || type === 'open' || type === 'integer' || isNumeric(type));
}

export function planBinary(operator: string, left: Kind, right: Kind, site: Site): ArithmeticPlan {
  const either = findEither(operator, left, right, site);
  if (either !== undefined) return planEither(either, site);
  const swapped = isOpen(left) && isOpen(right) ? planSwapped(operator, site) : undefined;
  if (swapped) return swapped;
  if (NUMBERS_OPERATORS.has(operator) && areNumbers(left, right, site)) return planNumbers(operator);
  const a = isNumeric(left) ? left : isOpen(left) ? guessOperand(operator, 0, site, right) : undefined;
  const b = isNumeric(right) ? right : isOpen(right) ? guessOperand(operator, 1, site, a === undefined ? left : wantedType(a)) : undefined;
  const objects = isOpen(left) && isOpen(right) ? planObjects(operator, a, b, site) : undefined;
  if (objects) return objects;
  if ((left === 'exact:int' || right === 'exact:int') && mayBeInt(left, site, 0) && mayBeInt(right, site, 1)) return planBig(operator);
  if (a === undefined || b === undefined) return { family: 'generic', operands: [undefined, undefined], result: 'any' };
  if (a === 'float' || b === 'float') {
    if (!FLOAT_OPERATORS.has(operator)) return { family: 'generic', operands: [undefined, undefined], result: 'any' };
    return { family: 'float', operands: [a, b], result: 'float' };
  }
  if (operator === 'truediv' && hasOverflowed(site.failures)) return { ...planBig(operator), result: 'float' };
  if (operator === 'truediv') return { family: 'true_division', operands: [a, b], result: 'float' };
  if (!INT_OPERATORS.has(operator)) return { family: 'generic', operands: [undefined, undefined], result: 'any' };
  if (a === 'bool' && b === 'bool' && LOGICAL.has(operator)) return { family: 'int', operands: ['bool', 'bool'], result: 'bool' };
  return { family: 'int', operands: [a, b], result: 'int' };
}

/** Operators on int objects of any size whose result is one again. */
export function planBig(operator: string): ArithmeticPlan {
  const result: Kind = INT_OPERATORS.has(operator) ? 'exact:int' : 'any';
  return { family: 'big', operands: [undefined, undefined], result };
}

export function planUnary(operator: string, operand: Kind, site: Site): ArithmeticPlan {
  const known = evidence(0, site, 'any');
  if (known === 'either' && isOpen(operand) && operator !== 'invert') return { family: 'numbers', operands: [undefined], result: 'any' };
  const guess = known === 'open' ? guessed(site.resultDemand ?? 'int', site) : known;
  const likely = guess === 'either' ? undefined : guess === 'integer' && operator === 'invert' ? (observedTypes(site.failures).has('bool') ? undefined : 'int') : guess;
  const a = isNumeric(operand) ? operand : isOpen(operand) ? likely : undefined;
  // CPython warns of inverted bools.
  if (a === undefined || (a !== 'int' && operator === 'invert')) return { family: 'generic', operands: [undefined], result: 'any' };
  if (a === 'float') return { family: 'float', operands: ['float'], result: 'float' };
  return { family: 'int', operands: [a], result: 'int' };
}

export function planCompare(left: Kind, right: Kind, site: Site): ArithmeticPlan {
  if (areNumbers(left, right, site)) return { family: 'numbers', operands: [undefined, undefined], result: 'bool' };
  const guess = (n: number, other: Kind): Wanted | undefined => {
    const known = evidence(n, site, other);
    if (known === 'either') return undefined;
    if (known !== 'open') return known;
    return guessed(isNumeric(other) && other !== 'bool' ? other : 'int', site);
  };
  const a = isNumeric(left) ? left : isOpen(left) ? guess(0, right) : undefined;
  const b = isNumeric(right) ? right : isOpen(right) ? guess(1, a === undefined ? left : wantedType(a)) : undefined;
  if (a === undefined || b === undefined) return { family: 'generic', operands: [undefined, undefined], result: 'any' };
  const mixed = wantedType(a) !== wantedType(b) && (a === 'float' || b === 'float');
  if (mixed && hasOverflowed(site.failures)) return { family: 'generic', operands: [undefined, undefined], result: 'any' };
  return { family: a === 'float' || b === 'float' ? 'float' : 'int', operands: [a, b], result: 'bool' };
}
