import type { CompileRequest } from '#protocol/request.ts';
import type { CompileResult } from '#server/compiler.ts';
import type { DiskCache } from '#server/disk-cache.ts';
import { noDiskCache } from '#server/disk-cache.ts';
import { rebind, requestKey } from '#server/request-key.ts';

/** Results of former compiles, shared by all clients: first in memory, then on disk. */
export class UnitCache {
  /** In order of last use, as a Map keeps the order of insertion. */
  readonly #results = new Map<string, CompileResult>();
  readonly #context: readonly string[];
  readonly #disk: DiskCache;
  readonly #largestTotal: number;
  #total = 0;

  /** `context`: everything besides the request that decides a unit (compiler version, modes). */
  constructor(context: readonly string[], disk: DiskCache = noDiskCache, largestTotal = 16 * 1024 * 1024) {
    this.#context = context;
    this.#disk = disk;
    this.#largestTotal = largestTotal;
  }

  keyOf(request: CompileRequest): string {
    return requestKey(request, this.#context);
  }

  async find(key: string, request: CompileRequest): Promise<CompileResult | undefined> {
    const known = this.#results.get(key);
    if (known !== undefined) this.#keep(key, known);
    const result = known ?? (await this.#findOnDisk(key));
    return result?.kind === 'unit' ? { kind: 'unit', unit: rebind(result.unit, request) } : result;
  }

  add(key: string, result: CompileResult): void {
    this.#keep(key, result);
    // Refusals are quick to find again, and a later version may know more.
    if (result.kind === 'unit') void this.#disk.write(key, result.unit);
  }

  trimDisk(): Promise<void> {
    return this.#disk.trim();
  }

  async #findOnDisk(key: string): Promise<CompileResult | undefined> {
    const unit = await this.#disk.read(key);
    if (unit === undefined) return undefined;
    const result: CompileResult = { kind: 'unit', unit };
    this.#keep(key, result);
    return result;
  }

  #keep(key: string, result: CompileResult): void {
    const replaced = this.#results.get(key);
    if (replaced !== undefined) this.#total -= sizeOf(replaced);
    this.#results.delete(key);
    this.#results.set(key, result);
    this.#total += sizeOf(result);
    for (const [oldest, oldResult] of this.#results) {
      if (this.#total <= this.#largestTotal) break;
      this.#results.delete(oldest);
      this.#total -= sizeOf(oldResult);
    }
  }
}

/** Bytes an entry is charged with; the constant stands for its key and bookkeeping. */
function sizeOf(result: CompileResult): number {
  return 200 + (result.kind === 'unit' ? result.unit.length : 0);
}
