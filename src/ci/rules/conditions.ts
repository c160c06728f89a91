import type { Step } from '#ci/model/workflow.ts';
import type { Edit } from '#ci/source/edits.ts';
import { insertBehind, mapIndent, replaceScalar } from '#ci/source/edits.ts';
import { endOf, entryOf } from '#ci/source/nodes.ts';
import { isScalar } from 'yaml';

/** Makes a step run only when `extra` holds too. */
export function addCondition(step: Step, extra: string): Edit | undefined {
  const existing = entryOf(step.file, step.node, 'if');
  if (existing === undefined) {
    const first = entryOf(step.file, step.node, step.uses === undefined ? 'run' : 'uses') ?? entryOf(step.file, step.node, 'name');
    if (first === undefined || step.node.flow === true) return undefined;
    const name = entryOf(step.file, step.node, 'name');
    const anchor = name ?? first;
    if (anchor === first && step.uses === undefined) return undefined;
    return insertBehind(step.file, Math.max(endOf(anchor.value), endOf(anchor.key)), mapIndent(step.file, step.node), [`if: ${extra}`]);
  }
  if (!isScalar(existing.value) || step.file.text.slice(0, endOf(existing.value)).endsWith('\n')) return undefined;
  const text = String(existing.value.value);
  const inner = /^\$\{\{\s*([\s\S]*?)\s*\}\}$/.exec(text);
  const condition = inner?.[1] ?? text;
  const both = `${/\|\|/.test(condition) ? `(${condition})` : condition} && ${extra}`;
  const { text: written, ...place } = replaceScalar(step.file, existing.value, inner === null ? both : `\${{ ${both} }}`);
  // A plain scalar stays plain: `if:` takes an expression without braces.
  const plain = existing.value.type === 'PLAIN' && !/^[!'"[{]|: | #/.test(both) && inner === null;
  return { ...place, text: plain ? both : written };
}
