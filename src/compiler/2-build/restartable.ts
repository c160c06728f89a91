/**
 * Restartable code: Python functions that an instruction runs, translated as part of it.
 *
 *   Point(x, y)     Point.__init__, with the new object        a + b     type(a).__add__
 *
 * Compiled code cannot rebuild the frames under such a function: the interpreter puts some of its own between. It need not, as long
 * as nothing that the function has done could be seen. Whatever fails, the interpreter begins again with the instruction: what
 * was made for nothing is dropped. So all frame states in such a function are that of the instruction, which also keeps its
 * operands alive; and all that happens is reading, computing with what runs no Python code, and making objects that nobody else
 * has. An exception that is met on the way is forgotten: the interpreter will raise it again, with the right traceback.
 */
import type { OpName } from '#ir/ops.ts';
import type { FrameState, ValueId } from '#ir/types.ts';
import { isNumeric } from '../3-optimize/specialize-types/kinds.ts';
import type { Frame } from './frame.ts';

/** The instruction has to be done in another way. The reason is a code. */
export class NotRestartable extends Error {
  readonly reason: string;
  constructor(reason: string) {
    super(reason);
    this.reason = reason;
  }
}

/** Read, compute or guard. Where their operands could run Python code, the frame becomes stale, which is refused. */
const QUIET: ReadonlySet<OpName> = new Set<OpName>([
  'py.const', 'py.int', 'py.unary', 'py.binary', 'py.compare', 'py.compare_truth', 'py.is', 'py.contains', 'py.truth', 'py.subscript', 'py.attribute',
  'py.load_global', 'py.load_cell', 'py.guard_global', 'py.guard_type', 'py.guard_type_version', 'py.guard_keys_version', 'py.guard_is', 'py.guard_is_not', 'py.guard_number', 'py.guard_code', 'py.guard_function', 'guard.dict_keys',
  'py.build_tuple', 'py.build_list', 'py.build_map', 'py.list_append', 'py.list_extend', 'py.make_instance', 'py.unpack_check', 'py.unpack_item',
  'py.has_flag', 'py.length', 'py.match_keys', 'py.match_class',
]);

/** Of an attribute that is in the object itself. */
export const READS_PLACE = /^LOAD_ATTR_(INSTANCE_VALUE|SLOT)$/;

export function assertRestartable(f: Frame, op: OpName, args: readonly ValueId[]): void {
  const { profile } = f.unit;
  if (args.some((v) => f.unit.placeholders.has(v))) throw new NotRestartable('new-object-escapes');
  if (op === 'py.call' ? !isQuietCall(f, args[0]!) : !QUIET.has(op)) throw new NotRestartable(op);
  // Other forms become calls.
  if (op === 'py.attribute' && !READS_PLACE.test(profile.specialization(f.origin))) throw new NotRestartable('attribute-not-specialised');
}

const QUIET_BUILTINS: ReadonlySet<string> = new Set(['len', 'abs', 'min', 'max', 'ord', 'chr', 'round', 'divmod', 'pow', 'isinstance']);

function isQuietCall(f: Frame, callee: ValueId): boolean {
  const object = f.unit.constant(callee);
  const info = object === undefined ? undefined : f.unit.object(object);
  if (info?.kind === 'type') return isNumeric(info.name);
  return info?.kind === 'builtin' && (info.module === 'math' || (info.module === 'builtins' && QUIET_BUILTINS.has(info.name)));
}

/** The state for all that the current instruction is made of. */
export const restartState = (f: Frame): FrameState => f.restart ?? f.before;
