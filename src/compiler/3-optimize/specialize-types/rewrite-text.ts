/** f-strings, and text that is appended to. */
import { frameStateWith } from '#ir/frame-states.ts';
import { immediateAt, immediateNumber } from '#ir/immediates.ts';
import type { Instruction } from '#ir/types.ts';
import { defined } from '#support/invariant.ts';
import { makePlain } from './rewrite-calls.ts';
import type { OpaqueCall, Rewriter } from './rewriter.ts';

/** Values of CPython's own types are formatted without Python code. */
export function rewriteFormat(r: Rewriter, i: Instruction): void {
  const isPlain = r.failures().length === 0 && makePlain(r, i.args[0]!);
  const conversion = String(immediateAt(i, 0));
  const hasSpecification = i.args.length > 1;
  const symbol = `armature_format${conversion === 'none' ? '' : `_${conversion}`}${hasSpecification ? '_spec' : ''}`;
  convert(r, i, { op: hasSpecification ? 'call.oo_o' : 'call.o_o', args: i.args.map((v) => r.obj(v)), immediates: [symbol] }, isPlain);
}

const CONVERSIONS: Readonly<Record<string, string>> = { str: 'PyObject_Str', repr: 'PyObject_Repr', ascii: 'PyObject_ASCII' };

export function rewriteConvert(r: Rewriter, i: Instruction): void {
  const isPlain = r.failures().length === 0 && makePlain(r, i.args[0]!);
  const symbol = defined(CONVERSIONS[String(immediateAt(i, 0))], 'conversion');
  convert(r, i, { op: 'call.o_o', args: i.args.map((v) => r.obj(v)), immediates: [symbol] }, isPlain);
}

function convert(r: Rewriter, i: Instruction, call: OpaqueCall, isPlain: boolean): void {
  r.define(i.result, isPlain ? r.plainCall(call) : r.opaque(call));
}

/** The text leaves the local's home, so that nothing else refers to it when it is appended to. */
export function rewriteAppendText(r: Rewriter, i: Instruction): void {
  const slot = immediateNumber(i);
  const [, more] = i.args.map((v) => r.guardType(v, 'str'));
  r.forgetHome(slot);
  const made = r.value('home.append', [defined(more, 'text'), r.value('const.int', [], [slot])], [slot]);
  const state = r.errorState();
  r.emit('check.error', [made], [], frameStateWith(state, { locals: state.locals.map((v, n) => (n === slot ? 'null' : v)) }));
  r.define(i.result, made);
}
