/** What the checks can find. The severity is that of the finding by itself; asking for a processor by name may raise it. */
export type Severity = 'error' | 'warning' | 'note';

export interface FindingKind {
  readonly severity: Severity;
  readonly meaning: string;
  readonly remedy: string;
}

export const findingKinds = {
  'unreadable': {
    severity: 'error',
    meaning: 'The archive or file is damaged, hostile, too large, or could not be fetched.',
    remedy: 'Fetch or build it again. If it is meant to be like this, do not install it.',
  },
  'wheel-name': {
    severity: 'error',
    meaning: 'The file name does not say what the wheel is for; installers refuse it.',
    remedy: 'Build the wheel with a tool that names it, and do not rename it.',
  },
  'tag-never-matches': {
    severity: 'error',
    meaning: 'No installer on any system accepts this platform tag.',
    remedy: 'Arm begins with macOS 11: build with MACOSX_DEPLOYMENT_TARGET=11.0 or later.',
  },
  'native-in-any': {
    severity: 'error',
    meaning: 'The wheel says that it runs everywhere and holds code for one processor.',
    remedy: 'Publish it under a platform tag (in setuptools: a Distribution whose has_ext_modules is true; in hatchling: infer_tag).',
  },
  'wrong-machine': {
    severity: 'error',
    meaning: 'The file is for another processor than the platform tag says.',
    remedy: 'Build it on, or cross-compile it for, the processor of the tag; or correct the tag.',
  },
  'wrong-format': {
    severity: 'error',
    meaning: 'The file is for another operating system than the platform tag says.',
    remedy: 'Correct the tag, or leave the file out of this wheel.',
  },
  'slice-missing': {
    severity: 'error',
    meaning: 'The tag says universal2 and the file is for one processor only.',
    remedy: 'Build with ARCHFLAGS="-arch arm64 -arch x86_64", join the parts with lipo or delocate-merge, or publish one wheel a processor.',
  },
  'glibc-too-new': {
    severity: 'error',
    meaning: 'The file needs a newer C library than the tag promises: it will not load on the systems that accept the wheel.',
    remedy: 'Build in the manylinux image of the tag (quay.io/pypa/manylinux…_aarch64), or let auditwheel choose the tag.',
  },
  'libstdcxx-too-new': {
    severity: 'error',
    meaning: 'The file needs a newer libstdc++ or libgcc than the systems of the tag have.',
    remedy: 'Build in the manylinux image of the tag, whose compiler links the newer parts statically.',
  },
  'wrong-libc': {
    severity: 'error',
    meaning: 'glibc and musl are mixed: the file is linked with the other C library than the tag says.',
    remedy: 'Build musllinux wheels in a musllinux image, manylinux ones in a manylinux image.',
  },
  'missing-library': {
    severity: 'error',
    meaning: 'A library that is needed is neither in the wheel nor guaranteed on the systems of the tag.',
    remedy: 'Repair the wheel: auditwheel (Linux), delocate (macOS), delvewheel (Windows).',
  },
  'unknown-library': {
    severity: 'warning',
    meaning: 'A library that is needed is not in the wheel, and is not known here to be part of the system.',
    remedy: 'Check that the system or another dependency provides it; otherwise repair the wheel with delvewheel or delocate.',
  },
  'links-libpython': {
    severity: 'error',
    meaning: 'The file needs libpython, which many Pythons do not have as a library.',
    remedy: 'Extension modules get these symbols from the interpreter: do not link with -lpython3.x.',
  },
  'suffix-mismatch': {
    severity: 'error',
    meaning: 'The suffix of the extension module is one that the Python of the tag does not look for.',
    remedy: 'Build it with the interpreter of the tag; when cross-compiling set EXT_SUFFIX accordingly.',
  },
  'narrow-suffix': {
    severity: 'warning',
    meaning: 'The tag promises several versions of Python; the suffix of the file lets one of them import it.',
    remedy: 'Name it .abi3.so (.pyd on Windows), or tag the wheel with the one version.',
  },
  'page-size': {
    severity: 'warning',
    meaning: 'Segments are aligned for smaller pages than some Arm kernels have; there the file cannot be loaded.',
    remedy: 'Link with -Wl,-z,max-page-size=65536, and do not let an old patchelf (before 0.14) rewrite the file.',
  },
  'page-alignment': {
    severity: 'error',
    meaning: 'Segments are not aligned for pages of any size that Arm kernels have.',
    remedy: 'Link with -Wl,-z,max-page-size=65536 (Linux) or -Wl,-segalign,4000 (macOS).',
  },
  'jemalloc-page-size': {
    severity: 'warning',
    meaning: 'jemalloc is built in; with a page size of 4 KB (its default where it was built) it stops the program on larger pages.',
    remedy: 'Build it with --with-lg-page=16 (Rust: JEMALLOC_SYS_WITH_LG_PAGE=16), which works with every page size.',
  },
  'macos-too-new': {
    severity: 'error',
    meaning: 'The file needs a newer macOS than the tag promises.',
    remedy: 'Set MACOSX_DEPLOYMENT_TARGET to the version of the tag for every part, or raise the tag.',
  },
  'unsigned': {
    severity: 'error',
    meaning: 'macOS kills a process on Arm that loads code without a signature.',
    remedy: 'Sign it: codesign --force -s - FILE (the linker does so by itself; strip and install_name_tool of old tools undo it).',
  },
  'arm64ec': {
    severity: 'note',
    meaning: 'The file is Arm code for emulated x64 processes (ARM64EC), or for both kinds of process (ARM64X).',
    remedy: 'Nothing to do in a win_amd64 wheel. A native Python needs ARM64 or ARM64X.',
  },
  'unguarded-instructions': {
    severity: 'warning',
    meaning: 'Instructions that some Arm processors lack, in a file without any sign of asking which processor it runs on.',
    remedy: 'Compile with -march=armv8-a (GCC 10 and later add -moutline-atomics by themselves), or choose the code at run time by getauxval(AT_HWCAP).',
  },
  'unclear-instructions': {
    severity: 'note',
    meaning: 'Instructions that some Arm processors lack; whether a test at run time stands before each of them cannot be told.',
    remedy: 'Try it on such a processor, or under qemu-aarch64 with -cpu cortex-a72.',
  },
} as const satisfies Readonly<Record<string, FindingKind>>;

export type FindingCode = keyof typeof findingKinds;

export interface Finding {
  readonly code: FindingCode;
  readonly severity: Severity;
  /** The file inside the wheel or directory; undefined for the whole. */
  readonly path: string | undefined;
  readonly message: string;
}

export function finding(code: FindingCode, path: string | undefined, message: string, severity: Severity = findingKinds[code].severity): Finding {
  return { code, severity, path, message };
}
