/** Iterators and for loops. */
import type { BytecodeInstruction } from '#compiler/1-decode/decode.ts';
import { edge } from '#ir/builder.ts';
import type { Edge, ForIter, ValueId } from '#ir/types.ts';
import { defined } from '#support/invariant.ts';
import type { Frame, Handler } from './frame.ts';
import { isHeldElsewhere, NOISY } from './lifetimes.ts';
import { storedLocals } from './locals.ts';
import { ENDS_UNNOTICED, mayIterationRunPython } from './may-run-python.ts';
import { releaseAfter, typeEnding } from './quiet-ends.ts';
import { copyState } from './state.ts';
import { NEVER_TURNED, type Later } from './worklist.ts';

export const iteration: Readonly<Record<string, Handler>> = {
  GET_ITER: getIter,
  FOR_ITER: forIter,
};

const FORMS: Readonly<Record<string, string>> = {
  range_iterator: 'FOR_ITER_RANGE', list_iterator: 'FOR_ITER_LIST', tuple_iterator: 'FOR_ITER_TUPLE', bytes_iterator: 'FOR_ITER_BYTES',
};
const TYPES: Readonly<Record<string, string>> = {
  FOR_ITER_RANGE: 'range_iterator', FOR_ITER_LIST: 'list_iterator', FOR_ITER_TUPLE: 'tuple_iterator', FOR_ITER_BYTES: 'bytes_iterator',
};

const ITERABLES: Readonly<Record<string, string>> = { FOR_ITER_RANGE: 'range', FOR_ITER_LIST: 'list', FOR_ITER_TUPLE: 'tuple', FOR_ITER_BYTES: 'bytes' };

/** The loop that follows knows what it has iterated over. */
function getIter(f: Frame, i: BytecodeInstruction): void {
  const iterable = f.pop();
  const loop = f.code.at(i.end);
  const type = loop?.name === 'FOR_ITER' ? ITERABLES[f.unit.profile.specialization({ code: f.codeIndex, offset: i.end })] : undefined;
  if (type !== undefined && f.unit.typeOf(iterable) === undefined) f.unit.hints.set(iterable, { ...f.unit.hints.get(iterable), type });
  const iterator = f.value('py.get_iter', [iterable]);
  // It has the items of what it iterates over.
  f.unit.hints.set(iterator, { ...f.unit.hints.get(iterator), object: f.unit.hints.get(iterable)?.object });
  f.unit.iterables.set(iterator, iterable);
  f.push(iterator);
}

function forIter(f: Frame, i: BytecodeInstruction): void {
  const { unit, before, origin } = f;
  const { builder, profile } = unit;
  const iterator = f.pop();
  const type = iteratorType(f, iterator);
  const body = builder.createBlock(['py']);
  const terminator: ForIter = { kind: 'for_iter', iterator, body: edge(body.id), exhausted: edge(body.id), frameState: before, origin };
  const isOpaque = mayIterationRunPython(type) || profile.failed(origin).length > 0;
  if (isOpaque) f.becomeStale(() => unit.opaque.add(terminator));
  // 3.14 leaves the exhausted iterator for POP_ITER.
  if (f.code.layout === 314) f.push(iterator);
  const end = defined(i.target, 'end of the loop');
  const later = hasTurned(f, i) || profile.wasWarm({ code: f.codeIndex, offset: end }) ? undefined : NEVER_TURNED;
  terminator.exhausted = isOpaque ? f.edgeAfterCall(end, later) : exhaustedEdge(f, iterator, type, end, later);
  builder.terminate(terminator);
  if (f.code.layout === 311) f.push(iterator);
  builder.switchTo(body);
  const item = body.params[0]!;
  if (type === 'range_iterator' || type === 'bytes_iterator') unit.hints.set(item, { type: 'int' });
  else unit.hints.set(item, { type: itemClass(f, iterator) });
  f.push(item);
}

/** Whether the variable of the loop is bound, or may be: while it is not, the loop has not turned once. */
function hasTurned(f: Frame, { end }: BytecodeInstruction): boolean {
  let at = f.code.at(end);
  if (at?.name.startsWith('UNPACK_SEQUENCE')) at = f.code.at(at.end);
  const [first] = at ? storedLocals(at) : [];
  return first === undefined || typeof f.state.locals[first] === 'number';
}

/** The iterator of 3.11 dies on the way, and what it has iterated over with it. */
function exhaustedEdge(f: Frame, iterator: ValueId, type: string | undefined, end: number, later: Later | undefined): Edge {
  if (f.code.layout === 314 || !f.unit.keepsNames || f.restart || ENDS_UNNOTICED.has(type ?? '') || isHeldElsewhere(f, iterator)) return f.edgeTo(end, later);
  const { builder } = f.unit;
  const { block: here } = builder;
  const between = builder.createBlock([]);
  builder.switchTo(between);
  const state = copyState(f.state);
  releaseAfter(f, typeEnding(f, iterator, type, 0) === NOISY ? [iterator] : []);
  const { block, args } = f.edgeTo(end, later);
  f.state = state;
  builder.jump(block, args);
  builder.switchTo(here);
  return edge(between.id);
}

/** 3.14 specialises FOR_ITER for some types; for the others the type seen at entry or made by get_iter has to do. */
function iteratorType(f: Frame, iterator: ValueId): string | undefined {
  const { origin } = f;
  const known = TYPES[f.unit.profile.specialization(origin)];
  if (known !== undefined) {
    f.unit.hints.set(iterator, { ...f.unit.hints.get(iterator), type: known });
    return known;
  }
  const type = f.unit.typeOf(iterator);
  const form = type === undefined ? undefined : FORMS[type] ?? (mayIterationRunPython(type) ? undefined : 'FOR_ITER_PLAIN');
  if (form !== undefined) f.unit.profile.infer(origin, form);
  return type;
}

/** Class of the first item of the list that was iterated over when the unit was asked for. */
function itemClass(f: Frame, iterator: ValueId): string | undefined {
  const { unit } = f;
  const object = unit.hints.get(iterator)?.object;
  const info = object === undefined || object < 0 ? undefined : unit.object(object);
  const cls = info?.kind === 'object' && info.item >= 0 ? unit.object(info.item) : undefined;
  return cls?.kind === 'type' ? cls.name : undefined;
}
