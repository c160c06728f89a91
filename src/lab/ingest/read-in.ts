import type { RawFiles } from '#lab/store/raw-files.ts';
import type { Lab } from '#lab/store/open-lab.ts';
import { ReportedError } from '#support/reported-error.ts';
import { knownDigests } from '#lab/store/queries/runs.ts';
import { writeRun } from '#lab/store/write-run.ts';
import { readRun } from './ingest.ts';

export interface ReadInOutcome {
  readonly read: number;
  readonly refused: readonly RefusedFile[];
}

export interface RefusedFile {
  readonly digest: string;
  readonly reason: string;
}

async function missingDigests({ database, files }: Lab): Promise<readonly string[]> {
  const known = await knownDigests(database);
  return (await files.digests()).filter((digest) => !known.has(digest));
}

/** How many result files the database lacks. */
export async function countMissing(lab: Lab): Promise<number> {
  return (await missingDigests(lab)).length;
}

/**
 * Reads the result files that the database lacks: those of an ingest that was cut short, or all of them into an empty
 * database. In the order they came, since a later result of a Codespeed client replaces an earlier one.
 */
export async function readInMissing(lab: Lab, onFile?: (done: number, total: number) => void): Promise<ReadInOutcome> {
  const { database, files } = lab;
  const digests = await missingDigests(lab);
  const refused: RefusedFile[] = [];
  const arrived = await inOrderOfArrival(files, digests, refused);
  for (const [index, digest] of arrived.entries()) {
    onFile?.(index, arrived.length);
    await orRefuse(refused, digest, async () => {
      const file = await files.read(digest);
      await writeRun(database, readRun(file), { digest, byteCount: file.bytes.length, receivedAt: new Date(file.context.receivedAt) });
    });
  }
  onFile?.(arrived.length, arrived.length);
  return { read: digests.length - refused.length, refused };
}

async function inOrderOfArrival(files: RawFiles, digests: readonly string[], refused: RefusedFile[]): Promise<readonly string[]> {
  const arrivals: { digest: string; receivedAt: string }[] = [];
  // One after the other: a hundred thousand files cannot be open at once.
  for (const digest of digests) {
    await orRefuse(refused, digest, async () => {
      arrivals.push({ digest, receivedAt: (await files.context(digest)).receivedAt });
    });
  }
  return arrivals.sort((left, right) => (left.receivedAt === right.receivedAt ? 0 : left.receivedAt < right.receivedAt ? -1 : 1)).map(({ digest }) => digest);
}

/** A file that cannot be used does not keep the others out. */
export async function orRefuse(refused: RefusedFile[], digest: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!ReportedError.is(error)) throw error;
    refused.push({ digest, reason: error.message });
  }
}
