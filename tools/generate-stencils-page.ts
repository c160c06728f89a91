/** `npm run stencils-page`: writes what `armature stencils ablate` prints into docs/stencils.md and README.md. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stencilsPages } from './stencils-page.ts';

for (const { path, text } of stencilsPages(join(import.meta.dirname, '..'))) writeFileSync(path, text);
