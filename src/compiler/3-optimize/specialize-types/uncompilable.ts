/** Build took the instruction for one that runs no Python code, and learns from the exit that it is not. */
export const CALLS_OUT_HERE: ReadonlySet<string> = new Set(['opaque-call-in-inlined-frame', 'opaque-call-with-names-in-registers']);

/** Ends the block at the instruction being rewritten: the interpreter executes it. */
export class Uncompilable extends Error {
  readonly reason: string;
  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}
