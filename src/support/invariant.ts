/** Our own bug: thrown at once, turned into a refusal by the server; a user's program never sees it. */
export class InvariantError extends Error {
  override readonly name = 'InvariantError';
}

/** `detail` follows the message: where code is hot, texts are put together only when they are needed. */
export function invariant(condition: unknown, message: string, detail?: unknown): asserts condition {
  if (!condition) throw new InvariantError(withDetail(message, detail));
}

const withDetail = (message: string, detail: unknown): string => (detail === undefined ? message : `${message} ${String(detail)}`);

/** Closes a switch over a tagged union: a new member that is not handled does not compile. */
export function assertExhaustive(value: never, what: string): never {
  throw new InvariantError(`${what}: unhandled ${JSON.stringify(value)}`);
}

/** The value, which our own logic says is there. */
export function defined<T>(value: T | undefined | null, what: string, detail?: unknown): T {
  if (value === undefined || value === null) throw new InvariantError(withDetail(`missing ${what}`, detail));
  return value;
}
