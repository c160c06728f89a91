/**
 * `with`: the special methods are looked up in the type, and called like others. Where the block raises, the interpreter goes on.
 *
 * 3.14: the context manager twice, then LOAD_SPECIAL __exit__ and LOAD_SPECIAL __enter__, each a function and its first argument.
 * 3.11: BEFORE_WITH leaves `__exit__`, bound, and calls `__enter__`.
 */
import type { BytecodeInstruction } from '#compiler/1-decode/decode.ts';
import type { ValueId } from '#ir/types.ts';
import { hasFailed } from './containers.ts';
import type { Frame, Handler } from './frame.ts';

/** As LOAD_SPECIAL numbers them (Include/internal/pycore_ceval.h). */
const ENTER = 0, EXIT = 1;

export const withBlocks: Readonly<Record<string, Handler>> = {
  LOAD_SPECIAL: (f, i) => {
    const owner = f.pop();
    if (i.arg !== ENTER && i.arg !== EXIT) return f.leave('unsupported-opcode:LOAD_SPECIAL');
    const method = specialMethod(f, i, owner, i.arg);
    if (method === undefined) return;
    f.push(method);
    f.push(owner);
  },
  BEFORE_WITH: (f, i) => {
    const owner = f.pop();
    const enter = specialMethod(f, i, owner, ENTER);
    if (enter === undefined) return;
    const exit = f.value('py.special_method', [owner], [EXIT]);
    f.push(f.value('py.bind', [exit, owner]));
    f.push(f.value('py.call', [enter, owner]));
  },
};

/** A function, or a method made in C, that takes the object as its first argument. Undefined: it was none, and this path has ended. */
function specialMethod(f: Frame, i: BytecodeInstruction, owner: ValueId, which: number): ValueId | undefined {
  return hasFailed(f, i, 'type.special_method') ? undefined : f.value('py.special_method', [owner], [which]);
}
