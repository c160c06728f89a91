import type { Arch, Layout, System } from '#protocol/request.ts';

/** A Python process that said hello. */
export interface Client {
  readonly pid: number;
  readonly python: string;
  readonly layout: Layout;
  readonly arch: Arch;
  readonly system: System;
}

export interface Dump {
  readonly pass: string;
  readonly text: string;
}

/** A place a unit can leave from, in terms of the source. */
export interface ExitPlace {
  readonly reason: string;
  /** Function and line: inlined calls leave from their own code. */
  readonly name: string;
  readonly line: number;
  readonly offset: number;
}

/** What became of one request: the server's half of `armature explain`. */
export interface CompileRecord {
  readonly pid: number;
  readonly name: string;
  readonly filename: string;
  readonly firstlineno: number;
  readonly kind: 'entry' | 'osr';
  readonly offset: number;
  /** Line of the loop header, or of the function. */
  readonly line: number;
  /** Absent when there is a unit. */
  readonly refused?: { readonly code: string; readonly detail: string };
  readonly unitBytes: number;
  /** By number of the exit. */
  readonly exits: readonly ExitPlace[];
  /** Calls of classes and operators that call out, with the reason. */
  readonly notInlined: readonly ExitPlace[];
  readonly milliseconds: number;
  readonly fromCache: boolean;
  readonly dumps: readonly Dump[];
}

/** Whoever wants to know what the server does; every part may be left out. */
export interface Observer {
  readonly connected?: (client: Client) => void;
  readonly compiled?: (record: CompileRecord) => void;
  readonly reported?: (client: Client, statistics: unknown) => void;
  /** Passes to dump: names separated by commas, or `all`; undefined for none. */
  readonly dump?: string | undefined;
}
