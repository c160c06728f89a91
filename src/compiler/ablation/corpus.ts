/** What is compiled to measure the steps: recorded requests of CPython 3.14, beside the kernels. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CompileRequest } from '#protocol/request.ts';
import { readRequest } from '#protocol/read-request.ts';
import { loadStencilTable } from '#stencils/read-table.ts';
import { findQemu } from './count-instructions.ts';
import type { AblationInput } from './measure.ts';

/** All recorded requests in a checkout; in an installed package, those that servers practise on. */
const folders = [join('tests', 'build', 'requests'), join('dist', 'warm-up')];

export function ablationInput(root: string): Omit<AblationInput, 'progress'> {
  const folder = folders.map((path) => join(root, path)).find((path) => existsSync(path));
  const files = folder === undefined ? [] : readdirSync(folder).filter((name) => name.endsWith('.314.req')).sort().map((name) => join(folder, name));
  const requests = files.map((path): CompileRequest => readRequest(readFileSync(path), { layout: 314, arch: 'aarch64' }));
  return { requests, table: loadStencilTable(join(root, 'stencils', 'generated'), 'aarch64-linux', 314), qemu: findQemu(root) };
}
