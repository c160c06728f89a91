/** Objects that the function makes, as `sink-instances` sees them: what they are, and what becomes of each use. */
import { immediateAt, immediateBigInt, immediateNumber } from '#ir/immediates.ts';
import type { Block, Fn, Immediate, Instruction, ValueId } from '#ir/types.ts';
import { definitions } from '../facts.ts';

/** All that an exit has to know besides the values of the attributes. */
export interface Shape {
  /** Object-table index. */
  readonly class: number;
  readonly version: Immediate;
  /** As in agent/instances.c. */
  readonly places: bigint;
}

export interface Make {
  readonly instruction: Instruction;
  readonly shape: Shape;
  /** The `arg.store` instructions, in the order of the places. */
  readonly stores: readonly Instruction[];
}

export const isSameShape = (a: Shape, b: Shape): boolean => a.class === b.class && a.places === b.places && Number(a.version) === Number(b.version);

/** By result. */
export function findMakes(fn: Fn): Map<ValueId, Make> {
  const makes = new Map<ValueId, Make>();
  const defs = definitions(fn);
  for (const block of fn.blocks.values()) {
    for (const make of makesOf(block, defs)) makes.set(make.instruction.result!, make);
  }
  return makes;
}

function makesOf(block: Block, defs: readonly (Instruction | undefined)[]): Make[] {
  const makes: Make[] = [];
  let stores: Instruction[] = [];
  for (const i of block.instructions) {
    if (i.op === 'arg.store') stores.push(i);
    else if (i.op === 'call.vector' || i.op === 'call.arguments_o') stores = [];
    else if (i.op === 'instance.make') {
      const [type, places, version] = i.args.map((v) => defs[v]);
      const index = type?.op === 'const.obj' ? immediateAt(type, 0) : undefined;
      if (typeof index === 'number' && places?.op === 'const.int' && version?.op === 'const.int') {
        makes.push({ instruction: i, stores, shape: { class: index, version: immediateAt(version, 0), places: immediateBigInt(places) } });
      }
      stores = [];
    }
  }
  return makes;
}

const BITS_OF_PLACE = 6n;
const PLACE_MASK = 63n;
const FIRST_SLOT = 32;
const BYTES_OF_WORD = 8;

/** Which attribute an instruction reads; undefined when it is none that the instance was made with. */
export function attributeOf(load: Instruction, { places, class: type }: Shape, valuesOffsets: ReadonlyMap<number, number> | undefined): number | undefined {
  const first = valuesOffsets?.get(type);
  const at = immediateNumber(load);
  for (let left = places, n = 0; left !== 0n; left >>= BITS_OF_PLACE, n++) {
    const place = Number(left & PLACE_MASK);
    if (load.op === 'values.load' ? place === at + 1 : place >= FIRST_SLOT ? (place - FIRST_SLOT) * BYTES_OF_WORD === at : first !== undefined && first + (place - 1) * BYTES_OF_WORD === at) return n;
  }
  return undefined;
}

/** True when the use needs no object, only what is known of it. */
export function isDispensable(i: Instruction, shape: Shape, valuesOffsets: ReadonlyMap<number, number> | undefined): boolean {
  switch (i.op) {
    case 'guard.type_version': return immediateNumber(i) === Number(shape.version);
    case 'guard.type': return immediateAt(i, 0) === shape.class;
    case 'values.load':
    case 'field.load': return attributeOf(i, shape, valuesOffsets) !== undefined;
    case 'guard.keys_version':
    case 'guard.bound':
    case 'guard.is_not':
    case 'values.check':
    case 'obj.is_null':
    case 'obj.is_const':
    case 'obj.keep':
    case 'home.store':
    case 'instance.at_exit': return true;
    default: return false;
  }
}
