/** Requests to addresses that an operator named: no redirects, and none into the private network unless that is allowed. */
import { lookup } from 'node:dns';
import type { LookupAddress } from 'node:dns';
import { request as requestPlain } from 'node:http';
import type { RequestOptions } from 'node:http';
import { request as requestTls } from 'node:https';
import { BlockList, isIP } from 'node:net';
import type { LookupFunction } from 'node:net';

export interface OutgoingRequest {
  readonly method: 'GET' | 'POST' | 'PATCH';
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly allowPrivate: boolean;
}

export interface Reply {
  readonly status: number;
  readonly body: string;
}

const timeoutMilliseconds = 15_000;
/** A page of a hundred comments of the longest kind. */
const longestReply = 8 * 2 ** 20;

const ranges: readonly (readonly [network: string, prefix: number, family: 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'], ['10.0.0.0', 8, 'ipv4'], ['100.64.0.0', 10, 'ipv4'], ['127.0.0.0', 8, 'ipv4'], ['169.254.0.0', 16, 'ipv4'], ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'], ['192.168.0.0', 16, 'ipv4'], ['198.18.0.0', 15, 'ipv4'], ['224.0.0.0', 3, 'ipv4'],
  // The last two hold IPv4 addresses in other clothes; `::ffff:10.0.0.1` is looked up as 10.0.0.1 by itself.
  ['::', 127, 'ipv6'], ['fc00::', 7, 'ipv6'], ['fe80::', 10, 'ipv6'], ['ff00::', 8, 'ipv6'], ['64:ff9b::', 96, 'ipv6'], ['2002::', 16, 'ipv6'],
];

export function isPrivate(address: string): boolean {
  const list = new BlockList();
  for (const [network, prefix, family] of ranges) list.addSubnet(network, prefix, family);
  return list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

const refusal = (host: string): Error => new Error(`${host} is a private address (--allow-private permits it)`);

/** The address that is checked is the one that is connected to: a name could mean another one a moment later. */
const lookupPublic: LookupFunction = (host, options, callback) => {
  lookup(host, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    const [first] = addresses ?? [];
    if (error !== null) callback(error, '', 0);
    else if (first === undefined || addresses.some(({ address }) => isPrivate(address))) callback(refusal(host), '', 0);
    else if (options.all === true) callback(null, addresses);
    else callback(null, first.address, first.family);
  });
};

/** A redirect is an answer like any other. */
export async function send({ method, url, headers, body, allowPrivate }: OutgoingRequest): Promise<Reply> {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (!allowPrivate && isIP(host) !== 0 && isPrivate(host)) throw refusal(host);
  const options: RequestOptions = {
    method, signal: AbortSignal.timeout(timeoutMilliseconds), ...(allowPrivate ? {} : { lookup: lookupPublic }),
    headers: { ...headers, 'User-Agent': 'armature-lab', ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }) },
  };
  return new Promise((resolve, reject) => {
    const outgoing = (url.protocol === 'https:' ? requestTls : requestPlain)(url, options, (incoming) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (text.length > longestReply) outgoing.destroy(new Error('the answer is too long'));
      });
      incoming.on('end', () => resolve({ status: incoming.statusCode ?? 0, body: text }));
      incoming.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}
