/** Why a loop or function stays interpreted, by reason code of the compiler, the server or the agent. */
export const refusalReasons: Readonly<Record<string, string>> = {
  'calls-dominate': 'the interpreter is faster: it calls Python functions and does little else',
  'executor': "CPython's own JIT has taken this loop",
  'for-iter-left': 'it iterates over something that is compiled for no type',
  'generator': 'it is a generator or coroutine',
  'in flight': 'the program ended before the compiler was done',
  'instrumented': 'a tracer, profiler or debugger watches it',
  'internal-error': 'the compiler failed; please report this',
  'loop-always-leaves': 'every way through the loop has an instruction that is not compiled',
  'loop-with-two-entries': 'a local that is bound in some rounds only makes two loops of it that lead to each other',
  'malformed-code': 'its bytecode is not what CPython makes',
  'no-stencil': 'there is no machine code for an operation it uses',
  'no-stencils': 'there is no machine code for this processor and Python',
  'queue-full': 'the compiler had too much to do',
  'superseded': 'a newer request took its place',
  'unit-too-large': 'it is too large',
  'unknown-opcode': 'it has an instruction that this version does not know',
};

export function explainRefusal({ code, detail }: { readonly code: string; readonly detail: string }): string {
  const known = refusalReasons[code];
  const because = known ?? detail;
  const more = known !== undefined && detail !== '' && detail !== known ? ` (${detail})` : '';
  return because === '' ? code : `${because}${more} [${code}]`;
}
