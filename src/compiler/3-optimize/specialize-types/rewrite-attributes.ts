/** py.attribute, py.store_attribute, cells. */
import { immediateNumber } from '#ir/immediates.ts';
import type { Instruction, ValueId } from '#ir/types.ts';
import { inPlaceStore } from './rewrite-containers.ts';
import { guardQuietEnd } from './rewrite-globals.ts';
import type { Rewriter } from './rewriter.ts';
import { Uncompilable } from './uncompilable.ts';

type Place = { readonly space: 'values' | 'field'; readonly index: number };

/** Guards the type; where the attribute lives when the specialisation says so. */
function attributePlace(r: Rewriter, i: Instruction, prefix: 'LOAD_ATTR' | 'STORE_ATTR'): Place | undefined {
  const { specialization, failures } = r.inference.site(i);
  const isValue = specialization === `${prefix}_INSTANCE_VALUE`;
  const isSlot = specialization === `${prefix}_SLOT`;
  // Several types come by: a version guard would fail for ever.
  const polymorphic = failures.some(({ reason }) => reason === 'guard.type_version' || reason === 'guard.class_version' || reason === 'values.check');
  if ((!isValue && !isSlot) || polymorphic || !i.origin) return undefined;
  const { typeVersion, index } = r.profile.attributeCache(i.origin);
  const object = r.obj(i.args[0]!);
  r.emit('guard.type_version', [object], [typeVersion]);
  if (isSlot) return { space: 'field', index };
  r.emit('values.check', [object]);
  return { space: r.profile.layout === 311 ? 'values' : 'field', index };
}

export function rewriteAttribute(r: Rewriter, i: Instruction): void {
  const place = attributePlace(r, i, 'LOAD_ATTR');
  const object = r.obj(i.args[0]!);
  if (place) {
    r.define(i.result, r.value(`${place.space}.load`, [object], [place.index]), { repeatable: true });
    return;
  }
  r.define(i.result, r.opaque({ op: 'call.oo_o', args: [object, attributeName(r, i)], immediates: ['PyObject_GetAttr'] }));
}

export function rewriteStoreAttribute(r: Rewriter, i: Instruction): void {
  const place = attributePlace(r, i, 'STORE_ATTR');
  const [owner, value] = i.args as [ValueId, ValueId];
  const object = r.obj(owner);
  if (!place) {
    r.opaque({ op: 'call.ooo_i', args: [object, attributeName(r, i), r.obj(value)], immediates: ['PyObject_SetAttr'] });
    return;
  }
  const plain = `${place.space}.store` as const;
  const op = inPlaceStore(r, plain, value);
  if (op === plain && r.keepsNames) guardQuietEnd(r, undefined, r.value(`${place.space}.load`, [object], [place.index]), 1);
  r.emit(op, [object, op === plain ? r.obj(value) : value], [place.index]);
}

/** The name as an object: generic access needs it in the object table. */
function attributeName(r: Rewriter, i: Instruction): ValueId {
  const name = r.profile.name(i.origin?.code ?? 0, immediateNumber(i));
  const index = r.profile.objects.findIndex((o) => o.kind === 'str' && o.value === name);
  if (index < 0) throw new Uncompilable('attribute-name-not-in-table');
  return r.constantObject(index);
}

export function rewriteLoadCell(r: Rewriter, i: Instruction): void {
  r.define(i.result, r.value('cell.load', [r.obj(i.args[0]!)]), { repeatable: true });
}

export function rewriteStoreCell(r: Rewriter, i: Instruction): void {
  const [cell, value] = i.args as [ValueId, ValueId];
  if (r.keepsNames) guardQuietEnd(r, undefined, r.value('cell.load', [r.obj(cell)]), 1);
  r.emit('cell.store', [r.obj(cell), r.obj(value)]);
}
