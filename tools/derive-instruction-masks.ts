/**
 * Writes src/check/binary/instructions/masks.ts: for each extension of AArch64 the words that need it, as pairs of mask and
 * value, found by asking LLVM's decoder with and without the extension. Usage: derive-instruction-masks [EXTENSION…]
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodable } from './instruction-masks/decoder.ts';
import { extensions } from './instruction-masks/extensions.ts';
import type { Cube, Extension } from './instruction-masks/extensions.ts';
import { Random } from './instruction-masks/random.ts';
import { projectRoot } from './pythons/targets.ts';

const seedsPerRound = 400;
const samplesPerCube = 256;

/** Words that differ in what decides: bits 31 to 10 all, the fields of five bits below them in some ways that matter. */
function candidates({ spaces, lowFields }: Extension): Uint32Array {
  const words: Uint32Array[] = spaces.map((space) => {
    const free = bitsOf(~space.mask & 0xfffffc00);
    const list = new Uint32Array(2 ** free.length * lowFields.length);
    for (let number = 0; number < 2 ** free.length; number += 1) {
      const high = deposit(space.value, free, number);
      lowFields.forEach((low, index) => { list[number * lowFields.length + index] = high | low; });
    }
    return list;
  });
  const all = new Uint32Array(words.reduce((sum, { length }) => sum + length, 0));
  words.reduce((at, list) => { all.set(list, at); return at + list.length; }, 0);
  return all;
}

function bitsOf(mask: number): number[] {
  return Array.from({ length: 32 }, (_, bit) => bit).filter((bit) => (mask >>> bit & 1) === 1);
}

function deposit(base: number, bits: readonly number[], number: number): number {
  let word = base;
  bits.forEach((bit, index) => {
    if ((number >>> index & 1) === 1) word |= 1 << bit;
  });
  return word >>> 0;
}

const covers = (cube: Cube, word: number): boolean => ((word & cube.mask) >>> 0) === cube.value;

/** 1 for each word that is an instruction with the extension and none without it. */
function classify(extension: Extension, words: Uint32Array): Uint8Array {
  const withIt = decodable(words, extension.attributes);
  const without = decodable(words, extension.without);
  return withIt.map((flag, index) => (flag === 1 && without[index] === 0 ? 1 : 0));
}

/** Masks that are still right are kept, so that a change of the table shows what is new. */
function stillRight(extension: Extension, known: readonly Cube[], random: Random, others: Uint32Array): Cube[] {
  const candidates = known.filter((cube) => !others.some((word) => covers(cube, word)));
  const samples = Uint32Array.from({ length: candidates.length * samplesPerCube }, (_, index) => {
    const { mask, value } = candidates[Math.floor(index / samplesPerCube)] ?? { mask: 0, value: 0 };
    return (value | (random.word() & ~mask)) >>> 0;
  });
  const needed = classify(extension, samples);
  return candidates.filter((_, index) => needed.subarray(index * samplesPerCube, (index + 1) * samplesPerCube).every((flag) => flag === 1));
}

function deriveCubes(extension: Extension, known: readonly Cube[]): readonly Cube[] {
  const random = new Random(1);
  const words = candidates(extension);
  const needed = classify(extension, words);
  const given = extension.given ?? [];
  const all = words.filter((word, index) => needed[index] === 1 && !given.some((cube) => covers(cube, word)));
  process.stderr.write(`${extension.name}: ${words.length} words asked, ${all.length} need it\n`);
  const others = words.filter((_, index) => needed[index] === 0);
  const cubes = stillRight(extension, known, random, others);
  let open = all.filter((word) => !cubes.some((cube) => covers(cube, word)));
  process.stderr.write(`  ${cubes.length} masks kept, ${open.length} words left\n`);
  while (open.length > 0) {
    const seeds = Array.from({ length: Math.min(seedsPerRound, open.length) }, () => open[random.below(open.length)] ?? 0);
    for (const cube of grow(extension, [...new Set(seeds)], random).sort((a, b) => bitsOf(a.mask).length - bitsOf(b.mask).length)) {
      if (!open.some((word) => covers(cube, word)) || others.some((word) => covers(cube, word))) continue;
      cubes.push(cube);
      open = open.filter((word) => !covers(cube, word));
    }
    process.stderr.write(`  ${cubes.length} masks, ${open.length} words left\n`);
  }
  return [...given, ...prune(cubes, all)].sort((a, b) => a.value - b.value);
}

/** Frees one bit after the other of each seed, as long as random fillings of the free bits all need the extension. */
function grow(extension: Extension, seeds: readonly number[], random: Random): Cube[] {
  const cubes = seeds.map((value) => ({ mask: 0xffffffff, value }));
  for (let bit = 0; bit < 32; bit += 1) {
    const trials = cubes.map(({ mask, value }) => ({ mask: (mask & ~(1 << bit)) >>> 0, value: (value & ~(1 << bit)) >>> 0 }));
    const samples = new Uint32Array(trials.length * samplesPerCube);
    trials.forEach((trial, index) => {
      for (let sample = 0; sample < samplesPerCube; sample += 1) {
        const filled = trial.value | (random.word() & ~trial.mask);
        samples[index * samplesPerCube + sample] = sample % 2 === 0 ? filled : filled | (1 << bit);
      }
    });
    const needed = classify(extension, samples);
    trials.forEach((trial, index) => {
      if (needed.subarray(index * samplesPerCube, (index + 1) * samplesPerCube).every((flag) => flag === 1)) cubes[index] = trial;
    });
  }
  return cubes;
}

/** Drops masks whose words are all covered by others. */
function prune(cubes: readonly Cube[], words: Uint32Array): readonly Cube[] {
  let kept = [...cubes];
  for (const cube of [...cubes].reverse()) {
    const others = kept.filter((other) => other !== cube);
    const own = words.filter((word) => covers(cube, word));
    if (own.every((word) => others.some((other) => covers(other, word)))) kept = others;
  }
  return kept;
}

const hex = (word: number): string => `0x${(word >>> 0).toString(16).padStart(8, '0')}`;

function render(derived: readonly (readonly [string, readonly Cube[]])[]): string {
  const blocks = derived.map(([name, cubes]) => {
    const pairs = cubes.map(({ mask, value }) => `[${hex(mask)}, ${hex(value)}]`);
    const lines = Array.from({ length: Math.ceil(pairs.length / 5) }, (_, line) => `    ${pairs.slice(line * 5, line * 5 + 5).join(', ')},`);
    return `  '${name}': [\n${lines.join('\n')}\n  ],`;
  });
  return `// Generated by tools/derive-instruction-masks.ts from the decoder of LLVM 19; a test compares.
/** A word needs the extension if \`(word & mask) === value\` for one of the pairs. */
export const instructionMasks = {
${blocks.join('\n')}
} as const satisfies Readonly<Record<string, readonly (readonly [mask: number, value: number])[]>>;
`;
}

if (process.argv[1] === import.meta.filename) {
  const names = process.argv.slice(2);
  const wanted = extensions.filter(({ name }) => names.length === 0 || names.includes(name));
  const file = join(projectRoot, 'src/check/binary/instructions/masks.ts');
  const { instructionMasks } = await import(file) as { instructionMasks: Readonly<Record<string, readonly (readonly [number, number])[]>> };
  const known = (name: string): readonly Cube[] => (instructionMasks[name] ?? []).map(([mask, value]) => ({ mask, value }));
  const derived = new Map(wanted.map((extension) => [extension.name, deriveCubes(extension, known(extension.name))]));
  writeFileSync(file, render(extensions.map(({ name }) => [name, derived.get(name) ?? known(name)])));
}
