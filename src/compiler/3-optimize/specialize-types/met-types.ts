/** What failed guards of former versions say about numbers where they are made. */
import { immediateNumber } from '#ir/immediates.ts';
import type { Graph } from '#ir/graph.ts';
import type { OpName } from '#ir/ops.ts';
import type { Instruction, Origin, ValueId } from '#ir/types.ts';
import { isNumeric } from './kinds.ts';
import type { Failure, Profile } from './profile-interface.ts';

/** The type of a value that is an int as well as a float. */
export const EITHER = 'int or float';

/** Together they are `EITHER`. */
export const isEitherAndNumber = (...types: readonly [string, string]): boolean =>
  types.includes(EITHER) && types.every((type) => type === EITHER || type === 'int' || type === 'float');

/** Their guards are about what they take, not about what they make. */
const ARITHMETIC: ReadonlySet<OpName> = new Set(['py.binary', 'py.unary', 'py.compare', 'py.compare_truth']);

/** They come where a number may be missing, not where something else is calculated with. */
const NO_OPERAND: ReadonlySet<string> = new Set(['', 'NULL', 'NoneType', 'str']);

const UNBOXING: ReadonlySet<string> = new Set<OpName>(['unbox.int', 'unbox.integer', 'unbox.float', 'unbox.real']);

const metInt = (f: Failure): boolean => f.reason === 'unbox.float' && f.observed === 'int';
const metFloat = (f: Failure): boolean => f.reason === 'unbox.int' && f.observed === 'float';

export interface MetTypes {
  /** By value: the type that came where another was expected, or `EITHER`. */
  readonly ofValues: ReadonlyMap<ValueId, string>;
  /** Code objects in which operands of all operations may be either: guesses have failed again and again. */
  readonly mixedCodes: ReadonlySet<number>;
  /** Code objects in which something else came where a number was expected: complex numbers, fractions, objects of classes. */
  readonly foreignCodes: ReadonlySet<number>;
}

/** Failed guesses in one code object after which nothing is guessed there. */
const ENOUGH = 3;

/**
 * By value: the type that came where another was expected, or `EITHER`.
 *
 *   self.seed / 1000        was taken for a float where the attribute is read; `unbox.float` met an int there
 *
 * Where ints as well as floats have come by in a function, any of its attributes may be both, and so may attributes of the same
 * names elsewhere: to learn that place by place would take more versions than there are.
 *
 *   self.x * o.x + self.y * o.y + self.z * o.z        of Vec(0, 1, 2) and Vec(0.5, 1.5, 2.5)
 */
export function findMet(graph: Graph, origins: ReadonlyMap<ValueId, Origin>, profile: Profile): MetTypes {
  const failures = [...origins].map(([value, origin]) => ({ value, origin, failed: profile.failed(origin) })).filter(({ failed }) => failed.length > 0);
  const met = new Map<ValueId, string>();
  if (failures.length === 0) return { ofValues: met, mixedCodes: new Set(), foreignCodes: new Set() };
  const instructions = graph.order.flatMap((block) => block.instructions);
  const operations = instructions.filter((i) => ARITHMETIC.has(i.op));
  const results = new Set(operations.map((i) => i.result));
  const specialized = specializedOperands(operations, profile);
  const mixed = new BothTypes();
  for (const { value, origin, failed } of failures) {
    mixed.add(origin, failed);
    const isInt = failed.some(metInt) || specialized.ints.has(value), isFloat = failed.some(metFloat) || specialized.floats.has(value);
    if (results.has(value) || !failed.some((f) => metInt(f) || metFloat(f))) continue;
    met.set(value, isInt && isFloat ? EITHER : isInt ? 'int' : 'float');
    if (isInt && isFloat) mixed.codes.add(origin.code);
  }
  addAttributesOf(mixed.codes, instructions, profile, met);
  return { ofValues: met, mixedCodes: mixed.often(), foreignCodes: findForeign(instructions, profile) };
}

function findForeign(instructions: readonly Instruction[], profile: Profile): Set<number> {
  const isForeign = (f: Failure): boolean => UNBOXING.has(f.reason) && !isNumeric(f.observed) && !NO_OPERAND.has(f.observed);
  return new Set(instructions.flatMap(({ origin }) => (origin !== undefined && profile.failed(origin).some(isForeign) ? [origin.code] : [])));
}

/** Operands of arithmetic that the interpreter has specialised: in what an int was expected, ints come by. */
function specializedOperands(operations: readonly Instruction[], profile: Profile): { ints: ReadonlySet<ValueId>; floats: ReadonlySet<ValueId> } {
  const of = (form: RegExp): Set<ValueId> =>
    new Set(operations.filter((i) => i.origin && form.test(profile.specialization(i.origin))).flatMap((i) => i.args));
  return { ints: of(/_INT(_|$)/), floats: of(/_FLOAT(_|$)/) };
}

/** Code objects in which an int came where a float was expected, and a float where an int was. */
class BothTypes {
  readonly codes = new Set<number>();
  /** Places, by code object: a function that was inlined several times has learned there once. */
  readonly #ints = new Map<number, Set<number>>();
  readonly #floats = new Map<number, Set<number>>();

  add({ code, offset }: Origin, failures: readonly Failure[]): void {
    if (failures.some(metInt)) placesIn(this.#ints, code).add(offset);
    if (failures.some(metFloat)) placesIn(this.#floats, code).add(offset);
    if (this.#ints.has(code) && this.#floats.has(code)) this.codes.add(code);
  }

  often(): Set<number> {
    return new Set([...this.codes].filter((code) => placesIn(this.#ints, code).size + placesIn(this.#floats, code).size >= ENOUGH));
  }
}

function placesIn(places: Map<number, Set<number>>, code: number): Set<number> {
  const found = places.get(code) ?? new Set<number>();
  places.set(code, found);
  return found;
}

function addAttributesOf(codes: ReadonlySet<number>, instructions: readonly Instruction[], profile: Profile, met: Map<ValueId, string>): void {
  if (codes.size === 0) return;
  const attributes = instructions.filter((i) => i.op === 'py.attribute' && i.origin !== undefined);
  const nameOf = (i: Instruction): string => profile.name(i.origin!.code, immediateNumber(i));
  const names = new Set(attributes.filter((i) => codes.has(i.origin!.code)).map(nameOf));
  for (const i of attributes) if (names.has(nameOf(i))) met.set(i.result!, EITHER);
}
