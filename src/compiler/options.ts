export interface Remark {
  readonly code: number;
  readonly offset: number;
  /** A code. */
  readonly reason: string;
}

/** How one unit is compiled. */
export interface CompileOptions {
  /** Every value lives in its spill slot: a mode for tests of exits. */
  readonly spillEverything: boolean;
  /** Compile also what is probably slower than the interpreter: a mode for tests. */
  readonly evenWithoutProfit: boolean;
  /** The guard with this number, counted from 1 in the order of the code, always leaves; 0: none. */
  readonly failGuard: number;
  /** Verify the function after each pass. */
  readonly verify: boolean;
  /** Passes left out, by name, to measure what each is worth. */
  readonly disabled: ReadonlySet<string>;
  /** Receives the text of the function after each step, and the listing of the machine code at last. */
  readonly dump?: ((step: string, text: string) => void) | undefined;
  /** Told about instructions that were not translated as the functions they run. */
  readonly remark?: ((remark: Remark) => void) | undefined;
  /** Called at the end of each step, parts of the emitter included, to measure how long each takes. */
  readonly finished?: ((step: string) => void) | undefined;
}

export const defaultOptions: CompileOptions = { spillEverything: false, evenWithoutProfit: false, failGuard: 0, verify: false, disabled: new Set() };
