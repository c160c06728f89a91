/**
 * A coded reason why a function or loop stays interpreted. Not an error: decode, build and emit may bail out, passes may not.
 */
export class Bailout extends Error {
  override readonly name = 'Bailout';
  readonly code: string;
  constructor(code: string, detail: string) {
    super(detail);
    this.code = code;
  }
}
