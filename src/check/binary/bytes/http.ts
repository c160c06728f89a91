/** A file behind HTTP, read by ranges (RFC 9110, section 14); whole, into a temporary file, where the server has no ranges. */
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { createTemporary, TemporarySource } from './temporary.ts';
import type { ByteSource } from './source.ts';
import { checkRange } from './source.ts';
import { Unreadable, require } from './unreadable.ts';

/** `fetch`, or something that goes through a proxy or adds credentials. */
export type Request = (url: string, init: { readonly headers: Readonly<Record<string, string>>; readonly redirect: 'manual'; readonly signal: AbortSignal }) => Promise<Response>;

export interface HttpOptions {
  readonly request?: Request;
  /** Milliseconds without a byte after which a server is given up. */
  readonly timeout?: number;
}

const limits = { redirects: 5, attempts: 3, whole: 4 * 1024 ** 3, timeout: 60_000, blocks: 64 } as const;
/** Small reads are served from blocks of this size: members of an archive lie side by side. */
const blockSize = 64 * 1024;

export async function openUrl(url: string, options: HttpOptions = {}): Promise<ByteSource> {
  const client = new Client(options);
  const answer = await client.get(url, 'bytes=0-0');
  const { response, finalUrl } = answer;
  if (response.status === 206) {
    await drop(answer);
    const total = /^bytes \d+-\d+\/(\d+)$/.exec(response.headers.get('content-range') ?? '');
    require(total !== null, 'the server answers with a part and does not say of how much (Content-Range)');
    return new HttpSource(client, finalUrl, Number(total[1]));
  }
  if (response.status === 200) return saveWhole(answer);
  await drop(answer);
  throw new Unreadable(`the server answers ${response.status} ${response.statusText}`);
}

async function saveWhole({ response, patience }: Answer): Promise<ByteSource> {
  const { handle, remove } = await createTemporary();
  let size = 0;
  try {
    for await (const chunk of response.body ?? []) {
      patience.renew();
      size += chunk.length;
      require(size <= limits.whole, `the server sends more than ${limits.whole} bytes`);
      await handle.writeFile(chunk);
    }
    return new TemporarySource(handle, size, remove);
  } catch (error) {
    await handle.close();
    await remove();
    throw error instanceof Unreadable ? error : new Unreadable(`the transfer broke off after ${size} bytes: ${causeOf(error)}`);
  } finally {
    patience.end();
  }
}

function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message;
}

interface Answer {
  readonly response: Response;
  readonly finalUrl: string;
  readonly patience: Patience;
}

async function drop({ response, patience }: Answer): Promise<void> {
  patience.end();
  await response.body?.cancel();
}

/** Gives a request up when nothing has come for a while; a large answer may take as long as it likes. */
class Patience {
  readonly #controller = new AbortController();
  readonly #milliseconds: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(milliseconds: number) {
    this.#milliseconds = milliseconds;
    this.renew();
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  renew(): void {
    this.end();
    this.#timer = setTimeout(() => { this.#controller.abort(new Error(`nothing came for ${this.#milliseconds} ms`)); }, this.#milliseconds);
  }

  end(): void {
    clearTimeout(this.#timer);
  }
}

class Client {
  readonly #request: Request;
  readonly #timeout: number;

  constructor({ request, timeout }: HttpOptions) {
    this.#request = request ?? ((url, init) => fetch(url, init));
    this.#timeout = timeout ?? limits.timeout;
  }

  /** A server that is busy or a line that breaks is asked again; any other answer is final. */
  async get(url: string, range: string): Promise<Answer> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        const answer = await this.#follow(url, range);
        if (answer.response.status < 500 || attempt === limits.attempts) return answer;
        await drop(answer);
      } catch (error) {
        if (error instanceof Unreadable) throw error;
        if (attempt === limits.attempts) throw new Unreadable(`the server cannot be reached: ${causeOf(error)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 200 * 2 ** attempt));
    }
  }

  async #follow(url: string, range: string): Promise<Answer> {
    let current = url;
    for (let redirects = 0; redirects <= limits.redirects; redirects += 1) {
      const answer = await this.#ask(current, range);
      const { response } = answer;
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || location === null) return answer;
      await drop(answer);
      require(URL.canParse(location, current), `a redirect to ${JSON.stringify(location)}, which is no address`);
      const next = new URL(location, current);
      await checkRedirect(new URL(current), next);
      current = next.href;
    }
    throw new Unreadable(`more than ${limits.redirects} redirects`);
  }

  async #ask(url: string, range: string): Promise<Answer> {
    const patience = new Patience(this.#timeout);
    try {
      const response = await this.#request(url, { headers: { 'range': range, 'accept-encoding': 'identity' }, redirect: 'manual', signal: patience.signal });
      return { response, finalUrl: url, patience };
    } catch (error) {
      patience.end();
      throw error;
    }
  }
}

/** A public server must not send us to look at what only this machine or its network can see. */
async function checkRedirect(from: URL, to: URL): Promise<void> {
  require(to.protocol === 'https:' || to.protocol === 'http:', `a redirect to ${to.protocol} is not followed`);
  require(from.protocol !== 'https:' || to.protocol === 'https:', `a redirect from https to ${to.origin} is not followed`);
  if (from.host === to.host || await isPrivate(from.hostname)) return;
  require(!await isPrivate(to.hostname), `a redirect from ${from.host} to the private address ${to.host} is not followed`);
}

async function isPrivate(hostname: string): Promise<boolean> {
  const name = hostname.replace(/^\[|\]$/g, '');
  const addresses = isIP(name) > 0 ? [name] : (await lookup(name, { all: true }).catch(() => [])).map(({ address }) => address);
  return addresses.some((address) => privateAddress.test(address));
}

/** RFC 1918, 3927, 4193, 4291, 6598, and this host. */
const privateAddress = /^(?:0\.|10\.|127\.|169\.254\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|::1?$|::ffff:|f[cd]|fe[89ab])/i;

class HttpSource implements ByteSource {
  readonly size: number;
  readonly remote = true;
  readonly #client: Client;
  readonly #url: string;
  readonly #blocks = new Map<number, Buffer>();

  constructor(client: Client, url: string, size: number) {
    this.#client = client;
    this.#url = url;
    this.size = size;
  }

  async read(offset: number, length: number): Promise<Buffer> {
    checkRange(offset, length, this.size);
    if (length === 0) return Buffer.alloc(0);
    if (length > 4 * blockSize) return this.#fetch(offset, length);
    const parts: Buffer[] = [];
    for (let block = Math.floor(offset / blockSize); block * blockSize < offset + length; block += 1) {
      const bytes = await this.#block(block);
      parts.push(bytes.subarray(Math.max(0, offset - block * blockSize), offset + length - block * blockSize));
    }
    return Buffer.concat(parts);
  }

  async #block(number: number): Promise<Buffer> {
    const known = this.#blocks.get(number);
    if (known !== undefined) return known;
    const start = number * blockSize;
    const bytes = await this.#fetch(start, Math.min(blockSize, this.size - start));
    const [oldest] = this.#blocks.keys();
    if (this.#blocks.size >= limits.blocks && oldest !== undefined) this.#blocks.delete(oldest);
    this.#blocks.set(number, bytes);
    return bytes;
  }

  async #fetch(offset: number, length: number): Promise<Buffer> {
    return readBody(await this.#ask(offset, length), length);
  }

  /** One request for all of it; what a broken line has not brought is asked for again. */
  async *stream(offset: number, length: number): AsyncGenerator<Buffer> {
    let done = 0;
    for (let attempt = 1; done < length; attempt += 1) {
      const { response, patience } = await this.#ask(offset + done, length - done);
      try {
        for await (const chunk of response.body ?? []) {
          // Whoever takes it may need a while, which is not the server's fault.
          patience.end();
          done += chunk.length;
          require(done <= length, 'the server sends more bytes than it announced');
          yield Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
          patience.renew();
        }
        require(done === length, `the server sends ${done} of ${length} bytes`);
      } catch (error) {
        if (error instanceof Unreadable) throw error;
        if (attempt === limits.attempts) throw new Unreadable(`the transfer broke off: ${causeOf(error)}`);
      } finally {
        patience.end();
      }
    }
  }

  async #ask(offset: number, length: number): Promise<Answer> {
    const last = offset + length - 1;
    const answer = await this.#client.get(this.#url, `bytes=${offset}-${last}`);
    const { response } = answer;
    const range = response.headers.get('content-range') ?? '';
    if (response.status !== 206 || range !== `bytes ${offset}-${last}/${this.size}`) {
      await drop(answer);
      throw new Unreadable(`the server answers ${response.status}, part "${range}", to a request for the bytes ${offset} to ${last} of ${this.size}`);
    }
    return answer;
  }

  close(): Promise<void> {
    this.#blocks.clear();
    return Promise.resolve();
  }
}

/** Never more than was asked for, whatever the server sends. */
async function readBody({ response, patience }: Answer, length: number): Promise<Buffer> {
  const bytes = Buffer.allocUnsafe(length);
  let at = 0;
  try {
    for await (const chunk of response.body ?? []) {
      patience.renew();
      require(at + chunk.length <= length, 'the server sends more bytes than it announced');
      bytes.set(chunk, at);
      at += chunk.length;
    }
  } catch (error) {
    throw error instanceof Unreadable ? error : new Unreadable(`the transfer broke off: ${causeOf(error)}`);
  } finally {
    patience.end();
  }
  require(at === length, `the server sends ${at} of ${length} bytes`);
  return bytes;
}
