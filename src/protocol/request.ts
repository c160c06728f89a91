/** What one compile request carries, after unmarshalling. The format is written down in docs/protocol.md. */

export type Layout = 311 | 314;
export type Arch = 'x86_64' | 'aarch64';
export type System = 'linux' | 'macos' | 'windows';

export interface NameValue {
  readonly name: number;
  /** 'g': found in the globals dict; 'b': in builtins; '': nowhere. */
  readonly where: 'g' | 'b' | '';
  /** Entry index in that dict's keys, -1 when unknown. */
  readonly entry: number;
  /** Object index of the value, -1 when there is none. */
  readonly value: number;
}

export interface ModuleAttribute {
  /** Object index of the module's dict. */
  readonly dict: number;
  /** Entry index in the dict's keys. */
  readonly entry: number;
  /** Object index of the value. */
  readonly value: number;
}

export interface CodeInfo {
  readonly name: string;
  readonly qualname: string;
  readonly filename: string;
  readonly firstlineno: number;
  readonly flags: number;
  readonly argcount: number;
  readonly posonly: number;
  readonly kwonly: number;
  readonly nlocals: number;
  readonly stacksize: number;
  readonly localsplusnames: readonly string[];
  /** CPython's CO_FAST_LOCAL 0x20, CO_FAST_CELL 0x40, CO_FAST_FREE 0x80. */
  readonly localspluskinds: Uint8Array;
  readonly names: readonly string[];
  /** Object index by position in co_consts. */
  readonly consts: readonly number[];
  /** Adaptive bytecode as it stands, inline caches included. */
  readonly code: Uint8Array;
  readonly exceptiontable: Uint8Array;
  readonly linetable: Uint8Array;
  readonly globals: number;
  readonly builtins: number;
  readonly namesValues: readonly NameValue[];
  /** Objects found behind pointers in inline caches, by code unit offset of the instruction. */
  readonly cacheObjects: ReadonlyMap<number, number>;
  /** Attributes read from modules, by code unit offset of the instruction. */
  readonly moduleAttributes: ReadonlyMap<number, ModuleAttribute>;
}

interface ObjectBase {
  /** Index of the object's type in the table, -1 for the simple kinds. */
  readonly type: number;
  readonly address: bigint;
}
export type ClassInfo = Extract<ObjectInfo, { kind: 'type' }>;

const HEAP_TYPE = 1 << 9;

/** One made in C, whose attributes no Python code sets. */
export const isStaticType = ({ flags }: ClassInfo): boolean => (flags & HEAP_TYPE) === 0;

export type ObjectInfo = ObjectBase & (
  | { readonly kind: 'none' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'str'; readonly value: string }
  | { readonly kind: 'bytes'; readonly length: number }
  | { readonly kind: 'function'; readonly code: number; readonly version: number; readonly globals: number; readonly closure: number; readonly defaults: number; readonly kwdefaults: number; readonly codeObject: number }
  | { readonly kind: 'builtin'; readonly name: string; readonly module: string; readonly self: number; readonly flags: number; readonly method: number }
  | { readonly kind: 'type'; readonly name: string; readonly version: number; readonly flags: number; readonly basicsize: number; readonly isPlainClass: boolean; readonly methods: ReadonlyMap<string, number> }
  | { readonly kind: 'module'; readonly name: string; readonly dict: number }
  | { readonly kind: 'method_descriptor'; readonly name: string; readonly owner: number; readonly flags: number }
  | { readonly kind: 'dict'; readonly keys: bigint; readonly keysVersion: number; readonly entries: number }
  | { readonly kind: 'tuple'; readonly items: readonly number[] }
  | { readonly kind: 'cell'; readonly content: number }
  | { readonly kind: 'object'; readonly item: number });

export interface Feedback {
  readonly code: number;
  readonly offset: number;
  readonly reason: string;
  readonly observed: string;
}

export interface CompileRequest {
  readonly id: number;
  readonly layout: Layout;
  readonly arch: Arch;
  /** Linux where nothing is said. */
  readonly system?: System;
  readonly kind: 'entry' | 'osr';
  readonly offset: number;
  readonly codes: readonly CodeInfo[];
  readonly objects: readonly ObjectInfo[];
  /** Object index of each localsplus value at the time of the request, -1 for NULL. */
  readonly locals: readonly number[];
  /** Object index of each operand-stack item (osr), bottom first; -1 for NULL. */
  readonly stack: readonly number[];
  readonly feedback: readonly Feedback[];
  /** Classes of what attributes hold in some instance: by class and name, all classes as object indices. */
  readonly attributes: ReadonlyMap<number, ReadonlyMap<string, number>>;
}
