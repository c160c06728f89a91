/**
 * Objects of plain classes that nothing but an exit needs are not made: whoever reads an attribute gets its value, and an
 * exit makes the object (agent/deopt.c).
 *
 *   v1:obj = box.float v0                     guard.class_version v9, 77 @…
 *   arg.store v1, 0                           v5:obj = instance.at_exit v0, 2, 1, -1
 *   v2:obj = instance.make v9, v7, v8 @…  →   v4:float = float.mul v0, v0
 *   v3:obj = field.load v2, 24 @… stack(v2)   exit … stack(v5)
 *   v4:float = float.mul (unbox v3), …
 *
 * `instance.at_exit` is no code: it describes the object to the exits whose states name it. Parameters of blocks that stand for
 * such objects become parameters for the attributes. A local of the frame that is given a sunk object has NULL in its home, as
 * one with a number in a register may: `sink-instances/candidates.ts`. Where a call may look at the frame, objects in locals are
 * made as before.
 *
 * LuaJIT calls this allocation sinking (Pall, 2012), PyPy virtuals (Bolz et al., "Allocation removal by partial evaluation in
 * a tracing JIT", 2011). Attributes that are stored later make an object stay.
 */
import { instructionWith, makeInstruction, newValue } from '#ir/builder.ts';
import { Graph } from '#ir/graph.ts';
import { Replacements } from '#ir/replacements.ts';
import type { OpName } from '#ir/ops.ts';
import type { Block, Fn, Immediate, Instruction, ValueId, ValueType } from '#ir/types.ts';
import { mapFrameState } from '#ir/visit.ts';
import type { Pass, PassContext } from '../pass.ts';
import { become, definitions } from './facts.ts';
import { Candidates, entryState, type Candidate, type Param } from './sink-instances/candidates.ts';
import { attributeOf } from './sink-instances/instances.ts';

export const sinkInstances: Pass = {
  name: 'sink-instances',
  summary: 'lets exits make the objects that nothing else needs',
  run: (fn, context) => {
    let changed = false;
    // What a sunk object held may be sunk itself.
    while (sinkSome(fn, context)) changed = true;
    return changed;
  },
};

function sinkSome(fn: Fn, context: PassContext): boolean {
  if (![...fn.blocks.values()].some((b) => b.instructions.some((i) => i.op === 'instance.make'))) return false;
  const graph = new Graph(fn);
  const candidates = new Candidates(graph, context);
  candidates.settle();
  if (candidates.size === 0) return false;
  new Sinking(graph, context, candidates).run();
  return true;
}

/** What stands for an object: the forms in which its attributes are passed on, and what exits make. */
interface Sunk {
  readonly candidate: Candidate;
  readonly types: ValueType[];
  readonly attributes: ValueId[];
  readonly atExit: ValueId;
}

const LOADS: ReadonlySet<OpName> = new Set<OpName>(['values.load', 'field.load']);
/** In the order in which they rely on each other. */
const CHECKS = ['guard.bound', 'guard.type_version', 'guard.keys_version', 'values.check'] as const;

type Number = 'int' | 'float' | 'bool';
const BOXES: ReadonlyMap<string, Number> = new Map([['box.int', 'int'], ['box.float', 'float'], ['box.bool', 'bool']]);

class Sinking {
  readonly #graph: Graph;
  readonly #fn: Fn;
  readonly #context: PassContext;
  readonly #candidates: Candidates;
  readonly #defs: readonly (Instruction | undefined)[];
  readonly #sunk = new Map<ValueId, Sunk>();
  readonly #replaced = new Replacements();
  readonly #stores = new Set<Instruction>();

  constructor(graph: Graph, context: PassContext, candidates: Candidates) {
    this.#graph = graph;
    this.#fn = graph.fn;
    this.#context = context;
    this.#candidates = candidates;
    this.#defs = definitions(graph.fn);
  }

  run(): void {
    const types = this.#chooseTypes();
    for (const candidate of this.#candidates.values()) this.#sunk.set(candidate.value, this.#represent(candidate, types.get(candidate.value)!));
    for (const sunk of this.#sunk.values()) if (sunk.candidate.param) this.#passAttributes(sunk, sunk.candidate.param);
    for (const { candidate } of this.#sunk.values()) candidate.make?.stores.forEach((i) => this.#stores.add(i));
    for (const block of this.#graph.order) this.#rewriteBlock(block);
    for (const block of this.#graph.order) this.#dropParams(block);
    for (const { candidate, atExit } of this.#sunk.values()) this.#replaced.set(candidate.value, atExit);
    this.#replaced.apply(this.#fn);
  }

  /** An attribute is passed on as a number when it is the same kind of number wherever it comes from. */
  #chooseTypes(): Map<ValueId, (ValueType | undefined)[]> {
    const chosen = new Map<ValueId, (ValueType | undefined)[]>();
    for (const { value, make } of this.#candidates.values()) chosen.set(value, make ? make.stores.map(({ args }) => this.#numberIn(args[0]!).type) : []);
    const params = [...this.#candidates.values()].filter(({ param }) => param !== undefined);
    for (let changed = true; changed; ) {
      changed = false;
      for (const { value, param } of params) {
        const types = chosen.get(value)!;
        for (const given of this.#candidates.givenTo(param!)) {
          chosen.get(given.value)?.forEach((type, n) => {
            const met = types[n] === undefined || types[n] === type ? type : 'obj';
            if (met !== types[n]) changed = true;
            types[n] = met;
          });
        }
      }
    }
    return chosen;
  }

  /** The number in a box, or the object. */
  #numberIn(value: ValueId): { readonly type: ValueType; readonly value: ValueId } {
    const def = this.#defs[value];
    const type = BOXES.get(def?.op ?? '');
    return type === undefined ? { type: 'obj', value } : { type, value: def!.args[0]! };
  }

  #represent(candidate: Candidate, types: (ValueType | undefined)[]): Sunk {
    const known = types.map((type) => type ?? 'obj');
    const attributes = candidate.make
      ? candidate.make.stores.map(({ args }) => this.#numberIn(args[0]!).value)
      : known.map((type) => newValue(this.#fn, type));
    return { candidate, types: known, attributes, atExit: newValue(this.#fn, 'obj') };
  }

  // ---- parameters --------------------------------------------------------------------------------------------------

  #passAttributes(sunk: Sunk, param: Param): void {
    const { types, attributes } = sunk;
    for (const { from, args, value } of this.#candidates.givenTo(param)) {
      const given = this.#sunk.get(value);
      args.push(...(given ? types.map((type, n) => this.#as(type, given, n, from)) : this.#readElsewhere(sunk, param, args, value, from)));
    }
    param.block.params.push(...attributes);
  }

  /** An attribute for a parameter of this type, at the end of a block. */
  #as(type: ValueType, { types, attributes }: Sunk, n: number, block: Block): ValueId {
    const value = attributes[n]!;
    if (types[n] === type) return value;
    return this.#append(block, makeInstruction(this.#fn, `box.${types[n] as Number}`, [value]));
  }

  /** The attributes of an object that exists, as far as somebody reads them; the block is about to be entered. */
  #readElsewhere({ candidate: { value, shape }, types }: Sunk, { block }: Param, args: readonly ValueId[], object: ValueId, from: Block): ValueId[] {
    const loads = new Map<number, Instruction>();
    const uses = this.#candidates.usesOf(value);
    for (const i of uses) if (LOADS.has(i.op)) loads.set(attributeOf(i, shape, this.#context.valuesOffsets)!, i);
    const first = uses.length > 0 ? entryState(block) : undefined;
    if (first) {
      const frameState = mapFrameState(first.frameState, (v) => args[block.params.indexOf(v)] ?? v);
      const options = { frameState, origin: first.origin };
      const guard = (op: OpName, immediates: Immediate[], from_: ValueId): ValueId => this.#append(from, makeInstruction(this.#fn, op, [from_], { ...options, immediates }));
      for (const op of CHECKS) {
        const check = uses.find((i) => i.op === op);
        if (check) guard(op, [...check.immediates], object);
      }
      return types.map((type, n) => {
        const load = loads.get(n);
        if (!load) return this.#nothing(type, object, from);
        const loaded = guard(load.op, [...load.immediates], object);
        return type === 'obj' ? loaded : guard(`unbox.${type as Number}`, [], loaded);
      });
    }
    return types.map((type) => this.#nothing(type, object, from));
  }

  /** For an object that exists: nobody reads it. */
  #nothing(type: ValueType, object: ValueId, block: Block): ValueId {
    return type === 'obj' ? object : this.#append(block, makeInstruction(this.#fn, `const.${type as Number}`, [], { immediates: [0] }));
  }

  #append(block: Block, instruction: Instruction): ValueId {
    block.instructions.push(instruction);
    return instruction.result!;
  }

  #dropParams(block: Block): void {
    const dropped = block.params.map((v) => this.#sunk.has(v));
    if (!dropped.includes(true)) return;
    block.params = block.params.filter((_, n) => !dropped[n]);
    for (const { edge } of this.#graph.predecessors(block.id)) edge.args = edge.args.filter((_, n) => !dropped[n]);
  }

  // ---- instructions ------------------------------------------------------------------------------------------------

  #rewriteBlock(block: Block): void {
    const out: Instruction[] = [];
    for (const v of block.params) {
      const sunk = this.#sunk.get(v);
      if (sunk) out.push(this.#describe(sunk));
    }
    for (const i of block.instructions) {
      const made = i.op === 'instance.make' ? this.#sunk.get(i.result!) : undefined;
      if (made) {
        this.#guardClass('guard.class_version', made, i, i.args[0], out);
        out.push(this.#describe(made));
      } else if (!this.#stores.has(i)) {
        const used = i.op === 'instance.at_exit' ? undefined : i.args.map((v) => this.#sunk.get(v)).find((s) => s !== undefined);
        if (used) this.#rewriteUse(i, used, out);
        else out.push(i);
      }
    }
    block.instructions = out;
  }

  #describe({ candidate: { shape, slot }, attributes, atExit }: Sunk): Instruction {
    return instructionWith('instance.at_exit', [...attributes], atExit, { immediates: [shape.class, shape.places, slot] });
  }

  /** The class is still the one that the object would have been made of. */
  #guardClass(op: 'guard.class_version' | 'guard.class_keys_version', { candidate: { shape } }: Sunk, at: Instruction, type: ValueId | undefined, out: Instruction[]): void {
    const { origin } = at;
    let object = type;
    if (object === undefined) {
      const constant = makeInstruction(this.#fn, 'const.obj', [], { immediates: [shape.class], origin });
      out.push(constant);
      object = constant.result!;
    }
    const version = op === 'guard.class_version' ? shape.version : at.immediates[0]!;
    out.push(makeInstruction(this.#fn, op, [object], { immediates: [version], frameState: at.frameState, origin }));
  }

  #rewriteUse(i: Instruction, sunk: Sunk, out: Instruction[]): void {
    switch (i.op) {
      case 'guard.type_version': return this.#guardClass('guard.class_version', sunk, i, undefined, out);
      case 'guard.keys_version': return this.#guardClass('guard.class_keys_version', sunk, i, undefined, out);
      case 'values.load':
      case 'field.load': return this.#rewriteLoad(i, sunk, out);
      case 'obj.is_null':
      case 'obj.is_const':
        out.push(become(i, 'const.bool', [], [0]));
        return;
      case 'home.store':
        if (!this.#candidates.isOverNothing(i)) out.push(become(i, 'home.clear', [], [...i.immediates]));
        return;
      case 'obj.keep':
        sunk.attributes.forEach((v, n) => {
          if (sunk.types[n] === 'obj') out.push(makeInstruction(this.#fn, 'obj.keep', [v], { origin: i.origin }));
        });
    }
  }

  #rewriteLoad(i: Instruction, { candidate: { shape, make }, types, attributes }: Sunk, out: Instruction[]): void {
    const n = attributeOf(i, shape, this.#context.valuesOffsets)!;
    const type = types[n]!;
    if (make) this.#replaced.set(i.result!, make.stores[n]!.args[0]!);
    else if (type === 'obj') this.#replaced.set(i.result!, attributes[n]!);
    else out.push(become(i, `box.${type as Number}`, [attributes[n]!]));
  }
}
