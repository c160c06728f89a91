/** Where cibuildwheel gets an option from: variables of step, job or workflow, then pyproject.toml. */
import type { Scalar, YAMLMap } from 'yaml';
import { isScalar } from 'yaml';
import type { System } from '#ci/facts.ts';
import { evaluateTemplate } from '#ci/model/expressions.ts';
import type { JobView, Leg } from '#ci/model/legs.ts';
import { contextsIn } from '#ci/model/legs.ts';
import type { Project } from '#ci/model/project.ts';
import type { Step } from '#ci/model/workflow.ts';
import { actionOf, environmentMaps } from '#ci/model/workflow.ts';
import { entryOf, textOf } from '#ci/source/nodes.ts';
import type { SourceFile } from '#ci/source/source-file.ts';
import type { TomlFile, TomlSetting } from '#ci/source/toml-file.ts';
import { settingsOf, wordsOf } from '#ci/source/toml-file.ts';

export type Setting =
  | { readonly kind: 'variable'; readonly name: string; readonly file: SourceFile; readonly map: YAMLMap; readonly node: Scalar; readonly text: string }
  | { readonly kind: 'toml'; readonly file: TomlFile; readonly setting: TomlSetting; readonly words: readonly string[] };

export function isCibuildwheel(step: Step): boolean {
  return actionOf(step) === 'pypa/cibuildwheel' || /(^|\s)(python\S* -m )?cibuildwheel(\s|$)/m.test((step.run ?? '').replace(/^.*\binstall\b.*$/gm, ''));
}

/** `option` as in pyproject.toml: `archs`, `test-skip`. */
export function settingFor(project: Project, view: JobView, step: Step, option: string, os: System): Setting | undefined {
  const variable = `CIBW_${option.toUpperCase().replaceAll('-', '_')}`;
  for (const name of [`${variable}_${os.toUpperCase()}`, variable]) {
    for (const { file, map } of environmentMaps(view.job, step)) {
      const node = entryOf(file, map, name)?.value;
      if (isScalar(node)) return { kind: 'variable', name, file, map, node, text: textOf(file, node) ?? '' };
    }
  }
  const { pyproject } = project;
  if (pyproject === undefined) return undefined;
  const settings = settingsOf(pyproject);
  const setting = [`tool.cibuildwheel.${os}.${option}`, `tool.cibuildwheel.${option}`].map((name) => settings.find((each) => each.name === name)).find((each) => each !== undefined);
  const words = setting === undefined ? undefined : wordsOf(setting.value);
  return setting === undefined || words === undefined ? undefined : { kind: 'toml', file: pyproject, setting, words };
}

/** The words of a setting in one leg; undefined when they are known only at run time. */
export function wordsIn(setting: Setting, leg: Leg, step: Step): readonly string[] | undefined {
  if (setting.kind === 'toml') return setting.words;
  const value = evaluateTemplate(setting.text, contextsIn(leg, step));
  // Processors may be separated by commas; in a selector a comma stands between braces.
  const separator = setting.name.startsWith('CIBW_ARCHS') ? /[\s,]+/ : /\s+/;
  return value.known ? String(value.value ?? '').split(separator).filter((word) => word !== '') : undefined;
}
