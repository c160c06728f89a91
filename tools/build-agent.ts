/**
 * Builds the agent for every processor and CPython layout, and src/protocol/symbols.ts from agent/symbols.h.
 *
 * `--check` builds in a temporary directory and compares with what is checked in.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const clang = process.env['ARMATURE_CLANG'] ?? 'clang-19';
const linker = process.env['ARMATURE_LLD'] ?? 'ld.lld-19';

const arches = ['x86_64', 'aarch64'] as const;
const layouts = [311, 314] as const;

const flags = [
  '-std=gnu2x', '-O2', '-ffreestanding', '-fPIC', '-fvisibility=hidden', '-fno-stack-protector', '-fasynchronous-unwind-tables',
  '-fno-ident', '-fno-math-errno', '-ffp-contract=off', '-Wall', '-Wextra', '-Werror', '-Wno-unused-command-line-argument', '-nostdlibinc',
];
const archFlags: Record<(typeof arches)[number], string[]> = {
  x86_64: ['--target=x86_64-linux-gnu'],
  aarch64: ['--target=aarch64-linux-gnu', '-mno-outline-atomics', '-mbranch-protection=bti'],
};

function build(output: string): void {
  const agent = join(root, 'agent');
  const sources = readdirSync(agent).filter((name) => name.endsWith('.c')).sort();
  const objects = mkdtempSync(join(tmpdir(), 'armature-agent-'));
  for (const arch of arches) {
    const directory = join(output, `${arch}-linux`);
    mkdirSync(directory, { recursive: true });
    for (const layout of layouts) {
      const files = sources.map((source) => {
        const object = join(objects, `${arch}-${layout}-${source}.o`);
        execFileSync(clang, [...archFlags[arch], ...flags, `-DARMATURE_LAYOUT=${layout}`, `-ffile-prefix-map=${root}=.`, '-c', source, '-o', object],
          { cwd: agent, stdio: 'inherit' });
        return object;
      });
      execFileSync(linker, ['-shared', '-nostdlib', '--gc-sections', '--eh-frame-hdr', '--build-id=none', '-z', 'now', '-z', 'noexecstack', '--hash-style=gnu',
        '-s', '-soname', `armature_cp${layout}.so`, ...files, '-o', join(directory, `armature_cp${layout}.so`)], { stdio: 'inherit' });
    }
  }
  rmSync(objects, { recursive: true });
}

function symbolsModule(): string {
  const text = readFileSync(join(root, 'agent', 'symbols.h'), 'utf8');
  const names = [...text.matchAll(/^(?:DATA|FUNCTION|LIBM)\((\w+)\)$/gm)].map((match) => match[1] ?? '');
  const lines = names.map((name) => `  '${name}',`);
  return `/** Made by tools/build-agent.ts from agent/symbols.h: C symbols by their number in the protocol. */
export const symbols = [
${lines.join('\n')}
] as const;

export type SymbolName = (typeof symbols)[number];

const indices: ReadonlyMap<string, number> = new Map(symbols.map((name, index) => [name, index]));

export const symbolIndex = (name: string): number | undefined => indices.get(name);
`;
}

function check(): boolean {
  const fresh = mkdtempSync(join(tmpdir(), 'armature-prebuilt-'));
  build(fresh);
  let same = readFileSync(join(root, 'src/protocol/symbols.ts'), 'utf8') === symbolsModule();
  for (const arch of arches) for (const layout of layouts) {
    const name = join(`${arch}-linux`, `armature_cp${layout}.so`);
    if (readFileSync(join(fresh, name)).equals(readFileSync(join(root, 'agent/prebuilt', name)))) continue;
    console.error(`agent/prebuilt/${name} differs from its sources`);
    same = false;
  }
  rmSync(fresh, { recursive: true });
  return same;
}

if (process.argv.includes('--check')) {
  if (!check()) process.exitCode = 1;
} else {
  build(join(root, 'agent', 'prebuilt'));
  writeFileSync(join(root, 'src/protocol/symbols.ts'), symbolsModule());
}
