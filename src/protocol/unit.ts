/** A compiled unit as the reply carries it. The binary form is in docs/protocol.md. */

export type LocationKind =
  | 'null' | 'register_obj' | 'register_int' | 'register_float' | 'register_bool'
  | 'spill_obj' | 'spill_int' | 'spill_float' | 'spill_bool' | 'object' | 'literal_int' | 'literal_float' | 'literal_bool' | 'home' | 'instance';

/** By their number in the binary form. */
export const locationKinds: readonly LocationKind[] = [
  'null', 'register_obj', 'register_int', 'register_float', 'register_bool',
  'spill_obj', 'spill_int', 'spill_float', 'spill_bool', 'object', 'literal_int', 'literal_float', 'literal_bool', 'home', 'instance',
];

/** Where a value is when an exit is taken. */
export interface Location {
  readonly kind: LocationKind;
  /** Register, spill slot, index of an object, literal or instance. */
  readonly index: number;
  /** Borrowed: the exit adds a reference. */
  readonly incref: boolean;
}

/** An object that compiled code did without; only the exit makes it, unless it is one from elsewhere after all. */
export interface ExitInstance {
  /** Object-table index. */
  readonly class: number;
  /** The local of the unit's own frame whose home holds it, if that holds anything; -1: none. */
  readonly local: number;
  /** As in agent/instances.c. */
  readonly places: bigint;
  /** May be instances before this one. */
  readonly attributes: readonly Location[];
}

export const exitKinds = ['deopt', 'exception', 'safepoint', 'return', 'unsupported'] as const;

export interface ExitFrame {
  readonly code: number;
  readonly offset: number;
  /** Object-table index of the function, -1 for the unit's own frame. */
  readonly functionObject: number;
  readonly locals: readonly { readonly slot: number; readonly location: Location }[];
  readonly stack: readonly Location[];
}

export interface ExitRecord {
  readonly kind: (typeof exitKinds)[number];
  /** Index into the unit's `reasons`. */
  readonly reason: number;
  /** The instruction that leaves: the interpreter may go on at one before it. */
  readonly code: number;
  readonly offset: number;
  /** The object whose type or identity was guarded, if it still is in a register or slot. */
  readonly watched: Location | undefined;
  readonly globals: readonly { readonly dict: number; readonly name: number; readonly location: Location }[];
  readonly drops: readonly Location[];
  readonly instances: readonly ExitInstance[];
  /** Outermost first. */
  readonly frames: readonly ExitFrame[];
}

/** Of a remark about an instruction that is no exit. */
export const NO_EXIT = -1;

export interface ExitReason {
  readonly exit: number;
  readonly reason: string;
  readonly code: number;
  readonly offset: number;
}

export type Relocation =
  | { readonly kind: 'object'; readonly at: number; readonly object: number }
  | { readonly kind: 'symbol' | 'x86_64_call' | 'aarch64_call'; readonly at: number; readonly symbol: string }
  | { readonly kind: 'unit'; readonly at: number; readonly offset: number };

export type Assumption =
  | { readonly kind: 'type_version'; readonly object: number; readonly version: number }
  | { readonly kind: 'function_version'; readonly object: number; readonly version: number }
  | { readonly kind: 'global_value'; readonly object: number; readonly entry: number; readonly value: number }
  | { readonly kind: 'dict_keys'; readonly object: number; readonly keys: bigint };

interface UnitParts {
  readonly request: number;
  readonly kind: 'entry' | 'osr';
  /** Code unit of the entry. */
  readonly offset: number;
  readonly spillCount: number;
  /** Machine code, then its literal pool. */
  readonly code: Uint8Array;
  readonly relocations: readonly Relocation[];
  readonly assumptions: readonly Assumption[];
  /** 64-bit constants that exit locations refer to. */
  readonly literals: readonly bigint[];
  readonly reasons: readonly ExitReason[];
}

export interface Unit extends UnitParts {
  readonly exits: readonly ExitRecord[];
}

/** As the compiler makes it: there are many exits, and nobody but a reader wants them as objects. */
export interface EncodedUnit extends UnitParts {
  readonly exits: EncodedExits;
}

/** Exits as they are in the binary form, but for the last word of each head: it says at which word of `bodies` its body is. */
export interface EncodedExits {
  readonly heads: Int32Array;
  readonly bodies: Int32Array;
}
