/**
 * Order of the code: the test of a loop comes after its body, so that a round of the loop has one jump less.
 *
 *     block1: safepoint; if i >= n: go to block3          jump block1
 *     block2: …; jump block1                              block2: …
 *     block3: …                                           block1: safepoint; if i < n: go to block2
 *                                                         block3: …
 *
 * Entering the loop costs the jump that its first round saves. Blocks are not changed, and none is copied.
 */
import { successors, type MachineBlock, type MachineLoop } from './machine.ts';

/** `destination`: where a jump to a block ends up. The first block stays the first. */
export function rotateLoops(blocks: readonly MachineBlock[], destination: (block: MachineBlock) => MachineBlock): readonly MachineBlock[] {
  const order = [...blocks];
  // Inner loops come later than the outer ones around them, and are done first.
  for (let at = order.length - 1; at > 0; at--) {
    const header = order[at]!;
    if (!header.isHeader || header.loop === undefined) continue;
    const last = lastOfLoop(order, at, header.loop);
    if (last > at && isWorthIt(header, order[last]!, order[last + 1], destination)) order.splice(last, 0, ...order.splice(at, 1));
  }
  return order;
}

/** The end of what follows without a gap. */
function lastOfLoop(order: readonly MachineBlock[], header: number, loop: MachineLoop): number {
  let last = header;
  while (last + 1 < order.length && !order[last + 1]!.isCold && isInside(order[last + 1]!.loop, loop)) last++;
  return last;
}

function isInside(loop: MachineLoop | undefined, outer: MachineLoop): boolean {
  for (let l = loop; l; l = l.parent) if (l === outer) return true;
  return false;
}

/** The header may leave the loop, and the last block has to jump to it. */
function isWorthIt(header: MachineBlock, last: MachineBlock, after: MachineBlock | undefined, destination: (block: MachineBlock) => MachineBlock): boolean {
  const leaves = header.terminator.kind === 'branch' && successors(header.terminator).some(({ to }) => !isInside(to.loop, header.loop!));
  const targets = successors(last.terminator).map(({ to }) => destination(to));
  return leaves && targets.includes(header) && !(targets.length === 2 && after !== undefined && targets.includes(after));
}
