/** Inlining of calls of known Python functions. */
import type { DecodedCode } from '#compiler/1-decode/decode.ts';
import { unterminated } from '#ir/builder.ts';
import { frameStateWith } from '#ir/frame-states.ts';
import type { FrameState, ValueId } from '#ir/types.ts';
import type { ObjectInfo } from '#protocol/request.ts';
import { defined } from '#support/invariant.ts';
import type { Call } from './calls.ts';
import { Frame, type Handler } from './frame.ts';
import { storedLocals } from './locals.ts';
import { inlineRestartable } from './instances.ts';
import { copyState, type LocalSlot } from './state.ts';
import type { Unit } from './unit.ts';

const MAX_DEPTH = 4;
const MAX_CALLEE_INSTRUCTIONS = 120;
/** Of the callees of a unit that is of no use without them. */
const MAX_LARGE_CALLEE_INSTRUCTIONS = 400;
const CO_OPTIMIZED_NEWLOCALS = 0x3;
/** *args, **kwargs, generator, coroutine, iterable coroutine, async generator. */
const CO_NOT_PLAIN = 0x4 | 0x8 | 0x20 | 0x80 | 0x100 | 0x200;
const CO_FAST_FREE = 0x80;

type FunctionInfo = Extract<ObjectInfo, { kind: 'function' }>;

export interface Plan {
  readonly object: number;
  readonly info: FunctionInfo;
  readonly code: DecodedCode;
  /** First instruction after the prologue. */
  readonly start: number;
  /** What goes into the arguments: values of the call, or object-table indices of defaults. */
  readonly arguments: readonly ({ readonly value: ValueId } | { readonly object: number })[];
  /** Guards the version of the function; otherwise its code object. */
  readonly byVersion: boolean;
  /** Object-table indices of the closure's cells. */
  readonly cells: readonly number[];
}

/**
 * True when the call was translated as the callee's body (or as an exit inside it). The body is taken back when it holds
 * something that may run Python code: such a call needs a real frame for its caller.
 */
export function tryInline(f: Frame, call: Call, dispatch: Handler): boolean {
  if (f.restart) return f.unit.object(f.unit.constant(call.callee) ?? -1).kind === 'function' && inlineRestartable(f, call, dispatch);
  const plan = planInline(f, call);
  if (!plan) return false;
  const { unit } = f;
  const undo = snapshot(unit, f);
  guardCallee(f, call.callee, plan);
  const caller = callerState(f, call);
  const locals = calleeLocals(f, plan);
  const child = new Frame(unit, {
    code: plan.info.code, chain: f.chain, functionObject: plan.object, caller, keptAlive: findKeptAlive(f, plan.code, locals, caller),
  }, { ...f.state, locals, stack: [], globals: [...f.state.globals] });
  child.translate(plan.start, dispatch);
  if (unit.opaqueCount > undo.opaqueCount || child.returns.length === 0 || unit.budget < 0) {
    undo.restore();
    unit.notInlinable.add(plan.object);
    return false;
  }
  unit.usedCodes.add(plan.info.code);
  joinReturns(f, child);
  return true;
}

/** An entry unit for the function takes its version away; defaults are only guarded by the version. */
export function guardCallee(f: Frame, callee: ValueId, plan: Plan): void {
  if (plan.byVersion) f.emit('py.guard_function', [callee], [plan.info.version]);
  else f.emit('py.guard_code', [callee], [plan.info.codeObject]);
}

/** The caller as it waits for its result: without callable and arguments, at the CALL itself. */
function callerState(f: Frame, call: Call): FrameState {
  return frameStateWith(f.before, { offset: call.instruction.opcodeOffset, stack: [...f.state.stack], globals: [] });
}

export function calleeLocals(f: Frame, plan: Plan): LocalSlot[] {
  const { info } = plan.code;
  const locals: LocalSlot[] = info.localsplusnames.map(() => 'null');
  plan.arguments.forEach((a, n) => {
    locals[n] = 'value' in a ? a.value : f.constant(a.object);
  });
  const firstFree = locals.length - plan.cells.length;
  plan.cells.forEach((cell, n) => {
    locals[firstFree + n] = f.constant(cell);
  });
  return locals;
}

/** Arguments that a caller or a module-level name holds for as long as the callee runs. */
function findKeptAlive(f: Frame, code: DecodedCode, locals: readonly LocalSlot[], caller: FrameState): ReadonlySet<number> {
  const { unit } = f;
  const held = new Set<unknown>(f.state.globals.filter((_, n) => !unit.promoted.list[n]!.isStoredByCallees));
  for (let s: FrameState | undefined = caller; s; s = s.caller) for (const v of [...s.locals, ...s.stack]) held.add(v);
  const stored = new Set(code.instructions.flatMap(storedLocals));
  const kept = locals.map((v, slot) => (typeof v === 'number' && !stored.has(slot) && (held.has(v) || unit.constant(v) !== undefined) ? slot : -1));
  return new Set(kept.filter((slot) => slot >= 0));
}

function joinReturns(f: Frame, child: Frame): void {
  const { builder, hints } = f.unit;
  const [first, ...others] = child.returns;
  if (!first) return;
  if (others.length === 0) {
    builder.switchTo(first.block);
    f.state.globals = first.state.globals;
    return f.push(first.value);
  }
  const join = builder.createBlock(['py', ...first.state.globals.map(() => 'py' as const)]);
  for (const r of child.returns) {
    builder.switchTo(r.block);
    builder.jump(join.id, [r.value, ...r.state.globals]);
  }
  const [result, ...globals] = join.params as [ValueId, ...ValueId[]];
  join.params.forEach((p, n) => hints.set(p, { type: f.unit.typeOf(n === 0 ? first.value : first.state.globals[n - 1]!) }));
  builder.switchTo(join);
  f.state.globals = globals;
  f.push(result);
}

// ---- decisions ---------------------------------------------------------------------------------------------------------

export function planInline(f: Frame, call: Call): Plan | undefined {
  const { unit } = f;
  const object = defined(unit.constant(call.callee), 'constant callee');
  const info = unit.object(object);
  if (info.kind !== 'function' || info.code < 0 || unit.notInlinable.has(object)) return undefined;
  if (f.chain.length > MAX_DEPTH || f.chain.filter((c) => c === info.code).length > 1) return undefined;
  if (unit.profile.failed(f.origin).some((x) => x.reason === 'guard.function' || x.reason === 'guard.code')) return undefined;
  if (!unit.canDecode(info.code)) return undefined;
  const code = unit.decoded(info.code);
  if (!isPlain(code) || isTooLarge(unit, code)) return undefined;
  const start = afterPrologue(code);
  const args = bindArguments(f, call, info, code);
  const cells = closureCells(unit, info, code);
  if (start === undefined || !args || !cells) return undefined;
  const byVersion = info.codeObject < 0 || args.some((a) => 'object' in a);
  return byVersion && info.version === 0 ? undefined : { object, info, code, start, arguments: args, cells, byVersion };
}

function isPlain(code: DecodedCode): boolean {
  const { flags, kwonly, exceptiontable, localspluskinds } = code.info;
  const cellsOfItsOwn = localspluskinds.some((k) => (k & 0x40) !== 0);
  return (flags & CO_OPTIMIZED_NEWLOCALS) === CO_OPTIMIZED_NEWLOCALS && (flags & CO_NOT_PLAIN) === 0 && kwonly === 0
    && exceptiontable.length === 0 && !cellsOfItsOwn;
}

/** Notes that one had to be left out which could be part of the unit. */
function isTooLarge(unit: Unit, { instructions: { length } }: DecodedCode): boolean {
  if (length <= MAX_CALLEE_INSTRUCTIONS) return false;
  if (length <= MAX_LARGE_CALLEE_INSTRUCTIONS) unit.hasLargeCallees = true;
  return !unit.inlinesLargeCallees || length > MAX_LARGE_CALLEE_INSTRUCTIONS;
}

function afterPrologue(code: DecodedCode): number | undefined {
  for (const i of code.instructions) {
    if (i.name === 'RESUME') return i.end;
    if (i.name !== 'COPY_FREE_VARS' && i.name !== 'NOP') return undefined;
  }
  return undefined;
}

/** Positional arguments, then names, then defaults; undefined when the call would raise. */
function bindArguments(f: Frame, call: Call, info: FunctionInfo, code: DecodedCode): Plan['arguments'] | undefined {
  const { argcount, posonly, localsplusnames } = code.info;
  const names = call.keywordNames === undefined ? [] : tuple(f.unit, call.keywordNames).map((n) => f.unit.object(n));
  const positional = call.args.length - names.length;
  if (positional > argcount || call.args.length > argcount) return undefined;
  const bound = new Array<Plan['arguments'][number] | undefined>(argcount).fill(undefined);
  call.args.slice(0, positional).forEach((value, n) => { bound[n] = { value }; });
  for (const [n, name] of names.entries()) {
    const at = name.kind === 'str' ? localsplusnames.indexOf(name.value) : -1;
    if (at < posonly || at >= argcount || bound[at] !== undefined) return undefined;
    bound[at] = { value: call.args[positional + n]! };
  }
  const defaults = info.defaults < 0 ? [] : tuple(f.unit, info.defaults);
  defaults.forEach((object, n) => { bound[argcount - defaults.length + n] ??= { object }; });
  return bound.every((b) => b !== undefined && !('object' in b && b.object < 0)) ? (bound as Plan['arguments']) : undefined;
}

function closureCells(unit: Unit, info: FunctionInfo, code: DecodedCode): readonly number[] | undefined {
  const free = code.info.localspluskinds.filter((k) => (k & CO_FAST_FREE) !== 0).length;
  if (free === 0) return [];
  const cells = info.closure < 0 ? [] : tuple(unit, info.closure);
  return cells.length === free && cells.every((c) => c >= 0) ? cells : undefined;
}

function tuple(unit: Unit, object: number): readonly number[] {
  const info = unit.object(object);
  return info.kind === 'tuple' ? info.items : [];
}

// ---- taking back -------------------------------------------------------------------------------------------------------

export function snapshot(unit: Unit, f: Frame): { readonly opaqueCount: number; restore(): void } {
  const { builder, fn, opaqueCount } = unit;
  const { block } = builder;
  const length = block.instructions.length;
  const firstValue = fn.nextValue, firstBlock = fn.nextBlock;
  const state = copyState(f.state);
  const exits = [...unit.exits];
  const restore = (): void => {
    for (const id of [...fn.blocks.keys()]) if (id >= firstBlock) fn.blocks.delete(id);
    fn.types.deleteIf((value) => value >= firstValue);
    block.instructions.length = length;
    block.terminator = unterminated();
    builder.switchTo(block);
    unit.opaqueCount = opaqueCount;
    unit.exits = exits;
    f.state = state;
  };
  return { opaqueCount, restore };
}
