/** The interpreters and tools that tests need and that a machine may lack: what they are, and where they are kept. */
import { accessSync, constants, existsSync, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export const projectRoot = join(import.meta.dirname, '..', '..');
export const cacheRoot = join(projectRoot, '.cache');

/** Programs name the loader by the path of their root: one folder that several checkouts link to has one path for all of them. */
const inCache = (folder: string): string => {
  const path = join(cacheRoot, folder);
  return existsSync(path) ? realpathSync(path) : path;
};

export const pythonsRoot = inCache('pythons');
const toolsRoot = inCache('tools');

export type MachineArch = 'x86_64' | 'aarch64';

/** A Debian root directory that is made of downloaded packages, never installed. */
export interface UnpackedRoot {
  readonly name: string;
  readonly directory: string;
  readonly suite: string;
  readonly arch: MachineArch;
  readonly packages: readonly string[];
  /** Programs in it that must find its own libraries when they run natively. */
  readonly programs: readonly string[];
  /** Libraries with a search path of their own, which keeps what they need from being found through the path of a program. */
  readonly withOwnPath?: readonly string[];
}

export interface PythonTarget extends UnpackedRoot {
  readonly layout: 311 | 314;
}

export const hostArch: MachineArch | undefined = process.arch === 'x64' ? 'x86_64' : process.arch === 'arm64' ? 'aarch64' : undefined;
export const debianArch: Readonly<Record<MachineArch, string>> = { x86_64: 'amd64', aarch64: 'arm64' };

/** The suites that hold each version; may be changed when an archive moves on. */
const suites = {
  311: process.env['ARMATURE_SUITE_311'] ?? 'bookworm',
  314: process.env['ARMATURE_SUITE_314'] ?? 'sid',
  tools: process.env['ARMATURE_SUITE_TOOLS'] ?? 'trixie',
  compilers: process.env['ARMATURE_SUITE_COMPILERS'] ?? 'sid',
} as const;

function pythonTarget(layout: 311 | 314, arch: MachineArch): PythonTarget {
  const version = layout === 311 ? '3.11' : '3.14';
  const name = `cp${layout}-${arch}`;
  return {
    name, layout, arch,
    directory: join(pythonsRoot, name),
    suite: suites[layout],
    // The headers are what the agent's own declarations are compared with.
    packages: [`python${version}`, `libpython${version}-testsuite`, ...(arch === hostArch ? [`libpython${version}-dev`] : [])],
    programs: [`usr/bin/python${version}`],
  };
}

export const pythonTargets: readonly PythonTarget[] = ([314, 311] as const).flatMap((layout) =>
  (['x86_64', 'aarch64'] as const).map((arch) => pythonTarget(layout, arch)));

/** A command that tests use, and the root that provides it when the system does not. */
export interface ToolTarget extends UnpackedRoot {
  readonly commands: readonly string[];
}

const llvmPrograms = ['clang', 'lld', 'llvm-objcopy', 'llvm-objdump', 'llvm-readobj'];

/** clang, lld and the LLVM tools of one version. */
function llvmTarget(name: string, version: number, arch: MachineArch, commands: readonly string[]): ToolTarget {
  return {
    ...toolTarget(name, arch, [`clang-${version}`, `lld-${version}`, `llvm-${version}`], commands, llvmPrograms.map((program) => `usr/lib/llvm-${version}/bin/${program}`)),
    withOwnPath: [`libLLVM.so.${version}.1`, `libclang-cpp.so.${version}.1`].map((library) => `usr/lib/${arch}-linux-gnu/${library}`),
  };
}

function toolTarget(name: string, arch: MachineArch, packages: readonly string[], commands: readonly string[], programs: readonly string[]): ToolTarget {
  return { name, arch, packages, commands, programs, suite: suites.tools, directory: join(toolsRoot, name) };
}

/** A database server that tests of the lab start for themselves; Debian keeps it off PATH. */
function postgresqlTarget(arch: MachineArch): ToolTarget {
  const programs = ['initdb', 'postgres'].map((program) => `usr/lib/postgresql/17/bin/${program}`);
  return toolTarget('postgresql', arch, ['postgresql-17'], ['initdb', 'postgres'], programs);
}

/** A browser without a window; the programs start its binary, since the command of that name is a script for an installed package. */
function chromiumTarget(arch: MachineArch): ToolTarget {
  return toolTarget('chromium', arch, ['chromium-headless-shell'], ['chromium-headless-shell'], ['usr/lib/chromium/chromium-headless-shell']);
}

/** Version 0.18, of later suites, makes programs that crash (seen on Debian's python3.11). */
const patchelfSuite = 'bookworm';

const otherArch = hostArch === 'x86_64' ? 'aarch64' : 'x86_64';
export const emulatorCommand = `qemu-${otherArch}-static`;

export const toolTargets: readonly ToolTarget[] = hostArch === undefined ? [] : [
  { ...toolTarget('patchelf', hostArch, ['patchelf'], ['patchelf'], []), suite: patchelfSuite },
  toolTarget('qemu', hostArch, ['qemu-user-static'], [emulatorCommand], []),
  llvmTarget('llvm', 19, hostArch, ['clang-19', 'ld.lld-19', 'ld64.lld-19', 'lld-link-19', 'llvm-objcopy-19', 'llvm-objdump-19', 'llvm-readobj-19']),
  toolTarget('gdb', hostArch, ['gdb-minimal'], ['gdb'], ['usr/bin/gdb']),
  postgresqlTarget(hostArch),
  chromiumTarget(hostArch),
  // The library that pip decides with; pure Python, so any interpreter can import it from there. Older suites lack recent rules of markers and tags.
  { ...toolTarget('packaging', hostArch, ['python3-packaging'], [], []), suite: suites[314] },
];

/**
 * Versions of clang that the checked-in tables are not made with: fetched only when asked for by name, to see what they make of
 * the templates (docs/stencils.md). No suite of Debian has clang 20, which is untried for that reason.
 */
export const compilerTargets: readonly ToolTarget[] = hostArch === undefined ? [] : [21].map((version) => ({
  ...llvmTarget(`clang-${version}`, version, hostArch, []), suite: suites.compilers, directory: join(cacheRoot, `clang-${version}`),
}));

/** Where `import packaging` finds the unpacked library. */
export function packagingPath(): string | undefined {
  const target = toolTargets.find(({ name }) => name === 'packaging');
  return target !== undefined && existsSync(completionMark(target)) ? join(target.directory, 'usr/lib/python3/dist-packages') : undefined;
}

/** Unpacked tools come last: those of the system are used when they are there. */
export function toolPath(environment: NodeJS.ProcessEnv = process.env): string {
  return [environment['PATH'] ?? '', ...toolTargets.map((target) => join(target.directory, 'usr', 'bin'))].join(delimiter);
}

export function findCommand(name: string, path: string = toolPath()): string | undefined {
  return path.split(delimiter).filter((directory) => directory !== '').map((directory) => join(directory, name)).find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Written last. */
export function completionMark(root: UnpackedRoot): string {
  return join(root.directory, '.armature-complete');
}

/** The words that run an unpacked Python here, or undefined when it is not there or nothing can run it. */
export function commandOf(target: PythonTarget): readonly string[] | undefined {
  const program = join(target.directory, target.programs[0] ?? '');
  if (!existsSync(completionMark(target))) return undefined;
  if (target.arch === hostArch) return [program];
  const emulator = findCommand(emulatorCommand);
  // The default processor of the emulator authenticates pointers, which makes every call some ten times slower.
  const processor = target.arch === 'aarch64' ? ['-cpu', 'neoverse-n1'] : [];
  return emulator === undefined ? undefined : [emulator, ...processor, '-L', target.directory, program];
}
