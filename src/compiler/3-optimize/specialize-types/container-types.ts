/** What the container of a subscript is: known, or guessed from what came by. */
import type { OpName } from '#ir/ops.ts';
import type { Instruction, ValueId } from '#ir/types.ts';
import type { TypeInference } from './infer-types.ts';
import { isGuardable } from './guardable-types.ts';
import type { Kind } from './kinds.ts';

/** What instructions make, whatever their operands are. */
export const MADE: Readonly<Partial<Record<OpName, Kind>>> = {
  'py.build_list': 'exact:list', 'py.build_tuple': 'exact:tuple', 'py.build_map': 'exact:dict', 'py.build_set': 'exact:set',
  'py.tuple_from': 'exact:tuple', 'py.unpack_rest': 'exact:list', 'py.build_string': 'exact:str', 'py.append_text': 'exact:str',
  // Of which class does not matter; no guard names this type.
  'py.make_instance': 'exact:instance',
};

/** By the end of the name of a specialised subscript. */
const SPECIALIZED = [['LIST_INT', 'list'], ['TUPLE_INT', 'tuple'], ['SUBSCR_DICT', 'dict'], ['STR_INT', 'str']] as const;
const MAX_TYPES = 3;

/**
 * Types that the container of a subscript is taken to have: the one that is known, said by the specialisation or observed at
 * entry, and those that a guard has met here since. Empty when too many came by, or one without a guard.
 */
export function containerTypes(inference: TypeInference, instruction: Instruction): readonly string[] {
  const container = instruction.args[0]!;
  const known = inference.typeOf(container);
  if (known !== undefined) return [known];
  const { specialization, failures } = inference.site(instruction);
  const observed = failures.filter((f) => f.reason === 'guard.type').map((f) => f.observed);
  const first = SPECIALIZED.find(([suffix]) => specialization.endsWith(suffix))?.[1] ?? inference.hint(container);
  const types = new Set(first === undefined ? observed : [first, ...observed]);
  if (types.size === 0 && inference.guesses.isNeeded(instruction)) return guessByKey(inference, instruction.args[1]!);
  return types.size <= MAX_TYPES && [...types].every(isGuardable) ? [...types] : [];
}

/**
 * The interpreter has not come by often enough to say what it is, or has no form of its own for that type, and asking the object is not
 * possible: the guard that fails will tell.
 */
function guessByKey(inference: TypeInference, key: ValueId): readonly string[] {
  const type = inference.typeOf(key) ?? inference.hint(key);
  if (type === 'int' || type === undefined) return ['list'];
  return type === 'str' ? ['dict'] : [];
}

/** Kind of an item of one of these types. */
export function itemKind(types: readonly string[]): Kind {
  if (types.length === 0) return 'any';
  if (types.every((type) => type === 'bytes' || type === 'bytearray')) return 'int';
  return types.every((type) => type === 'str') ? 'exact:str' : 'any';
}
