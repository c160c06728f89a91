import { isIP } from 'node:net';

/** Loopback, private, link-local and other addresses that are not of the public internet (RFC 6890). */
const privateV4: readonly (readonly [prefix: string, bits: number])[] = [
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.0.0.0', 24],
  ['192.168.0.0', 16], ['198.18.0.0', 15], ['224.0.0.0', 4], ['240.0.0.0', 4],
];

function toNumber(address: string): number {
  return address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function isPrivateAddress(address: string): boolean {
  const plain = address.replace(/^\[|\]$/g, '').toLowerCase();
  const kind = isIP(plain);
  if (kind === 4) return privateV4.some(([prefix, bits]) => Math.floor(toNumber(plain) / 2 ** (32 - bits)) === Math.floor(toNumber(prefix) / 2 ** (32 - bits)));
  if (kind !== 6) return false;
  const mapped = /^::(?:ffff:)?(\d+\.\d+\.\d+\.\d+)$/.exec(plain);
  if (mapped !== null) return isPrivateAddress(mapped[1] ?? '');
  // ::, ::1, IPv4 in hexadecimal, unique local, link-local, multicast.
  return /^(::1?$|::ffff:|64:ff9b:|f[cd]|fe[89ab]|ff)/.test(plain);
}
