/** What the interpreter and former versions of a unit have learned: specialised forms, inline caches, failed guards, types seen. */
import type { BytecodeInstruction, DecodedCode } from '#compiler/1-decode/decode.ts';
import type { Origin } from '#ir/types.ts';
import type { CompileRequest, Layout, ObjectInfo } from '#protocol/request.ts';
import { defined } from '#support/invariant.ts';
import { isBoolAmongInts } from '../3-optimize/specialize-types/profile-interface.ts';

export interface AttributeCache {
  readonly typeVersion: number;
  /** Index into the values (3.11 instance values) or byte offset (slots; 3.14 instance values); entry index for modules. */
  readonly index: number;
}

export interface MethodCache {
  readonly typeVersion: number;
  readonly keysVersion: number;
}

export interface Failure {
  readonly reason: string;
  readonly observed: string;
}

/** Reason of exits before instructions that seem to be cold, where a call cannot be compiled. */
export const CALLS_OUT = 'calls-out';
/** Reason of exits behind loops inside loops (worklist.ts). */
export const LOOP_NEVER_TURNED = 'loop-never-turned';
/** They say that code is run, not that it met something. */
const REASONS_OF_COLD_CODE: ReadonlySet<string> = new Set([CALLS_OUT, LOOP_NEVER_TURNED]);

export class Profile {
  readonly layout: Layout;
  readonly objects: readonly ObjectInfo[];
  readonly entryOffset: number;
  readonly boolsAmongInts: boolean;
  readonly #request: CompileRequest;
  readonly #decoded: (code: number) => DecodedCode;
  readonly #inferred = new Map<string, string>();
  readonly #attributes = new Map<string, number>();

  constructor(request: CompileRequest, decoded: (code: number) => DecodedCode) {
    this.layout = request.layout;
    this.objects = request.objects;
    this.entryOffset = request.offset;
    this.boolsAmongInts = request.feedback.some(isBoolAmongInts);
    this.#request = request;
    this.#decoded = decoded;
  }

  /** Opcode name as the interpreter has specialised it. The origin of a 3.11 call is its KW_NAMES or PRECALL. */
  specialization(origin: Origin): string {
    const inferred = this.#inferred.get(key(origin));
    if (inferred !== undefined) return inferred;
    const form = this.#callPart(origin).form;
    return form === 'PRECALL' || form === 'PRECALL_PYFUNC' ? this.#at({ ...origin, offset: this.#callPart(origin).end })?.form ?? form : form;
  }

  /** Adds what the interpreter does not record: 3.11 has no specialised FOR_ITER. */
  infer(origin: Origin, form: string): void {
    this.#inferred.set(key(origin), form);
  }

  /** What the dict of a module held under a name when the unit was asked for; all are object-table indices. */
  addAttribute(dict: number, name: number, value: number): void {
    this.#attributes.set(`${dict}:${name}`, value);
  }

  attributeCache(origin: Origin): AttributeCache {
    const { cache } = this.#instruction(origin);
    return { typeVersion: u32(cache, 1), index: cache[3] ?? 0 };
  }

  methodCache(origin: Origin): MethodCache {
    const { cache } = this.#instruction(origin);
    // 3.11 keeps the offset of the dict between the two versions.
    return { typeVersion: u32(cache, 1), keysVersion: u32(cache, this.layout === 311 ? 4 : 3) };
  }

  /** The inline cache as it stands. */
  cache(origin: Origin): readonly number[] {
    return this.#instruction(origin).cache;
  }

  failed(origin: Origin): readonly Failure[] {
    return this.#request.feedback.filter((f) => f.code === origin.code && f.offset === origin.offset && !REASONS_OF_COLD_CODE.has(f.reason));
  }

  /** True when compiled code often ended here, in code that was taken for such as is hardly ever run. */
  wasWarm(origin: Origin): boolean {
    return this.#request.feedback.some((f) => f.code === origin.code && f.offset === origin.offset && REASONS_OF_COLD_CODE.has(f.reason));
  }

  /** Type name of a local or stack item when the unit was asked for; 'NULL' where there is none; undefined when not known. */
  initialType(kind: 'local' | 'stack', index: number): string | undefined {
    const object = this.initialObject(kind, index);
    if (object === -1) return this.#request.kind === 'osr' ? 'NULL' : undefined;
    return object === undefined ? undefined : this.typeName(object);
  }

  /** Type name of what a namespace dict held under a name (object-table indices) when the unit was asked for. */
  globalType(dict: number, name: number): string | undefined {
    const text = this.objects[name];
    if (text?.kind !== 'str') return undefined;
    const attribute = this.#attributes.get(`${dict}:${name}`);
    if (attribute !== undefined) return this.typeName(attribute);
    for (const code of this.#request.codes) {
      if (code.globals !== dict) continue;
      const found = code.namesValues.find((n) => n.where === 'g' && n.value >= 0 && code.names[n.name] === text.value);
      if (found) return this.typeName(found.value);
    }
    return undefined;
  }

  /** Object-table index, -1 for NULL. */
  initialObject(kind: 'local' | 'stack', index: number): number | undefined {
    return (kind === 'local' ? this.#request.locals : this.#request.stack)[index];
  }

  name(code: number, index: number): string {
    return this.#request.codes[code]?.names[index] ?? '';
  }

  typeName(object: number): string | undefined {
    const info = this.objects[object];
    if (info === undefined) return undefined;
    const type = this.objects[info.type];
    if (type?.kind === 'type') return type.name;
    return SIMPLE_TYPES[info.kind];
  }

  #callPart(origin: Origin): BytecodeInstruction {
    const instruction = this.#instruction(origin);
    return instruction.name === 'KW_NAMES' ? this.#at({ ...origin, offset: instruction.end }) ?? instruction : instruction;
  }

  #instruction(origin: Origin): BytecodeInstruction {
    return defined(this.#at(origin), `instruction at ${origin.code}:${origin.offset}`);
  }

  #at(origin: Origin): BytecodeInstruction | undefined {
    return this.#decoded(origin.code).at(origin.offset);
  }
}

const SIMPLE_TYPES: Readonly<Partial<Record<ObjectInfo['kind'], string>>> = {
  none: 'NoneType', bool: 'bool', int: 'int', float: 'float', str: 'str', bytes: 'bytes', type: 'type', dict: 'dict', tuple: 'tuple',
  function: 'function', module: 'module', cell: 'cell', builtin: 'builtin_function_or_method', method_descriptor: 'method_descriptor',
};

const key = (origin: Origin): string => `${origin.code}:${origin.offset}`;

const u32 = (cache: readonly number[], at: number): number => ((cache[at] ?? 0) | (cache[at + 1] ?? 0) << 16) >>> 0;
