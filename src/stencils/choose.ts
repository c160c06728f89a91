/** Words of the command line: commands, targets, names of stencils. */
import { StencilsError } from './errors.ts';
import { stencilTargets, type StencilTarget } from './targets.ts';

/** "; did you mean 'x'?", or nothing. */
export type Suggest = (word: string, candidates: readonly string[]) => string;

export function chooseCommand<Command>(commands: Readonly<Record<string, Command>>, name: string | undefined, suggest: Suggest): Command {
  const names = Object.keys(commands), hint = 'armature stencils --help';
  if (name === undefined) throw new StencilsError('missing-stencils-command', { commands: names.join(', ') }, hint);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (command === undefined) throw new StencilsError('unknown-stencils-command', { command: name, suggestion: suggest(name, names) }, hint);
  return command;
}

/** `aarch64` stands for all its systems. */
export function chooseTargets(name: string, suggest: Suggest): readonly [StencilTarget, ...StencilTarget[]] {
  const [first, ...rest] = stencilTargets.filter((target) => target.name === name || target.machine === name);
  if (first !== undefined) return [first, ...rest];
  const names = stencilTargets.map((target) => target.name);
  throw new StencilsError('unknown-stencil-target', { target: name, suggestion: suggest(name, names), targets: names.join(', ') }, `one of ${names.join(', ')}`);
}

export function unknownStencil(name: string, names: readonly string[], suggest: Suggest): StencilsError {
  return new StencilsError('unknown-stencil', { name, suggestion: suggest(name, names) }, 'armature stencils show');
}
