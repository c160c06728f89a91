/** Our own bug: thrown at once, turned into a refusal by the server; a user's program never sees it. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

export function invariant(condition: unknown, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Closes a switch over a tagged union: a new member that is not handled does not compile. */
export function assertExhaustive(value: never, what: string): never {
  throw new InvariantError(`${what}: unhandled ${JSON.stringify(value)}`);
}

/** The value, which our own logic says is there. */
export function defined<T>(value: T | undefined | null, what: string): T {
  if (value === undefined || value === null) throw new InvariantError(`missing ${what}`);
  return value;
}
