/** Something inspected that is damaged, hostile or out of reach: becomes a finding of that file, and the others go on. */
export class Unreadable extends Error {
  override readonly name = 'Unreadable';
}

/** Values of a file are checked with this, so that every refusal says what was expected. */
export function require(condition: unknown, complaint: string): asserts condition {
  if (!condition) throw new Unreadable(complaint);
}
