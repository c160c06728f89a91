import type { Setting } from '#ci/cibuildwheel/settings.ts';
import type { FileEdits } from '#ci/rules/rule.ts';
import { removeKey, replaceScalar } from '#ci/source/edits.ts';
import { lineStart, nextLine } from '#ci/source/text.ts';

/** The change that gives a setting these words, in the form it has. */
export function writeWords(setting: Setting, words: readonly string[]): FileEdits {
  if (setting.kind === 'variable') return { path: setting.file.path, edits: [replaceScalar(setting.file, setting.node, words.join(' '))] };
  const { value } = setting.setting;
  const [start, end] = value.range;
  if (value.type === 'TOMLArray') return { path: setting.file.path, edits: [{ start, end, text: `[${words.map((word) => JSON.stringify(word)).join(', ')}]` }] };
  const quote = setting.file.text[start] === "'" ? "'" : '"';
  return { path: setting.file.path, edits: [{ start, end, text: `${quote}${words.join(' ')}${quote}` }] };
}

/** The change that takes a setting out; undefined when nothing would be left around it. */
export function removeSetting(setting: Setting): FileEdits | undefined {
  if (setting.kind === 'variable') {
    const edit = removeKey(setting.file, setting.map, setting.name);
    return edit === undefined ? undefined : { path: setting.file.path, edits: [edit] };
  }
  const { text } = setting.file;
  const start = lineStart(text, setting.setting.value.parent?.range[0] ?? setting.setting.value.range[0]);
  return { path: setting.file.path, edits: [{ start, end: nextLine(text, setting.setting.value.range[1]), text: '' }] };
}
