import type { Progress } from '#lab/bench/run-benchmarks.ts';

const barWidth = 24;

export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor(whole % 3600 / 60)} min`;
}

/** The time left is told by what one process took on average, once some have run. */
export function progressLine({ done, total, doing }: Progress, elapsedSeconds: number, columns: number): string {
  const share = total === 0 ? 0 : Math.min(1, done / total);
  const filled = Math.round(share * barWidth);
  const left = done < 3 ? '' : `, ${formatDuration(elapsedSeconds / done * (total - done))} left`;
  const line = `[${'='.repeat(filled)}${' '.repeat(barWidth - filled)}] ${done}/${total}${left}  ${doing}`;
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
  return {
    show: (progress) => stream.write(erase + progressLine(progress, (performance.now() - start) / 1000, stream.columns || 80)),
    clear: () => stream.write(erase),
  };
}
