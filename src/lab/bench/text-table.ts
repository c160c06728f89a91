export type Alignment = 'left' | 'right';

/** Columns two spaces apart; the first row is the head. */
export function textTable(rows: readonly (readonly string[])[], alignments: readonly Alignment[]): readonly string[] {
  const widths = alignments.map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  return rows.map((row) => alignments.map((alignment, column) => {
    const text = row[column] ?? '';
    const width = widths[column] ?? 0;
    return alignment === 'left' ? text.padEnd(width) : text.padStart(width);
  }).join('  ').trimEnd());
}

const secondUnits: readonly (readonly [string, number])[] = [['s', 1], ['ms', 1e-3], ['us', 1e-6], ['ns', 1e-9]];
const byteUnits: readonly (readonly [string, number])[] = [['GiB', 2 ** 30], ['MiB', 2 ** 20], ['KiB', 2 ** 10], ['B', 1]];

/** Three digits that count, with the unit that suits them. */
export function formatValue(value: number, unit: string): string {
  if (unit !== 'second' && unit !== 'byte') return value.toPrecision(3);
  const units = unit === 'second' ? secondUnits : byteUnits;
  const [name, size] = units.find(([, least]) => value >= least * 0.9995) ?? units.at(-1) ?? ['', 1];
  const scaled = value / size;
  return `${scaled >= 99.95 ? scaled.toFixed(0) : scaled.toPrecision(3)} ${name}`;
}
