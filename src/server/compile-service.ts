import { Bailout } from '#support/bailout.ts';
import type { CompileRequest } from '#protocol/request.ts';
import type { Compiler, CompileResult } from '#server/compiler.ts';
import type { Log } from '#server/log.ts';
import type { Client, CompileRecord, Dump, Observer } from '#server/record.ts';
import type { Modes } from '#server/replies.ts';
import type { UnitCache } from '#server/unit-cache.ts';

export interface ServiceParts {
  readonly compiler: Compiler;
  readonly cache: UnitCache;
  readonly modes: Modes;
  readonly log: Log;
  readonly observer: Observer;
}

/** One request in, one result out. Whatever the compiler throws ends here: a client only ever sees a refusal. */
export class CompileService {
  readonly #parts: ServiceParts;

  constructor(parts: ServiceParts) {
    this.#parts = parts;
  }

  async compile(client: Client, request: CompileRequest): Promise<CompileResult> {
    const start = performance.now();
    const { cache, observer, log } = this.#parts;
    const dumps: Dump[] = [];
    const key = cache.keyOf(request);
    // Dumps exist only while compiling.
    const found = observer.dump === undefined ? await cache.find(key, request) : undefined;
    const result = found ?? this.#compileContained(request, dumps);
    if (found === undefined && isRepeatable(result)) cache.add(key, result);
    const record = describe(client, request, result, { dumps, fromCache: found !== undefined, milliseconds: performance.now() - start });
    log(summaryOf(record));
    observer.compiled?.(record);
    return result;
  }

  #compileContained(request: CompileRequest, dumps: Dump[]): CompileResult {
    const { compiler, modes, observer, log } = this.#parts;
    const wanted = observer.dump;
    const dump = wanted === undefined ? undefined : (pass: string, text: string): void => {
      if (wanted === 'all' || wanted.split(',').includes(pass)) dumps.push({ pass, text });
    };
    try {
      return compiler.compile(request, { modes, dump });
    } catch (error) {
      if (error instanceof Bailout) return { kind: 'refused', refusal: { code: error.code, detail: error.message, retry: false } };
      log(`internal error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      return { kind: 'refused', refusal: { code: 'internal-error', detail, retry: false } };
    }
  }
}

function isRepeatable(result: CompileResult): boolean {
  return result.kind === 'unit' || !result.refusal.retry;
}

type Circumstances = Pick<CompileRecord, 'dumps' | 'fromCache' | 'milliseconds'>;

function describe(client: Client, request: CompileRequest, result: CompileResult, circumstances: Circumstances): CompileRecord {
  const code = request.codes[0];
  return {
    pid: client.pid,
    name: code?.qualname ?? '?',
    filename: code?.filename ?? '?',
    firstlineno: code?.firstlineno ?? 0,
    kind: request.kind,
    offset: request.offset,
    ...(result.kind === 'refused' ? { refused: { code: result.refusal.code, detail: result.refusal.detail } } : {}),
    unitBytes: result.kind === 'unit' ? result.unit.length : 0,
    ...circumstances,
  };
}

function summaryOf(record: CompileRecord): string {
  const what = `${record.kind} ${record.name} (${record.filename}:${record.firstlineno}) at ${record.offset}`;
  const result = record.refused === undefined ? `${record.unitBytes} bytes` : `refused: ${record.refused.code} (${record.refused.detail})`;
  return `pid ${record.pid}: ${what}: ${result}, ${record.milliseconds.toFixed(1)} ms${record.fromCache ? ', cached' : ''}`;
}
