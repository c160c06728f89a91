/** Constants, module-level names and builtins. */
import type { BytecodeInstruction } from '#compiler/1-decode/decode.ts';
import type { ValueId } from '#ir/types.ts';
import type { NameValue } from '#protocol/request.ts';
import { Bailout } from '#support/bailout.ts';
import { defined } from '#support/invariant.ts';
import type { Frame, Handler } from './frame.ts';
import { NOISY } from './lifetimes.ts';
import { typeEnding } from './quiet-ends.ts';

export const names: Readonly<Record<string, Handler>> = {
  LOAD_CONST: (f, i) => f.push(f.constant(constantAt(f, i.arg))),
  LOAD_COMMON_CONSTANT: commonConstant,
  LOAD_ASSERTION_ERROR: commonConstant,
  LOAD_SMALL_INT: (f, i) => f.push(f.value('py.int', [], [i.arg])),
  LOAD_GLOBAL: loadGlobal,
  LOAD_NAME: (f, i) => (isModuleLevel(f) ? loadName(f, i.arg) : f.leave('unsupported-opcode:LOAD_NAME')),
  STORE_GLOBAL: (f, i) => storeName(f, i.arg),
  STORE_NAME: (f, i) => (isModuleLevel(f) ? storeName(f, i.arg) : f.leave('unsupported-opcode:STORE_NAME')),
};

/** The agent asks for code that is named so only when its f_locals is its f_globals. */
const isModuleLevel = (f: Frame): boolean => f.code.info.name === '<module>';

export function constantAt(f: Frame, index: number): number {
  const object = f.code.info.consts[index];
  if (object === undefined) throw new Bailout('malformed-code', `constant ${index}`);
  return object;
}

/** `AssertionError`, and what `any`, `all` and `tuple` were when the interpreter began. */
function commonConstant(f: Frame, i: BytecodeInstruction): void {
  const object = f.code.info.cacheObjects.get(i.opcodeOffset);
  if (object === undefined || !f.unit.isNameable(object, true)) return f.leave(`unsupported-opcode:${i.name}`);
  f.push(f.constant(object));
}

function loadGlobal(f: Frame, i: BytecodeInstruction): void {
  const withNull = (i.arg & 1) === 1;
  if (withNull && f.code.layout === 311) f.push('null');
  loadName(f, i.arg >> 1);
  if (withNull && f.code.layout === 314) f.push('null');
}

function loadName(f: Frame, index: number): void {
  const { info } = f.code;
  const text = nameAt(f, index);
  const promoted = f.unit.promoted.indexOf(info.globals, text);
  if (promoted !== undefined) return f.push(defined(f.state.globals[promoted], text));
  const found = info.namesValues.find((n) => n.name === index);
  if (!found || found.value < 0 || found.entry < 0 || f.unit.promoted.isStored(info.globals, text)) return f.leave('unbound-global');
  f.push(found.where === 'b' ? loadBuiltin(f, found) : loadUnstored(f, text, found));
}

/** A name the unit does not store: its value of today, guarded, until that guard has failed. */
function loadUnstored(f: Frame, text: string, found: NameValue): ReturnType<Frame['value']> {
  const { globals } = f.code.info;
  const changes = f.unit.profile.failed(f.origin).some((x) => x.reason === 'guard.global');
  if (!changes && f.unit.isNameable(found.value, true)) {
    f.emit('py.guard_global', [], [globals, found.entry, found.value]);
    return f.constant(found.value);
  }
  return loadEntry(f, globals, found.entry, text, found.value);
}

/** What a namespace dict holds under a name; `known` is what it held when the unit was asked for. */
export function loadEntry(f: Frame, dict: number, entry: number, text: string, known: number): ValueId {
  const name = f.unit.findObject((o) => o.kind === 'str' && o.value === text);
  const value = f.value('py.load_global', [], [dict, entry, name ?? -1]);
  const object = f.unit.object(known);
  // Of other callables the name was seen to change.
  const isMethod = object.kind === 'builtin' && object.method >= 0;
  f.unit.hints.set(value, { type: f.unit.profile.typeName(known), object: isMethod ? known : undefined });
  return value;
}

/** The module has no name that hides the builtin as long as its dict has the keys it had. */
function loadBuiltin(f: Frame, found: NameValue): ReturnType<Frame['value']> {
  const { globals, builtins } = f.code.info;
  f.emit('guard.dict_keys', [], [globals]);
  f.emit('py.guard_global', [], [builtins, found.entry, found.value]);
  return f.constant(found.value);
}

function storeName(f: Frame, index: number): void {
  const { promoted } = f.unit;
  const { globals } = f.code.info;
  const text = nameAt(f, index);
  const at = promoted.indexOf(globals, text);
  const name = f.unit.findObject((o) => o.kind === 'str' && o.value === text);
  if (name === undefined) return f.leave('name-not-in-table');
  const value = f.pop();
  if (at === undefined) {
    f.emit('py.store_global', [value], [globals, -1, name], NOISY);
    return;
  }
  const { entry } = promoted.list[at]!;
  const old = f.state.globals[at];
  const overwritten = old === undefined ? NOISY : typeEnding(f, old, f.unit.typeOf(old), 1);
  f.emit('py.store_global', [value], [globals, entry, name], overwritten);
  if (!f.state.stale) f.state.globals[at] = value;
}

export function nameAt(f: Frame, index: number): string {
  const text = f.code.info.names[index];
  if (text === undefined) throw new Bailout('malformed-code', `name ${index}`);
  return text;
}
