import { isCibuildwheel, settingFor, wordsIn } from '#ci/cibuildwheel/settings.ts';
import type { System } from '#ci/facts.ts';
import type { JobView, Leg } from '#ci/model/legs.ts';
import type { Project } from '#ci/model/project.ts';

/** True for a text that reads a part of the matrix which a new leg gets in its Arm form: an include entry, or a value that holds the label. */
export function isCopied(view: JobView, leg: Leg, text: string): boolean {
  const keys = [...text.matchAll(/matrix\.([\w-]+)/g)].map((match) => match[1] ?? '');
  const compound = view.site.kind === 'matrix' && view.site.field !== undefined ? view.site.key : undefined;
  return keys.some((key) => key === compound || !(key in leg.axes));
}

/** Settings of cibuildwheel that a new Arm leg would get unchanged, and with which it would build for x64 or nothing at all. */
export function fixedSetting(project: Project, view: JobView, leg: Leg, os: System): string | undefined {
  for (const step of view.job.steps.filter(isCibuildwheel)) {
    for (const option of ['archs', 'build']) {
      const setting = settingFor(project, view, step, option, os);
      const words = setting === undefined ? [] : (wordsIn(setting, leg, step) ?? []);
      if (setting === undefined || setting.kind === 'variable' && isCopied(view, leg, setting.text) || words.length === 0) continue;
      const x64 = words.filter((word) => /(?:x86_64|amd64|i686|win32)(?:\}?|\*)$/i.test(word) || word.toLowerCase() === 'x86');
      if (option === 'archs' ? x64.length > 0 : x64.length === words.length) return `cibuildwheel is told to build ${x64.join(' ')}`;
    }
  }
  return undefined;
}
