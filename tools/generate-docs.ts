/** Writes docs/ops.md from the op table. With --check it only compares. */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { ops, type OpInfo } from '#ir/ops.ts';

const path = fileURLToPath(new URL('../docs/ops.md', import.meta.url));

function operands(info: OpInfo): string {
  const args = info.args === 'any' ? ['py…'] : info.args === 'attributes' ? ['value…'] : info.args.map((type, n) => (info.consumes.includes(n) ? `${type}⁻` : type));
  return [...args, ...info.immediates.map((kind) => `*${kind}*`)].join(', ') || '—';
}

function result(info: OpInfo): string {
  const owner = info.ownership === 'none' ? '' : ` ${info.ownership}`;
  return info.result === 'none' ? '—' : info.result + owner;
}

function lowering(info: OpInfo): string {
  switch (info.lowering.kind) {
    case 'stencil': return 'stencil';
    case 'call': return `\`${info.lowering.symbol}\``;
    case 'none': return '—';
  }
}

function render(): string {
  const rows = Object.entries<OpInfo>(ops).map(([name, info]) =>
    `| \`${name}\` | ${operands(info)} | ${result(info)} | ${info.effect} | ${info.guard ? 'yes' : ''} | ${lowering(info)} | ${info.doc.replaceAll('|', '\\|')} |`);
  return [
    '# Ops',
    '',
    'Made by `node --import tsx tools/generate-docs.ts` from the op table, `src/ir/ops.ts`. Do not edit.',
    '',
    'Immediates are in italics. `⁻`: the op takes the reference over. Guard: it can leave compiled code.',
    '',
    '| op | operands | result | effect | guard | lowering | |',
    '|---|---|---|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
}

const text = render();
if (!process.argv.includes('--check')) writeFileSync(path, text);
else if (readFileSync(path, 'utf8') !== text) {
  console.error('docs/ops.md is out of date: run node --import tsx tools/generate-docs.ts');
  process.exitCode = 1;
}
