/** Making frame states. */
import type { FrameState } from './types.ts';

export function emptyFrameState(): FrameState {
  return { code: 0, offset: 0, locals: [], stack: [], globals: [], caller: undefined, functionObject: undefined };
}

type Contents = Pick<FrameState, 'offset' | 'locals' | 'stack' | 'globals' | 'caller'>;

/** The state with other contents. Field by field: V8 gives objects made with `...state` shapes of their own, which are slow to read. */
export function frameStateWith(state: FrameState, contents: Partial<Contents>): FrameState {
  const { code, functionObject } = state;
  const { offset = state.offset, locals = state.locals, stack = state.stack, globals = state.globals, caller = state.caller } = contents;
  return { code, offset, locals, stack, globals, caller, functionObject };
}
