/** `match`: what 2-build/match.ts makes of it. */
import { immediateAt, immediateNumber } from '#ir/immediates.ts';
import type { OpName } from '#ir/ops.ts';
import type { Instruction, ValueId } from '#ir/types.ts';
import { LENGTHS } from './rewrite-containers.ts';
import type { Rewriter } from './rewriter.ts';
import { Uncompilable } from './uncompilable.ts';

/** Those whose length is a field. */
const TYPES: Readonly<Record<string, readonly string[]>> = { sequence: ['list', 'tuple'], mapping: ['dict'] };

/** A number is neither a sequence nor a mapping. */
function rewriteHasFlag(r: Rewriter, i: Instruction): void {
  const subject = i.args[0]!;
  const isNumber = r.representation(subject) !== 'obj';
  r.define(i.result, isNumber
    ? r.value('const.bool', [], [0])
    : r.value('obj.has_flag', [r.obj(subject), r.value('const.int', [], [immediateNumber(i)])]));
}

function rewriteLength(r: Rewriter, i: Instruction): void {
  const subject = i.args[0]!, types = TYPES[String(immediateAt(i, 0))]!;
  const proved = r.provedType(subject);
  if (r.representation(subject) !== 'obj' || (proved !== undefined && !types.includes(proved))) throw new Uncompilable('length');
  const length = (type: string, object: ValueId): ValueId => r.value(LENGTHS[type]!, [object]);
  const [only, ...others] = proved === undefined ? types : [proved];
  if (others.length === 0) r.define(i.result, length(only!, r.guardType(subject, only!)));
  else r.define(i.result, r.byType(subject, types.map((type) => ({ type, run: (object) => length(type, object) })), 'int')!);
}

function rewriteMatchKeys(r: Rewriter, i: Instruction): void {
  r.define(i.result, r.value('dict.match_keys', i.args.map((v) => r.obj(v))));
}

function rewriteMatchClass(r: Rewriter, i: Instruction): void {
  r.define(i.result, r.value('obj.match_class', [...i.args.map((v) => r.obj(v)), r.value('const.int', [], [immediateNumber(i)])]));
}

export const matches: Readonly<Partial<Record<OpName, (r: Rewriter, i: Instruction) => void>>> = {
  'py.has_flag': rewriteHasFlag, 'py.length': rewriteLength, 'py.match_keys': rewriteMatchKeys, 'py.match_class': rewriteMatchClass,
};
