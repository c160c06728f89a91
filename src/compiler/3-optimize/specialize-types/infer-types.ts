/**
 * Forward inference of a kind for every `py` value, helped by demands: an object that every specialised use treats as an
 * int or float is unboxed where it is defined, so that loop parameters become registers.
 */
import { immediateAt, immediateBigInt, immediateNumber } from '#ir/immediates.ts';
import { Graph, type Predecessor } from '#ir/graph.ts';
import type { Block, Fn, ForIter, Instruction, Origin, ValueId } from '#ir/types.ts';
import { builtinResult, HAS_LENGTH, qualifiedBuiltin } from './builtins.ts';
import { findIdentities, type Identities } from './identities.ts';
import { findWrappingValues } from './wrap-analysis.ts';
import {
  constantIndex, constantKind, fitsI64, isNumeric, isOpen, joinKinds, representation, typeName, type Kind, type Numeric,
} from './kinds.ts';
import { hasOverflowed, planBig, planBinary, planCompare, planUnary, plainOperator, type ArithmeticPlan, type Site } from './plan-arithmetic.ts';
import type { Profile } from './profile-interface.ts';

/** More rounds than needed in practice: demands depend on kinds and kinds on demands. */
const MAX_ROUNDS = 5;

const SEQUENCES = new Set(['list', 'tuple', 'str', 'bytes']);
const PLAIN_BOUNDS = new Set(['int', 'bool', 'NoneType']);

export class TypeInference {
  readonly fn: Fn;
  readonly profile: Profile;
  readonly graph: Graph;
  #kinds = new Map<ValueId, Kind>();
  #demands = new Map<ValueId, Numeric | 'conflict'>();
  /** Values that can still be unboxed after their definition: some frame state follows in their block. */
  readonly #deferrable = new Set<ValueId>();
  #overflowMatters = false;
  /** Int results computed modulo 2^64. */
  wraps: ReadonlySet<ValueId> = new Set();
  /** Parameters that may be an unbound local. */
  readonly nullable = new Set<ValueId>();
  readonly #params = new Map<ValueId, { readonly block: Block; readonly index: number }>();
  readonly #origins = new Map<ValueId, Origin>();
  readonly #integers = new Map<ValueId, bigint>();
  readonly #hints = new Map<ValueId, string | undefined>();

  constructor(fn: Fn, profile: Profile) {
    this.fn = fn;
    this.profile = profile;
    this.graph = new Graph(fn);
    for (const block of this.graph.order) {
      this.#findDeferrable(block);
      this.#findOrigins(block);
      block.params.forEach((param, index) => this.#params.set(param, { block, index }));
    }
    this.#findIntegers();
    this.#identities = findIdentities(this.graph, profile, (v) => {
      const at = this.#params.get(v);
      return at ? this.#incoming(at.block, at.index) : [];
    });
  }

  run(): void {
    // Which results may wrap does not depend on what overflowed; what overflowed is boxed unless it may wrap.
    this.#iterate();
    this.wraps = findWrappingValues(this.fn, this);
    this.#overflowMatters = true;
    this.#iterate();
    this.#findNullable();
  }

  #iterate(): void {
    this.#findHints();
    for (let round = 0; round < MAX_ROUNDS; round++) {
      this.#fixpoint();
      this.#findHints();
      const before = JSON.stringify([...this.#demands]);
      this.#collectDemands();
      if (JSON.stringify([...this.#demands]) === before) break;
    }
    this.#fixpoint();
  }

  kind(value: ValueId): Kind {
    return this.#kinds.get(value) ?? 'unknown';
  }

  representation(value: ValueId): 'obj' | Numeric {
    return representation(this.kind(value)) as 'obj' | Numeric;
  }

  typeOf(value: ValueId): string | undefined {
    return typeName(this.kind(value), this.profile.objects);
  }

  /** Type name to guard for when only an observation at the unit's entry says so. */
  hint(value: ValueId): string | undefined {
    return this.#hints.get(value);
  }

  site(instruction: Instruction): Site {
    const demand = instruction.result === undefined ? undefined : this.#demands.get(instruction.result);
    return {
      specialization: instruction.origin ? this.profile.specialization(instruction.origin) : '',
      failures: instruction.origin ? this.profile.failed(instruction.origin) : [],
      resultDemand: demand === 'conflict' ? undefined : demand,
      hints: instruction.args.map((v) => this.hint(v)),
    };
  }

  /** The plan of py.binary, py.unary and py.compare. */
  plan(instruction: Instruction): ArithmeticPlan {
    const operator = plainOperator(String(immediateAt(instruction, 0)));
    const site = this.site(instruction);
    const [a, b] = instruction.args.map((v) => this.kind(v)) as [Kind, Kind];
    if (instruction.op === 'py.unary') return planUnary(operator, a, site);
    if (instruction.op === 'py.compare') return planCompare(a, b, site);
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

  #findOrigins(block: Block): void {
    for (const { result, origin } of block.instructions) if (result !== undefined && origin) this.#origins.set(result, origin);
    const { terminator } = block;
    if (terminator.kind !== 'for_iter' || !terminator.origin) return;
    const item = this.fn.blocks.get(terminator.body.block)?.params[0];
    if (item !== undefined) this.#origins.set(item, terminator.origin);
  }

  #findDeferrable(block: Block): void {
    const terminator = block.terminator;
    let follows = terminator.kind === 'exit' || terminator.kind === 'for_iter';
    for (let i = block.instructions.length - 1; i >= 0; i--) {
      const instruction = block.instructions[i]!;
      if (instruction.result !== undefined && follows) this.#deferrable.add(instruction.result);
      if (instruction.frameState) follows = true;
    }
    const [only, ...others] = this.graph.predecessors(block.id);
    const isBody = only?.block.terminator.kind === 'for_iter' && only.edge === only.block.terminator.body;
    if (follows && isBody && others.length === 0 && block.params[0] !== undefined) this.#deferrable.add(block.params[0]);
  }

  #collectDemands(): void {
    const demands = new Map<ValueId, Numeric | 'conflict'>();
    const demand = (value: ValueId, type: Numeric): void => {
      const old = demands.get(value);
      demands.set(value, old === undefined || old === type ? type : 'conflict');
    };
    for (const block of this.graph.order) {
      for (const instruction of block.instructions) this.#demandOperands(instruction, demand);
    }
    this.#shareAttributeDemands(demands);
    // Backwards through parameters until nothing changes.
    for (let changed = true; changed; ) {
      changed = false;
      for (const block of this.graph.order) {
        block.params.forEach((param, i) => {
          const type = demands.get(param);
          if (type === undefined || type === 'conflict') return;
          for (const argument of this.#incoming(block, i)) {
            if (argument === undefined || demands.get(argument) !== undefined || isNumeric(this.#base.get(argument))) continue;
            demands.set(argument, type);
            changed = true;
          }
        });
      }
    }
    this.#demands = demands;
  }

  /** Operands of instructions that the interpreter has specialised for their types. */
  readonly #evident = new Set<ValueId>();

  /**
   * Where an attribute is taken as a float once, those of the same name probably are too: ints are only a guess there.
   *
   *   x = p.v * dt      specialised for floats
   *   p.v = -p.v        the interpreter does not specialise negation
   */
  #shareAttributeDemands(demands: Map<ValueId, Numeric | 'conflict'>): void {
    const attributes = this.graph.order.flatMap((block) => block.instructions.filter((i) => i.op === 'py.attribute'));
    const name = (i: Instruction): string => this.profile.name(i.origin?.code ?? 0, immediateNumber(i));
    const floats = new Set(attributes.filter((i) => demands.get(i.result!) === 'float' && this.#evident.has(i.result!)).map(name));
    for (const i of attributes) {
      if (demands.get(i.result!) !== 'int' || this.#evident.has(i.result!) || !floats.has(name(i)) || this.site(i).failures.length > 0) continue;
      demands.set(i.result!, 'float');
    }
  }

  #demandOperands(instruction: Instruction, demand: (value: ValueId, type: Numeric) => void): void {
    switch (instruction.op) {
      case 'py.unary':
      case 'py.binary':
      case 'py.compare': {
        if (instruction.op === 'py.unary' && instruction.immediates[0] === 'not') return;
        const { operands } = this.plan(instruction);
        const isEvident = /_(INT|FLOAT)/.test(this.site(instruction).specialization);
        instruction.args.forEach((v, i) => {
          const type = operands[i];
          if (isEvident) this.#evident.add(v);
          if (type !== undefined && !isNumeric(this.#base.get(v))) demand(v, type);
        });
        return;
      }
      case 'py.truth': {
        const { specialization, failures } = this.site(instruction);
        const type = /^TO_BOOL_(INT|BOOL)$/.exec(specialization)?.[1]?.toLowerCase();
        if (isNumeric(type) && failures.length === 0 && isOpen(this.#base.get(instruction.args[0]!) ?? 'unknown')) demand(instruction.args[0]!, type);
        return;
      }
      case 'py.subscript':
      case 'py.store_subscript': {
        const key = instruction.args[1]!;
        const { specialization, failures } = this.site(instruction);
        if (/(LIST|TUPLE|STR)_INT$/.test(specialization) && failures.length === 0 && isOpen(this.#base.get(key) ?? 'unknown')) demand(key, 'int');
        return;
      }
      default:
    }
  }

  // ---- kinds -----------------------------------------------------------------------------------------------------

  /** Kinds as they would be without the demand on the value itself. */
  readonly #base = new Map<ValueId, Kind>();

  #fixpoint(): void {
    this.#kinds = new Map();
    this.#base.clear();
    for (let changed = true; changed; ) {
      changed = false;
      for (const block of this.graph.order) {
        block.params.forEach((param, i) => {
          changed = this.#raise(param, this.#paramKind(block, i)) || changed;
        });
        for (const instruction of block.instructions) {
          if (instruction.result === undefined) continue;
          changed = this.#raise(instruction.result, this.#resultKind(instruction)) || changed;
        }
      }
    }
  }

  #raise(value: ValueId, base: Kind): boolean {
    const raised = joinKinds(this.#base.get(value) ?? 'unknown', base);
    this.#base.set(value, raised);
    const demand = this.#demands.get(value);
    const useDemand = raised === 'any' && isNumeric(demand) && this.#deferrable.has(value) && !this.#hasFailed(value, demand);
    const kind: Kind = useDemand ? demand : raised;
    const old = this.#kinds.get(value);
    this.#kinds.set(value, this.#identities.kindOf(value, kind));
    return old !== this.#kinds.get(value);
  }

  /** True when unboxing the value where it is made did not work out. */
  #hasFailed(value: ValueId, type: Numeric): boolean {
    const origin = this.#origins.get(value);
    return origin !== undefined && this.profile.failed(origin).some((f) => f.reason === `unbox.${type}`);
  }

  /** Arguments of the edges into a parameter; undefined for the item of a for_iter. */
  #incoming(block: Block, index: number): (ValueId | undefined)[] {
    return this.graph.predecessors(block.id).map((p) => {
      const shift = isBodyEdge(p) ? 1 : 0;
      return index < shift ? undefined : p.edge.args[index - shift];
    });
  }

  #paramKind(block: Block, index: number): Kind {
    let kind: Kind = 'unknown';
    this.graph.predecessors(block.id).forEach((p, i) => {
      const argument = this.#incoming(block, index)[i];
      kind = joinKinds(kind, argument === undefined ? this.#itemKind(p.block) : this.kind(argument));
    });
    return kind;
  }

  #itemKind(block: Block): Kind {
    const { terminator } = block;
    return terminator.kind === 'for_iter' && isIntIterator(this.iteratorType(terminator)) ? 'int' : 'any';
  }

  /** Type of the iterator of a loop, when the specialisation says it and it did not fail. */
  iteratorType(loop: ForIter): 'range_iterator' | 'list_iterator' | 'tuple_iterator' | 'bytes_iterator' | undefined {
    if (!loop.origin || this.profile.failed(loop.origin).some((f) => f.reason === 'guard.type')) return undefined;
    switch (this.profile.specialization(loop.origin)) {
      case 'FOR_ITER_RANGE': return 'range_iterator';
      case 'FOR_ITER_LIST': return 'list_iterator';
      case 'FOR_ITER_TUPLE': return 'tuple_iterator';
      case 'FOR_ITER_BYTES': return 'bytes_iterator';
      default: return undefined;
    }
  }

  /** An iterator that runs no Python code, as far as is known. */
  isPlainIteration(loop: ForIter): boolean {
    if (!loop.origin || this.profile.failed(loop.origin).length > 0) return false;
    return this.profile.specialization(loop.origin) === 'FOR_ITER_PLAIN';
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
      case 'py.truth':
      case 'py.is':
      case 'py.contains': return 'bool';
      case 'py.subscript': return this.#subscriptKind(instruction);
      case 'py.build_list': return 'exact:list';
      case 'py.build_tuple': return 'exact:tuple';
      case 'py.build_map': return 'exact:dict';
      // With other bounds, subscripting may call their __index__.
      case 'py.build_slice': return instruction.args.every((v) => PLAIN_BOUNDS.has(this.typeOf(v) ?? '')) ? 'exact:slice' : 'any';
      case 'py.call': {
        const kind = builtinResult(instruction.args.map((v) => this.kind(v)), this.profile.objects);
        return kind === 'any' && this.isKnownLength(instruction) ? 'int' : kind;
      }
      default: return 'any';
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

  #findIntegers(): void {
    for (const block of this.graph.order) {
      for (const i of block.instructions) {
        if (i.result === undefined) continue;
        if (i.op === 'py.int') this.#integers.set(i.result, immediateBigInt(i));
        if (i.op !== 'py.const') continue;
        const object = this.profile.objects[immediateNumber(i)];
        if (object?.kind === 'int') this.#integers.set(i.result, object.value);
      }
    }
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
    const { specialization, failures } = this.site(instruction);
    return specialization === 'BINARY_OP_ADD_UNICODE' && failures.length === 0 ? 'exact:str' : 'any';
  }

  #initialKind(what: 'local' | 'stack', instruction: Instruction): Kind {
    const observed = this.profile.initialType(what, immediateNumber(instruction));
    if (observed === 'NULL') return 'null';
    if (!isNumeric(observed)) return 'any';
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
    const container = this.typeOf(instruction.args[0]!) ?? this.hint(instruction.args[0]!);
    const failed = this.site(instruction).failures.some((f) => f.reason === 'guard.type');
    return !failed && (container === 'bytes' || container === 'bytearray') ? 'int' : 'any';
  }

  // ---- facts derived once ------------------------------------------------------------------------------------------

  #findNullable(): void {
    for (const i of this.graph.order.flatMap((b) => b.instructions)) {
      const observed = i.op === 'py.local' ? this.profile.initialType('local', immediateNumber(i)) : '';
      if (observed === undefined && i.result !== undefined) this.nullable.add(i.result);
    }
    for (let changed = true; changed; ) {
      changed = false;
      for (const block of this.graph.order) {
        block.params.forEach((param, i) => {
          if (this.nullable.has(param)) return;
          const isNull = (v: ValueId | undefined): boolean => v !== undefined && (this.nullable.has(v) || this.kind(v) === 'null');
          if (!this.#incoming(block, i).some(isNull)) return;
          this.nullable.add(param);
          changed = true;
        });
      }
    }
  }

  #findHints(): void {
    const local = (instruction: Instruction): string | undefined => {
      if (instruction.op === 'py.local') return this.profile.initialType('local', immediateNumber(instruction));
      if (instruction.op === 'py.take_stack') return this.profile.initialType('stack', immediateNumber(instruction));
      if (instruction.op === 'py.load_global') return this.profile.globalType(immediateNumber(instruction, 0), immediateNumber(instruction, 2));
      return undefined;
    };
    for (const block of this.graph.order) {
      for (const i of block.instructions) if (i.result !== undefined) this.#hints.set(i.result, this.typeOf(i.result) ?? local(i));
    }
    // A parameter takes the hint its arguments agree on; those not visited yet do not vote.
    for (let round = 0; round < 2; round++) {
      for (const block of this.graph.order) {
        block.params.forEach((param, i) => {
          const hints = new Set(this.#incoming(block, i).map((v) => (v === undefined ? undefined : this.#hints.get(v))));
          hints.delete(undefined);
          this.#hints.set(param, hints.size === 1 ? [...hints][0] : undefined);
        });
      }
    }
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
    for (const value of seen) {
      const at = this.#params.get(value);
      if (at) for (const v of this.#incoming(at.block, at.index)) if (v !== undefined) seen.add(v);
    }
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

  /** True for len() of an object whose type is known, or was observed and is guarded for. */
  isKnownLength(call: Instruction): boolean {
    const [callee, argument] = call.args;
    if (callee === undefined || argument === undefined || call.args.length !== 2) return false;
    if (qualifiedBuiltin(this.kind(callee), this.profile.objects) !== 'builtins.len') return false;
    const failed = this.site(call).failures.some((f) => f.reason === 'guard.type');
    return HAS_LENGTH.has(this.typeOf(argument) ?? (failed ? '' : this.hint(argument) ?? ''));
  }

  isTextComparison(instruction: Instruction): boolean {
    const { specialization, failures } = this.site(instruction);
    return specialization.includes('_STR') && failures.length === 0;
  }
}

export const isIntIterator = (type: string | undefined): boolean => type === 'range_iterator' || type === 'bytes_iterator';

export const isBodyEdge = (p: Predecessor): boolean =>
  p.block.terminator.kind === 'for_iter' && p.block.terminator.body === p.edge;
