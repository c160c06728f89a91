import { ablationInput } from '#compiler/ablation/corpus.ts';
import { measureAblation } from '#compiler/ablation/measure.ts';
import { ablationText } from '#compiler/ablation/report.ts';

const region = /(<!-- ablate -->\n)[\s\S]*(<!-- \/ablate -->)/;

/** docs/stencils.md with its measurements made anew. */
export function stencilsPage(root: string, page: string): string {
  const text = ablationText(measureAblation({ ...ablationInput(root), progress: () => undefined }));
  return page.replace(region, (_, start: string, end: string) => `${start}${text}${end}`);
}
