/** What the agent is built for, and how its files are linked there without that system's own development kit. */
import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from '../pythons/targets.ts';

export const agentDirectory = join(projectRoot, 'agent');
export const layouts = [311, 314] as const;
export type Layout = (typeof layouts)[number];

export interface AgentTarget {
  /** A directory of agent/prebuilt. */
  readonly name: string;
  readonly compilerFlags: readonly string[];
  /** Of the sources for one system, those that are for this one; the others are for all. */
  readonly systemSources: readonly string[];
  /** What the system calls an extension module of CPython. */
  readonly extension: 'so' | 'pyd';
  readonly link: (link: Link) => void;
}

export interface Link {
  readonly objects: readonly string[];
  readonly output: string;
  readonly layout: Layout;
  /** For what is only needed while linking. */
  readonly temporary: string;
}

const run = (variable: string, program: string, words: readonly string[]): void =>
  void execFileSync(process.env[variable] ?? program, [...words], { stdio: ['ignore', 'ignore', 'inherit'] });

/** What is not found here is looked up in the process that loads the agent. */
function linkElf({ objects, output, layout }: Link): void {
  run('ARMATURE_LLD', 'ld.lld-19', ['-shared', '-nostdlib', '--gc-sections', '--eh-frame-hdr', '--build-id=none', '-z', 'now', '-z', 'noexecstack', '--hash-style=gnu',
    '-s', '-soname', `armature_cp${layout}.so`, ...objects, '-o', output]);
}

/** CPython's symbols are looked up in the process; those of the system are bound to its library. lld signs the file, as arm64 demands. */
function linkMachO({ objects, output }: Link): void {
  run('ARMATURE_LLD_MACHO', 'ld64.lld-19', ['-arch', 'arm64', '-platform_version', 'macos', '11.0', '11.0', '-bundle', '-undefined', 'dynamic_lookup',
    '-dead_strip', '-x', '-exported_symbol', '_PyInit__armature', ...objects, join(agentDirectory, 'imports', 'libSystem.tbd'), '-o', output]);
}

/** Windows binds every symbol to a library by name, so there is an import library for each, made from a list of names. */
function linkPe({ objects, output, layout, temporary }: Link): void {
  const linker = (words: readonly string[]): void => { run('ARMATURE_LLD_LINK', 'lld-link-19', words); };
  const python = `python${layout}`;
  const libraries = [...readdirSync(join(agentDirectory, 'imports')).filter((name) => name.endsWith('.def')).map((name) => name.slice(0, -4)), python];
  const made = libraries.map((name) => {
    const library = join(temporary, `${name}.lib`);
    const definition = name === python ? pythonDefinition(python, temporary) : join(agentDirectory, 'imports', `${name}.def`);
    linker(['/lib', '/machine:arm64', `/def:${definition}`, `/out:${library}`]);
    return library;
  });
  linker(['/machine:arm64', '/dll', '/noentry', '/nodefaultlib', '/Brepro', '/opt:ref', '/noimplib', '/export:PyInit__armature', `/out:${output}`, ...objects, ...made]);
}

/** Every name of CPython's that our sources have; what they do not use is not imported. */
function pythonDefinition(python: string, temporary: string): string {
  const text = readdirSync(agentDirectory).filter((name) => /\.[ch]$/.test(name)).map((name) => readFileSync(join(agentDirectory, name), 'utf8')).join('\n');
  const names = [...new Set(text.match(/\b_?Py\w+/g))].filter((name) => name !== 'PyInit__armature').sort();
  const path = join(temporary, `${python}.def`);
  writeFileSync(path, `LIBRARY ${python}.dll\nEXPORTS\n${names.map((name) => `  ${name}\n`).join('')}`);
  return path;
}

const posix = ['system-posix.c'];
const linux = [...posix, 'branch-protection-linux.c', 'debugger-linux.c', 'jitdump-linux.c', 'shim-linux.c', 'system-linux.c', 'unwind-linux.c'];
const windows = ['debugging-elsewhere.c', 'c-library-windows.c', 'connection-windows.c', 'system-windows.c', 'unwind-windows.c'];

export const agentTargets: readonly AgentTarget[] = [
  { name: 'x86_64-linux', compilerFlags: ['--target=x86_64-linux-gnu', '-fPIC', '-fasynchronous-unwind-tables'], systemSources: linux, extension: 'so', link: linkElf },
  {
    name: 'aarch64-linux', compilerFlags: ['--target=aarch64-linux-gnu', '-fPIC', '-fasynchronous-unwind-tables', '-mno-outline-atomics', '-mbranch-protection=bti'],
    systemSources: linux, extension: 'so', link: linkElf,
  },
  // x18 belongs to these systems; their debuggers and crash reports unwind by frame pointers (macOS) and tables (Windows).
  {
    name: 'aarch64-macos', compilerFlags: ['--target=arm64-apple-macos11', '-ffixed-x18', '-fno-asynchronous-unwind-tables'],
    systemSources: [...posix, 'system-macos.c', 'debugging-elsewhere.c'], extension: 'so', link: linkMachO,
  },
  { name: 'aarch64-windows', compilerFlags: ['--target=aarch64-pc-windows-msvc', '-ffixed-x18', '-fasynchronous-unwind-tables'], systemSources: windows, extension: 'pyd', link: linkPe },
];

const ofOneSystem = /^(system-.*|.*-(linux|macos|windows|elsewhere))\.c$/;

export const sourcesFor = ({ systemSources }: AgentTarget): readonly string[] =>
  readdirSync(agentDirectory).filter((name) => name.endsWith('.c') && (!ofOneSystem.test(name) || systemSources.includes(name))).sort();

export const agentFile = ({ name, extension }: AgentTarget, layout: Layout): string => join(name, `armature_cp${layout}.${extension}`);
