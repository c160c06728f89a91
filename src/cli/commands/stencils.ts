import { join } from 'node:path';
import { UserError } from '#cli/errors.ts';
import { parseArguments, type ParsedArguments } from '#cli/options.ts';
import { packageRoot } from '#cli/package-root.ts';
import { suggestion } from '#cli/suggest.ts';
import { stencilsOptions } from '#cli/verbs/stencils.ts';
import { ablationInput } from '#compiler/ablation/corpus.ts';
import { measureAblation } from '#compiler/ablation/measure.ts';
import { ablationText } from '#compiler/ablation/report.ts';
import { buildTables, type BuiltFile } from '#stencils/build/build-tables.ts';
import { chooseCommand, chooseTargets, unknownStencil } from '#stencils/choose.ts';
import { describeStencil, descriptionText, GeneratedTables } from '#stencils/describe-stencil.ts';
import { layouts, stencilTargets, type LayoutNumber } from '#stencils/targets.ts';

const commands: Readonly<Record<string, (args: ParsedArguments) => number>> = { build, show, ablate };

export async function stencils(words: readonly string[]): Promise<number> {
  const { values, operands } = parseArguments('stencils', stencilsOptions, words);
  const [name, ...rest] = operands;
  const command = chooseCommand(commands, name, suggestion);
  return Promise.resolve(command({ values, operands: rest }));
}

function print(text: string): void {
  process.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}

function refuseOperands([first]: readonly string[], command: string): void {
  if (first !== undefined) throw new UserError('unexpected-argument', { verb: `stencils ${command}`, argument: first });
}

// ---- build ---------------------------------------------------------------------------------------------------------

function build({ values, operands }: ParsedArguments): number {
  refuseOperands(operands, 'build');
  const files = buildTables({
    root: packageRoot(), targets: values.get('--target')?.flatMap((name) => chooseTargets(name, suggestion)) ?? stencilTargets, check: values.has('--check'), force: values.has('--force'),
    output: values.get('--output')?.at(-1), progress,
  });
  clearProgress();
  print(values.has('--json') ? JSON.stringify(files, null, 2) : files.map(fileLine).join('\n'));
  return files.some(({ state }) => state === 'differs') ? 1 : 0;
}

const fileLine = ({ name, state, bytes }: BuiltFile): string => `${(state === 'current' ? 'up to date' : state).padEnd(10)} ${name}${bytes === 0 ? '' : ` (${bytes} bytes)`}`;

function clearProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
}

function progress(done: number, total: number, what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${String(done).padStart(3)} of ${total}  ${what}`);
}

// ---- show ----------------------------------------------------------------------------------------------------------

function show({ values, operands }: ParsedArguments): number {
  const [name, ...rest] = operands;
  refuseOperands(rest, 'show');
  const tables = new GeneratedTables(join(packageRoot(), 'stencils', 'generated'));
  const [target] = chooseTargets(values.get('--target')?.at(-1) ?? (process.arch === 'arm64' ? 'aarch64-linux' : 'x86_64-linux'), suggestion);
  const layout = shownLayout(values.get('--layout')?.at(-1) ?? '314');
  const names = tables.get(target.name, layout).familyNames;
  if (name === undefined) {
    print(values.has('--json') ? JSON.stringify(names, null, 2) : names.join('\n'));
    return 0;
  }
  const description = describeStencil(tables, name, target, layout);
  if (description === undefined) throw unknownStencil(name, names, suggestion);
  print(values.has('--json') ? JSON.stringify(description, null, 2) : descriptionText(description));
  return 0;
}

function shownLayout(text: string): LayoutNumber {
  const layout = layouts.find((known) => String(known) === text);
  if (layout === undefined) throw new UserError('missing-value', { option: '--layout', value: layouts.join(' or ') });
  return layout;
}

// ---- ablate --------------------------------------------------------------------------------------------------------

function ablate({ values, operands }: ParsedArguments): number {
  refuseOperands(operands, 'ablate');
  const root = packageRoot();
  const measured = measureAblation({
    ...ablationInput(root),
    progress: (what) => {
      if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${what}`);
    },
  });
  clearProgress();
  print(values.has('--json') ? JSON.stringify(measured, null, 2) : ablationText(measured));
  return 0;
}
