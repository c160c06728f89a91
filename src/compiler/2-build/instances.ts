/** Calls of plain classes, and functions that are part of an instruction (restartable.ts). */
import type { BytecodeInstruction } from '#compiler/1-decode/decode.ts';
import { frameStateWith } from '#ir/frame-states.ts';
import { valueId, type ValueId } from '#ir/types.ts';
import type { ClassInfo } from '#protocol/request.ts';
import { defined } from '#support/invariant.ts';
import type { Call } from './calls.ts';
import { Frame, type Handler } from './frame.ts';
import { calleeLocals, guardCallee, planInline, snapshot, type Plan } from './inline.ts';
import { noteInstance, releaseOperands } from './lifetimes.ts';
import { inOrderOfEnds } from './quiet-ends.ts';
import { NotRestartable, restartState } from './restartable.ts';
import type { FreshAttribute, FreshInstance } from './state.ts';

/** As in agent/instances.c. */
const BITS_OF_PLACE = 6n;
const MAX_ATTRIBUTES = 10;
const FIRST_SLOT = 32;
const BYTES_OF_WORD = 8;
/** Of a DictValues before its values. */
const BYTES_BEFORE_VALUES = 8;

/** True when a call of a class was translated as its `__init__` and one instruction that makes the object. */
export function tryInstantiate(f: Frame, call: Call, dispatch: Handler): boolean {
  const { unit } = f;
  const index = defined(unit.constant(call.callee), 'constant callee');
  const info = unit.object(index);
  if (info.kind !== 'type' || !info.isPlainClass) return false;
  return attempt(f, () => instantiate(f, call, index, info, dispatch), call.args);
}

/** Translates an instruction as the functions it runs; false, with everything as it was, when that cannot be. */
export function attempt(f: Frame, translate: () => void, operands: readonly ValueId[]): boolean {
  const { unit } = f;
  const place = placeOf(f);
  if (unit.notRestartable.has(place)) return false;
  const undo = snapshot(unit, f);
  try {
    f.isTrying = true;
    translate();
    if (unit.budget < 0) throw new NotRestartable('unit-too-large');
  } catch (error) {
    if (!(error instanceof NotRestartable)) throw error;
    undo.restore();
    // Within another one it is for that to give up.
    if (f.restart) throw error;
    unit.notRestartable.set(place, error.reason);
    return false;
  } finally {
    f.isTrying = false;
  }
  if (!f.restart) releaseOperands(f, inOrderOfEnds(f, operands));
  return true;
}

const placeOf = (f: Frame): string => `${f.origin.code}:${f.origin.offset}`;

function instantiate(f: Frame, call: Call, index: number, info: ClassInfo, dispatch: Handler): void {
  const { unit } = f;
  if (unit.profile.failed(f.origin).some(({ reason }) => reason === 'instance.make' || reason === 'guard.class_version')) throw new NotRestartable('class-changed');
  const init = info.methods.get('__init__');
  if (init === undefined) throw new NotRestartable('no-init');
  const self = valueId(unit.fn.nextValue++);
  unit.placeholders.add(self);
  unit.hints.set(self, { type: info.name });
  const fresh: FreshInstance = { self, class: index, attributes: [] };
  f.state.instances = [...f.state.instances, fresh];
  const method = f.constant(init);
  const child = translateCallee(f, { ...call, callee: method, args: [self, ...call.args] }, dispatch);
  for (const r of child.returns) {
    unit.builder.switchTo(r.block);
    const none = unit.constant(r.value);
    if (none === undefined || unit.object(none).kind !== 'none') throw new NotRestartable('init-returns-something');
    const { attributes } = defined(r.state.instances.at(-1), 'instance');
    f.state.instances = r.state.instances.slice(0, -1);
    r.value = makeInstance(f, index, info, attributes);
  }
  joinReturns(f, child, info.name);
}

function makeInstance(f: Frame, index: number, info: ClassInfo, attributes: readonly FreshAttribute[]): ValueId {
  const values = attributes.map((a) => a.value);
  if (values.some((v) => f.unit.placeholders.has(v))) throw new NotRestartable('new-object-escapes');
  if (values.length > MAX_ATTRIBUTES) throw new NotRestartable('too-many-attributes');
  const places = attributes.reduce((sum, { place }, n) => sum | BigInt(place) << BITS_OF_PLACE * BigInt(n), 0n);
  const made = f.value('py.make_instance', values, [index, info.version, places]);
  noteInstance(f, made, values);
  return made;
}

/** Goes on with what a method returns, which is not NotImplemented. */
export function runMethod(f: Frame, method: number, args: readonly ValueId[], dispatch: Handler): void {
  const { unit } = f;
  if (method < 0) throw new NotRestartable('no-python-function');
  const failed = unit.profile.failed(f.origin);
  if (failed.some((x) => x.reason === 'guard.is_not' || x.reason === NOT_IMPLEMENTED)) throw new NotRestartable(NOT_IMPLEMENTED);
  const instruction = defined(f.code.at(f.origin.offset), 'instruction');
  const child = translateCallee(f, { callee: f.constant(method), args, keywordNames: undefined, instruction }, dispatch);
  const others = child.returns.filter((r) => !leaveForNotImplemented(f, r));
  child.returns.splice(0, child.returns.length, ...others);
  if (others.length === 0) throw new NotRestartable('never-returns');
  joinReturns(f, child, undefined);
}

const NOT_IMPLEMENTED = 'not-implemented';

/** True when the return is one where CPython goes on to ask the other operand. */
function leaveForNotImplemented(f: Frame, { block, value }: Frame['returns'][number]): boolean {
  const { builder, placeholders, profile } = f.unit;
  builder.switchTo(block);
  const object = f.unit.constant(value);
  if (object !== undefined && profile.typeName(object) === 'NotImplementedType') {
    builder.exit('deopt', NOT_IMPLEMENTED, restartState(f), { origin: f.origin });
    return true;
  }
  if (object === undefined && !placeholders.has(value)) f.emit('py.guard_is_not', [value], ['@_Py_NotImplementedStruct']);
  return false;
}

/** A function called by restartable code is part of the same instruction. */
export function inlineRestartable(f: Frame, call: Call, dispatch: Handler): boolean {
  const undo = snapshot(f.unit, f);
  try {
    joinReturns(f, translateCallee(f, call, dispatch), undefined);
    return true;
  } catch (error) {
    if (error instanceof NotRestartable) undo.restore();
    throw error;
  }
}

function translateCallee(f: Frame, call: Call, dispatch: Handler): Frame {
  const { unit } = f;
  const plan: Plan | undefined = planInline(f, call);
  if (!plan) throw new NotRestartable('function-not-inlined');
  guardCallee(f, call.callee, plan);
  const state = { ...f.state, locals: calleeLocals(f, plan), stack: [], globals: [...f.state.globals] };
  const child = new Frame(unit, { code: plan.info.code, chain: f.chain, functionObject: plan.object, restart: frameStateWith(restartState(f), {}) }, state);
  child.translate(plan.start, dispatch);
  if (child.returns.length === 0) throw new NotRestartable(child.leftBecause ?? 'never-returns');
  unit.usedCodes.add(plan.info.code);
  return child;
}

/** Goes on in the caller with what came out. */
function joinReturns(f: Frame, child: Frame, type: string | undefined): void {
  const { builder, hints, placeholders } = f.unit;
  const [first, ...others] = child.returns;
  if (!first) return;
  const keep = (value: ValueId, instances: readonly FreshInstance[]): void => {
    f.state.instances = instances;
    if (type !== undefined) hints.set(value, { type });
    f.push(value);
  };
  const valuesOf = (r: typeof first): ValueId[] => instancesOf(r).flatMap((i) => i.attributes.map((a) => a.value)).filter((v) => !placeholders.has(v));
  const instancesOf = (r: typeof first): readonly FreshInstance[] => r.state.instances.slice(0, f.state.instances.length);
  if (others.length === 0) {
    builder.switchTo(first.block);
    return keep(first.value, instancesOf(first));
  }
  const shape = (r: typeof first): string => `${placeholders.has(r.value)}|${instancesOf(r).map((i) => i.attributes.map((a) => a.place).join()).join(';')}`;
  if (placeholders.has(first.value) || child.returns.some((r) => shape(r) !== shape(first))) throw new NotRestartable('returns-differ');
  const join = builder.createBlock(['py', ...valuesOf(first).map(() => 'py' as const)]);
  for (const r of child.returns) {
    builder.switchTo(r.block);
    builder.jump(join.id, [r.value, ...valuesOf(r)]);
  }
  const [result, ...values] = join.params as [ValueId, ...ValueId[]];
  builder.switchTo(join);
  hints.set(result, { type: f.unit.typeOf(first.value) });
  const rest = [...values];
  const instances = instancesOf(first).map((i) => ({ ...i, attributes: i.attributes.map((a) => (placeholders.has(a.value) ? a : { ...a, value: rest.shift()! })) }));
  keep(result, instances);
}

// ---- the new object's attributes -----------------------------------------------------------------------------------------

const PLACE_FORM = /_ATTR_(INSTANCE_VALUE|SLOT)$/;

/** Where the specialised instruction has an attribute, if it is one of this class as it is. */
function placeOfAttribute(f: Frame, i: BytecodeInstruction, instance: FreshInstance): number {
  const { profile } = f.unit;
  const info = f.unit.object(instance.class) as ClassInfo;
  const { typeVersion, index } = profile.attributeCache(f.origin);
  if (!PLACE_FORM.test(i.form)) throw new NotRestartable('attribute-not-specialised');
  if (typeVersion !== info.version || profile.failed(f.origin).length > 0) throw new NotRestartable('attribute-of-another-class');
  if (i.form.endsWith('_SLOT')) return placeInRange(FIRST_SLOT + index / BYTES_OF_WORD, 2 * FIRST_SLOT);
  return placeInRange(1 + (f.code.layout === 311 ? index : (index - info.basicsize - BYTES_BEFORE_VALUES) / BYTES_OF_WORD), FIRST_SLOT);
}

function placeInRange(place: number, end: number): number {
  if (!Number.isInteger(place) || place < 1 || place >= end) throw new NotRestartable('attribute-place');
  return place;
}

/** True when the object is a new one, and the attribute was stored. */
export function storeFresh(f: Frame, i: BytecodeInstruction, owner: ValueId, name: string, value: ValueId): boolean {
  const instance = f.state.instances.find((x) => x.self === owner);
  if (!instance) return false;
  const place = placeOfAttribute(f, i, instance);
  const isNew = instance.attributes.every((a) => a.place !== place);
  const attributes = isNew ? [...instance.attributes, { name, place, value }] : instance.attributes.map((a) => (a.place === place ? { ...a, value } : a));
  f.state.instances = f.state.instances.map((x) => (x === instance ? { ...x, attributes } : x));
  return true;
}

/** The attribute of a new object; undefined when the object is another one. */
export function loadFresh(f: Frame, i: BytecodeInstruction, owner: ValueId): ValueId | undefined {
  const instance = f.state.instances.find((x) => x.self === owner);
  if (!instance) return undefined;
  const place = placeOfAttribute(f, i, instance);
  const found = instance.attributes.find((a) => a.place === place);
  if (!found) throw new NotRestartable('attribute-not-set');
  return found.value;
}

/** True when a method was looked up on a new object of the class that the instruction was specialised for. */
export function isMethodOfFresh(f: Frame, owner: ValueId, name: string): boolean {
  const instance = f.state.instances.find((x) => x.self === owner);
  if (!instance) return false;
  const info = f.unit.object(instance.class) as ClassInfo;
  const isHidden = instance.attributes.some((a) => a.name === name);
  if (isHidden || f.unit.profile.methodCache(f.origin).typeVersion !== info.version) throw new NotRestartable('attribute-of-another-class');
  return true;
}
