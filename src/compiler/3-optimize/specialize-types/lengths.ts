/** What the argument of len() is: known, observed at entry, met by a guard here, or a guess. */
import type { Instruction } from '#ir/types.ts';
import { qualifiedBuiltin } from './builtins.ts';
import type { TypeInference } from './infer-types.ts';
import { isOpen } from './kinds.ts';

/** Types whose length is a field. */
const HAVE_LENGTH = new Set(['list', 'tuple', 'str', 'bytes', 'bytearray', 'dict']);
const MAX_TYPES = 3;

/** The guard that fails reports what it was instead. */
const GUESS = 'list';

/**
 * Types that the argument of a call of len() is taken to have; empty when it is another call, or one that has to ask the object.
 *
 *   len(self.cells[i])     nothing says what it is: a list, until `guard.type` has met something else here
 */
export function lengthTypes(inference: TypeInference, call: Instruction): readonly string[] {
  const [callee, argument] = call.args;
  if (callee === undefined || argument === undefined || call.args.length !== 2) return [];
  if (qualifiedBuiltin(inference.kind(callee), inference.profile.objects) !== 'builtins.len') return [];
  const known = inference.typeOf(argument);
  if (known !== undefined) return HAVE_LENGTH.has(known) ? [known] : [];
  const observed = inference.site(call).failures.filter((f) => f.reason === 'guard.type').map((f) => f.observed);
  const hint = inference.hint(argument) ?? (observed.length > 0 || !inference.guesses.isAllowed(call) ? undefined : GUESS);
  const types = new Set(hint === undefined ? observed : [hint, ...observed]);
  const isGuess = isOpen(inference.kind(argument)) && types.size <= MAX_TYPES && [...types].every((type) => HAVE_LENGTH.has(type));
  return isGuess ? [...types] : [];
}
