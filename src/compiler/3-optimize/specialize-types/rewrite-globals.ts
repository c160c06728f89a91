/** Names in namespace dicts, and guards that build asked for. */
import { immediateAt, immediateNumber } from '#ir/immediates.ts';
import type { OpName } from '#ir/ops.ts';
import type { Instruction, ValueId } from '#ir/types.ts';
import { PLAIN_TYPES } from './builtins.ts';
import { isNumeric } from './kinds.ts';
import type { Rewriter } from './rewriter.ts';
import { Uncompilable } from './uncompilable.ts';

export function rewriteLoadGlobal(r: Rewriter, i: Instruction): void {
  const [dict, entry] = [immediateNumber(i, 0), immediateNumber(i, 1)];
  if (entry < 0) throw new Uncompilable('unknown-global');
  r.emit('guard.dict_keys', [], [dict]);
  r.define(i.result, r.value('dict.entry', [], [dict, entry]), { repeatable: true });
}

export function rewriteStoreGlobal(r: Rewriter, i: Instruction): void {
  const [dict, name] = [immediateNumber(i, 0), immediateNumber(i, 2)];
  if (r.isOpaqueToBuild || !r.isDeferred(dict, name)) r.emit('dict.entry_store', [r.obj(i.args[0]!)], [dict, name]);
}

function rewriteGuardGlobal(r: Rewriter, i: Instruction): void {
  r.emit('guard.global', [], [...i.immediates]);
}

function rewriteGuardQuiet(r: Rewriter, i: Instruction): void {
  const value = i.args[0]!;
  if (r.representation(value) === 'obj' && r.inference.kind(value) !== 'null') guardQuietEnd(r, value, r.obj(value), immediateNumber(i));
}

/** `globals()["x"] = 5`: the dict may be the one whose names are in registers. */
export function guardOtherDict(r: Rewriter, dict: ValueId): void {
  if (r.keepsNames) for (const namespace of r.namespaces) r.emit('guard.is_not', [dict], [namespace]);
}

/** `dropped`: references that go away, not counting those that only compiled code has. `value`: where the object is from, if it is known. */
export function guardQuietEnd(r: Rewriter, value: ValueId | undefined, object: ValueId, dropped: number): void {
  if (value !== undefined && (PLAIN_TYPES.has(r.provedType(value) ?? '') || r.inference.constantObject(value) !== undefined)) return;
  r.emit('guard.true', [r.value('obj.ends_quietly', [object, r.value('const.int', [], [dropped])], [dropped])]);
}

function rewriteGuardType(r: Rewriter, i: Instruction): void {
  r.emit('guard.type', [r.obj(i.args[0]!)], [...i.immediates]);
}

function rewriteGuardTypeVersion(r: Rewriter, i: Instruction): void {
  r.emit('guard.type_version', [r.obj(i.args[0]!)], [...i.immediates]);
}

function rewriteGuardKeysVersion(r: Rewriter, i: Instruction): void {
  const object = r.obj(i.args[0]!);
  r.emit('values.check', [object]);
  r.emit('guard.keys_version', [object], [...i.immediates]);
}

function rewriteGuardIs(r: Rewriter, i: Instruction): void {
  const value = i.args[0]!;
  if (r.inference.constantObject(value) === immediateNumber(i)) return;
  r.emit('guard.is', [r.obj(value)], [...i.immediates]);
}

function rewriteGuardIsNot(r: Rewriter, i: Instruction): void {
  const value = i.args[0]!;
  if (r.inference.typeOf(value) === undefined) r.emit('guard.is_not', [r.obj(value)], [...i.immediates]);
}

function rewriteGuardNumber(r: Rewriter, i: Instruction): void {
  const value = i.args[0]!;
  if (!isNumeric(r.inference.typeOf(value))) r.guardType(value, String(immediateAt(i, 0)));
}

function rewriteGuardCode(r: Rewriter, i: Instruction): void {
  r.emit('guard.code', [r.obj(i.args[0]!)], [...i.immediates]);
}

function rewriteGuardFunction(r: Rewriter, i: Instruction): void {
  r.emit('guard.function', [r.obj(i.args[0]!)], [...i.immediates]);
}

/** By the `py` op. */
export const guards: Readonly<Partial<Record<OpName, (r: Rewriter, i: Instruction) => void>>> = {
  'py.guard_global': rewriteGuardGlobal, 'py.guard_quiet': rewriteGuardQuiet, 'py.guard_type': rewriteGuardType,
  'py.guard_type_version': rewriteGuardTypeVersion, 'py.guard_keys_version': rewriteGuardKeysVersion, 'py.guard_is': rewriteGuardIs,
  'py.guard_is_not': rewriteGuardIsNot, 'py.guard_number': rewriteGuardNumber, 'py.guard_code': rewriteGuardCode,
  'py.guard_function': rewriteGuardFunction,
};
