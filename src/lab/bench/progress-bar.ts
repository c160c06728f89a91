import type { Progress } from '#lab/bench/run-benchmarks.ts';

const barWidth = 24;

export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor(whole % 3600 / 60)} min`;
}

/** After so long the time is told, however little is known of what is left. */
const slowSeconds = 5;

/**
 * The time left is told by what one process took on average, once some have run; `processSeconds` is how long the one that runs now has been running.
 * Nothing stands still: while a slow program runs, the time goes on.
 */
export function progressLine({ done, total, doing }: Progress, elapsedSeconds: number, columns: number, processSeconds = 0): string {
  const share = total === 0 ? 0 : Math.min(1, done / total);
  const filled = Math.round(share * barWidth);
  const isKnown = done >= 3 || (done > 0 && elapsedSeconds >= slowSeconds);
  const leftSeconds = (elapsedSeconds - processSeconds) / Math.max(1, done) * (total - done) - processSeconds;
  const time = isKnown ? `, ${formatDuration(leftSeconds)} left` : elapsedSeconds < slowSeconds ? '' : `, ${formatDuration(elapsedSeconds)}`;
  const line = `[${'='.repeat(filled)}${' '.repeat(barWidth - filled)}] ${done}/${total}${time}  ${doing}`;
  return line.slice(0, Math.max(0, columns - 1));
}

export interface ProgressBar {
  readonly show: (progress: Progress) => void;
  /** Takes the line away, so that the next text starts on an empty one. */
  readonly clear: () => void;
}

/** Nothing at all unless the stream is a terminal. */
export function progressBar(stream: NodeJS.WriteStream): ProgressBar {
  if (!stream.isTTY) return { show: () => undefined, clear: () => undefined };
  const start = performance.now();
  const erase = '\r\u001b[K';
  let last: { readonly progress: Progress; readonly at: number } | undefined;
  const draw = (): void => {
    if (last === undefined) return;
    const now = performance.now();
    stream.write(erase + progressLine(last.progress, (now - start) / 1000, stream.columns || 80, (now - last.at) / 1000));
  };
  // Seldom enough to disturb no measurement.
  const timer = setInterval(draw, 1000).unref();
  return {
    show: (progress) => {
      last = { progress, at: performance.now() };
      draw();
    },
    clear: () => {
      clearInterval(timer);
      stream.write(erase);
    },
  };
}
