export interface Colours {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
}

const plain = (text: string): string => text;
export const noColours: Colours = { bold: plain, dim: plain, red: plain, green: plain, yellow: plain };

/** Colours only for a terminal, and never when NO_COLOR is set (https://no-color.org). */
export function coloursFor(stream: NodeJS.WriteStream, environment: NodeJS.ProcessEnv = process.env): Colours {
  const wanted = stream.isTTY && (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
  if (!wanted) return noColours;
  const style = (code: number) => (text: string) => `\u001b[${code}m${text}\u001b[0m`;
  return { bold: style(1), dim: style(2), red: style(31), green: style(32), yellow: style(33) };
}
