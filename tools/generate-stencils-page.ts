/** `npm run stencils-page`: writes what `armature stencils ablate` prints into docs/stencils.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stencilsPage } from './stencils-page.ts';

const root = join(import.meta.dirname, '..');
const path = join(root, 'docs', 'stencils.md');
writeFileSync(path, stencilsPage(root, readFileSync(path, 'utf8')));
