/**
 * Forward inference of a kind for every `py` value, helped by demands: an object that every specialised use treats as an
 * int or float is unboxed where it is defined, so that loop parameters become registers.
 */
import { immediateAt, immediateNumber } from '#ir/immediates.ts';
import { Graph } from '#ir/graph.ts';
import type { Block, Fn, ForIter, Instruction, Origin, ValueId } from '#ir/types.ts';
import { builtinResult, formattedKind, methodResult, qualifiedBuiltin } from './builtins.ts';
import { containerTypes, itemKind, MADE } from './container-types.ts';
import { guessNumber } from './guess-numbers.ts';
import { Guesses } from './guesses.ts';
import { isIntIterator, iteratorType, type IteratorType } from './iterator-types.ts';
import { findIdentities, type Identities } from './identities.ts';
import { lengthTypes } from './lengths.ts';
import { EITHER, findMet, type MetTypes } from './met-types.ts';
import { findNullable } from './nullable-values.ts';
import { findAssigned, findDeferrable, findIntegers, findOrigins } from './value-facts.ts';
import { findWrappingValues } from './wrap-analysis.ts';
import {
  constantIndex, constantKind, fitsI64, isNumeric, isOpen, joinKinds, representation, typeName, type Kind, type Numeric,
} from './kinds.ts';
import { hasOverflowed, planBig, planBinary, planCompare, planUnary, plainOperator, type ArithmeticPlan, type Site } from './plan-arithmetic.ts';
import { Observations } from './observations.ts';
import type { Profile } from './profile-interface.ts';
import { TypeHints } from './type-hints.ts';
import { findPassedOn, ValueFlow, type Param } from './value-flow.ts';

/** More rounds than needed in practice: demands depend on kinds and kinds on demands. */
const MAX_ROUNDS = 5;

type Demand = Numeric | 'conflict';

const SEQUENCES = new Set(['list', 'tuple', 'str', 'bytes']);
const PLAIN_BOUNDS = new Set(['int', 'bool', 'NoneType']);

export class TypeInference {
  readonly fn: Fn;
  readonly profile: Profile;
  readonly graph: Graph;
  readonly #flow: ValueFlow;
  /** By value, as are the two below. */
  #kinds: (Kind | undefined)[] = [];
  /** Kinds as they would be without the demand on the value itself. */
  #base: (Kind | undefined)[] = [];
  #demands: (Demand | undefined)[] = [];
  readonly #stayObjects = new Set<ValueId>();
  /** What has to be found again, because something it depends on has changed. */
  readonly #stale = { kinds: true, hints: true, demands: true };
  /** Values that can still be unboxed after their definition: some frame state follows in their block. */
  readonly #deferrable: ReadonlySet<ValueId>;
  #overflowMatters = false;
  /** Int results computed modulo 2^64. */
  wraps: ReadonlySet<ValueId> = new Set();
  /** Parameters that may be an unbound local. */
  nullable: ReadonlySet<ValueId> = new Set();
  readonly #origins: ReadonlyMap<ValueId, Origin>;
  readonly #met: MetTypes;
  readonly #integers: ReadonlyMap<ValueId, bigint>;
  readonly #hints: TypeHints;
  readonly #observations: Observations;

  readonly guesses: Guesses;

  constructor(fn: Fn, profile: Profile, guesses = new Guesses()) {
    this.guesses = guesses;
    this.fn = fn;
    this.profile = profile;
    this.#observations = new Observations(profile);
    this.graph = new Graph(fn);
    this.#flow = new ValueFlow(this.graph);
    this.#deferrable = findDeferrable(this.graph);
    this.#origins = findOrigins(this.graph);
    this.#met = findMet(this.graph, this.#origins, profile);
    this.#hints = new TypeHints(this.#flow, profile, this.#met.ofValues, findAssigned(this.graph, profile));
    this.#integers = findIntegers(this.graph, profile.objects);
    this.#identities = findIdentities(this.graph, profile, (v) => this.#flow.incoming(v));
  }

  /** Locals at entry that nothing takes as numbers. */
  #passedOn: ReadonlySet<ValueId> = new Set();

  run(): void {
    // Which results may wrap does not depend on what overflowed; what overflowed is boxed unless it may wrap.
    this.#iterate();
    this.wraps = findWrappingValues(this.fn, this);
    this.#overflowMatters = true;
    if (this.#mayHaveOverflowed()) this.#stale.kinds = this.#stale.demands = true;
    this.#iterate();
    this.#passedOn = findPassedOn(this.#flow, (v) => this.kind(v));
    if (this.#passedOn.size > 0) {
      this.#stale.kinds = this.#stale.demands = true;
      this.#iterate();
    }
    this.nullable = findNullable(this.#flow, this.profile, (v) => this.kind(v));
  }

  #iterate(): void {
    this.#findHints();
    for (let round = 0; round < MAX_ROUNDS; round++) {
      this.#fixpoint();
      this.#findHints();
      if (!this.#collectDemands()) break;
    }
    this.#fixpoint();
  }

  #mayHaveOverflowed(): boolean {
    for (const { instruction } of this.#flow.definitions) {
      if (instruction !== undefined && hasOverflowed(this.#observations.of(instruction).failures)) return true;
    }
    return false;
  }

  kind(value: ValueId): Kind {
    return this.#kinds[value] ?? 'unknown';
  }

  representation(value: ValueId): 'obj' | Numeric {
    return representation(this.kind(value)) as 'obj' | Numeric;
  }

  typeOf(value: ValueId): string | undefined {
    return typeName(this.kind(value), this.profile.objects);
  }

  /** Type name to guard for when only an observation says so. */
  hint(value: ValueId): string | undefined {
    const hint = this.#hints.of(value);
    return hint === EITHER ? undefined : hint;
  }

  site(instruction: Instruction): Site {
    const { specialization, failures } = this.#observations.of(instruction);
    const code = instruction.origin?.code ?? -1, isMixed = this.#met.mixedCodes.has(code);
    const demand = instruction.result === undefined ? undefined : this.#demands[instruction.result];
    return {
      specialization, failures,
      resultDemand: demand === 'conflict' ? undefined : demand,
      hints: instruction.args.map((v) => (isMixed ? EITHER : this.#hints.of(v))),
      mayGuess: !this.#met.foreignCodes.has(code) || this.guesses.isNeeded(instruction),
      boolsAmongInts: this.profile.boolsAmongInts,
      specializesMixed: this.profile.layout !== 311,
    };
  }

  /** The plan of py.binary, py.unary and py.compare. */
  plan(instruction: Instruction): ArithmeticPlan {
    const operator = plainOperator(String(immediateAt(instruction, 0)));
    const site = this.site(instruction);
    const [a, b] = instruction.args.map((v) => this.kind(v)) as [Kind, Kind];
    if (instruction.op === 'py.unary') return planUnary(operator, a, site);
    if (instruction.op.startsWith('py.compare')) return planCompare(a, b, site);
    if (operator === 'pow' && a === 'int' && this.constantInt(instruction.args[1]!) === 2n && !hasOverflowed(site.failures)) {
      return { family: 'int', operands: ['int', 'int'], result: 'int' };
    }
    const plan = planBinary(operator, a, b, site);
    const mayWrap = instruction.result !== undefined && this.wraps.has(instruction.result);
    const overflows = this.#overflowMatters && hasOverflowed(site.failures) && !mayWrap;
    return plan.family === 'int' && plan.result === 'int' && overflows && !isOpen(a) && !isOpen(b) ? planBig(operator) : plan;
  }

  // ---- demands -------------------------------------------------------------------------------------------------

  /** Values that must stay objects. */
  readonly #identities: Identities;

  /** False when they are what they were. */
  #collectDemands(): boolean {
    if (!this.#stale.demands) return false;
    const demands = new Array<Demand | undefined>(this.fn.nextValue).fill(undefined);
    const demand = (value: ValueId, type: Numeric): void => {
      const old = demands[value];
      demands[value] = old === undefined || old === type ? type : 'conflict';
    };
    for (const block of this.graph.order) {
      for (const instruction of block.instructions) this.#demandOperands(instruction, demand);
    }
    this.#shareAttributeDemands(demands);
    // Backwards through parameters until nothing changes.
    for (let changed = true; changed; ) {
      changed = false;
      for (const param of this.#flow.params) {
        const type = demands[param.value];
        if (type !== undefined && type !== 'conflict') changed = this.#demandArguments(param, type, demands) || changed;
      }
    }
    const isNew = demands.some((type, value) => type !== this.#demands[value]);
    this.#demands = demands;
    this.#stale.demands = isNew;
    if (isNew) this.#stale.kinds = true;
    return isNew;
  }

  #demandArguments(param: Param, type: Numeric, demands: (Demand | undefined)[]): boolean {
    let changed = false;
    for (const argument of param.incoming) {
      if (argument === undefined || demands[argument] !== undefined || isNumeric(this.#base[argument])) continue;
      demands[argument] = type;
      changed = true;
    }
    return changed;
  }

  /** Operands of instructions that the interpreter has specialised for their types. */
  readonly #evident = new Set<ValueId>();

  /**
   * Where an attribute is taken as a float once, those of the same name probably are too: ints are only a guess there.
   *
   *   x = p.v * dt      specialised for floats
   *   p.v = -p.v        the interpreter does not specialise negation
   */
  #shareAttributeDemands(demands: (Demand | undefined)[]): void {
    const attributes = this.graph.order.flatMap((block) => block.instructions.filter((i) => i.op === 'py.attribute'));
    if (attributes.length === 0) return;
    const name = (i: Instruction): string => this.profile.name(i.origin?.code ?? 0, immediateNumber(i));
    const floats = new Set(attributes.filter((i) => demands[i.result!] === 'float' && this.#evident.has(i.result!)).map(name));
    for (const i of attributes) {
      if (demands[i.result!] !== 'int' || this.#evident.has(i.result!) || !floats.has(name(i)) || this.#observations.of(i).failures.length > 0) continue;
      demands[i.result!] = 'float';
    }
  }

  #demandOperands(instruction: Instruction, demand: (value: ValueId, type: Numeric) => void): void {
    switch (instruction.op) {
      case 'py.unary':
      case 'py.binary':
      case 'py.compare':
      case 'py.compare_truth': {
        if (instruction.op === 'py.unary' && instruction.immediates[0] === 'not') return;
        const { operands } = this.plan(instruction);
        const isEvident = /_(INT|FLOAT)/.test(this.#observations.of(instruction).specialization);
        instruction.args.forEach((v, i) => {
          const type = operands[i];
          if (isEvident) this.#evident.add(v);
          // Which of the two an int or bool is would be lost where it is made.
          if (type !== undefined && type !== 'integer' && !isNumeric(this.#base[v])) demand(v, type);
        });
        return;
      }
      case 'py.truth': {
        const { specialization, failures } = this.#observations.of(instruction);
        const type = /^TO_BOOL_(INT|BOOL)$/.exec(specialization)?.[1]?.toLowerCase();
        if (isNumeric(type) && failures.length === 0 && isOpen(this.#base[instruction.args[0]!] ?? 'unknown')) demand(instruction.args[0]!, type);
        return;
      }
      case 'py.call': {
        const guess = this.guessedNumber(instruction);
        if (guess !== undefined) for (const v of instruction.args.slice(1)) if (!isNumeric(this.#base[v])) demand(v, guess);
        return;
      }
      case 'py.subscript':
      case 'py.store_subscript': {
        const key = instruction.args[1]!;
        const { specialization, failures } = this.#observations.of(instruction);
        if (/(LIST|TUPLE|STR)_INT$/.test(specialization) && failures.length === 0 && isOpen(this.#base[key] ?? 'unknown')) demand(key, 'int');
        return;
      }
      default:
    }
  }

  // ---- kinds -----------------------------------------------------------------------------------------------------

  #fixpoint(): void {
    if (!this.#stale.kinds) return;
    const { definitions } = this.#flow;
    this.#kinds = new Array<undefined>(this.fn.nextValue).fill(undefined);
    this.#base = new Array<undefined>(this.fn.nextValue).fill(undefined);
    this.#stayObjects.clear();
    const isDue = new Uint8Array(definitions.length).fill(1);
    for (let left = definitions.length; left > 0; ) {
      for (let at = 0; at < definitions.length; at++) {
        if (isDue[at] === 0) continue;
        isDue[at] = 0;
        left--;
        const { param, instruction } = definitions[at]!;
        const value = param === undefined ? instruction.result! : param.value;
        if (!this.#raise(value, param === undefined ? this.#resultKind(instruction) : this.#paramKind(param))) continue;
        for (const user of this.#flow.users(value)) {
          if (isDue[user] === 0) left++;
          isDue[user] = 1;
        }
      }
    }
    this.#stale.kinds = false;
    this.#stale.hints = this.#stale.demands = true;
  }

  #raise(value: ValueId, base: Kind): boolean {
    const raised = joinKinds(this.#base[value] ?? 'unknown', base);
    this.#base[value] = raised;
    const demand = this.#demands[value];
    // A number of one type at first, now of another: there is no object to unbox.
    if (raised === 'any' && isNumeric(base) && base !== demand) this.#stayObjects.add(value);
    const useDemand = raised === 'any' && isNumeric(demand) && this.#deferrable.has(value) && !this.#stayObjects.has(value) && !this.#hasFailed(value, demand);
    const kind: Kind = useDemand ? demand : raised;
    const old = this.#kinds[value];
    const now = this.#identities.kindOf(value, kind);
    this.#kinds[value] = now;
    return old !== now;
  }

  /** True when unboxing the value where it is made did not work out. */
  #hasFailed(value: ValueId, type: Numeric): boolean {
    const origin = this.#origins.get(value);
    return origin !== undefined && this.profile.failed(origin).some((f) => f.reason === `unbox.${type}`);
  }

  #paramKind({ incoming, sources }: Param): Kind {
    let kind: Kind = 'unknown';
    for (let i = 0; i < incoming.length; i++) {
      const argument = incoming[i];
      kind = joinKinds(kind, argument === undefined ? this.#itemKind(sources[i]!) : this.kind(argument));
    }
    return kind;
  }

  #itemKind(block: Block): Kind {
    const { terminator } = block;
    return terminator.kind === 'for_iter' && isIntIterator(this.iteratorType(terminator)) ? 'int' : 'any';
  }

  iteratorType(loop: ForIter): IteratorType | undefined {
    return iteratorType(loop, this.profile);
  }

  #resultKind(instruction: Instruction): Kind {
    switch (instruction.op) {
      case 'py.local': return this.#initialKind('local', instruction);
      case 'py.take_stack': return this.#initialKind('stack', instruction);
      case 'py.load_global': return this.#globalKind(instruction);
      case 'py.const': return constantKind(immediateNumber(instruction), this.profile.objects);
      case 'py.int': return fitsI64(BigInt(immediateAt(instruction, 0))) ? 'int' : 'any';
      case 'py.unary':
        if (immediateAt(instruction, 0) === 'not') return 'bool';
        return this.#planned(instruction);
      case 'py.binary': {
        const kind = this.#planned(instruction);
        if (kind !== 'any') return kind;
        return this.sequenceResult(instruction) ?? this.#concatenation(instruction);
      }
      case 'py.compare': {
        const kind = this.#planned(instruction);
        return kind === 'any' && this.isTextComparison(instruction) ? 'bool' : kind;
      }
      case 'py.compare_truth': case 'py.truth': case 'py.is': case 'py.contains': case 'py.has_flag': return 'bool';
      case 'py.length': return 'int';
      case 'py.subscript': return this.#subscriptKind(instruction);
      case 'py.format': case 'py.convert': return formattedKind(this.kind(instruction.args[0]!));
      // With other bounds, subscripting may call their __index__.
      case 'py.build_slice': return instruction.args.every((v) => PLAIN_BOUNDS.has(this.typeOf(v) ?? '')) ? 'exact:slice' : 'any';
      case 'py.call_method': return methodResult(immediateNumber(instruction), this.profile.objects) ?? 'any';
      case 'py.call': {
        const guess = this.guessedNumber(instruction);
        if (guess !== undefined) return guess;
        if (this.isCodePoint(instruction)) return 'int';
        const kind = builtinResult(instruction.args.map((v) => this.kind(v)), this.profile.objects);
        return kind === 'any' && lengthTypes(this, instruction).length > 0 ? 'int' : kind;
      }
      default: return MADE[instruction.op] ?? 'any';
    }
  }

  #planned(instruction: Instruction): Kind {
    if (instruction.args.some((v) => this.kind(v) === 'unknown')) return 'unknown';
    const { family, result } = this.plan(instruction);
    return family === 'big' && this.#isReduced(instruction) ? 'int' : result;
  }

  /** `x & constant` and `x % constant` of a big x fit 64 bits again. */
  #isReduced(instruction: Instruction): boolean {
    const operator = plainOperator(String(immediateAt(instruction, 0)));
    const [a, b] = instruction.args.map((v) => this.constantInt(v));
    const small = (n: bigint | undefined): boolean => n !== undefined && n >= 0n && fitsI64(n);
    if (operator === 'and') return small(a) || small(b);
    return operator === 'mod' && small(b) && b !== 0n;
  }

  /** `list * int`, `str + str` and the like: run no Python code. */
  sequenceResult(binary: Instruction): `exact:${string}` | undefined {
    const operator = plainOperator(String(immediateAt(binary, 0)));
    const [a, b] = binary.args.map((v) => this.typeOf(v)) as [string | undefined, string | undefined];
    // In place they change the list itself, or append to a string.
    if (String(immediateAt(binary, 0)) !== operator) return undefined;
    if (operator === 'add' && a === b && a !== undefined && SEQUENCES.has(a)) return `exact:${a}`;
    if (operator !== 'mul') return undefined;
    if (a !== undefined && SEQUENCES.has(a) && (b === 'int' || b === 'bool')) return `exact:${a}`;
    return b !== undefined && SEQUENCES.has(b) && (a === 'int' || a === 'bool') ? `exact:${b}` : undefined;
  }

  #concatenation(instruction: Instruction): Kind {
    const { specialization, failures } = this.#observations.of(instruction);
    return specialization === 'BINARY_OP_ADD_UNICODE' && failures.length === 0 ? 'exact:str' : 'any';
  }

  #initialKind(what: 'local' | 'stack', instruction: Instruction): Kind {
    const observed = this.profile.initialType(what, immediateNumber(instruction));
    if (observed === 'NULL') return 'null';
    if (!isNumeric(observed) || this.#passedOn.has(instruction.result!)) return 'any';
    const failures = this.profile.failed(instruction.origin ?? { code: 0, offset: this.profile.entryOffset });
    return failures.some((f) => f.reason === `unbox.${observed}`) ? 'any' : observed;
  }

  #globalKind(instruction: Instruction): Kind {
    const observed = this.profile.globalType(immediateNumber(instruction, 0), immediateNumber(instruction, 2));
    if (!isNumeric(observed)) return 'any';
    const failures = this.profile.failed(instruction.origin ?? { code: 0, offset: this.profile.entryOffset });
    return failures.some((f) => f.reason === `unbox.${observed}`) ? 'any' : observed;
  }

  #subscriptKind(instruction: Instruction): Kind {
    const [container, key] = instruction.args.map((v) => this.kind(v));
    if (container === 'unknown' || key === 'unknown') return 'unknown';
    return key === 'int' || key === 'bool' ? itemKind(containerTypes(this, instruction)) : 'any';
  }

  // ---- facts derived once ------------------------------------------------------------------------------------------

  #findHints(): void {
    if (!this.#stale.hints) return;
    this.#stale.hints = false;
    const changed = this.#hints.find((instruction) => this.typeOf(instruction.result!), (instruction) => this.#isNumbers(instruction));
    if (changed) this.#stale.kinds = this.#stale.hints = this.#stale.demands = true;
  }

  #isNumbers(instruction: Instruction): boolean {
    return (instruction.op === 'py.binary' || instruction.op === 'py.unary') && this.kind(instruction.result!) === 'any' && this.plan(instruction).family === 'numbers';
  }

  /** Type of the iterable of a get_iter, when the loop over it is specialised for its iterator. */
  iteratedType(getIter: Instruction): string | undefined {
    for (const { terminator } of this.graph.order) {
      if (terminator.kind !== 'for_iter' || !this.#reaches(getIter.result!, terminator.iterator)) continue;
      const type = this.iteratorType(terminator);
      if (type === 'list_iterator' || type === 'tuple_iterator') return type.slice(0, -'_iterator'.length);
    }
    return undefined;
  }

  /** True when a value is another, perhaps through parameters. */
  #reaches(from: ValueId, to: ValueId): boolean {
    const seen = new Set<ValueId>([to]);
    for (const value of seen) for (const v of this.#flow.incoming(value)) if (v !== undefined) seen.add(v);
    return seen.has(from);
  }

  /** The constant object a value is, numbers excepted. */
  constantObject(value: ValueId): number | undefined {
    const kind = this.kind(value);
    if (kind !== 'none') return constantIndex(kind);
    const index = this.profile.objects.findIndex((o) => o.kind === 'none');
    return index < 0 ? undefined : index;
  }

  /** The value of an int constant. */
  constantInt(value: ValueId): bigint | undefined {
    return this.#integers.get(value);
  }

  guessedNumber(call: Instruction): 'int' | 'float' | undefined {
    const [callee, ...args] = call.args.map((v) => this.kind(v));
    return guessNumber(qualifiedBuiltin(callee ?? 'any', this.profile.objects), args, this.#observations.of(call).failures);
  }

  /** True for ord(): of a str, until something else has come by. */
  isCodePoint(call: Instruction): boolean {
    const [callee, argument] = call.args.map((v) => this.kind(v));
    if (callee === undefined || call.args.length !== 2 || qualifiedBuiltin(callee, this.profile.objects) !== 'builtins.ord') return false;
    return argument === 'exact:str' || (argument === 'any' && !this.#observations.of(call).failures.some((f) => f.reason === 'guard.type'));
  }

  isTextComparison(instruction: Instruction): boolean {
    const { specialization, failures } = this.#observations.of(instruction);
    return (specialization.includes('_STR') && failures.length === 0) || instruction.args.every((v) => this.typeOf(v) === 'str');
  }
}
