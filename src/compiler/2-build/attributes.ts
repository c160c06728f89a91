/** Attributes and method lookups. */
import type { BytecodeInstruction } from '#compiler/1-decode/decode.ts';
import type { ValueId } from '#ir/types.ts';
import { isStaticType } from '#protocol/request.ts';
import { hasFailed } from './containers.ts';
import type { Frame, Handler } from './frame.ts';
import { isMethodOfFresh, loadFresh, storeFresh } from './instances.ts';
import { loadEntry, nameAt } from './names.ts';
import { READS_PLACE } from './restartable.ts';

export const attributes: Readonly<Record<string, Handler>> = {
  LOAD_ATTR: (f, i) => {
    if (f.code.layout === 311) f.push(loadAttribute(f, i, i.arg));
    else if ((i.arg & 1) === 0) f.push(loadAttribute(f, i, i.arg >> 1));
    else loadMethod(f, i, i.arg >> 1);
  },
  LOAD_METHOD: (f, i) => loadMethod(f, i, i.arg),
  LOAD_SUPER_ATTR: loadSuper,
  STORE_ATTR: (f, i) => {
    const [value, owner] = f.popMany(2) as [ValueId, ValueId];
    if (storeFresh(f, i, owner, nameAt(f, i.arg), value)) return;
    f.emit('py.store_attribute', [owner, value], [i.arg]);
  },
};

function loadAttribute(f: Frame, i: BytecodeInstruction, name: number): ValueId {
  nameAt(f, name);
  const owner = f.pop();
  return loadFresh(f, i, owner) ?? moduleAttribute(f, i, owner, name) ?? classAttribute(f, i, owner) ?? instanceAttribute(f, owner, name);
}

/** What it holds is probably of the class that it was seen to hold. */
function instanceAttribute(f: Frame, owner: ValueId, name: number): ValueId {
  const { unit } = f;
  const value = f.value('py.attribute', [owner], [name]);
  const cls = READS_PLACE.test(unit.profile.specialization(f.origin)) ? unit.classOfVersion(unit.profile.attributeCache(f.origin).typeVersion) : undefined;
  const type = cls === undefined ? undefined : unit.attributeType(cls, nameAt(f, name));
  if (type !== undefined) unit.hints.set(value, { type });
  return value;
}

/** An attribute of the object's class that no instance hides: its value of today, behind the guards of the specialised instruction. */
function classAttribute(f: Frame, i: BytecodeInstruction, owner: ValueId): ValueId | undefined {
  const value = cacheObject(f, i);
  if (value === undefined || !f.unit.isNameable(value, true) || !i.form.startsWith('LOAD_ATTR_NONDESCRIPTOR_')) return undefined;
  if (f.unit.profile.failed(f.origin).length > 0) return undefined;
  guardClass(f, owner, i.form.endsWith('_WITH_VALUES'));
  return f.constant(value);
}

/** The class is as it was, and no instance has an attribute of that name as long as none of the class has one. */
function guardClass(f: Frame, owner: ValueId, hasValues: boolean): void {
  const { typeVersion, keysVersion } = f.unit.profile.methodCache(f.origin);
  f.emit('py.guard_type_version', [owner], [typeVersion]);
  if (hasValues) f.emit('py.guard_keys_version', [owner], [keysVersion]);
  const cls = f.unit.classOfVersion(typeVersion), info = cls === undefined ? undefined : f.unit.object(cls);
  if (info?.kind === 'type' && f.unit.typeOf(owner) === undefined) f.unit.hints.set(owner, { ...f.unit.hints.get(owner), type: info.name });
}

/** Attributes of every module, which its dict does not decide. */
const isSpecial = (text: string): boolean => text.startsWith('__');

/**
 * `math.sqrt` of a module known at compile time: its value of today, guarded, as with a global name; once that has changed, what the
 * module's dict holds. Names that the unit itself stores may be ahead of their dict.
 */
function moduleAttribute(f: Frame, i: BytecodeInstruction, owner: ValueId, name: number): ValueId | undefined {
  const { unit } = f;
  const object = unit.constant(owner);
  const module = object === undefined ? undefined : unit.object(object);
  const attribute = f.code.info.moduleAttributes.get(i.opcodeOffset);
  const text = nameAt(f, name);
  if (module?.kind !== 'module' || attribute?.dict !== module.dict || isSpecial(text) || unit.promoted.isStored(attribute.dict, text)) return undefined;
  const failures = unit.profile.failed(f.origin);
  if (failures.some((x) => NO_MODULE.has(x.reason))) return undefined;
  f.emit('py.guard_type', [owner], ['@PyModule_Type']);
  if (unit.isNameable(attribute.value, true) && !failures.some((x) => x.reason === 'guard.global')) {
    f.emit('py.guard_global', [], [attribute.dict, attribute.entry, attribute.value]);
    return f.constant(attribute.value);
  }
  const nameObject = unit.findObject((o) => o.kind === 'str' && o.value === text);
  if (nameObject !== undefined) unit.profile.addAttribute(attribute.dict, nameObject, attribute.value);
  return loadEntry(f, attribute.dict, attribute.entry, text, attribute.value);
}

/** Its type, its names or this one of them have changed. */
const NO_MODULE: ReadonlySet<string> = new Set(['guard.type', 'guard.dict_keys', 'dict.entry']);

const cacheObject = (f: Frame, i: BytecodeInstruction): number | undefined => f.code.info.cacheObjects.get(i.opcodeOffset);

/** Leaves callable and receiver on the stack, or an attribute and NULL (in the order of the version). */
function loadMethod(f: Frame, i: BytecodeInstruction, name: number): void {
  const text = nameAt(f, name);
  const owner = f.pop();
  if (knownMethod(f, i, owner, text)) return;
  const attribute = moduleAttribute(f, i, owner, name) ?? instanceAttribute(f, owner, name);
  if (f.code.layout === 311) f.push('null');
  f.push(attribute);
  if (f.code.layout === 314) f.push('null');
}

/** The method that the inline cache holds, behind the guards that CPython's own specialised instruction has. */
function knownMethod(f: Frame, i: BytecodeInstruction, owner: ValueId, name: string): boolean {
  const method = cacheObject(f, i);
  const hasValues = /METHOD_WITH_VALUES$/.test(i.form);
  if (method === undefined || !f.unit.isNameable(method, true) || !(hasValues || /METHOD_NO_DICT$/.test(i.form))) return false;
  if (f.unit.profile.failed(f.origin).length > 0) return false;
  if (!isMethodOfFresh(f, owner, name)) guardClass(f, owner, hasValues);
  f.push(f.constant(method));
  f.push(owner);
  return true;
}

/** `super().method(…)`: what is looked up depends on the object's class, so it is looked up each time. Other attributes are the interpreter's. */
function loadSuper(f: Frame, i: BytecodeInstruction): void {
  const [callee, cls, self] = f.popMany(3) as [ValueId, ValueId, ValueId];
  const text = nameAt(f, i.arg >> 2);
  const name = f.unit.findObject((o) => o.kind === 'str' && o.value === text);
  const isCalled = (i.arg & 1) === 1;
  if (name === undefined || !isCalled || !isSuper(f, callee) || text === '__class__') return f.leave('unsupported-opcode:LOAD_SUPER_ATTR');
  if (hasFailed(f, i, 'type.super_method')) return;
  f.push(f.value('py.super_method', [cls, self, f.constant(name)]));
  f.push(self);
}

function isSuper({ unit }: Frame, value: ValueId): boolean {
  const object = unit.constant(value);
  const info = object === undefined ? undefined : unit.object(object);
  return info?.kind === 'type' && info.name === 'super' && isStaticType(info);
}
