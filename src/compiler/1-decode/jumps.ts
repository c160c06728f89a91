/** Where control goes after an instruction. */
import type { Layout } from '#protocol/request.ts';

const FORWARD = new Set([
  'JUMP_FORWARD', 'JUMP_IF_FALSE_OR_POP', 'JUMP_IF_TRUE_OR_POP', 'FOR_ITER', 'SEND',
  'POP_JUMP_FORWARD_IF_FALSE', 'POP_JUMP_FORWARD_IF_TRUE', 'POP_JUMP_FORWARD_IF_NONE', 'POP_JUMP_FORWARD_IF_NOT_NONE',
  'POP_JUMP_IF_FALSE', 'POP_JUMP_IF_TRUE', 'POP_JUMP_IF_NONE', 'POP_JUMP_IF_NOT_NONE',
]);
const BACKWARD = new Set([
  'JUMP_BACKWARD', 'JUMP_BACKWARD_NO_INTERRUPT',
  'POP_JUMP_BACKWARD_IF_FALSE', 'POP_JUMP_BACKWARD_IF_TRUE', 'POP_JUMP_BACKWARD_IF_NONE', 'POP_JUMP_BACKWARD_IF_NOT_NONE',
]);
const NEVER_FALLS_THROUGH = new Set([
  'JUMP_FORWARD', 'JUMP_BACKWARD', 'JUMP_BACKWARD_NO_INTERRUPT', 'RETURN_VALUE', 'RAISE_VARARGS', 'RERAISE', 'INTERPRETER_EXIT',
]);

/** The code unit an instruction may jump to; `end` is the one after its caches. */
export function jumpTarget(name: string, layout: Layout, arg: number, end: number): number | undefined {
  if (BACKWARD.has(name)) return end - arg;
  // 3.14 skips the END_FOR it finds at the target; only tracing ever executes that.
  if (name === 'FOR_ITER' && layout === 314) return end + arg + 1;
  return FORWARD.has(name) ? end + arg : undefined;
}

export const isBackwardJump = (name: string): boolean => BACKWARD.has(name);

export const fallsThrough = (name: string): boolean => !NEVER_FALLS_THROUGH.has(name);
