import { readUnit } from '#protocol/read-unit.ts';
import type { CompileRequest } from '#protocol/request.ts';
import { NO_EXIT, type ExitReason } from '#protocol/unit.ts';
import type { CompileResult } from '#server/compiler.ts';
import { lineAt } from '#server/line-table.ts';
import type { Client, CompileRecord, ExitPlace } from '#server/record.ts';

export type Circumstances = Pick<CompileRecord, 'dumps' | 'fromCache' | 'milliseconds'>;

/** A request and its result in the words of the source. */
export function describeResult(client: Client, request: CompileRequest, result: CompileResult, circumstances: Circumstances): CompileRecord {
  const code = request.codes[0];
  return {
    pid: client.pid,
    name: code?.qualname ?? '?',
    filename: code?.filename ?? '?',
    firstlineno: code?.firstlineno ?? 0,
    kind: request.kind,
    offset: request.offset,
    line: request.kind === 'osr' ? lineOf(request, 0, request.offset) : (code?.firstlineno ?? 0),
    ...(result.kind === 'refused' ? { refused: { code: result.refusal.code, detail: result.refusal.detail } } : {}),
    unitBytes: result.kind === 'unit' ? result.unit.length : 0,
    exits: result.kind === 'unit' ? exitPlaces(request, result.unit) : [],
    notInlined: result.kind === 'unit' ? placesNotInlined(request, result.unit) : [],
    ...circumstances,
  };
}

function lineOf(request: CompileRequest, codeIndex: number, offset: number): number {
  const code = request.codes[codeIndex];
  return code === undefined ? 0 : lineAt(code.linetable, code.firstlineno, offset);
}

function placeOf(request: CompileRequest, { reason, code, offset }: ExitReason): ExitPlace {
  return { reason, name: request.codes[code]?.qualname ?? '?', line: lineOf(request, code, offset), offset };
}

/** Instructions that run Python functions and were not translated as these. */
const placesNotInlined = (request: CompileRequest, unit: Uint8Array): ExitPlace[] =>
  readUnit(unit).reasons.filter(({ exit }) => exit === NO_EXIT).map((row) => placeOf(request, row));

function exitPlaces(request: CompileRequest, unit: Uint8Array): ExitPlace[] {
  const places: ExitPlace[] = [];
  for (const row of readUnit(unit).reasons) if (row.exit !== NO_EXIT) places[row.exit] = placeOf(request, row);
  return places;
}

export function summaryOf(record: CompileRecord): string {
  const what = `${record.kind} ${record.name} (${record.filename}:${record.line}) at ${record.offset}`;
  const result = record.refused === undefined ? `${record.unitBytes} bytes` : `refused: ${record.refused.code} (${record.refused.detail})`;
  return `pid ${record.pid}: ${what}: ${result}, ${record.milliseconds.toFixed(1)} ms${record.fromCache ? ', cached' : ''}`;
}
