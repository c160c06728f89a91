/**
 * Errors that are the user's to mend. Each part of the program has a table of its own, one row a code (`src/cli/errors.ts` is
 * one), and a subclass of ReportedError that takes a code of that table; docs/errors.md is generated from all tables.
 */
export interface ErrorRow {
  /** `{name}` is replaced by the parameter of that name. */
  readonly message: string;
  readonly cause: string;
  readonly remedy: string;
  /** The exit status, or undefined for a warning after which the work goes on. */
  readonly exit: number | undefined;
}

export function formatMessage(row: ErrorRow, parameters: Readonly<Record<string, string>>): string {
  return row.message.replace(/\{(\w+)\}/g, (whole, name: string) => parameters[name] ?? whole);
}

/** Bundles that are loaded late have a copy of this class each: `instanceof` would not know the other's errors. */
const brand = Symbol.for('armature.reported-error');

export class ReportedError extends Error {
  override readonly name = 'ReportedError';
  readonly [brand] = true;
  readonly code: string;
  readonly exitStatus: number;
  /** One more line, when there is something to do at once. */
  readonly hint: string | undefined;

  constructor(code: string, row: ErrorRow, parameters: Readonly<Record<string, string>>, hint?: string) {
    super(formatMessage(row, parameters));
    this.code = code;
    this.exitStatus = row.exit ?? 1;
    this.hint = hint;
  }

  static is(error: unknown): error is ReportedError {
    return error instanceof Error && brand in error;
  }
}
