/** Translates the bytecode of one frame: the unit's own, or that of a call being inlined. */
import type { BytecodeInstruction, DecodedCode } from '#compiler/1-decode/decode.ts';
import { addBlock, edge, exitAt, makeInstruction } from '#ir/builder.ts';
import type { OpName } from '#ir/ops.ts';
import type { Block, Edge, ExitKind, FrameState, Immediate, Origin, ValueId } from '#ir/types.ts';
import type { Layout } from '#protocol/request.ts';
import { Bailout } from '#support/bailout.ts';
import { defined, invariant } from '#support/invariant.ts';
import { resultType } from './hints.ts';
import { forgetLifetimes, lifetimeOf, noteLifetime } from './lifetimes.ts';
import { mayRunPython } from './may-run-python.ts';
import { CALLS_OUT } from './profile.ts';
import { findLeaders, findLoops } from './promoted-names.ts';
import { guardOperands, releaseEnding, type Ending } from './quiet-ends.ts';
import { shapeOf, valuesOf, withValues, copyState, type LifetimeOf, type State, type StackSlot } from './state.ts';
import { assertRestartable, NotRestartable } from './restartable.ts';
import type { Unit } from './unit.ts';
import { LATER_LOOP, loopsEndAt, Worklist, type Later, type LoopContext, type Version } from './worklist.ts';

/** Shapes in which one place of the bytecode may be reached; beyond them the interpreter takes over. */
const MAX_VERSIONS = 32;

/** Ops that cannot leave: no frame state. */
const NAMES_A_CONSTANT: ReadonlySet<OpName> = new Set<OpName>(['py.const', 'py.int']);

/** What a 3.11 call consists of, after its operands. */
const CALL_SEQUENCE: ReadonlySet<string> = new Set(['PRECALL', 'CALL']);

/** The 'not' of what is a bool already, and the ends of life of an inlined frame's locals: several in one instruction. */
const CANNOT_LEAVE: ReadonlySet<OpName> = new Set<OpName>(['py.unary', 'py.release']);

export interface FrameOptions {
  readonly code: number;
  /** Set for inlined frames. */
  readonly caller?: FrameState;
  readonly functionObject?: number;
  /** The instruction that this frame is part of: whatever fails here, the interpreter begins again there (restartable.ts). */
  readonly restart?: FrameState;
  /** Locals that are never stored and whose value the caller holds as well. */
  readonly keptAlive?: ReadonlySet<number>;
  /** Code indices of the frames around this one. */
  readonly chain: readonly number[];
}

export interface Return {
  readonly block: Block;
  value: ValueId;
  readonly state: State;
}

/** The instruction being translated is one that the interpreter has hardly ever run. */
class LeavesCold extends Error {}
export type Handler = (f: Frame, i: BytecodeInstruction) => void;

/** Instructions that specializeTypes may compile into calls of CPython, which run whatever the objects' types define. */
const MAY_CALL: ReadonlySet<OpName> = new Set<OpName>([
  'py.unary', 'py.binary', 'py.compare', 'py.compare_truth', 'py.truth', 'py.is', 'py.store_cell', 'py.call_method', 'py.unpack_item', 'py.subscript', 'py.store_subscript', 'py.delete_subscript', 'py.contains', 'py.attribute',
  'py.store_attribute', 'py.set_local', 'py.clear_local', 'py.store_global', 'py.release', 'py.call', 'py.call_kw', 'py.call_unpacked', 'py.make_instance', 'py.get_iter', 'py.unpack_check',
  'py.format', 'py.convert', 'py.build_map', 'py.build_set', 'py.set_add', 'py.set_update', 'py.dict_update',
]);

/** They branch on, or copy, what Python code that has just run may have changed, and have no frame state; before 3.13 it cannot change locals. */
const GOES_ON_WITHOUT_STATE: Readonly<Record<Layout, RegExp>> = { 311: /^(POP_JUMP|JUMP_IF)/, 314: /^(POP_JUMP|LOAD_FAST)/ };

export class Frame {
  readonly unit: Unit;
  readonly code: DecodedCode;
  readonly codeIndex: number;
  readonly chain: readonly number[];
  readonly returns: Return[] = [];
  /** Start of a 3.11 call sequence: a call in progress can only be resumed there. */
  callStart: FrameState | undefined;
  #callOffset: number | undefined;
  #offset = 0;
  keywordNames: number | undefined;
  /** Of a frame that is part of an instruction: why some path through it is not translated. */
  leftBecause: string | undefined;
  state: State;
  readonly #options: FrameOptions;
  readonly #leaders: ReadonlySet<number>;
  readonly #loops: ReadonlyMap<number, number>;
  #context: readonly LoopContext[];
  readonly #versions = new Map<string, Version>();
  readonly #versionCount = new Map<number, number>();
  readonly #work = new Worklist();
  /** Of an OSR unit: the last jump back of the loops it begins in. */
  readonly #endOfLoops: number | undefined;
  /** Results of py.truth. */
  readonly #truths = new Set<ValueId>();
  #before: FrameState;
  /** Python code may have run since the last instruction that can leave. */
  #calledOut = false;
  #calledFrom: FrameState | undefined;
  /** While an instruction is translated as the functions it runs (instances.ts): it may be begun again. */
  isTrying = false;
  /** The last instruction with a frame state is one that may become a call, whatever is expected of it. */
  #mayHaveCalled = false;
  #ended = false;
  /** Operands of the instruction being translated whose end others may notice. */
  #endings: readonly Ending[] = [];
  /** Instructions that run Python code, before it. */
  #opaqueBefore = 0;
  /** For a value that goes into a block; where there are loops it would have to be so in all rounds. */
  readonly #lifetimeOf: LifetimeOf;

  constructor(unit: Unit, options: FrameOptions, state: State) {
    this.unit = unit;
    this.code = unit.decoded(options.code);
    this.codeIndex = options.code;
    this.chain = [...options.chain, options.code];
    this.state = state;
    this.#options = options;
    this.#leaders = findLeaders(this.code);
    this.#loops = findLoops(this.code);
    this.#context = options.caller ? [] : this.#loopsAround(unit.request.offset);
    this.#endOfLoops = this.isInlined ? undefined : loopsEndAt(this.#loops, unit.request.offset);
    this.#before = this.stateAt(0);
    this.#lifetimeOf = this.isInlined && this.#loops.size === 0 ? (value) => lifetimeOf(unit, value) : () => undefined;
  }

  get isInlined(): boolean {
    return this.#options.caller !== undefined || this.#options.restart !== undefined;
  }

  /** Where an exit from within the instruction being translated begins again, when that is not the instruction itself. */
  get restart(): FrameState | undefined {
    return this.#options.restart;
  }

  get keptAlive(): ReadonlySet<number> {
    return this.#options.keptAlive ?? new Set();
  }

  /** Translates everything reachable from `offset`, beginning in the builder's current block. */
  translate(offset: number, dispatch: Handler): void {
    if (this.restart && this.#loops.size > 0) throw new NotRestartable('loop');
    this.jumpTo(offset);
    for (let next = this.#work.next(this.unit.translated); next; next = this.#work.next(this.unit.translated)) {
      const { version: { block, state, context, offset: start }, leaves } = next;
      this.unit.builder.switchTo(block);
      this.state = copyState(state);
      this.#context = context;
      if (leaves === undefined) this.#straightLine(start, dispatch);
      else this.#leaveAt(block, start, leaves.reason, leaves.kind);
    }
  }

  #straightLine(start: number, dispatch: Handler): void {
    this.#ended = false;
    this.#calledOut = false;
    // An iterator that ended dies on the way here.
    this.#mayHaveCalled = true;
    this.endCall();
    this.keywordNames = undefined;
    // What a call has started, such as tracing, takes effect at the next instruction and not at the next line.
    let afterOpaque = false;
    for (let at = start; !this.#ended; ) {
      const i = this.code.at(at);
      if (!i) throw new Bailout('malformed-code', `no instruction at ${at}`);
      if (at !== start && this.#leaders.has(at)) return this.jumpTo(at);
      if (this.callStart && !CALL_SEQUENCE.has(i.name)) throw new Bailout('malformed-code', `${i.name} inside a call sequence`);
      this.#begin(i.offset);
      if (this.restart) { /* Nothing that has happened here could be seen. */ } else if (afterOpaque || (at === start && this.#loops.has(at))) this.#safepoint();
      else if (this.#mayHaveCalled && GOES_ON_WITHOUT_STATE[this.code.layout].test(i.name)) this.#afterCall(this.#before, i.offset);
      if (--this.unit.budget < 0) return this.leave('unit-too-large');
      this.#opaqueBefore = this.unit.opaqueCount;
      this.#endings = guardOperands(this, i);
      this.#dispatch(i, dispatch);
      if (!this.#ended) this.endOperands();
      afterOpaque = this.unit.opaqueCount > this.#opaqueBefore;
      at = i.end;
    }
  }

  /** True when Python code may have run for that. An instruction that ends its block does it itself, before. */
  endOperands(): boolean {
    const { opaqueCount } = this.unit;
    releaseEnding(this, this.#endings, opaqueCount > this.#opaqueBefore);
    this.#endings = [];
    return this.unit.opaqueCount > opaqueCount;
  }

  #dispatch(i: BytecodeInstruction, dispatch: Handler): void {
    try {
      dispatch(this, i);
    } catch (error) {
      if (error instanceof LeavesCold) {
        this.unit.builder.exit('deopt', CALLS_OUT, this.before, { origin: this.origin });
        this.end();
      } else if (error instanceof NotRestartable && this.restart) this.leave(error.reason);
      else throw error;
    }
  }

  /**
   * CPython looks at its eval breaker where it jumps back. Here it is the loop header, so that the header begins with a
   * frame state for guards that leave the loop body. The interpreter takes one turn before it looks itself.
   */
  #safepoint(): void {
    this.unit.builder.emit('py.safepoint', [], { frameState: this.#before, origin: this.origin });
  }

  #begin(offset: number): void {
    this.#offset = offset;
    this.#before = this.stateAt(offset);
    if (!this.state.stale) return;
    this.state.globals = this.unit.promoted.list.map((p) => {
      const value = this.value('py.load_global', [], [p.dict, p.entry, p.name]);
      this.unit.hints.set(value, { type: this.unit.profile.typeName(p.value) });
      return value;
    });
    this.state.stale = false;
    this.#before = this.stateAt(offset);
  }

  // ---- frame states ------------------------------------------------------------------------------------------------

  /** The frame before the instruction being translated. */
  get before(): FrameState {
    return this.callStart ?? this.#before;
  }

  /** What follows belongs to a call that begins with the current instruction. */
  beginCall(): void {
    this.callStart = this.before;
    this.#callOffset ??= this.#offset;
  }

  /** Of a call, counted from the top of the stack: as the interpreter does before it calls, which may begin anew with what took the operand's place. */
  replaceOperand(depth: number, value: ValueId): void {
    this.state.stack[this.state.stack.length - depth] = value;
    this.callStart = this.stateAt(this.#offset);
  }

  endCall(): void {
    this.callStart = this.#callOffset = undefined;
  }

  stateAt(offset: number): FrameState {
    const { caller, functionObject, restart } = this.#options;
    if (restart) return restart;
    const { state } = this;
    return {
      code: this.codeIndex, offset, locals: [...state.locals], stack: [...state.stack],
      globals: state.stale ? [] : this.unit.promoted.list.map((p, n) => ({ dict: p.dict, name: p.name, value: state.globals[n]! })),
      caller, functionObject,
    };
  }

  get origin(): Origin {
    return { code: this.codeIndex, offset: this.#callOffset ?? this.#offset };
  }

  // ---- operand stack ------------------------------------------------------------------------------------------------

  push(value: StackSlot): void {
    this.state.stack.push(value);
  }

  pop(): ValueId {
    const value = this.popSlot();
    if (value === 'null') throw new Bailout('malformed-code', 'NULL where a value was expected');
    return value;
  }

  popSlot(): StackSlot {
    const value = this.state.stack.pop();
    if (value === undefined) throw new Bailout('malformed-code', 'operand stack underflow');
    return value;
  }

  /** The last `count` values, bottom first. */
  popMany(count: number): ValueId[] {
    const values: ValueId[] = [];
    for (let n = 0; n < count; n++) values.push(this.pop());
    return values.reverse();
  }

  // ---- emitting -----------------------------------------------------------------------------------------------------

  emit(op: OpName, args: readonly ValueId[] = [], immediates: Immediate[] = [], overwritten?: string): ValueId | undefined {
    const { unit, origin } = this;
    if (this.restart) assertRestartable(this, op, args);
    const frameState = NAMES_A_CONSTANT.has(op) ? undefined : this.before;
    // Leaving from there would run the call once more.
    invariant(!frameState || this.#calledFrom !== frameState || CANNOT_LEAVE.has(op), `${op} after a call in the same instruction`);
    const made = unit.builder.emit(op, args, { immediates, frameState, origin });
    const form = unit.profile.specialization(origin);
    const object = op === 'py.call' ? unit.constant(args[0]!) : undefined;
    const callee = object === undefined ? undefined : unit.object(object);
    const typeOf = (v: ValueId): string | undefined => unit.typeOf(v);
    if (made.result !== undefined) unit.hints.set(made.result, { type: resultType(made, form, typeOf, callee) });
    const surroundings = { form, failures: unit.profile.failed(origin), typeOf, constant: unit.constant, callee, objects: unit.request.objects, overwritten };
    if (frameState) {
      this.#calledOut = false;
      this.#mayHaveCalled = MAY_CALL.has(op);
    }
    const callsOut = mayRunPython(made, surroundings);
    // What dies does so at the end of an instruction, which shall not be run again.
    if (callsOut && op !== 'py.release' && this.#isCold()) this.#leaveInstead();
    if (callsOut) this.becomeStale(() => unit.opaque.add(made));
    else noteLifetime(this, made, overwritten);
    return made.result;
  }

  /**
   * An inlined frame cannot call out: its caller would need a frame. An instruction that the interpreter has not specialised was
   * hardly ever run: compiled code ends before it, unless that turned out to be often.
   */
  #isCold(): boolean {
    const { name, form, cache } = this.code.at(this.#offset)!;
    if (!this.isInlined || this.restart || cache.length === 0 || (form !== name && !form.endsWith('_ADAPTIVE'))) return false;
    return !this.unit.profile.wasWarm(this.origin);
  }

  #leaveInstead(): never {
    this.unit.builder.block.instructions.pop();
    throw new LeavesCold();
  }

  becomeStale(record: () => void): void {
    if (this.restart || this.isTrying) throw new NotRestartable('may-run-python');
    record();
    forgetLifetimes(this.unit);
    this.#calledOut = true;
    this.#calledFrom = this.before;
    this.unit.opaqueCount++;
    this.state.globals = [];
    this.state.stale = this.unit.promoted.list.length > 0;
  }

  value(op: OpName, args: readonly ValueId[] = [], immediates: Immediate[] = []): ValueId {
    return defined(this.emit(op, args, immediates), `result of ${op}`);
  }

  constant(object: number): ValueId {
    const value = this.value('py.const', [], [object]);
    this.unit.constants.set(value, object);
    return value;
  }

  /** bool(value); a value that is one already stays as it is. */
  truth(value: ValueId): ValueId {
    if (this.#truths.has(value)) return value;
    const truth = this.value('py.truth', [value]);
    this.#truths.add(truth);
    return truth;
  }

  /** Ends compiled code before the current instruction. */
  leave(reason: string, kind: ExitKind = 'unsupported'): void {
    if (this.restart) return this.#restartHere(this.restart, reason);
    this.unit.exits.push(reason);
    this.unit.builder.exit(kind, reason, this.before, { origin: this.origin });
    this.end();
  }

  /** On this path the interpreter does the whole instruction that this frame is part of; when that is often, always. */
  #restartHere(restart: FrameState, reason: string): void {
    this.leftBecause ??= reason;
    if (this.unit.profile.failed(this.origin).some((x) => x.reason === reason)) throw new NotRestartable(reason);
    this.unit.builder.exit('deopt', reason, restart, { origin: this.origin });
    this.end();
  }

  /** Nothing follows in this straight line. */
  end(): void {
    this.#ended = true;
  }

  // ---- blocks --------------------------------------------------------------------------------------------------------

  jumpTo(offset: number): void {
    // Whoever was called may have begun to trace: there must be a way out before the next block.
    if (this.restart) { /* As in a straight line. */ } else if (this.#calledOut) this.#wayOut(offset);
    else if (this.#mayHaveCalled) this.#afterCall(this.stateAt(offset), offset);
    const { block, args } = this.edgeTo(offset);
    this.unit.builder.jump(block, args);
    this.end();
  }

  #afterCall(frameState: FrameState, offset: number): void {
    this.unit.builder.emit('py.after_call', [], { frameState, origin: { code: this.codeIndex, offset } });
    this.#mayHaveCalled = false;
  }

  #wayOut(offset: number): void {
    this.unit.builder.emit('py.safepoint', [], { frameState: this.stateAt(offset), origin: { code: this.codeIndex, offset } });
  }

  /** The same as an edge of a terminator that has called out: its way out is in a block between. */
  edgeAfterCall(offset: number, later?: Later): Edge {
    const { builder } = this.unit;
    const { block: here } = builder;
    const between = builder.createBlock([]);
    builder.switchTo(between);
    this.#wayOut(offset);
    const { block, args } = this.edgeTo(offset, later);
    builder.jump(block, args);
    builder.switchTo(here);
    return edge(between.id);
  }

  /** An edge to this place in the shape of the current state. `later`: it is rarely taken. */
  edgeTo(offset: number, later?: Later): Edge {
    const { constant } = this.unit;
    const context = this.#contextAt(offset);
    const key = `${context.map((loop) => loop.version).join()}|${offset}|${shapeOf(this.state, constant, this.#lifetimeOf)}`;
    let version = this.#versions.get(key);
    if (!version) {
      const count = (this.#versionCount.get(offset) ?? 0) + 1;
      if (count > MAX_VERSIONS) return edge(this.#exitBlock(offset).id);
      this.#versionCount.set(offset, count);
      const last = this.#loops.get(offset);
      const inside = last === undefined ? context : [...context, { header: offset, last, version: `${offset}.${count}` }];
      version = this.#createVersion(offset, inside);
      this.#versions.set(key, version);
      if (this.#isLaterLoop(offset)) this.#work.addLater(version, LATER_LOOP);
      else if (later && context.length > 0) this.#work.addLater(version, later);
      else this.#work.add(version);
    } else if (!later && !this.#isLaterLoop(offset)) {
      this.#work.isWanted(version);
    }
    return edge(version.block.id, valuesOf(this.state, constant));
  }

  #isLaterLoop(offset: number): boolean {
    return this.#endOfLoops !== undefined && offset > this.#endOfLoops && this.#loops.has(offset);
  }

  /** Where a unit begins inside loops, it has not come through their headers. */
  #loopsAround(offset: number): LoopContext[] {
    const around = [...this.#loops].filter(([header, last]) => header < offset && offset <= last);
    return around.sort(([a], [b]) => a - b).map(([header, last]) => ({ header, last, version: 'entry' }));
  }

  /** The loops around a place, as entered on the way to it; those left are dropped. */
  #contextAt(offset: number): LoopContext[] {
    return this.#context.filter((loop) => offset > loop.header && offset <= loop.last);
  }

  #createVersion(offset: number, context: readonly LoopContext[]): Version {
    const { fn, constant, constants, hints } = this.unit;
    const block = addBlock(fn);
    const origin = { code: this.codeIndex, offset };
    const param = (old: ValueId): ValueId => {
      const value = this.unit.builder.addParam(block, 'py');
      hints.set(value, hints.get(old) ?? { type: this.unit.typeOf(old), object: constant(old) });
      const lifetime = this.#lifetimeOf(old);
      if (lifetime !== undefined) this.unit[lifetime].add(value);
      return value;
    };
    const remake = (object: number): ValueId => {
      const instruction = makeInstruction(fn, 'py.const', [], { immediates: [object], origin });
      block.instructions.push(instruction);
      constants.set(instruction.result!, object);
      return instruction.result!;
    };
    return { offset, context, block, state: withValues(this.state, constant, param, remake) };
  }

  #exitBlock(offset: number): Block {
    if (this.restart) throw new NotRestartable('too-many-versions');
    const block = addBlock(this.unit.fn);
    this.#leaveAt(block, offset, 'too-many-versions', 'unsupported');
    return block;
  }

  #leaveAt(block: Block, offset: number, reason: string, kind: ExitKind): void {
    this.unit.exits.push(reason);
    block.terminator = exitAt(kind, reason, this.stateAt(offset), { origin: { code: this.codeIndex, offset } });
  }
}
