/** Orders moves that happen at the same time, so that none overwrites what another still needs. */

/** Places are small non-negative numbers; what they mean is the caller's business. */
export interface Move {
  readonly to: number;
  readonly from: number;
}

export interface MoveSink {
  move(to: number, from: number): void;
  /** Exchanges two places; called for the rest of a cycle only. */
  swap(a: number, b: number): void;
}

/** Every `to` occurs once. */
export function orderMoves(moves: readonly Move[], sink: MoveSink): void {
  const pending = moves.filter((m) => m.to !== m.from);
  while (pending.length > 0) {
    const free = pending.findIndex((m) => !pending.some((other) => other.from === m.to));
    if (free >= 0) {
      const [move] = pending.splice(free, 1);
      sink.move(move!.to, move!.from);
    } else {
      breakCycle(pending, sink);
    }
  }
}

/** Only cycles are left: after a swap, what was to come from one of the two places is in the other. */
function breakCycle(pending: Move[], sink: MoveSink): void {
  const { to, from } = pending.pop()!;
  sink.swap(to, from);
  for (let i = pending.length - 1; i >= 0; i--) {
    const move = pending[i]!;
    const source = move.from === to ? from : move.from === from ? to : move.from;
    if (source === move.to) pending.splice(i, 1);
    else pending[i] = { to: move.to, from: source };
  }
}
