import { renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { CiError } from '#ci/errors.ts';
import type { Ported } from '#ci/port.ts';

/** Everything was computed before the first file is touched; each is replaced in one step and keeps its mode. */
export function writeFiles(ported: Ported): void {
  for (const file of ported.files) {
    const location = join(ported.project.root, file.path);
    const temporary = join(dirname(location), `.${String(process.pid)}.armature`);
    try {
      writeFileSync(temporary, file.after, { mode: statSync(location).mode });
      renameSync(temporary, location);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw new CiError('ci-cannot-write', { file: file.path, reason: error instanceof Error ? error.message : String(error) });
    }
  }
}
