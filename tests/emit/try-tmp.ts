import { parse } from '#ir/parse.ts';
import { interpret } from '#ir/interpret.ts';
import { emitUnit } from '#compiler/4-emit/emit-unit.ts';
import { jsonTable } from './json-table-tmp.ts';
import { NativeRunner } from './run-units.ts';
import { kernels } from './kernels.ts';
const arch = process.argv[2] as any ?? 'x86_64';
const table = jsonTable(arch);
const runner = NativeRunner.create(arch)!;
for (const [name, text] of kernels) for (const spillEverything of [false, true]) {
  const fn = parse(text);
  const want = interpret(fn);
  let unit;
  try {
  unit = emitUnit(fn, table, { request: 1, kind: 'entry', offset: 0, assumptions: [] }, { spillEverything, failGuard: 0, listing: true });
  if (process.argv[3] === name && !spillEverything) for (const l of unit.listing) console.log(l.address.toString(16).padStart(5), String(l.size).padStart(4), l.text);
  const [got] = runner.run([unit]);
  const a = JSON.stringify([want.locals, want.stack, want.exit]), b = JSON.stringify([got!.locals, got!.stack, got!.exit.kind]);
  console.log(name, spillEverything, unit.code.length, unit.spillCount, a === b ? 'ok' : `DIFF\n ${a}\n ${b}`);
  } catch (e) { console.log(name, spillEverything, (e as Error).stack?.slice(0, 600)); if (unit) console.log(unit.code.length) }
}
