/** f-strings, and text that is appended to. */
import type { BytecodeInstruction } from '#compiler/1-decode/decode.ts';
import type { ValueId } from '#ir/types.ts';
import { Bailout } from '#support/bailout.ts';
import type { Frame, Handler } from './frame.ts';

/** CPython's FVC_ constants. */
const CONVERSIONS = ['none', 'str', 'repr', 'ascii'];
const HAS_SPECIFICATION = 4;

export const text: Readonly<Record<string, Handler>> = {
  FORMAT_VALUE: (f, i) => f.push(f.value('py.format', f.popMany((i.arg & HAS_SPECIFICATION) === 0 ? 1 : 2), [conversion(i.arg & 3)])),
  FORMAT_SIMPLE: (f) => f.push(f.value('py.format', f.popMany(1), ['none'])),
  FORMAT_WITH_SPEC: (f) => f.push(f.value('py.format', f.popMany(2), ['none'])),
  CONVERT_VALUE: (f, i) => f.push(f.value('py.convert', f.popMany(1), [conversion(i.arg)])),
  BUILD_STRING: (f, i) => f.push(f.value('py.build_string', f.popMany(i.arg))),
};

function conversion(which: number): string {
  const name = CONVERSIONS[which];
  if (name === undefined) throw new Bailout('malformed-code', 'conversion of a formatted value');
  return name;
}

/**
 * `text += more` of a local of the unit's own frame, which CPython does in place where the local holds the only reference:
 *
 *   BINARY_OP +=        the local is empty from here on, the text on the stack
 *   STORE_FAST text
 *
 * True when this is one, and was translated.
 */
export function appendToLocal(f: Frame, i: BytecodeInstruction, left: ValueId, more: ValueId): boolean {
  const next = f.code.at(i.end);
  if (f.isInlined || next?.name !== 'STORE_FAST' || f.state.locals[next.arg] !== left) return false;
  const { profile } = f.unit;
  const isText = profile.specialization(f.origin) === 'BINARY_OP_INPLACE_ADD_UNICODE' || f.unit.typeOf(left) === 'str';
  if (!isText || profile.failed(f.origin).length > 0) return false;
  const made = f.value('py.append_text', [left, more], [next.arg]);
  f.state.locals[next.arg] = 'null';
  f.push(made);
  return true;
}
