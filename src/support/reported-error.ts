import { printableLines } from './printable.ts';

/**
 * Errors that are the user's to mend. Each part of the program has a table of its own, one row a code, and a class made from it
 * (`class CheckError extends errorClass(checkErrors) {}`); docs/errors.md is generated from all tables.
 */
export interface ErrorRow {
  /** `{name}` is replaced by the parameter of that name. */
  readonly message: string;
  readonly cause: string;
  readonly remedy: string;
  /** The exit status, or undefined for a warning after which the work goes on. */
  readonly exit: number | undefined;
}

export type ErrorParameters = Readonly<Record<string, string>>;

/** Bundles that are loaded late have a copy of this class each: `instanceof` would not know the other's errors. */
const brand = Symbol.for('armature.reported-error');

export class ReportedError extends Error {
  override readonly name = 'ReportedError';
  readonly [brand] = true;
  readonly code: string;
  readonly exitStatus: number;
  /** One more line, when there is something to do at once. */
  readonly hint: string | undefined;
  /** Why it happened and what to do about it: two sentences of docs/errors.md. */
  readonly explanation: readonly string[];

  constructor(code: string, row: ErrorRow, parameters: ErrorParameters, hint?: string, isExplained = false) {
    const filled = (text: string): string => text.replace(/\{(\w+)\}/g, (whole, name: string) => parameters[name] ?? whole);
    super(filled(row.message));
    this.explanation = isExplained ? [filled(row.cause), filled(row.remedy)] : [];
    this.code = code;
    this.exitStatus = row.exit ?? 1;
    this.hint = hint;
  }

  static is(error: unknown): error is ReportedError {
    return error instanceof Error && brand in error;
  }
  /** What is printed on standard error, for an error and for a warning. */
  line(): string {
    return `armature: ${this.message} [${this.code}]\n`;
  }
}

/**
 * A class whose constructor takes the codes of one table. `clean` is what becomes of parameters, which may be text of a hostile file; a
 * message may have several lines, but must not command a terminal. With `isExplained`, why and what to do is printed below the message.
 */
export function errorClass<Table extends Readonly<Record<string, ErrorRow>>>(table: Table, clean: (value: string) => string = printableLines, isExplained = false) {
  return class extends ReportedError {
    constructor(code: keyof Table & string, parameters: ErrorParameters, hint?: string) {
      super(code, table[code] as ErrorRow, Object.fromEntries(Object.entries(parameters).map(([name, value]) => [name, clean(value)])), hint, isExplained);
    }
  };
}
