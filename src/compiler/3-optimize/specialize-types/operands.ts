import type { FrameState, Instruction, Terminator } from '#ir/types.ts';

/** The operand stack once an instruction has taken its operands off. */
export function withoutOperands(state: FrameState, subject: Instruction | Terminator | undefined): FrameState['stack'] {
  const stack = [...state.stack];
  const operands = subject && 'op' in subject ? subject.args : [];
  let left = operands.length;
  for (let top = stack.at(-1); top === 'null' || (left > 0 && top !== undefined && operands.includes(top)); top = stack.at(-1)) {
    if (top !== 'null') left--;
    stack.pop();
  }
  return stack;
}
