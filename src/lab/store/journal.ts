import { open, readFile } from 'node:fs/promises';
import type { StateUpdate } from './queries/changes.ts';
import type { StoredToken } from './tokens.ts';

/** What people decided, which no result file tells: it has to outlive the database like those. */
export type JournalEntry =
  | { readonly kind: 'token'; readonly token: StoredToken }
  | { readonly kind: 'revoke'; readonly id: string; readonly at: string }
  | { readonly kind: 'change-state'; readonly change: string; readonly update: StateUpdate };

/** Lines of JSON, only ever added to. */
export class Journal {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** On the disk when it returns. */
  async append(entry: JournalEntry): Promise<void> {
    const file = await open(this.#path, 'a', 0o600);
    try {
      // The line before may have been cut off: this one begins on its own.
      await file.write(`\n${JSON.stringify(entry)}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  }

  /** Without a line that was cut off when the system stopped: its action never succeeded. */
  async entries(): Promise<readonly JournalEntry[]> {
    const text = await readFile(this.#path, 'utf8').catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw error;
    });
    return text.split('\n').flatMap((line) => {
      try {
        return line === '' ? [] : [JSON.parse(line) as JournalEntry];
      } catch {
        return [];
      }
    });
  }
}
