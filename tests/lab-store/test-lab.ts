import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lab } from '#lab/store/open-lab.ts';
import { openLab } from '#lab/store/open-lab.ts';
import type { TokenScope } from '#lab/store/tokens.ts';
import { makeToken, storeToken } from '#lab/store/tokens.ts';

export interface TestLab {
  readonly lab: Lab;
  readonly directory: string;
  readonly close: () => Promise<void>;
}

/** A lab in a directory of its own, which is removed with it. */
export async function makeLab(url?: string): Promise<TestLab> {
  const directory = mkdtempSync(join(tmpdir(), 'armature-lab-'));
  const lab = await openLab(directory, url);
  return {
    lab, directory,
    close: async () => {
      await lab.database.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

export async function tokenFor(lab: Lab, scope: TokenScope, machine: string | null = null): Promise<string> {
  const { stored, secret } = makeToken({ name: `${scope} for a test`, scope, machine }, new Date());
  await storeToken(lab.database, stored);
  return secret;
}
