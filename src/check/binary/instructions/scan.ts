/**
 * Looks through machine code for instructions beyond Armv8.0. One table look-up a word by its top twelve bits says which masks
 * are worth trying; for nearly every word of real code there are none.
 */
import type { ByteSource } from '../bytes/source.ts';
import { PartSource } from '../bytes/source.ts';
import { require } from '../bytes/unreadable.ts';
import type { Code, CodeRange } from '../images/image.ts';
import { instructionMasks } from './masks.ts';

export type Extension = keyof typeof instructionMasks;
export const extensionNames = Object.keys(instructionMasks) as readonly Extension[];

export interface Use {
  readonly extension: Extension;
  readonly count: number;
  /** More words that look like it, but stand among words that no processor knows: tables of constants, most likely. Not in `count`. */
  readonly doubtful: number;
  /** How many functions use it; 0 when the file does not tell where functions begin. */
  readonly functions: number;
  /** The first places, one a function. */
  readonly places: readonly Place[];
}

export interface Place {
  readonly address: number;
  readonly word: number;
  readonly function: string | undefined;
}

export interface ScanResult {
  readonly words: number;
  readonly functions: number;
  readonly uses: readonly Use[];
  /** Atomic instructions inside the helpers that GCC and LLVM put behind a test (`-moutline-atomics`). */
  readonly outlined: number;
  /** The code reads the identification registers, which Linux lets programs do (HWCAP_CPUID). */
  readonly readsIdRegisters: boolean;
  /** A question about the processor was seen: its number, and the call behind it. */
  readonly asks: boolean;
}

const mostPlaces = 12;
const chunkSize = 4 * 1024 * 1024;

interface Tally {
  count: number;
  doubtful: number;
  functions: number;
  lastFunction: number;
  readonly places: { address: number; word: number; functionIndex: number }[];
}

interface ScanState {
  readonly tallies: readonly Tally[];
  readonly starts: Float64Array;
  words: number;
  outlined: number;
  readsIdRegisters: boolean;
  asks: boolean;
  /** Index of the function that holds the place last looked up: places come in ascending order. */
  functionIndex: number;
}

/** `buckets[word >>> 20]` is an index into `lists`; 0 is the empty list. */
interface Matcher {
  readonly buckets: Uint16Array;
  readonly lists: readonly (readonly Mask[])[];
  readonly isQuestion: Questions;
}

/** Whether a number is one that a call of `getauxval` or `IsProcessorFeaturePresent` asks for a processor's features with. */
type Questions = (argument: number) => boolean;
const noQuestions: Questions = () => false;

/** AT_HWCAP, AT_HWCAP2 (Linux), AT_HWCAP and AT_HWCAP2 of FreeBSD, AT_HWCAP3, AT_HWCAP4; not AT_PAGESZ and the others. */
const auxiliaryQuestions: Questions = (argument) => [16, 25, 26, 29, 30].includes(argument);
/** PF_ARM_V8_INSTRUCTIONS_AVAILABLE and later ones; before them is PF_FASTFAIL_AVAILABLE, which the runtime of MSVC asks for in every library. */
const windowsQuestions: Questions = (argument) => argument >= 29 && argument < 128;

/** The questions that what a file imports can be asked; they are looked for only then. */
export function questionsFor(detection: readonly string[]): Questions {
  if (detection.includes('IsProcessorFeaturePresent')) return windowsQuestions;
  return detection.some((name) => auxiliaryFunctions.has(name)) ? auxiliaryQuestions : noQuestions;
}

export const auxiliaryFunctions: ReadonlySet<string> = new Set(['getauxval', '__getauxval', 'elf_aux_info']);

interface Mask {
  readonly mask: number;
  readonly value: number;
  readonly extension: number;
}

export function createMatcher(isQuestion: Questions = noQuestions): Matcher {
  const buckets = new Uint16Array(4096);
  const lists: Mask[][] = [[]];
  extensionNames.forEach((name, extension) => {
    for (const [mask, value] of instructionMasks[name]) {
      for (let top = 0; top < 4096; top += 1) {
        if (((top << 20 & mask) >>> 0) !== (value & 0xfff00000) >>> 0) continue;
        if (buckets[top] === 0) buckets[top] = lists.push([]) - 1;
        lists[buckets[top] ?? 0]?.push({ mask, value: value | 0, extension });
      }
    }
  });
  addIdRegisters(buckets, lists);
  if (isQuestion !== noQuestions) addQuestions(buckets, lists);
  return { buckets, lists, isQuestion };
}

/** Not an extension: `mrs x, ID_AA64…_EL1` (op0 3, op1 0, CRn 0, CRm 4 to 7) is how a program may ask for them. */
const idRegisters = -1;

function addIdRegisters(buckets: Uint16Array, lists: Mask[][]): void {
  buckets[0xd53] = lists.push([...(lists[buckets[0xd53] ?? 0] ?? []), { mask: 0xfffffc00, value: 0xd5380400 | 0, extension: idRegisters }]) - 1;
}

/** `mov w0, #16` and `mov x0, #16`, before a call. */
const question = -2;

function addQuestions(buckets: Uint16Array, lists: Mask[][]): void {
  for (const value of [0x52800000, 0xd2800000 | 0]) {
    const top = value >>> 20;
    buckets[top] = lists.push([...(lists[buckets[top] ?? 0] ?? []), { mask: 0xffe0001f | 0, value, extension: question }]) - 1;
  }
}

/** How many instructions may stand between the number and the call. */
const callDistance = 6;

/** `bl`, `blr`, and `b` and `br` of a call that ends a function. */
function isCallBehind(words: Int32Array, index: number): boolean {
  const end = Math.min(words.length, index + 1 + callDistance);
  for (let at = index + 1; at < end; at += 1) {
    const word = words[at] as number;
    if ((word & 0x7c000000) === 0x14000000 || (word & 0xffdffc1f) >>> 0 === 0xd61f0000) return true;
  }
  return false;
}

/** The extension that a single word needs; the slow way, for tests and reports. */
export function extensionOf(matcher: Matcher, word: number): Extension | undefined {
  const found = match(matcher, word | 0);
  return found === undefined ? undefined : extensionNames[found.extension];
}

function match({ buckets, lists }: Matcher, word: number): Mask | undefined {
  const list = lists[buckets[word >>> 20] ?? 0] ?? [];
  for (const candidate of list) {
    if ((word & candidate.mask) === candidate.value) return candidate;
  }
  return undefined;
}

export async function scanCode(source: ByteSource, code: Code, matcher: Matcher = createMatcher()): Promise<ScanResult> {
  const state: ScanState = {
    tallies: extensionNames.map(() => ({ count: 0, doubtful: 0, functions: 0, lastFunction: -1, places: [] })),
    starts: code.functions.starts, words: 0, outlined: 0, readsIdRegisters: false, asks: false, functionIndex: -1,
  };
  const total = code.ranges.reduce((sum, { size }) => sum + size, 0);
  require(total <= source.size, `sections of code with ${total} bytes in a file of ${source.size}`);
  for (const range of [...code.ranges].sort((a, b) => a.address - b.address)) await scanRange(source, range, matcher, state);
  return {
    words: state.words,
    functions: state.starts.length,
    outlined: state.outlined,
    readsIdRegisters: state.readsIdRegisters,
    asks: state.asks,
    uses: extensionNames.flatMap((extension, index) => {
      const tally = state.tallies[index];
      if (tally === undefined || tally.count + tally.doubtful === 0) return [];
      const places = tally.places.map(({ address, word, functionIndex }) => ({ address, word, function: functionIndex < 0 ? undefined : code.functions.nameOf(functionIndex) }));
      return [{ extension, count: tally.count, doubtful: tally.doubtful, functions: tally.functions, places }];
    }),
  };
}

async function scanRange(source: ByteSource, range: CodeRange, matcher: Matcher, state: ScanState): Promise<void> {
  const part = new PartSource(source, range.offset, range.size);
  // Instructions are aligned; what is in front of the first aligned address is none.
  const skip = (4 - range.address % 4) % 4;
  let previous = 0;
  for (let offset = skip; offset + 4 <= range.size; offset += chunkSize) {
    const length = Math.min(chunkSize, (range.size - offset) & ~3);
    previous = scanWords(wordsOf(await part.read(offset, length)), range.address + offset, previous, matcher, state);
  }
}

/** Instructions are little-endian on every system. */
function wordsOf(bytes: Buffer): Int32Array {
  const aligned = bytes.byteOffset % 4 === 0 ? bytes : Buffer.from(bytes);
  return new Int32Array(aligned.buffer, aligned.byteOffset, aligned.length >>> 2);
}

function scanWords(words: Int32Array, address: number, before: number, matcher: Matcher, state: ScanState): number {
  const { buckets } = matcher;
  const { length } = words;
  state.words += length;
  for (let index = 0; index < length; index += 1) {
    const word = words[index] as number;
    if (buckets[word >>> 20] === 0) continue;
    const found = match(matcher, word);
    if (found === undefined) continue;
    if (found.extension === idRegisters) state.readsIdRegisters = true;
    else if (found.extension === question) state.asks ||= matcher.isQuestion(word >>> 5 & 0xffff) && isCallBehind(words, index);
    else record(state, found.extension, { address: address + index * 4, word, previous: index === 0 ? before : words[index - 1] as number, amongData: isAmongData(words, index) });
  }
  return words[length - 1] ?? 0;
}

const neighbourhood = 8;

function isAmongData(words: Int32Array, index: number): boolean {
  const end = Math.min(words.length, index + neighbourhood + 1);
  for (let near = Math.max(0, index - neighbourhood); near < end; near += 1) {
    if (isUnallocated(words[near] as number)) return true;
  }
  return false;
}

/** Groups without any instruction (bits 28 to 25, C4.1 of the Arm Architecture Reference Manual); a small number may be `udf`. */
function isUnallocated(word: number): boolean {
  const group = word >>> 25 & 15;
  return group === 1 || group === 3 || (group === 0 && word > 0xffff);
}

/** `cbz w16, …`: the helpers of libgcc and compiler-rt branch on __aarch64_have_lse_atomics in register 16. */
const isHelperTest = (word: number): boolean => (word & 0xff00001f) >>> 0 === 0x34000010;
const lse = extensionNames.indexOf('lse');

function record(state: ScanState, extension: number, hit: { address: number; word: number; previous: number; amongData: boolean }): void {
  if (extension === lse && isHelperTest(hit.previous)) {
    state.outlined += 1;
    return;
  }
  const tally = state.tallies[extension];
  if (tally === undefined) return;
  if (hit.amongData) {
    tally.doubtful += 1;
    return;
  }
  tally.count += 1;
  const functionIndex = functionAt(state, hit.address);
  const isNew = functionIndex !== tally.lastFunction;
  if (isNew && functionIndex >= 0) tally.functions += 1;
  tally.lastFunction = functionIndex;
  if (tally.places.length < mostPlaces && (isNew || functionIndex < 0)) tally.places.push({ address: hit.address, word: hit.word >>> 0, functionIndex });
}

function functionAt(state: ScanState, address: number): number {
  const { starts } = state;
  while (state.functionIndex + 1 < starts.length && (starts[state.functionIndex + 1] ?? 0) <= address) state.functionIndex += 1;
  return state.functionIndex;
}
