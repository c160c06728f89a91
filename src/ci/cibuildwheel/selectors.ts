/** Selectors of cibuildwheel may have braces, as in a shell: `*-*linux_{aarch64,ppc64le}` (https://cibuildwheel.pypa.io/en/stable/options/#build-skip). */

const braced = /^([^{}]*)\{([^{}]*)\}([^{}]*)$/;

/** What a selector stands for. One with braces inside each other, or several of them, is left as it is: nobody writes those. */
export function alternativesOf(selector: string): readonly string[] {
  const [, before = '', list, behind = ''] = braced.exec(selector) ?? [];
  return list === undefined ? [selector] : list.split(',').map((each) => `${before}${each.trim()}${behind}`);
}

/** The selector without some of its alternatives; nothing when none is left. */
export function withoutAlternatives(selector: string, gone: readonly string[]): readonly string[] {
  const all = alternativesOf(selector);
  const kept = all.filter((each) => !gone.includes(each));
  if (kept.length === all.length) return [selector];
  if (kept.length < 2) return kept;
  const [, before = '', , behind = ''] = braced.exec(selector) ?? [];
  return [`${before}{${kept.map((each) => each.slice(before.length, each.length - behind.length)).join(',')}}${behind}`];
}
