/**
 * Builds the agent for every system, processor and CPython layout, and src/protocol/symbols.ts from agent/symbols.h.
 *
 * `--check` builds in a temporary directory and compares with what is checked in.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { agentDirectory, agentFile, agentTargets, layouts, sourcesFor, type AgentTarget, type Layout } from './agent/targets.ts';
import { projectRoot } from './pythons/targets.ts';

const clang = process.env['ARMATURE_CLANG'] ?? 'clang-19';

const flags = [
  '-std=gnu2x', '-O2', '-ffreestanding', '-fvisibility=hidden', '-fno-stack-protector', '-fno-ident', '-fno-math-errno',
  '-ffp-contract=off', '-Wall', '-Wextra', '-Werror', '-Wno-unused-command-line-argument', '-nostdlibinc',
];

function buildOne(target: AgentTarget, layout: Layout, output: string): void {
  const temporary = mkdtempSync(join(tmpdir(), 'armature-agent-'));
  const objects = sourcesFor(target).map((source) => {
    const object = join(temporary, `${source}.o`);
    execFileSync(clang, [...target.compilerFlags, ...flags, `-DARMATURE_LAYOUT=${layout}`, `-ffile-prefix-map=${projectRoot}=.`, '-c', source, '-o', object],
      { cwd: agentDirectory, stdio: 'inherit' });
    return object;
  });
  mkdirSync(dirname(output), { recursive: true });
  target.link({ objects, output, layout, temporary });
  rmSync(temporary, { recursive: true });
}

function build(output: string): void {
  for (const target of agentTargets) for (const layout of layouts) buildOne(target, layout, join(output, agentFile(target, layout)));
}

function symbolsModule(): string {
  const text = readFileSync(join(agentDirectory, 'symbols.h'), 'utf8');
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
  let same = readFileSync(join(projectRoot, 'src/protocol/symbols.ts'), 'utf8') === symbolsModule();
  for (const target of agentTargets) for (const layout of layouts) {
    const name = agentFile(target, layout);
    if (readFileSync(join(fresh, name)).equals(readFileSync(join(agentDirectory, 'prebuilt', name)))) continue;
    console.error(`agent/prebuilt/${name} differs from its sources`);
    same = false;
  }
  rmSync(fresh, { recursive: true });
  return same;
}

if (process.argv.includes('--check')) {
  if (!check()) process.exitCode = 1;
} else {
  build(join(agentDirectory, 'prebuilt'));
  writeFileSync(join(projectRoot, 'src/protocol/symbols.ts'), symbolsModule());
}
