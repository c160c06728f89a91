/**
 * Names come from files that anybody may send. In a code span nothing but backticks and, in tables, bars have a meaning; other names are
 * written with character references, in an element where GitHub looks for neither mentions nor links.
 */
export function codeOf(name: string): string {
  if (/^[\w.:+/()=,-][\w.:+/()=, -]*$/.test(name)) return `\`${name}\``;
  const visible = name.replace(/[\u0000-\u001f\u007f]/g, ' ');
  return `<code>${visible.replace(/[^A-Za-z0-9 ]/gu, (character) => `&#${character.codePointAt(0) ?? 0x3f};`)}</code>`;
}

const steps: readonly (readonly [unit: string, size: number])[] = [['s', 1], ['ms', 1e-3], ['µs', 1e-6], ['ns', 1e-9]];
const byteSteps: readonly (readonly [unit: string, size: number])[] = [['GiB', 2 ** 30], ['MiB', 2 ** 20], ['KiB', 2 ** 10], ['B', 1]];

/** Three digits with a unit that fits: of 999.7 ms they are 1.00 s. */
export function quantityOf(value: number, unit: string): string {
  if (unit !== 'second' && unit !== 'byte') return String(Number(value.toPrecision(4)));
  const list = unit === 'second' ? steps : byteSteps;
  const [name, size] = list.find(([, least]) => value >= least * 0.9995) ?? list.at(-1)!;
  const scaled = value / size;
  return `${scaled >= 99.95 ? scaled.toFixed(0) : scaled.toPrecision(3)} ${name}`;
}
