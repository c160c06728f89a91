import type { CompileRequest } from '#protocol/request.ts';
import type { DiskCache } from '#server/disk-cache.ts';
import { noDiskCache } from '#server/disk-cache.ts';
import type { Refusal } from '#server/replies.ts';
import { requestKey } from '#server/request-key.ts';
import type { UnitTemplate } from '#server/unit-template.ts';
import { decodeTemplate, encodeTemplate } from '#server/unit-template.ts';

export type CachedResult =
  | { readonly kind: 'unit'; readonly template: UnitTemplate }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

/** Results of former compiles, shared by all clients: first in memory, then on disk. */
export class UnitCache {
  /** In order of last use, as a Map keeps the order of insertion. */
  readonly #results = new Map<string, CachedResult>();
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

  keyOf(neutral: CompileRequest): string {
    return requestKey(neutral, this.#context);
  }

  async find(key: string): Promise<CachedResult | undefined> {
    const known = this.#results.get(key) ?? (await this.#findOnDisk(key));
    if (known !== undefined) this.#keep(key, known);
    return known;
  }

  add(key: string, result: CachedResult): void {
    this.#keep(key, result);
    // Refusals are quick to find again, and a later version may know more.
    if (result.kind === 'unit') void this.#disk.write(key, encodeTemplate(result.template));
  }

  trimDisk(): Promise<void> {
    return this.#disk.trim();
  }

  async #findOnDisk(key: string): Promise<CachedResult | undefined> {
    const bytes = await this.#disk.read(key);
    return bytes === undefined ? undefined : { kind: 'unit', template: decodeTemplate(bytes) };
  }

  #keep(key: string, result: CachedResult): void {
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
function sizeOf(result: CachedResult): number {
  return 200 + (result.kind === 'unit' ? result.template.unit.length : 0);
}
