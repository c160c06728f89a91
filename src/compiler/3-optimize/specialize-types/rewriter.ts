/** State and helpers of the rewrite of one function: emitting, converting, frame states, calls that may run Python code. */
import { addBlock, edge, makeInstruction, newValue } from '#ir/builder.ts';
import { frameStateWith } from '#ir/frame-states.ts';
import { Replacements } from '#ir/replacements.ts';
import type { Block, Edge, Fn, FrameState, Immediate, Instruction, Origin, Terminator, ValueId } from '#ir/types.ts';
import { opInfo, type OpName } from '#ir/ops.ts';
import { defined, invariant } from '#support/invariant.ts';
import { typeSymbol } from './guardable-types.ts';
import { qualifiedBuiltin } from './builtins.ts';
import { countEscapes } from './escapes.ts';
import { findDeferredNames, nameKey, namespacesOf } from './deferred-names.ts';
import type { TypeInference } from './infer-types.ts';
import type { Numeric } from './kinds.ts';
import type { Wanted } from './plan-arithmetic.ts';
import { isRestarting, NotRestartableHere } from './not-restartable-here.ts';
import { withoutOperands } from './operands.ts';
import { PendingChecks } from './pending-checks.ts';
import type { Failure, Profile } from './profile-interface.ts';
import { SharedBoxes } from './shared-boxes.ts';
import { Uncompilable } from './uncompilable.ts';

/** Forms of one Python value that exist at this point of the block. */
interface Views {
  obj?: ValueId;
  int?: ValueId;
  /** The number of an object that may be a bool: not one that the value could be replaced by. */
  integer?: ValueId;
  float?: ValueId;
  bool?: ValueId;
}

/** A value to be unboxed where the next frame state is known: it describes the state after a call. */
interface Deferred {
  readonly value: ValueId;
  readonly object: ValueId;
  readonly origin: Origin | undefined;
}

export interface OpaqueCall {
  readonly op: OpName;
  readonly args: readonly ValueId[];
  readonly immediates: Immediate[];
}

export class Rewriter {
  readonly fn: Fn;
  readonly inference: TypeInference;
  readonly profile: Profile;
  /** Results that are other values: applied to the whole function at the end. */
  readonly replacements = new Replacements();
  /** Object-table constants, by value: boxing one needs no call. */
  readonly #constants = new Map<ValueId, number>();
  /** Calls of unknown callables: they run Python functions that were not inlined, or builtins. */
  pythonCalls = 0;

  out: Instruction[] = [];
  /** Where the machine ops of the instruction being rewritten begin. */
  #begin = 0;
  #views = new Map<ValueId, Views>();
  /** Type proved for an object in this block. */
  #proved = new Map<ValueId, string>();
  /** Value whose boxed form a home holds since the last flush. */
  #flushed = new Map<number, ValueId>();
  #deferred: Deferred[] = [];
  readonly #checks: PendingChecks;
  #block: Block | undefined;
  #subject: Instruction | Terminator | undefined;
  /** Build has taken the current instruction for one that may run Python code: after it no name is in a register. */
  isOpaqueToBuild = false;
  readonly #opaque: ReadonlySet<Instruction | Terminator> | undefined;
  #state: FrameState | undefined;
  readonly #translations = new Map<FrameState, FrameState>();
  #origin: Origin | undefined;
  readonly #deferredNames: ReadonlySet<string>;
  readonly namespaces: ReadonlySet<number>;
  readonly #escapes: ReadonlyMap<ValueId, number>;
  readonly #boxes: SharedBoxes;

  /** `opaque`: the only instructions that may call out; undefined: all may. */
  constructor(fn: Fn, inference: TypeInference, opaque?: ReadonlySet<Instruction | Terminator>) {
    this.#opaque = opaque;
    this.fn = fn;
    this.inference = inference;
    this.profile = inference.profile;
    this.#deferredNames = findDeferredNames(fn, inference);
    this.namespaces = namespacesOf(fn);
    this.#boxes = new SharedBoxes(inference.graph);
    this.#checks = new PendingChecks(inference);
    this.#escapes = countEscapes(inference.graph, (callee) => qualifiedBuiltin(inference.kind(callee), inference.profile.objects));
  }

  /** How often Python code can get at a value as an object. */
  escapes(value: ValueId): number {
    return this.#escapes.get(value) ?? 0;
  }

  // ---- position ---------------------------------------------------------------------------------------------------

  startBlock(block: Block): void {
    this.#block = block;
    this.#boxes.enter(block);
    this.out = [];
    this.#views = new Map();
    this.#proved = new Map();
    this.#flushed = new Map();
    this.#deferred = [];
    this.#checks.startBlock(block.id);
    this.#state = undefined;
    this.#origin = undefined;
  }

  /** Goes to the next instruction (or terminator); does what had to wait for its frame state. */
  startInstruction(state: FrameState | undefined, origin: Origin | undefined, subject?: Instruction | Terminator): void {
    this.#subject = subject;
    this.isOpaqueToBuild = subject !== undefined && this.#opaque?.has(subject) === true;
    this.#begin = this.out.length;
    this.#state = state;
    this.#origin = origin;
    if (!state) return;
    const check = this.#checks.arrive(state);
    if (check) this.emit(check);
    for (const d of this.#deferred) {
      this.#origin = d.origin;
      const unboxed = this.#unbox(d.object, this.representation(d.value) as Numeric);
      this.#deferred = this.#deferred.filter((x) => x !== d);
      this.replacements.set(d.value, unboxed);
    }
    this.#origin = origin;
    this.#begin = this.out.length;
    if (this.isOpaqueToBuild) this.#flushNames(state);
  }

  get place(): { readonly origin: Origin | undefined } {
    return { origin: this.#origin };
  }

  /** Representation of a value of either level. */
  typeNow(value: ValueId): 'obj' | Numeric {
    const type = this.fn.types.get(value);
    return type === undefined || type === 'py' ? this.representation(value) : type;
  }

  fresh(type: 'obj' | Numeric): ValueId {
    return newValue(this.fn, type);
  }

  get state(): FrameState {
    return defined(this.#state, 'frame state');
  }

  // ---- emitting ----------------------------------------------------------------------------------------------------

  emit(op: OpName, args: readonly ValueId[] = [], immediates: Immediate[] = [], state?: FrameState): Instruction {
    const { guard, effect } = opInfo(op);
    // The values of locals die where the states tell.
    if (effect === 'opaque' && this.#state && !op.startsWith('home.')) this.#checks.afterRelease(this.#state);
    const instruction = makeInstruction(this.fn, op, args, {
      immediates,
      frameState: guard ? state ?? this.translate(this.state) : undefined,
      origin: this.#origin,
    });
    this.out.push(instruction);
    return instruction;
  }

  value(op: OpName, args: readonly ValueId[] = [], immediates: Immediate[] = []): ValueId {
    return defined(this.emit(op, args, immediates).result, 'result of', op);
  }

  /** The frame state in terms of machine values. States are shared before, so they are afterwards. */
  translate(state: FrameState): FrameState {
    // A value that waits to be unboxed stands for its object only until the next frame state.
    if (this.#deferred.length > 0) return this.#translated(state);
    let known = this.#translations.get(state);
    if (known === undefined) {
      known = this.#translated(state);
      this.#translations.set(state, known);
    }
    return known;
  }

  #translated(state: FrameState): FrameState {
    const value = (v: ValueId): ValueId => this.#deferred.find((d) => d.value === v)?.object ?? v;
    const item = <T extends string>(v: ValueId | T): ValueId | T | 'null' => {
      if (typeof v === 'string') return v;
      return this.inference.kind(v) === 'null' ? 'null' : value(v);
    };
    return frameStateWith(state, {
      locals: state.locals.map((v) => item(v)),
      stack: state.stack.map((v) => item(v)),
      globals: state.globals.filter((g) => this.isDeferred(g.dict, g.name)).map((g) => ({ dict: g.dict, name: g.name, value: value(g.value) })),
      caller: state.caller && this.translate(state.caller),
    });
  }

  // ---- values ------------------------------------------------------------------------------------------------------

  representation(value: ValueId): 'obj' | Numeric {
    return this.inference.representation(value);
  }

  #view(value: ValueId): Views {
    let views = this.#views.get(value);
    if (!views) {
      views = {};
      this.#views.set(value, views);
    }
    return views;
  }

  /** The object; boxes a number. */
  obj(value: ValueId): ValueId {
    const kind = this.inference.kind(value);
    if (kind === 'null') throw new Uncompilable('unbound-local');
    const waiting = this.#deferred.find((d) => d.value === value)?.object;
    if (waiting !== undefined) return waiting;
    const type = this.representation(value);
    if (type !== 'obj') return this.box(value, type);
    if (this.inference.nullable.has(value) && !this.#proved.has(value)) {
      this.emit('guard.bound', [value]);
      this.#proved.set(value, '');
    }
    return value;
  }

  box(value: ValueId, type: Numeric): ValueId {
    const view = this.#view(value);
    const constant = this.#constants.get(value);
    if (constant !== undefined) view.obj ??= this.value('const.obj', [], [constant]);
    else view.obj ??= this.#boxes.find(value) ?? this.#boxes.add(value, this.value(`box.${type}`, [value]));
    return view.obj;
  }

  as(value: ValueId, type: Numeric): ValueId {
    const from = this.representation(value);
    if (from === type) return value;
    const view = this.#view(value);
    const known = view[type];
    if (known !== undefined) return known;
    const made = from === 'obj' ? this.#unbox(this.obj(value), type) : this.convert(value, from, type);
    view[type] = made;
    return made;
  }

  /** As a number for an operation that treats a bool as the int it is. */
  wanted(value: ValueId, wanted: Wanted): ValueId {
    if (wanted !== 'integer') return this.as(value, wanted);
    const view = this.#view(value);
    if (this.representation(value) !== 'obj' || view.int !== undefined) return this.int(value);
    view.integer ??= this.value('unbox.integer', [this.obj(value)]);
    return view.integer;
  }

  convert(value: ValueId, from: Numeric, to: Numeric): ValueId {
    if (from === to) return value;
    if (to === 'bool') return this.value(from === 'int' ? 'int.to_bool' : 'float.to_bool', [value]);
    invariant(from !== 'float', `no conversion of float to ${to}`);
    const int = from === 'bool' ? this.value('int.from_bool', [value]) : value;
    return to === 'int' ? int : this.value('int.to_float', [int]);
  }

  #unbox(object: ValueId, type: Numeric): ValueId {
    return this.value(`unbox.${type}`, [object]);
  }

  int(value: ValueId): ValueId {
    const from = this.representation(value);
    return from === 'bool' ? this.convert(value, 'bool', 'int') : this.as(value, 'int');
  }

  /** The result of the instruction being rewritten, as it came out. */
  define(result: ValueId | undefined, made: ValueId, options: { repeatable?: boolean; float?: boolean } = {}): void {
    const value = defined(result, 'result');
    const from = this.typeNow(made);
    const to = this.representation(value);
    if (from === to) {
      this.replacements.set(value, made);
      if (from !== 'obj') this.#view(value)[from] = made;
      return;
    }
    if (to === 'obj') {
      const boxed = this.value(`box.${from as Numeric}`, [made]);
      this.replacements.set(value, boxed);
      this.#view(value)[from as Numeric] = made;
      return;
    }
    invariant(from === 'obj', 'a number of another type was inferred than', from);
    if (options.float) this.replacements.set(value, this.value('unbox.float_known', [made]));
    else if (options.repeatable) this.replacements.set(value, this.#unbox(made, to));
    else this.defer(value, made);
  }

  /** Unboxes where the next frame state is known. */
  defer(value: ValueId, object: ValueId): void {
    this.#deferred.push({ value, object, origin: this.#origin });
  }

  defineConstant(result: ValueId | undefined, object: number, made: ValueId): void {
    this.#constants.set(made, object);
    if (result !== undefined) this.#constants.set(result, object);
    this.define(result, made);
  }

  constantObject(index: number): ValueId {
    return this.value('const.obj', [], [index]);
  }

  // ---- types -------------------------------------------------------------------------------------------------------

  /** Leaves unless the object has this exact type; `@PyList_Type` names an exported type. */
  guardType(value: ValueId, name: string): ValueId {
    const object = this.obj(value);
    if (this.inference.typeOf(value) === name || this.#proved.get(object) === name) return object;
    this.emit('guard.type', [object], [typeSymbol(name)]);
    this.#proved.set(object, name);
    return object;
  }

  /** Guards that failed at this place in former versions. */
  failures(): readonly Failure[] {
    return this.#origin ? this.profile.failed(this.#origin) : [];
  }

  /** True when what was observed about the type of an object here turned out not to hold. */
  typeFailed(): boolean {
    return this.failures().some((f) => f.reason === 'guard.type');
  }

  /** True when an operand here turned out not to be the number it was taken for. */
  unboxFailed(): boolean {
    return this.failures().some((f) => f.reason.startsWith('unbox.'));
  }

  provedType(value: ValueId): string | undefined {
    return this.inference.typeOf(value) ?? this.#proved.get(value);
  }

  // ---- calls -------------------------------------------------------------------------------------------------------

  /** Makes the frame look as the interpreter would have it: something may look at it. */
  flush(): void {
    const { state } = this;
    if (isRestarting(this.#state, this.#origin)) throw new NotRestartableHere(state, 'may-run-python');
    if (state.caller) throw new Uncompilable('opaque-call-in-inlined-frame');
    if (this.keepsNames) throw new Uncompilable('opaque-call-with-names-in-registers');
    this.emit('frame.position', [], [state.offset]);
    state.locals.forEach((v, slot) => {
      if (typeof v !== 'number' || this.#flushed.get(slot) === v) return;
      const type = this.representation(v);
      if (type === 'obj' || this.#deferred.some((d) => d.value === v)) return;
      this.emit('home.store', [this.box(v, type)], [slot]);
      this.#flushed.set(slot, v);
    });
  }

  /**
   * Build loads the names again after whatever it takes to be opaque, also where a guard or an inlined builtin comes of it:
   * so their dict is brought up to date before each of these. An exit there leaves it alone: what Python code writes before it raises stays.
   */
  #flushNames(state: FrameState): void {
    for (const g of state.globals) {
      if (!this.isDeferred(g.dict, g.name)) continue;
      const type = this.representation(g.value);
      this.emit('dict.entry_store', [type === 'obj' ? g.value : this.box(g.value, type)], [g.dict, g.name]);
    }
    this.#state = frameStateWith(state, { globals: [] });
  }

  /** Names are in registers, so nothing may run Python code here. */
  get keepsNames(): boolean {
    return this.#opaque !== undefined && !this.isOpaqueToBuild;
  }

  /** True when the stores of a module-level name wait until somebody could look. */
  isDeferred(dict: number, name: number): boolean {
    return this.#deferredNames.has(nameKey(dict, name));
  }

  /** The home of a local was written by something else than a flush. */
  forgetHome(slot: number): void {
    this.#flushed.delete(slot);
  }

  /** A call that may run Python code. */
  opaque(call: OpaqueCall): ValueId {
    this.flush();
    const made = this.plainCall(call);
    this.deferTracing();
    return made;
  }

  /** Leaves, at the next frame state, if tracing began during the call. */
  deferTracing(): void {
    this.#checks.afterCall(this.state);
  }

  /** The same for a call that ends its block. */
  deferTracingTo(...edges: readonly Edge[]): void {
    this.#checks.afterCallOnEdges(edges);
  }

  /** A call that cannot run Python code. Still may raise. */
  plainCall(call: OpaqueCall): ValueId {
    const made = this.withoutCollector(() => this.value(call.op, call.args, call.immediates));
    this.checkError(made);
    return made;
  }

  /** 3.11 collects garbage wherever objects are made: finalisers would find old names in their dicts, and what they write would be lost. */
  withoutCollector(make: () => ValueId): ValueId {
    if (!this.keepsNames || this.profile.layout !== 311) return make();
    this.emit('collector.hold');
    const made = make();
    this.emit('collector.release');
    return made;
  }

  /** Leaves when a call that ran no Python code has failed. */
  checkError(made: ValueId): void {
    const isInt = this.fn.types.get(made) === 'int';
    if (!isRestarting(this.#state, this.#origin)) this.emit(isInt ? 'check.error_int' : 'check.error', [made], [], this.errorState());
    else if (isInt) this.emit('guard.true', [this.value('int.ne', [made, this.value('const.int', [], [-1])])]);
    else this.emit('guard.bound', [made]);
  }

  /** The state once the operands are off the stack: an exception leaves from there. */
  errorState(): FrameState {
    return this.translate(frameStateWith(this.state, { stack: withoutOperands(this.state, this.#subject) }));
  }

  // ---- blocks ------------------------------------------------------------------------------------------------------

  /** Ends the current machine block; what follows goes into a new one. */
  continueIn(block: Block, terminator: Terminator): void {
    this.finishBlock(terminator);
    this.#block = block;
    this.out = [];
    this.#begin = 0;
  }

  /** The instruction being rewritten turned out not to be compiled: the interpreter does all of it. */
  abandonInstruction(): void {
    this.out.length = this.#begin;
  }

  finishBlock(terminator: Terminator): void {
    const block = defined(this.#block, 'current block');
    block.instructions = this.out;
    block.terminator = terminator;
    this.#checks.leave(terminator);
  }

  /**
   * One of several ways to do the same, chosen by the exact type of an object; none of them may run Python code. The last
   * type is guarded for. Returns what the chosen way gave, when `result` says that they give something.
   */
  byType(value: ValueId, ways: readonly TypeWay[], result?: 'obj' | Numeric): ValueId | undefined {
    const join = addBlock(this.fn, result === undefined ? [] : [result]);
    const object = this.obj(value);
    const [views, proved] = [this.#views, this.#proved];
    const enter = (): void => {
      this.#views = new Map([...views].map(([v, view]) => [v, { ...view }]));
      this.#proved = new Map(proved);
    };
    ways.forEach(({ type, run }, n) => {
      enter();
      const next = n < ways.length - 1 ? addBlock(this.fn) : undefined;
      if (next) {
        const chosen = addBlock(this.fn);
        const condition = this.value('obj.has_type', [object], [typeSymbol(type)]);
        this.continueIn(chosen, { kind: 'branch', condition, then: edge(chosen.id), else: edge(next.id) });
        this.#proved.set(object, type);
      } else {
        this.guardType(value, type);
      }
      const made = this.#boxes.aside(() => run(object));
      this.continueIn(next ?? join, { kind: 'jump', target: edge(join.id, made === undefined ? [] : [made]) });
    });
    [this.#views, this.#proved] = [views, proved];
    return join.params[0];
  }

  /** `condition ? yes : no`. */
  select(condition: ValueId, yes: ValueId, no: ValueId, type: Numeric): ValueId {
    const join = addBlock(this.fn, [type]);
    const sides = [yes, no].map((v) => {
      const side = addBlock(this.fn);
      side.terminator = { kind: 'jump', target: edge(join.id, [v]) };
      return edge(side.id);
    }) as [Edge, Edge];
    this.continueIn(join, { kind: 'branch', condition, then: sides[0], else: sides[1] });
    return defined(join.params[0], 'parameter');
  }
}

/** What to do with an object of this exact type. */
export interface TypeWay {
  readonly type: string;
  readonly run: (object: ValueId) => ValueId | undefined;
}
