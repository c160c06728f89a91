/** Which function rewrites which `py` op. */
import { immediateAt, immediateBigInt, immediateNumber } from '#ir/immediates.ts';
import type { Instruction } from '#ir/types.ts';
import { rewriteAttribute, rewriteLoadCell, rewriteStoreAttribute, rewriteStoreCell } from './rewrite-attributes.ts';
import { rewriteBinary, rewriteCompare, rewriteIs, rewriteTruth, rewriteUnary } from './rewrite-arithmetic.ts';
import {
  rewriteBind, rewriteCall, rewriteCallKw, rewriteCallMethod, rewriteCallUnpacked, rewriteGetIter, rewriteMakeFunction, rewriteMakeInstance,
  rewriteSetFunction, rewriteSpecialMethod, rewriteSuperMethod,
} from './rewrite-calls.ts';
import { containers, rewriteDeleteSubscript, rewriteStoreSubscript, rewriteSubscript, rewriteUpdate } from './rewrite-containers.ts';
import { rewriteContains } from './rewrite-contains.ts';
import { guards, rewriteLoadGlobal, rewriteStoreGlobal } from './rewrite-globals.ts';
import { rewriteClearLocal, rewriteSetLocal } from './rewrite-locals.ts';
import { matches } from './rewrite-match.ts';
import { rewriteAppendText, rewriteConvert, rewriteFormat } from './rewrite-text.ts';
import { DIES_ALONE } from './builtins.ts';
import type { Rewriter } from './rewriter.ts';
import { Uncompilable } from './uncompilable.ts';
import { fitsI64 } from './kinds.ts';

export function rewriteInstruction(r: Rewriter, i: Instruction, clears: ReadonlySet<Instruction>): void {
  const rewrite = guards[i.op] ?? containers[i.op] ?? matches[i.op];
  if (rewrite) return rewrite(r, i);
  switch (i.op) {
    case 'py.const': return rewriteConstant(r, i);
    case 'py.int': return rewriteIntConstant(r, i);
    case 'py.set_local': return rewriteSetLocal(r, i, clears);
    case 'py.clear_local': return rewriteClearLocal(r, i);
    case 'py.release': return rewriteRelease(r, i);
    case 'py.load_global': return rewriteLoadGlobal(r, i);
    case 'py.store_global': return rewriteStoreGlobal(r, i);
    case 'py.load_cell': return rewriteLoadCell(r, i);
    case 'py.store_cell': return rewriteStoreCell(r, i);
    case 'py.unary': return rewriteUnary(r, i);
    case 'py.binary': return rewriteBinary(r, i, r.inference.wraps);
    case 'py.compare': case 'py.compare_truth': return rewriteCompare(r, i);
    case 'py.is': return rewriteIs(r, i);
    case 'py.contains': return rewriteContains(r, i);
    case 'py.truth': return rewriteTruth(r, i);
    case 'py.subscript': return rewriteSubscript(r, i);
    case 'py.store_subscript': return rewriteStoreSubscript(r, i);
    case 'py.delete_subscript': return rewriteDeleteSubscript(r, i);
    case 'py.attribute': return rewriteAttribute(r, i);
    case 'py.store_attribute': return rewriteStoreAttribute(r, i);
    case 'py.call': return rewriteCall(r, i);
    case 'py.call_kw': return rewriteCallKw(r, i);
    case 'py.call_unpacked': return rewriteCallUnpacked(r, i);
    case 'py.call_method': return rewriteCallMethod(r, i);
    case 'py.make_instance': return rewriteMakeInstance(r, i);
    case 'py.make_function': return rewriteMakeFunction(r, i);
    case 'py.set_function': return rewriteSetFunction(r, i);
    case 'py.get_iter': return rewriteGetIter(r, i);
    case 'py.set_add': case 'py.set_update': case 'py.dict_update': return rewriteUpdate(r, i, i.op);
    case 'py.format': return rewriteFormat(r, i);
    case 'py.convert': return rewriteConvert(r, i);
    case 'py.append_text': return rewriteAppendText(r, i);
    case 'py.special_method': return rewriteSpecialMethod(r, i);
    case 'py.super_method': return rewriteSuperMethod(r, i);
    case 'py.bind': return rewriteBind(r, i);
    // Its frame state was what a check that waits needed.
    case 'py.after_call': return;
    case 'py.safepoint':
      r.emit('safepoint');
      return;
    // Build asks for this one itself.
    case 'guard.dict_keys':
      r.emit(i.op, [], [...i.immediates]);
      return;
    default: throw new Uncompilable(`op-${i.op}`);
  }
}

/** Numbers, text and None die unseen; so does what may not be there. */
function rewriteRelease(r: Rewriter, i: Instruction): void {
  const value = i.args[0]!;
  const isSeen = r.representation(value) === 'obj' && r.inference.kind(value) !== 'null' && !r.inference.nullable.has(value);
  const type = r.inference.typeOf(value);
  if (!isSeen || DIES_ALONE.has(type ?? '') || r.inference.constantObject(value) !== undefined) return;
  r.emit(immediateNumber(i) === 1 ? 'obj.end' : 'obj.keep', [r.obj(value)]);
}

function rewriteConstant(r: Rewriter, i: Instruction): void {
  const index = immediateNumber(i);
  const object = r.profile.objects[index];
  if (object?.kind === 'int' && fitsI64(object.value)) r.defineConstant(i.result, index, r.value('const.int', [], [object.value]));
  else if (object?.kind === 'float') r.defineConstant(i.result, index, r.value('const.float', [], [object.value]));
  else if (object?.kind === 'bool') r.defineConstant(i.result, index, r.value('const.bool', [], [object.value ? 1 : 0]));
  else r.define(i.result, r.constantObject(index));
}

function rewriteIntConstant(r: Rewriter, i: Instruction): void {
  if (!fitsI64(immediateBigInt(i))) throw new Uncompilable('int-constant');
  r.define(i.result, r.value('const.int', [], [immediateAt(i, 0)]));
}
