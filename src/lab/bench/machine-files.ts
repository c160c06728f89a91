import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** What the kernel tells in files. Tests give another root, with the files of a machine they have not. */
export interface MachineFiles {
  /** Without white space around it; undefined when there is no such file, or nothing in it. */
  read(path: string): string | undefined;
  list(path: string): readonly string[];
}

export function machineFiles(root = '/'): MachineFiles {
  return {
    read: (path) => {
      try {
        const text = readFileSync(join(root, path), 'utf8').trim();
        return text === '' ? undefined : text;
      } catch {
        return undefined;
      }
    },
    list: (path) => {
      try {
        return readdirSync(join(root, path));
      } catch {
        return [];
      }
    },
  };
}
