import type { LabFiles } from '#lab/store/open-lab.ts';
import type { RefusedFile } from './read-in.ts';
import { orRefuse } from './read-in.ts';

/** Copies the results and decisions of another lab: afterwards this one has no need of it. Returns what could not be copied. */
export async function adoptFiles(target: LabFiles, source: LabFiles): Promise<readonly RefusedFile[]> {
  const refused: RefusedFile[] = [];
  for (const digest of await source.files.digests()) {
    await orRefuse(refused, digest, async () => {
      const { bytes, context } = await source.files.read(digest);
      await target.files.put(digest, bytes, context);
    });
  }
  const known = new Set((await target.journal.entries()).map((entry) => JSON.stringify(entry)));
  for (const entry of await source.journal.entries()) {
    if (!known.has(JSON.stringify(entry))) await target.journal.append(entry);
  }
  return refused;
}
