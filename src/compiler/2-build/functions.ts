/** Functions made by the code: lambdas, nested `def`, and 3.11's comprehensions. */
import type { BytecodeInstruction } from '#compiler/1-decode/decode.ts';
import type { ValueId } from '#ir/types.ts';
import type { Frame, Handler } from './frame.ts';

/** CPython's MAKE_FUNCTION_ flags; 16 is new in 3.14. Operands lie on the stack in this order, the first on the bottom. */
const PARTS: readonly (readonly [flag: number, part: string])[] = [
  [1, 'defaults'], [2, 'kwdefaults'], [4, 'annotations'], [8, 'closure'], [16, 'annotate'],
];

export const functions: Readonly<Record<string, Handler>> = {
  MAKE_FUNCTION: makeFunction,
  SET_FUNCTION_ATTRIBUTE: (f, i) => {
    const part = PARTS.find(([flag]) => flag === i.arg)?.[1];
    if (part === undefined) return f.leave('unsupported-opcode:SET_FUNCTION_ATTRIBUTE');
    const [value, made] = f.popMany(2) as [ValueId, ValueId];
    f.emit('py.set_function', [made, value], [part]);
    f.push(made);
  },
};

function makeFunction(f: Frame, i: BytecodeInstruction): void {
  const parts = f.code.layout === 311 ? PARTS.filter(([flag]) => (i.arg & flag) !== 0) : [];
  const [code, ...values] = [f.pop(), ...f.popMany(parts.length)] as [ValueId, ...ValueId[]];
  const made = f.value('py.make_function', [code], [f.code.info.globals]);
  values.forEach((value, n) => f.emit('py.set_function', [made, value], [parts[n]![1]]));
  f.push(made);
}
