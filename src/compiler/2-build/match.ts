/**
 * `match`. Where Python code would have to be asked (`__instancecheck__`, properties, `get` of a mapping that is no dict), the interpreter
 * goes on.
 *
 *   case [x, y]         MATCH_SEQUENCE, GET_LEN, then it is unpacked       case {'a': x}     MATCH_MAPPING, GET_LEN, MATCH_KEYS
 *   case Point(x, y)    MATCH_CLASS: a tuple of attributes, or None
 */
import type { BytecodeInstruction } from '#compiler/1-decode/decode.ts';
import { below, hasFailed } from './containers.ts';
import type { Frame, Handler } from './frame.ts';
import { isPlainTuple } from './may-run-python.ts';

/** Py_TPFLAGS_ of a type (Include/object.h). */
const SEQUENCE = 1 << 5, MAPPING = 1 << 6;

export const match: Readonly<Record<string, Handler>> = {
  MATCH_SEQUENCE: (f) => f.push(f.value('py.has_flag', [below(f, 1)], [SEQUENCE])),
  MATCH_MAPPING: (f) => f.push(f.value('py.has_flag', [below(f, 1)], [MAPPING])),
  GET_LEN: (f, i) => {
    const subject = below(f, 1);
    if (!hasFailed(f, i, 'guard.type')) f.push(f.value('py.length', [subject], [askedFor(f, i)]));
  },
  MATCH_KEYS: matchKeys,
  MATCH_CLASS: (f, i) => {
    const operands = f.popMany(3);
    if (!hasFailed(f, i, 'obj.match_class')) f.push(f.value('py.match_class', operands, [i.arg]));
  },
};

/** GET_LEN comes after the instruction that tells the two apart. */
function askedFor(f: Frame, i: BytecodeInstruction): 'sequence' | 'mapping' {
  const before = f.code.instructions.filter(({ name, offset }) => offset < i.offset && (name === 'MATCH_SEQUENCE' || name === 'MATCH_MAPPING'));
  return before.at(-1)?.name === 'MATCH_MAPPING' ? 'mapping' : 'sequence';
}

/** Keys that the code computes could be equal, which raises. */
function matchKeys(f: Frame, i: BytecodeInstruction): void {
  const keys = below(f, 1), mapping = below(f, 2);
  const object = f.unit.constant(keys);
  if (object === undefined || !isPlainTuple(f.unit.object(object), f.unit.request.objects)) return f.leave('unsupported-opcode:MATCH_KEYS');
  if (!hasFailed(f, i, 'dict.match_keys')) f.push(f.value('py.match_keys', [mapping, keys]));
}
