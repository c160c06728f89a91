import { parse } from '#ir/parse.ts';
import { print } from '#ir/print.ts';
import { verify } from '#ir/verify.ts';
import { specializeTypes } from '#compiler/3-optimize/specialize-types/specialize-types.ts';
import { insertReferenceCounts } from '#compiler/3-optimize/insert-reference-counts.ts';
import { verifyReferences } from '#compiler/3-optimize/verify-references.ts';
import { optimizePasses } from '#compiler/3-optimize/passes.ts';
import { runPass } from '#compiler/pass.ts';
import { testProfile } from '#compiler/3-optimize/specialize-types/test-profile.ts';
import { readFileSync } from 'node:fs';
const t = readFileSync('src/compiler/3-optimize/specialize-types/specialize-types.test.ts','utf8');
const body = (n: string) => new RegExp('const '+n+' = `([^`]*)`').exec(t)![1]!;
const base = { type: -1, address: 0n };
const objects: any[] = [ { ...base, kind: 'none' }, { ...base, kind: 'builtin', name: 'len', module: 'builtins', self: -1, flags: 0 },{},{},{},{ ...base, kind: 'int', value: 0x7fffffffn },{...base,kind:'str',value:'name'},{},{ ...base, kind: 'float', value: 0.5 },{...base,kind:'object'}];
const cases: any[] = [
 ['SUM', { specializations: { 10: 'FOR_ITER_RANGE', 14: 'BINARY_OP_ADD_INT' }, locals: { 0: 'int', 1: 'int' } }],
 ['SUM', { specializations: { 10: 'FOR_ITER_LIST', 14: 'BINARY_OP_ADD_FLOAT' }, locals: { 0: 'float', 1: 'float' } }],
 ['SUM', { specializations: { 10: 'X', 14: 'BINARY_OP_ADD_INT' }, locals: { 0: 'int', 1: 'NULL' } }],
 ['SUM', { specializations: { 10: 'X' }, locals: { 0: 'list', 1: 'list' } }],
 ['MASKED', { specializations: { 10: 'BINARY_OP_MULTIPLY_INT' }, locals: { 0: 'int', 1: 'int' } }],
 ['LISTS', { specializations: {10: 'BINARY_SUBSCR_LIST_INT', 12: 'BINARY_SUBSCR_LIST_INT', 14: 'BINARY_OP_MULTIPLY_FLOAT', 16: 'STORE_SUBSCR_LIST_INT', 18: 'BINARY_OP_ADD_INT' }, locals: { 0: 'list', 1: 'int', 2: 'float' } }],
 ['ATTRIBUTES', { specializations: { 10: 'LOAD_ATTR_INSTANCE_VALUE', 12: 'BINARY_OP_ADD_FLOAT', 14: 'STORE_ATTR_INSTANCE_VALUE' },
    caches: { 10: { typeVersion: 77, index: 24 }, 14: { typeVersion: 77, index: 24 } }, locals: { 0: 'Point' }, names: ['name'] }],
 ['CALLS', { locals: { 0: 'float', 1: 'Thing' } }],
];
for (const [n, p] of cases) {
  const fn = parse(`function "x" {${body(n).replace('CALLEE','9')}\n}`);
  specializeTypes(fn, testProfile({ objects, ...p }));
  for (let k=0;k<2;k++) for (const pass of optimizePasses) { try { runPass(fn, pass, {}, { verify: { typed: true } }); } catch (e) { console.log('PASS', pass.name, (e as Error).message.slice(0,300)); } }
  if (process.argv[2] === n) console.log(print(fn));
  insertReferenceCounts(fn);
  const errors = [...verify(fn,{typed:true}), ...verifyReferences(fn)];
  if (process.argv[2] === n || errors.length) console.log(print(fn), errors);
}
