import { textOf } from '#lab/format/metadata.ts';
import type { Metadata } from '#lab/format/metadata.ts';
import type { NewVariant } from '#lab/store/new-run.ts';

/** Options of CPython's `configure` that make another interpreter of the same source. */
const configured: readonly (readonly [flag: string, option: RegExp])[] = [
  ['JIT', /--enable-experimental-jit(?:=yes)?(?=['\s]|$)/],
  ['NOGIL', /--disable-gil/],
  ['TAILCALL', /--with-tail-call-interp/],
];

/** bench_runner names the flags; without it they are read from how the interpreter was built. */
export function variantOf(metadata: Metadata, flags: readonly string[] | undefined): NewVariant {
  const implementation = textOf(metadata, 'python_implementation') ?? 'cpython';
  const options = textOf(metadata, 'python_config_args') ?? '';
  const found = flags ?? configured.filter(([, option]) => option.test(options)).map(([flag]) => flag);
  const all = Object.hasOwn(metadata, 'armature_version') ? [...found, 'ARMATURE'] : [...found];
  const sorted = all.sort();
  return { name: [implementation, ...sorted.map((flag) => flag.toLowerCase())].join('-'), implementation, flags: sorted };
}
