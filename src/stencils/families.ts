/** The families of a stencil table: what each one's operands are and which C file holds its template. */
import { ops, type OpInfo, type OpName } from '#ir/ops.ts';
import type { ValueType } from '#ir/types.ts';
import { defined, invariant } from '#support/invariant.ts';
import type { Bank } from './table.ts';

export interface FamilySpec {
  readonly name: string;
  /** Arguments, then result. */
  readonly operands: readonly Bank[];
  readonly result: Bank | undefined;
  /** How variants are made: instantiated for every register, both operands exchanged, or one hand-written function. */
  readonly form: 'value' | 'exchange' | 'single';
  /** Only for `single`: the register of each operand. */
  readonly fixed: readonly number[];
  readonly clobbers: boolean;
  /** The only processor that has it. */
  readonly only?: Machine;
  /** Not in tables compiled as COFF, which has no relocations for holes of one byte. */
  readonly hasByteHoles?: true;
}

export type Machine = 'x86_64' | 'aarch64';

export interface TemplateFile {
  readonly file: string;
  /** True when the code depends on the CPython layout. */
  readonly layoutDependent: boolean;
  readonly families: readonly FamilySpec[];
}

/** Function name in C. */
export const cName = (family: string): string => family.replaceAll('.', '_');

const value = (name: string, args: string, result: '' | Bank = ''): FamilySpec => ({
  name, operands: [...args, ...result] as Bank[], result: result === '' ? undefined : result,
  form: 'value', fixed: [], clobbers: false,
});

const single = (name: string): FamilySpec =>
  ({ name, operands: [], result: undefined, form: 'single', fixed: [], clobbers: false });

/** Signature: banks of the arguments, `_`, result: r, f, i (C int, widened to 64 bits) or v (none). */
function call(name: string, signature: string): FamilySpec {
  const [args, result] = signature.split('_');
  invariant(args !== undefined && result !== undefined, `bad signature ${signature}`);
  const operands: Bank[] = [];
  const fixed: number[] = [];
  const next = { r: 3, f: 0 };
  for (const bank of args as Iterable<Bank>) {
    operands.push(bank);
    fixed.push(next[bank]++);
  }
  const bank = result === 'i' ? 'r' : result === 'v' ? undefined : (result as Bank);
  if (bank !== undefined) {
    operands.push(bank);
    fixed.push(bank === 'r' ? 3 : 0);
  }
  return { name, operands, result: bank, form: 'single', fixed, clobbers: true };
}

const bankOf = (type: ValueType): Bank => (type === 'float' ? 'f' : 'r');

function opFamily(name: OpName): FamilySpec {
  const info: OpInfo = ops[name];
  invariant(typeof info.args !== 'string', `${name}: a stencil has a fixed number of operands`);
  return value(name, info.args.map(bankOf).join(''), info.result === 'none' ? '' : bankOf(info.result));
}

const comparisons = ['lt', 'le', 'eq', 'ne', 'gt', 'ge'];
const helperSignatures = [
  '_r', 'r_r', 'rr_r', 'rrr_r', 'rrrr_r', 'rrrrr_r', 'f_r', 'ff_r', 'r_i', 'rr_i', 'rrr_i',
  'f_f', 'ff_f', 'r_f', '_v', 'r_v', 'rr_v', 'rrr_v',
];

/** Families that are no ops, and ops whose operands sit in fixed registers. */
function callFamilies(): FamilySpec[] {
  return [
    ...helperSignatures.map((s) => call(`call.helper.${s}`, s)),
    ...[0, 1, 2, 3].map((n) => call(`call.activation.${n}`, `${'r'.repeat(n)}_r`)),
    call('call.vector', '_r'), call('call.arguments_o', '_r'),
    call('float.libm', 'f_f'), call('float.libm2', 'ff_f'),
    call('float.floordiv', 'ff_f'), call('float.mod', 'ff_f'),
  ];
}

/** By the instructions that AArch64 has for constants: see 4-emit/aarch64-constants.ts. */
const constantForms = (): FamilySpec[] => [
  ...['const.inverted', 'const.logical', 'const.wide', 'const.wide_inverted', 'const.wide2', 'const.wide2_inverted'].map((name) => value(name, '', 'r')),
  value('const.float_imm', '', 'f'),
].map((family): FamilySpec => ({ ...family, only: 'aarch64' }));

/** Operations of two registers, with a logical immediate instead of the second one. */
const logicalForms = (): FamilySpec[] =>
  ['int.and', 'int.or', 'int.xor'].map((name): FamilySpec => ({ ...value(`${name}.logical`, 'r', 'r'), only: 'aarch64' }));

/** Where the unit saves the link register, and exits that are found by it. */
const linkFamilies = (): FamilySpec[] =>
  ['link.save', 'link.restore', 'exit.call', 'exit.number'].map((name): FamilySpec => ({ ...single(name), only: 'aarch64' }));

function moveFamilies(): FamilySpec[] {
  const exchange = (name: string, bank: Bank): FamilySpec => ({ ...value(name, bank + bank), form: 'exchange' });
  return [
    value('move.r', 'r', 'r'), value('move.f', 'f', 'f'), exchange('swap.r', 'r'), exchange('swap.f', 'f'),
    value('spill.r', 'r'), value('spill.f', 'f'), value('reload.r', '', 'r'), value('reload.f', '', 'f'),
    value('const.int', '', 'r'), value('const.int32', '', 'r'), value('const.bool', '', 'r'),
    value('const.zero', '', 'r'), value('const.small', '', 'r'), ...constantForms(),
    value('const.float', '', 'f'), value('const.float_zero', '', 'f'), value('const.obj', '', 'r'),
  ];
}

/** Forms with an immediate of 0..4095, one instruction shorter on AArch64; elsewhere the general form is as short. */
const small = (name: string, args: string, result: '' | Bank = ''): FamilySpec => ({ ...value(`${name}.small`, args, result), only: 'aarch64' });

const smallArithmetic = (): FamilySpec[] =>
  ['int.add_imm', 'int.sub_imm', 'int.add_imm_wrap', 'int.sub_imm_wrap'].map((name) => small(name, 'r', 'r'));

function controlFamilies(): FamilySpec[] {
  return [
    single('jump'), single('exit.stub'), single('exit.common'), ...linkFamilies(),
    ...['exit.low', 'exit.high', 'jump.short'].map((name): FamilySpec => ({ ...single(name), only: 'x86_64', hasByteHoles: true })),
    value('branch.true', 'r'), value('branch.false', 'r'), value('guard.true', 'r'), value('guard.false', 'r'),
    ...comparisons.flatMap((c) => [
      value(`branch.int.${c}`, 'rr'), value(`branch.float.${c}`, 'ff'), value(`branch.float.not_${c}`, 'ff'),
      value(`branch_imm.int.${c}`, 'r'), small(`branch_imm.int.${c}`, 'r'),
    ]),
  ];
}

/** Template file of an op, by the first part of its name; `undefined`: it is in one of the lists above, or no family. */
const fileOfPrefix = new Map<string, string>([
  ['int', 'int.c'], ['bool', 'int.c'], ['float', 'float.c'],
  ['guard', 'object.c'], ['unbox', 'object.c'], ['obj', 'object.c'], ['box', 'object.c'],
  ['incref', 'object.c'], ['decref', 'object.c'], ['decref_number', 'object.c'],
  ['home', 'frame.c'], ['stack', 'frame.c'], ['frame', 'frame.c'], ['arg', 'frame.c'], ['check', 'frame.c'], ['safepoint', 'frame.c'],
  ['list', 'container.c'], ['tuple', 'container.c'], ['bytes', 'container.c'], ['bytearray', 'container.c'],
  ['str', 'container.c'], ['dict', 'attribute.c'],
  ['field', 'attribute.c'], ['values', 'attribute.c'], ['cell', 'attribute.c'],
  ['range_iter', 'iterator.c'], ['list_iter', 'iterator.c'], ['tuple_iter', 'iterator.c'], ['bytes_iter', 'iterator.c'],
]);
/** Exceptions to the rule by prefix. */
const fileOfName = new Map<string, string>([['dict.length', 'container.c'], ['guard.dict_keys', 'attribute.c']]);

/** Ops lowered to a stencil which are reached through `call.helper.*` instead. */
export const throughHelper = new Set<string>(['call.o_o', 'call.oo_o', 'call.ooo_o', 'call.o_i', 'call.oo_i', 'call.ooo_i']);

const scalarFiles = new Set(['int.c', 'float.c']);

function opFamilies(taken: ReadonlySet<string>): Map<string, FamilySpec[]> {
  const byFile = new Map<string, FamilySpec[]>();
  for (const name of Object.keys(ops) as OpName[]) {
    if (ops[name].lowering.kind !== 'stencil' || taken.has(name) || throughHelper.has(name)) continue;
    const prefix = defined(name.split('.')[0], 'prefix');
    const file = fileOfName.get(name) ?? defined(fileOfPrefix.get(prefix), `template file of ${name}`);
    byFile.set(file, [...(byFile.get(file) ?? []), opFamily(name)]);
  }
  return byFile;
}

export function templateFiles({ machine, native }: { readonly machine: Machine; readonly native?: 'coff' }): TemplateFile[] {
  const lists: [string, FamilySpec[]][] = [
    ['move.c', moveFamilies()], ['control.c', controlFamilies()], ['call.c', callFamilies()],
  ];
  const taken = new Set(lists.flatMap(([, families]) => families.map((f) => f.name)));
  const byFile = opFamilies(taken);
  byFile.get('int.c')?.push(...smallArithmetic(), ...logicalForms());
  return [
    ...lists.map(([file, families]) => ({ file, layoutDependent: false, families })),
    ...[...byFile].map(([file, families]) => ({ file, layoutDependent: !scalarFiles.has(file), families })),
  ].map((t) => ({ ...t, families: t.families.filter((f) => (f.only === undefined || f.only === machine) && !(f.hasByteHoles && native === 'coff')) }));
}

/** Register tuples of a family, in the order in which tables number variants. */
export function registerTuples(spec: Pick<FamilySpec, 'form' | 'operands' | 'fixed'>): number[][] {
  if (spec.form === 'single') return [[...spec.fixed]];
  let tuples: number[][] = [[]];
  spec.operands.forEach(() => {
    tuples = tuples.flatMap((t) => [0, 1, 2, 3, 4, 5, 6, 7].map((r) => [...t, r]));
  });
  return tuples;
}
