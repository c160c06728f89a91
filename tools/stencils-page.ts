import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ablationInput } from '#compiler/ablation/corpus.ts';
import { measureAblation } from '#compiler/ablation/measure.ts';
import { ablationText, usualCaseTable } from '#compiler/ablation/report.ts';

const region = /(<!-- ablate -->\n)[\s\S]*(<!-- \/ablate -->)/;

export interface Page {
  readonly path: string;
  readonly text: string;
}

/** docs/stencils.md and README.md with their measurements made anew. */
export function stencilsPages(root: string): Page[] {
  const ablation = measureAblation({ ...ablationInput(root), progress: () => undefined });
  const page = (name: string, measurements: string): Page => {
    const path = join(root, name);
    return { path, text: readFileSync(path, 'utf8').replace(region, (_, start: string, end: string) => `${start}${measurements}${end}`) };
  };
  return [page('docs/stencils.md', ablationText(ablation)), page('README.md', `${usualCaseTable(ablation)}\n`)];
}
