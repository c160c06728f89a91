/**
 * The agents of systems that nobody here has: nothing can be run, so the files are read, by our own readers and by LLVM's, and
 * the structures are compared with CPython's headers as a compiler for that system sees them.
 */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { BufferSource } from '#check/binary/bytes/source.ts';
import type { Image } from '#check/binary/images/image.ts';
import type { MachFacts } from '#check/binary/images/mach-o.ts';
import type { PeFacts } from '#check/binary/images/pe.ts';
import { formatOf, readImages } from '#check/binary/images/read.ts';
import { scanCode } from '#check/binary/instructions/scan.ts';
import { defined } from '#support/invariant.ts';
import { agentDirectory, agentFile, agentTargets, layouts, type AgentTarget, type Layout } from '../../tools/agent/targets.ts';
import { hostArch, projectRoot, pythonTargets } from '../../tools/pythons/targets.ts';
import { availablePythons } from '../harness/pythons.ts';

const path = (target: AgentTarget, layout: Layout): string => join(agentDirectory, 'prebuilt', agentFile(target, layout));
const targetNamed = (name: string): AgentTarget => defined(agentTargets.find((target) => target.name === name), name);

async function imageOf(target: AgentTarget, layout: Layout): Promise<Image> {
  const bytes = readFileSync(path(target, layout));
  const [image, ...others] = await readImages(new BufferSource(bytes), defined(formatOf(bytes.subarray(0, 64)), 'a known format'));
  assert.equal(others.length, 0);
  return defined(image, 'an image');
}

function llvm(tool: 'objdump' | 'readobj', words: readonly string[]): string {
  const { status, stdout, stderr } = spawnSync(`llvm-${tool}-19`, words, { encoding: 'utf8', maxBuffer: 1 << 26 });
  assert.equal(status, 0, stderr);
  return stdout;
}

const names = (text: string, pattern: RegExp): string[] => [...text.matchAll(pattern)].map((match) => match[1] ?? '');

const headerDirectory = (layout: Layout): string => {
  const target = defined(pythonTargets.find((python) => python.layout === layout && python.arch === hostArch), `CPython ${layout}`);
  return join(target.directory, 'usr/include', layout === 311 ? 'python3.11' : 'python3.14');
};

/** Everything the headers say other libraries may use. On Windows nothing else is exported. */
function exportedByPython(layout: Layout): ReadonlySet<string> {
  const directory = headerDirectory(layout);
  const files = readdirSync(directory, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.h'));
  const text = files.map((name) => readFileSync(join(directory, name), 'utf8')).join('\n');
  return new Set(names(text, /PyAPI_(?:FUNC|DATA)\([^)]*\)\s*(?:_Py_NO_RETURN\s*)?\**(\w+)/g));
}

function checkPythonNames(found: readonly string[], layout: Layout): void {
  const known = exportedByPython(layout);
  assert.deepEqual(found.filter((name) => !known.has(name)), []);
  assert.ok(found.length > 100, `${found.length} names`);
}

for (const target of agentTargets) {
  describe(`agent for ${target.name}`, () => {
    for (const layout of layouts) {
      it(`runs on every processor of its kind, CPython ${layout}`, async () => {
        const image = await imageOf(target, layout);
        assert.equal(image.machine, target.name.split('-')[0]);
        if (image.machine !== 'aarch64') return;
        const scanned = await scanCode(new BufferSource(readFileSync(path(target, layout))), image.code);
        assert.ok(scanned.words > 10_000, `${scanned.words} words`);
        // The first of Apple's processors that macOS ran on has Armv8.1's atomic instructions.
        const beyond = scanned.uses.map(({ extension }) => extension).filter((extension) => !(target.name === 'aarch64-macos' && extension === 'lse'));
        assert.deepEqual(beyond, []);
      });
    }
  });
}

for (const target of agentTargets.filter(({ name }) => !name.endsWith('-linux'))) {
  for (const layout of layouts) {
    it(`${target.name}, CPython ${layout}: x18 is the system's`, () => {
      const text = llvm('objdump', ['-d', '--no-show-raw-insn', path(target, layout)]);
      assert.ok(/\bx17\b/.test(text));
      assert.deepEqual(text.match(/.*\b[xw]18\b.*/g), null);
    });
  }
}

describe('agent for aarch64-macos', () => {
  const target = targetNamed('aarch64-macos');
  const stub = readFileSync(join(agentDirectory, 'imports/libSystem.tbd'), 'utf8');
  const systemNames = new Set(stub.slice(stub.indexOf('symbols:')).match(/\w+/g));
  for (const layout of layouts) {
    it(`is a signed bundle for macOS 11, CPython ${layout}`, async () => {
      const { kind, signed, minimumSystem, platform, libraries } = await imageOf(target, layout) as MachFacts;
      assert.deepEqual({ kind, signed, minimumSystem, platform, libraries }, {
        kind: 'bundle', signed: true, minimumSystem: '11.0', platform: 'macOS', libraries: ['/usr/lib/libSystem.B.dylib'],
      });
      assert.deepEqual(names(llvm('objdump', ['--macho', '--exports-trie', path(target, layout)]), /^0x\w+ +(\w+)/gm), ['_PyInit__armature']);
    });

    it(`asks the process for CPython's symbols and the system for its own, CPython ${layout}`, () => {
      const text = llvm('objdump', ['--macho', '--bind', '--lazy-bind', '--weak-bind', path(target, layout)]);
      const ofProcess = names(text, /flat-namespace +(\w+)$/gm), ofSystem = names(text, /libSystem +(\w+)$/gm);
      checkPythonNames([...new Set(ofProcess.map((name) => name.slice(1)))], layout);
      assert.deepEqual(ofSystem.filter((name) => !systemNames.has(name)), []);
      assert.ok(ofSystem.includes('_pthread_jit_write_protect_np') && ofSystem.includes('_sys_icache_invalidate'));
      assert.deepEqual(text.split('\n').filter((line) => /^__\w+ +__/.test(line) && !/(?:flat-namespace|libSystem) +\w+$/.test(line)), []);
    });

    it(`has no segment that is written and run, CPython ${layout}`, () => {
      const protections = names(llvm('objdump', ['--macho', '--private-headers', path(target, layout)]), /(?:max|init)prot ([r-][w-][x-])/g);
      assert.ok(protections.includes('r-x') && protections.includes('rw-'));
      assert.ok(!protections.some((protection) => protection.endsWith('wx')), protections.join(' '));
    });
  }
});

describe('agent for aarch64-windows', () => {
  const target = targetNamed('aarch64-windows');
  const definitions = new Map(['advapi32', 'bcrypt', 'kernel32'].map((name) => {
    const text = readFileSync(join(agentDirectory, 'imports', `${name}.def`), 'utf8');
    return [`${name}.dll`, new Set(names(text, /^ +(\w+)$/gm))];
  }));
  for (const layout of layouts) {
    it(`is a library with one export and no C library, CPython ${layout}`, async () => {
      const { kind, imports } = await imageOf(target, layout) as PeFacts;
      assert.equal(kind, 'dll');
      assert.deepEqual(imports.map(({ library }) => library).sort(), [...definitions.keys(), `python${layout}.dll`].sort());
      assert.deepEqual(names(llvm('readobj', ['--coff-exports', path(target, layout)]), /Name: (\w+)/g), ['PyInit__armature']);
    });

    it(`imports what the system and CPython export, CPython ${layout}`, () => {
      const libraries = llvm('readobj', ['--coff-imports', path(target, layout)]).split('Import {').slice(1);
      for (const text of libraries) {
        const library = names(text, /Name: (\S+)/g)[0] ?? '', symbols = names(text, /Symbol: (\w+)/g);
        if (library === `python${layout}.dll`) checkPythonNames(symbols, layout);
        else assert.deepEqual(symbols.filter((name) => definitions.get(library)?.has(name) !== true), [], library);
      }
      assert.ok(libraries.some((text) => text.includes('FlushInstructionCache')) && libraries.some((text) => text.includes('RtlAddFunctionTable')));
    });

    it(`can be unwound, and has no section that is written and run, CPython ${layout}`, async () => {
      const { code } = await imageOf(target, layout);
      assert.ok(code.functions.starts.length > 100, `${code.functions.starts.length} functions in .pdata`);
      const sections = llvm('readobj', ['--sections', path(target, layout)]).split('Section {').slice(1);
      assert.ok(sections.some((text) => text.includes('.pdata')));
      assert.deepEqual(sections.filter((text) => text.includes('MEM_EXECUTE') && text.includes('MEM_WRITE')), []);
    });
  }

  it('tells the system how to unwind units', () => {
    const folder = mkdtempSync(join(tmpdir(), 'armature-unwind-'));
    try {
      // The rule of unwind-windows.c as that of a function, for LLVM to read.
      const source = '#include "unwind-windows.c"\n__asm__(".text\\nunit:\\n.zero 4096\\n.section .pdata,\\"dr\\"\\n.rva unit\\n.rva rule\\n");\n';
      writeFileSync(join(folder, 'rule.c'), source);
      const built = spawnSync('clang-19', ['--target=aarch64-pc-windows-msvc', '-std=gnu2x', '-ffreestanding', '-nostdlibinc', '-fno-asynchronous-unwind-tables',
        '-DARMATURE_LAYOUT=314', '-I', agentDirectory, '-c', join(folder, 'rule.c'), '-o', join(folder, 'rule.o')], { encoding: 'utf8' });
      assert.equal(built.status, 0, built.stderr);
      const text = llvm('readobj', ['--unwind', join(folder, 'rule.o')]);
      assert.deepEqual(names(text, /; (.*)$/gm), ['end_c', 'str x30, [sp, #-16]!', 'end']);
      assert.match(text, /FunctionLength: 524288/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  const libraryHeaders = ['assert', 'ctype', 'errno', 'inttypes', 'locale', 'math', 'signal', 'stdio', 'stdlib', 'string', 'time', 'unistd', 'wchar'];
  const check = (layout: Layout, flags: readonly string[]): { status: number | null; stderr: string } => {
    const folder = mkdtempSync(join(tmpdir(), 'armature-windows-'));
    try {
      cpSync(headerDirectory(layout), folder, { recursive: true, dereference: true, filter: (name) => !name.endsWith('pyconfig.h') });
      for (const name of [...libraryHeaders, 'windows']) writeFileSync(join(folder, `${name}.h`), '#include "c-library.h"\n');
      const includes = [join(projectRoot, 'tests/agent/windows-headers'), agentDirectory, folder, join(folder, 'internal')].flatMap((directory) => ['-I', directory]);
      return spawnSync('clang-19', ['--target=aarch64-pc-windows-msvc', '-ffreestanding', '-nostdlibinc', '-w', `-DARMATURE_LAYOUT=${layout}`, ...flags, ...includes,
        '-fsyntax-only', join(projectRoot, 'tests/agent/layout-check.c')], { encoding: 'utf8' });
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  for (const layout of layouts) {
    it(`layout.h agrees with the headers of CPython ${layout} where C's long has 32 bits`, () => {
      const { status, stderr } = check(layout, []);
      assert.equal(status, 0, stderr);
      // With the structures of Linux it does not.
      const wrong = check(layout, ['-U_WIN32']);
      assert.match(wrong.stderr, /static assertion failed.*PyThreadState.datastack_chunk/);
      assert.match(wrong.stderr, /static assertion failed.*PyTypeObject.tp_flags/);
    });
  }
});

describe('what a Python of such a system says', () => {
  const python = availablePythons(process.env, ({ command }) => command.length === 1)[0];
  /** Our sitecustomize, in a Python that takes itself for one of another system. */
  const said = (platform: string, variables: Readonly<Record<string, string>>): string => {
    const file = join(agentDirectory, 'python/sitecustomize.py').replaceAll('/', platform === 'win32' ? '\\' : '/');
    const program = `import sys; text = open(sys.argv[1]).read().rpartition("import sitecustomize")[0]; sys.platform = sys.argv[2]
exec(text, {"__file__": sys.argv[3]})`;
    const env = { ARMATURE_SOCKET: '/nowhere/socket', ARMATURE_REQUIRE_MESSAGE: '1', ...variables };
    const [command = ''] = defined(python, 'a native Python').command;
    const { status, stderr } = spawnSync(command, ['-S', '-c', program, join(agentDirectory, 'python/sitecustomize.py'), platform, file], { env, encoding: 'utf8' });
    assert.equal(status, 0, stderr);
    return stderr;
  };
  for (const [platform, system] of [['darwin', 'macos'], ['win32', 'windows']] as const) {
    it(`runs plain on ${system}`, () => {
      assert.equal(said(platform, {}), `armature: the agent for ${system} was built, but has never been run (ARMATURE_UNTESTED=1 tries it); running plain\n`);
    });
  }
  it('loads the right file when asked to try', () => {
    assert.match(said('win32', { ARMATURE_UNTESTED: '1', PROCESSOR_ARCHITECTURE: 'ARM64' }), /\\agent\\prebuilt\\aarch64-windows\\armature_cp31[14]\.pyd/);
    assert.equal(said('win32', { ARMATURE_UNTESTED: '1', PROCESSOR_ARCHITECTURE: 'AMD64' }), 'armature: there is no agent for windows on x86_64; running plain\n');
    assert.equal(said('aix', { ARMATURE_UNTESTED: '1' }), 'armature: aix is not supported; running plain\n');
  });
});
