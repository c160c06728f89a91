/** The name of the file at the end of an address or path. */
export function lastPart(where: string | undefined): string | undefined {
  const part = where?.replace(/[#?].*$/, '').split(/[/\\]/).at(-1);
  if (part === undefined || part === '') return undefined;
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
