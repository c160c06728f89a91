/** How much is measured. */
export interface Shape {
  readonly processes: number;
  /** Values in each process, for what is called in a loop; a whole program gives one value a process. Undefined: what a pyperf script says, else pyperf's own default. */
  readonly values: number | undefined;
  /** Undefined: as many as the calibration finds necessary. */
  readonly warmups: number | undefined;
  /** A value takes at least this long; undefined: what a pyperf script says, else pyperf's own default. */
  readonly minimumSeconds: number | undefined;
  readonly timeoutSeconds: number | undefined;
}

/** The number of processes is that of pyperf. */
export const defaultShape: Shape = { processes: 20, values: undefined, warmups: undefined, minimumSeconds: undefined, timeoutSeconds: undefined };
export const fastShape: Shape = { ...defaultShape, processes: 6, values: 2 };
export const rigorousShape: Shape = { ...defaultShape, processes: 40 };

/** As in pyperf. */
export const defaultMinimumSeconds = 0.1;
export const defaultValues = 3;
