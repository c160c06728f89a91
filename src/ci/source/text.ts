/** The line end most lines of a text have. */
export function lineEndOf(text: string): string {
  const all = text.split('\n').length - 1;
  const carriageReturns = text.split('\r\n').length - 1;
  return carriageReturns * 2 > all ? '\r\n' : '\n';
}

/** Text of a file as part of a message: on one line, and without characters that command a terminal. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').replace(/ {2,}/g, ' ').trim();
}

/** Offset of the first character of the line. */
export function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

/** Offset behind the last character of the line, before its line end. */
export function lineStop(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  if (end < 0) return text.length;
  return text[end - 1] === '\r' ? Math.max(end - 1, offset) : end;
}

/** Offset of the first character of the next line. */
export function nextLine(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end + 1;
}

export function indentAt(text: string, offset: number): number {
  return offset - lineStart(text, offset);
}

/** Goes back over white space and line ends. */
export function trimBack(text: string, offset: number): number {
  let end = offset;
  while (end > 0 && /\s/.test(text[end - 1] ?? '')) end -= 1;
  return end;
}
