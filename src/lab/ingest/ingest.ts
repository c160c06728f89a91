import { LabError } from '#lab/errors.ts';
import { plainBytes } from '#lab/format/read-json.ts';
import type { NewRun } from '#lab/store/new-run.ts';
import type { Lab } from '#lab/store/open-lab.ts';
import type { RawContext, RawFile } from '#lab/store/raw-files.ts';
import { digestOf } from '#lab/store/raw-files.ts';
import { ReportedError } from '#support/reported-error.ts';
import type { WrittenRun } from '#lab/store/write-run.ts';
import { writeRun } from '#lab/store/write-run.ts';
import { readCodespeedRun } from './codespeed.ts';
import { readPyperfRun } from './read-pyperf.ts';

/**
 * Takes a result in: read and checked, then safe on the disk, then in the database. Whoever is told that it succeeded has it
 * in both; when the process ends in between, the next start reads the file again (`readInMissing`).
 */
export async function ingest(lab: Lab, bytes: Uint8Array, context: RawContext): Promise<WrittenRun> {
  const plain = plainBytes(bytes, context.name);
  const file: RawFile = { digest: digestOf(plain), context, bytes: plain };
  const run = readRun(file);
  assertMeasured(run, context);
  await lab.files.put(file.digest, plain, context);
  try {
    return await writeRun(lab.database, run, { digest: file.digest, byteCount: plain.length, receivedAt: new Date(context.receivedAt) });
  } catch (error) {
    // A result that does not go with those that are there is refused as a whole; after any other failure the file waits for the next start.
    if (ReportedError.is(error)) await lab.files.remove(file.digest);
    throw error;
  }
}

/** Dates without a zone are taken as UTC, and clocks are wrong by minutes. */
const aheadMilliseconds = 24 * 3600 * 1000;

/** A run of the year 2099 would be the latest of its series for good. */
function assertMeasured({ measuredAt }: NewRun, { name, receivedAt }: RawContext): void {
  if (measuredAt.getTime() > Date.parse(receivedAt) + aheadMilliseconds) throw new LabError('result-from-the-future', { name, date: measuredAt.toISOString() });
}

export function readRun(file: RawFile): NewRun {
  switch (file.context.format) {
    case 'pyperf': return readPyperfRun(file);
    case 'codespeed': return readCodespeedRun(file);
    default: return file.context.format satisfies never;
  }
}
