/** The for_iter terminator: exact iterators inline, all others through tp_iternext. */
import { addBlock, edge } from '#ir/builder.ts';
import type { OpName } from '#ir/ops.ts';
import type { Block, ForIter, ValueId } from '#ir/types.ts';
import { defined } from '#support/invariant.ts';
import { isPlainIteration } from './iterator-types.ts';
import type { Rewriter } from './rewriter.ts';

const STEPS: Readonly<Record<string, readonly [OpName, OpName]>> = {
  range_iterator: ['range_iter.more', 'range_iter.next'],
  list_iterator: ['list_iter.more', 'list_iter.next'],
  tuple_iterator: ['tuple_iter.more', 'tuple_iter.next'],
  bytes_iterator: ['bytes_iter.more', 'bytes_iter.next'],
};

export function rewriteForIter(r: Rewriter, loop: ForIter): void {
  const type = r.inference.iteratorType(loop);
  if (type === undefined) rewriteGenericIteration(r, loop);
  else {
    const [more, next] = defined(STEPS[type], type);
    const iterator = r.guardType(loop.iterator, type);
    const body = addBlock(r.fn);
    r.continueIn(body, { kind: 'branch', condition: r.value(more, [iterator]), then: edge(body.id), else: loop.exhausted });
    jumpToBody(r, loop, r.value(next, [iterator]));
  }
}

/** The first parameter of the body takes the item as it came; specializeTypes unboxes it there when it should be a number. */
function jumpToBody(r: Rewriter, loop: ForIter, item: ValueId): void {
  r.finishBlock({ kind: 'jump', target: edge(loop.body.block, [item, ...loop.body.args]) });
}

/** NULL is the end or an error: the state at the end tells which. Iterators that run no Python code need no flush. */
function rewriteGenericIteration(r: Rewriter, loop: ForIter): void {
  const iterator = r.obj(loop.iterator);
  if (isPlainIteration(loop, r.profile)) r.emit('guard.true', [r.value('iter.is_plain', [iterator])]);
  else {
    r.flush();
    r.deferTracingTo(loop.body, loop.exhausted);
  }
  const item = r.withoutCollector(() => r.value('call.o_o', [iterator], ['armature_iter_next']));
  const [ended, body]: [Block, Block] = [addBlock(r.fn), addBlock(r.fn)];
  const isEnd = r.value('obj.is_null', [item]);
  r.continueIn(ended, { kind: 'branch', condition: isEnd, then: edge(ended.id), else: edge(body.id) });
  const failed = r.value('call.o_i', [iterator], ['armature_iter_error']);
  r.emit('check.error_int', [failed]);
  r.continueIn(body, { kind: 'jump', target: loop.exhausted });
  jumpToBody(r, loop, item);
}
