import { lstatSync, mkdirSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { isAbsolute, join } from 'node:path';

/** The place where sockets live cannot be trusted: somebody else made it, or can enter it. */
export class RuntimeDirectoryError extends Error {
  override readonly name = 'RuntimeDirectoryError';
  readonly path: string;
  readonly problem: string;
  constructor(path: string, problem: string) {
    super(`${path} ${problem}`);
    this.path = path;
    this.problem = problem;
  }
}

/** sun_path holds 108 bytes with its final zero; the longest name we add is that of the shared server. */
const longestDirectory = 107 - '/server-01234567.sock'.length;

export interface RuntimePlace {
  readonly environment: NodeJS.ProcessEnv;
  readonly uid: number;
}

export function currentPlace(): RuntimePlace {
  return { environment: process.env, uid: process.getuid?.() ?? userInfo().uid };
}

function runtimePath({ environment, uid }: RuntimePlace): string {
  const base = environment['XDG_RUNTIME_DIR'] ?? '';
  if (isAbsolute(base)) {
    const path = join(base, 'armature');
    if (Buffer.byteLength(path) <= longestDirectory && isOwnDirectory(base, uid)) return path;
  }
  const temporary = join(tmpdir(), `armature-${uid}`);
  return Buffer.byteLength(temporary) <= longestDirectory ? temporary : `/tmp/armature-${uid}`;
}

function isOwnDirectory(path: string, uid: number): boolean {
  const status = lstatSync(path, { throwIfNoEntry: false });
  return status !== undefined && status.isDirectory() && status.uid === uid;
}

/**
 * The private directory of this user's sockets, made when it is not there. A name in /tmp can be planted by somebody
 * else before us, so what is found is used only if it is a real directory, ours, and closed to everybody else.
 */
export function runtimeDirectory(place: RuntimePlace = currentPlace()): string {
  const path = runtimePath(place);
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    if (code !== 'EEXIST') throw new RuntimeDirectoryError(path, `cannot be made (${code})`);
  }
  const status = lstatSync(path);
  if (!status.isDirectory()) throw new RuntimeDirectoryError(path, 'is not a directory');
  if (status.uid !== place.uid) throw new RuntimeDirectoryError(path, `belongs to another user (uid ${status.uid})`);
  if ((status.mode & 0o077) !== 0) {
    throw new RuntimeDirectoryError(path, `may be entered by other users (mode ${(status.mode & 0o777).toString(8)})`);
  }
  return path;
}

/** True when a socket found in the runtime directory can be trusted. */
export function isOwnSocket(path: string, uid: number): boolean {
  const status = lstatSync(path, { throwIfNoEntry: false });
  return status !== undefined && status.isSocket() && status.uid === uid && (status.mode & 0o077) === 0;
}
