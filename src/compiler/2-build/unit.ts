/** What all frames of one unit share while it is built. */
import { decodeCode, type DecodedCode } from '#compiler/1-decode/decode.ts';
import { Builder, createFunction } from '#ir/builder.ts';
import type { Fn, ForIter, Instruction, ValueId } from '#ir/types.ts';
import type { ClassInfo, CompileRequest, ObjectInfo } from '#protocol/request.ts';
import { Bailout } from '#support/bailout.ts';
import { defined } from '#support/invariant.ts';
import type { Hint } from './hints.ts';
import { Profile } from './profile.ts';
import { PromotedNames } from './promoted-names.ts';

/** Bytecode instructions translated for one unit, inlined ones and repeated block versions included. */
const MAX_INSTRUCTIONS = 3000;

const NAMEABLE: ReadonlySet<ObjectInfo['kind']> = new Set<ObjectInfo['kind']>(['none', 'bool', 'type', 'module', 'method_descriptor']);
const NUMBERS_AND_TEXTS: ReadonlySet<ObjectInfo['kind']> = new Set<ObjectInfo['kind']>(['int', 'float', 'str', 'bytes']);

const PLAIN: ReadonlySet<ObjectInfo['kind']> = new Set<ObjectInfo['kind']>(['none', 'bool', ...NUMBERS_AND_TEXTS]);

/** What was found out when the same unit was built before. */
export interface BuildOptions {
  /** Why instructions that run Python functions are not translated as these, by place. */
  readonly notRestartable: ReadonlyMap<string, string>;
  /** Without them its loops would do little besides calling them. */
  readonly inlinesLargeCallees: boolean;
}

export class Unit {
  readonly request: CompileRequest;
  readonly fn: Fn;
  readonly builder: Builder;
  readonly profile: Profile;
  readonly promoted: PromotedNames;
  readonly hints = new Map<ValueId, Hint>();
  readonly constants = new Map<ValueId, number>();
  /** What is known to be true or false wherever it is computed. */
  readonly decided = new Map<ValueId, boolean>();
  /** What stands for an instance that is being made. */
  readonly placeholders = new Set<ValueId>();
  /** Numbers that were just made, and new objects that hold nothing else and that no other code has seen: nobody notices their end. */
  readonly quiet = new Set<ValueId>();
  /** Values that were read from an object which holds them still: nothing has been written since. */
  readonly borrowed = new Set<ValueId>();
  /** What an iterator goes through, by the iterator. */
  readonly iterables = new Map<ValueId, ValueId>();
  /** Why instructions that run Python functions are not translated as these, by place. */
  readonly notRestartable: Map<string, string>;
  /** Instructions and loops after which promoted names are unknown. */
  readonly opaque = new Set<Instruction | ForIter>();
  opaqueCount = 0;
  /** Reasons of the places where compiled code ends. */
  exits: string[] = [];
  /** Function objects that were tried and cannot be inlined. */
  readonly notInlinable = new Set<number>();
  /** Whether callees are inlined that are large. */
  readonly inlinesLargeCallees: boolean;
  /** Some callee is large, and could be inlined otherwise. */
  hasLargeCallees = false;
  /** Code indices whose functions were inlined, the unit's own first. */
  readonly usedCodes = new Set<number>([0]);
  /** Jumps back to the header of an osr unit. */
  backEdges = 0;
  budget = MAX_INSTRUCTIONS;
  #classes: Map<string, Extract<ObjectInfo, { kind: 'type' }>> | undefined;
  readonly #decoded = new Map<number, DecodedCode | Bailout>();

  constructor(request: CompileRequest, { notRestartable, inlinesLargeCallees }: BuildOptions) {
    this.notRestartable = new Map(notRestartable);
    this.inlinesLargeCallees = inlinesLargeCallees;
    this.request = request;
    this.fn = createFunction(request.codes[0]!.qualname);
    this.builder = new Builder(this.fn);
    this.profile = new Profile(request, (code) => this.decoded(code));
    const others = request.codes.flatMap((_, code) => (code > 0 && this.canDecode(code) ? [this.decoded(code)] : []));
    this.promoted = new PromotedNames(request, this.decoded(0), others);
  }

  /** How many instructions were translated, each as often as it was. */
  get translated(): number {
    return MAX_INSTRUCTIONS - this.budget;
  }

  decoded(code: number): DecodedCode {
    const result = this.#decode(code);
    if (result instanceof Bailout) throw result;
    return result;
  }

  canDecode(code: number): boolean {
    return !(this.#decode(code) instanceof Bailout);
  }

  #decode(code: number): DecodedCode | Bailout {
    let result = this.#decoded.get(code);
    if (result === undefined) {
      try {
        result = decodeCode(defined(this.request.codes[code], `code ${code}`), this.request.layout);
      } catch (error) {
        if (!(error instanceof Bailout)) throw error;
        result = error;
      }
      this.#decoded.set(code, result);
    }
    return result;
  }

  object(index: number): ObjectInfo {
    return defined(this.request.objects[index], `object ${index}`);
  }

  readonly constant = (value: ValueId): number | undefined => this.constants.get(value);

  /** Names of modules stay in registers across what runs no Python code. */
  get keepsNames(): boolean {
    return this.promoted.list.length > 0;
  }

  typeOf(value: ValueId): string | undefined {
    const constant = this.constants.get(value);
    return constant === undefined ? this.hints.get(value)?.type : this.profile.typeName(constant);
  }

  /**
   * False for objects whose end a program could notice: code that names them would keep them alive. `lasting`: it is the
   * value of a module's or a class's name. The agent holds on to the same objects.
   */
  isNameable(index: number, lasting: boolean): boolean {
    const object = this.object(index);
    if (object.kind === 'builtin') return object.self < 0 || this.object(object.self).kind === 'type';
    if (object.kind === 'function') return lasting || this.#isPlainFunction(object);
    return NAMEABLE.has(object.kind) || (lasting && NUMBERS_AND_TEXTS.has(object.kind));
  }

  /** Nothing that anybody waits for the end of dies with it. */
  #isPlainFunction(object: Extract<ObjectInfo, { kind: 'function' }>): boolean {
    if (object.closure >= 0 || object.kwdefaults >= 0) return false;
    const defaults = object.defaults < 0 ? undefined : this.object(object.defaults);
    return defaults === undefined || (defaults.kind === 'tuple' && defaults.items.every((item) => item >= 0 && PLAIN.has(this.object(item).kind)));
  }

  /** Whether two constants are one object. Undefined: one of them is none, or may have several entries in the table. */
  areSame(a: ValueId, b: ValueId): boolean | undefined {
    const objects = [a, b].map((v) => this.constants.get(v));
    if (objects.some((o) => o === undefined || NUMBERS_AND_TEXTS.has(this.object(o).kind))) return undefined;
    return objects[0] === objects[1];
  }

  /** A class of Python code that has this name. */
  classNamed(name: string): ClassInfo | undefined {
    this.#classes ??= new Map(this.request.objects.flatMap((o) => (o.kind === 'type' && o.methods.size > 0 ? [[o.name, o] as const] : [])));
    return this.#classes.get(name);
  }

  classOfVersion(version: number): number | undefined {
    return version === 0 ? undefined : this.findObject((o) => o.kind === 'type' && o.version === version);
  }

  /** Type name of what an attribute of a class held in some instance. */
  attributeType(cls: number, name: string): string | undefined {
    const held = this.request.attributes.get(cls)?.get(name);
    const info = held === undefined ? undefined : this.object(held);
    return info?.kind === 'type' ? info.name : undefined;
  }

  findObject(match: (object: ObjectInfo) => boolean): number | undefined {
    const index = this.request.objects.findIndex(match);
    return index < 0 ? undefined : index;
  }
}
