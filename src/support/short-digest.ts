/**
 * FNV-1a of the text as eight hexadecimal digits, for names that must differ when the text does and that nobody gains from forging:
 * loading `node:crypto` for this would hold up the start of each program.
 */
export function shortDigest(text: string): string {
  let value = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) value = Math.imul(value ^ byte, 0x01000193);
  return (value >>> 0).toString(16).padStart(8, '0');
}
