import { stringify } from 'csv-stringify/sync';
import type { Context } from 'hono';
import { HttpError } from '#lab/server/http-error.ts';
import type { LabEnvironment } from '#lab/server/reader.ts';
import { scrubFor } from '#lab/server/scrub.ts';

/** As JSON, or as CSV with `?format=csv`; `rows` are for CSV, when the document is not a list itself. */
export function answer(context: Context<LabEnvironment>, document: object, rows: readonly object[] = document as readonly object[]): Response {
  const format = context.req.query('format') ?? 'json';
  const token = context.get('token');
  if (format === 'json') return context.json(scrubFor(token, document));
  if (format !== 'csv') throw new HttpError(400, 'parameter-invalid', "The parameter 'format' must be json or csv.");
  return context.body(toCsv(scrubFor(token, rows)), 200, { 'Content-Type': 'text/csv; charset=utf-8' });
}

function toCsv(rows: readonly object[]): string {
  return stringify([...rows], {
    header: true,
    // A text that a spreadsheet would take for a formula is quoted.
    escape_formulas: true,
    cast: {
      date: (value) => value.toISOString(),
      object: (value) => JSON.stringify(value),
      boolean: (value) => String(value),
    },
  });
}
