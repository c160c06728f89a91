/** Attributes and method lookups. */
import type { BytecodeInstruction } from '#compiler/1-decode/decode.ts';
import type { ValueId } from '#ir/types.ts';
import type { Frame, Handler } from './frame.ts';
import { nameAt } from './names.ts';

export const attributes: Readonly<Record<string, Handler>> = {
  LOAD_ATTR: (f, i) => {
    if (f.code.layout === 311) f.push(loadAttribute(f, i, i.arg));
    else if ((i.arg & 1) === 0) f.push(loadAttribute(f, i, i.arg >> 1));
    else loadMethod(f, i, i.arg >> 1);
  },
  LOAD_METHOD: (f, i) => loadMethod(f, i, i.arg),
  STORE_ATTR: (f, i) => {
    const [value, owner] = f.popMany(2) as [ValueId, ValueId];
    nameAt(f, i.arg);
    f.emit('py.store_attribute', [owner, value], [i.arg]);
  },
};

function loadAttribute(f: Frame, i: BytecodeInstruction, name: number): ValueId {
  nameAt(f, name);
  const owner = f.pop();
  return moduleAttribute(f, i, owner) ?? f.value('py.attribute', [owner], [name]);
}

/** `math.sqrt` of a module known at compile time: its value of today, guarded. */
function moduleAttribute(f: Frame, i: BytecodeInstruction, owner: ValueId): ValueId | undefined {
  const object = f.unit.constant(owner);
  const module = object === undefined ? undefined : f.unit.object(object);
  const value = cacheObject(f, i);
  if (module?.kind !== 'module' || module.dict < 0 || value === undefined || !i.form.endsWith('_MODULE') || !f.unit.isNameable(value, true)) return undefined;
  if (f.unit.profile.failed(f.origin).length > 0) return undefined;
  f.emit('py.guard_global', [], [module.dict, f.unit.profile.attributeCache(f.origin).index, value]);
  return f.constant(value);
}

const cacheObject = (f: Frame, i: BytecodeInstruction): number | undefined => f.code.info.cacheObjects.get(i.opcodeOffset);

/** Leaves callable and receiver on the stack, or an attribute and NULL (in the order of the version). */
function loadMethod(f: Frame, i: BytecodeInstruction, name: number): void {
  nameAt(f, name);
  const owner = f.pop();
  if (knownMethod(f, i, owner)) return;
  const attribute = moduleAttribute(f, i, owner) ?? f.value('py.attribute', [owner], [name]);
  if (f.code.layout === 311) f.push('null');
  f.push(attribute);
  if (f.code.layout === 314) f.push('null');
}

/** The method that the inline cache holds, behind the guards that CPython's own specialised instruction has. */
function knownMethod(f: Frame, i: BytecodeInstruction, owner: ValueId): boolean {
  const method = cacheObject(f, i);
  const hasValues = /METHOD_WITH_VALUES$/.test(i.form);
  if (method === undefined || !f.unit.isNameable(method, true) || !(hasValues || /METHOD_NO_DICT$/.test(i.form))) return false;
  if (f.unit.profile.failed(f.origin).length > 0) return false;
  const { typeVersion, keysVersion } = f.unit.profile.methodCache(f.origin);
  f.emit('py.guard_type_version', [owner], [typeVersion]);
  // No instance hides the method as long as no instance of the type has an attribute of that name.
  if (hasValues) f.emit('py.guard_keys_version', [owner], [keysVersion]);
  f.push(f.constant(method));
  f.push(owner);
  return true;
}
