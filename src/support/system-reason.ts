const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory', EACCES: 'permission denied', EPERM: 'not permitted', EISDIR: 'it is a directory', ELOOP: 'too many symbolic links',
  ENOTDIR: 'a part of the path is no directory', ENOSPC: 'no space left on the device', EROFS: 'the file system is read-only', ENAMETOOLONG: 'the name is too long',
  EADDRINUSE: 'the address is in use', EADDRNOTAVAIL: 'this machine has no such address', ECONNREFUSED: 'the connection was refused', ECONNRESET: 'the connection was cut',
  ENOTFOUND: 'there is no host of that name', EAI_AGAIN: 'the name of the host cannot be looked up', ETIMEDOUT: 'it took too long',
};

/** A code of the system in words, as the shell says it. */
export function systemReason(code: string): string {
  return reasons[code] ?? code;
}

/** Why something of the system failed. fetch() keeps that in the cause of an error that says nothing. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code } = error as NodeJS.ErrnoException;
  if (code !== undefined && code in reasons) return systemReason(code);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}
