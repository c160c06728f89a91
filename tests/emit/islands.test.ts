/** Units too large for the reach of conditional branches and literal loads; small ones, with processors of a shorter reach. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { architecturalReach, nextLook, type BranchReach } from '#compiler/4-emit/branch-reach.ts';
import type { CompiledUnit } from '#compiler/4-emit/emit-unit.ts';
import { verifyUnit } from '#compiler/4-emit/verify-unit.ts';
import { kernels } from '#compiler/ablation/kernels.ts';
import { interpret } from '#ir/interpret.ts';
import { parse } from '#ir/parse.ts';
import { aarch64Effects } from '#stencils/aarch64-effects.ts';
import { checkFunctions, emit, stencilTable } from './check-function.ts';
import { randomFunction } from './random-function.ts';
import { NativeRunner } from './run-units.ts';
import { testTable } from '../stencils/host.ts';

const table = stencilTable('aarch64');
const runner = NativeRunner.create('aarch64');
const skip = runner ? false : 'no compiler or emulator for aarch64';
const KiB = 2 ** 10;
const reaches: readonly BranchReach[] = [
  { conditional: 1536, literal: 1536 },
  { conditional: 2 * KiB, literal: 8 * KiB },
  { conditional: 8 * KiB, literal: 2 * KiB },
];

/** The longest distance of each kind in the code. */
function longest({ code, codeLength, islands }: CompiledUnit): { conditional: number; literal: number } {
  const found = { conditional: 0, literal: 0 };
  for (let at = 0; at < codeLength; at += 4) {
    const island = islands.find(({ start }) => start === at);
    if (island) at = island.end;
    const effects = aarch64Effects(code, at);
    if (effects?.flow.kind === 'branch') found.conditional = Math.max(found.conditional, Math.abs(effects.flow.distance));
    found.literal = Math.max(found.literal, Math.abs(effects?.literal ?? effects?.place ?? 0));
  }
  return found;
}

/** A loop around many additions that may overflow, each with a large constant of its own: no branch reaches its end. */
function hugeFunction(additions: number): string {
  const lines = ['function "huge" {', 'block0():', '  v0:int = const.int 0', '  v1:int = const.int 3', '  jump block1(v0, v0)',
    'block1(v2:int, v3:int) loop:', '  compare_branch int.lt v2, v1, block2(), block3()', 'block2():'];
  let last = 3, next = 10;
  for (let i = 0; i < additions; i++) {
    lines.push(`  v${next}:int = const.int ${1_000_003n * 4_294_967_311n + BigInt(i) * 65_537n * 65_539n}`);
    lines.push(`  v${next + 1}:int = int.xor v${last}, v${next}`, `  v${next + 2}:int = int.shr_imm v${next + 1}, 1`);
    lines.push(`  v${next + 3}:int = int.add v${next + 2}, v2 @0:${10 + (i % 30_000)} locals(v2, v${last})`);
    last = next + 3;
    next += 4;
  }
  lines.push(`  v${next}:int = int.add_imm v2, 1 @0:5 locals(v2, v${last})`, `  jump block1(v${next}, v${last})`);
  lines.push('block3():', '  exit return "return" @0:7 locals(v2) stack(v3)', '}');
  return lines.join('\n');
}

const programs = new Map([...kernels, ['300 additions', hugeFunction(300)] as const, ...Array.from({ length: 12 }, (_, i) => [`seed ${i}`, randomFunction(500 + i, 60 + 40 * i)] as const)]);

for (const reach of reaches) {
  describe(`conditional branches reach ${reach.conditional} bytes, literal loads ${reach.literal}`, () => {
    test('everything is near what refers to it, and is what it should be', () => {
      let islands = 0, jumps = 0;
      for (const [name, text] of programs) {
        for (const spillEverything of [false, true]) {
          const unit = emit(text, table, { reach, spillEverything, listing: true });
          assert.deepEqual(verifyUnit(unit, 'aarch64'), [], name);
          const { conditional, literal } = longest(unit);
          assert.ok(conditional <= reach.conditional && literal <= reach.literal, `${name}: ${conditional}, ${literal}`);
          islands += unit.islands.length;
          jumps += unit.codeLength - emit(text, table, { spillEverything }).codeLength;
        }
      }
      assert.ok(islands > 5 && jumps > 0, `${islands} islands, ${jumps} bytes more`);
    });
    test('the code does the same', { skip }, () => checkFunctions(programs, table, runner!, false, { reach }));
    test('every guard leaves by the right exit', { skip }, () => {
      const some = new Map([...programs].filter(([name]) => /sum|nested|calls|seed [15]$/.test(name)));
      checkFunctions(some, table, runner!, true, { reach });
    });
  });
}

test('a unit of more than 2 MiB', { skip }, () => {
  const text = hugeFunction(50_000);
  const unit = emit(text, table, {});
  assert.ok(unit.codeLength > 2 * KiB * KiB, `${unit.codeLength} bytes`);
  assert.ok(unit.islands.length >= 2, `${unit.islands.length} islands`);
  const { conditional, literal } = longest(unit);
  assert.ok(conditional < architecturalReach.conditional && literal < architecturalReach.literal && Math.max(conditional, literal) > 300 * KiB, `${conditional} ${literal}`);
  assert.deepEqual(verifyUnit(unit, 'aarch64'), []);
  const [outcome] = runner!.run([unit]);
  assert.deepEqual(outcome!.stack, interpret(parse(text)).stack);
});

test('no stencil of a table has a tbz that leaves it', () => {
  for (const layout of [311, 314] as const) {
    const { familyNames, family } = testTable('aarch64-linux', layout);
    for (const name of familyNames) assert.ok(!family(name)?.variantAt(0).holes.some(({ kind }) => kind === 'aarch64.branch14'), name);
  }
});

test('units within reach have no islands', () => {
  for (const text of kernels.values()) {
    assert.deepEqual(emit(text, table).islands, []);
    assert.deepEqual(emit(text, stencilTable('x86_64'), { reach: reaches[0] }).islands, []);
  }
});

test('looks for islands come closer to each other, and the last one is in time', () => {
  const deadline = 100_000;
  let position = 0, looks = 0;
  for (let at = nextLook(position, deadline, 0); at > position; at = nextLook(position, deadline, 2 * position)) {
    position = at;
    looks++;
  }
  assert.ok(position + 2 * position + 1024 <= deadline && looks < 20, `${looks} looks, ${position}`);
});
