/** LLVM's own AArch64 decoder as an oracle: which words are an instruction with a given set of extensions. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync, openSync, closeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findCommand } from '../pythons/targets.ts';

function tool(name: string): string {
  const found = findCommand(`${name}-19`) ?? findCommand(name);
  if (found === undefined) throw new Error(`${name} is missing: npm run pythons -- llvm`);
  return found;
}

function execute(name: string, args: readonly string[], output: string): void {
  const file = openSync(output, 'w');
  const result = spawnSync(tool(name), args, { stdio: ['ignore', file, 'pipe'], encoding: 'utf8' });
  closeSync(file);
  if (result.status !== 0) throw new Error(`${name}: ${result.stderr}`);
}

/** 1 for each word that `llvm-objdump --mattr=ATTRIBUTES` can name. */
export function decodable(words: Uint32Array, attributes: string): Uint8Array {
  const directory = mkdtempSync(join(tmpdir(), 'decoder-'));
  try {
    const [raw, object, text] = ['words.bin', 'words.o', 'words.txt'].map((name) => join(directory, name)) as [string, string, string];
    writeFileSync(raw, new Uint8Array(words.buffer, words.byteOffset, words.byteLength));
    execute('llvm-objcopy', ['-I', 'binary', '-O', 'elf64-littleaarch64', '--rename-section', '.data=.text,code', raw, object], text);
    execute('llvm-objdump', ['-d', '-z', '--no-show-raw-insn', '--no-leading-addr', `--mattr=${attributes}`, object], text);
    return flags(readFileSync(text), words.length);
  } finally {
    rmSync(directory, { recursive: true });
  }
}

const [newline, space, tab, opening] = [10, 32, 9, 60];

/** Every line of an instruction begins with a space; an undefined one reads `<unknown>`. */
function flags(text: Buffer, count: number): Uint8Array {
  const result = new Uint8Array(count);
  let index = 0;
  for (let line = 0; line < text.length; line = text.indexOf(newline, line) + 1 || text.length) {
    if (text[line] !== space && text[line] !== tab) continue;
    let start = line;
    while (text[start] === space || text[start] === tab) start += 1;
    result[index] = text[start] === opening ? 0 : 1;
    index += 1;
  }
  if (index !== count) throw new Error(`${count} words gave ${index} lines`);
  return result;
}
