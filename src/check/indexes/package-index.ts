/** What the indexes have of a package. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { normalizeName } from '../markers/evaluate.ts';
import type { IndexSettings, IndexSource, ReleaseFile } from '../project/model.ts';
import type { Installer } from '../tags/tag-order.ts';
import type { Login } from './credentials.ts';
import { basicAuthorization, readNetrc, splitCredentials } from './credentials.ts';
import { DiskCache } from './disk-cache.ts';
import type { HttpResponse } from './http-client.ts';
import { HttpClient, HttpError } from './http-client.ts';
import type { SimplePage } from './simple-page.ts';
import { PageError, parsePage } from './simple-page.ts';

export interface Found {
  readonly files: readonly ReleaseFile[];
  /** One line for each index that could not be used. */
  readonly errors: readonly string[];
  /** Of the package itself, when it is not active. */
  readonly status?: string;
}

export interface PackageIndexOptions {
  readonly settings: IndexSettings;
  readonly installer: Installer;
  readonly isOffline: boolean;
  readonly cacheDirectory: string | undefined;
  readonly timeoutMilliseconds: number;
  readonly retries: number;
  readonly parallel: number;
  readonly environment: NodeJS.ProcessEnv;
  /** Called before and after each page: how many were asked for, and how many have come. */
  readonly onProgress?: (asked: number, read: number) => void;
}

/** As long as PyPI lets its own pages be kept. */
const freshMilliseconds = 600_000;
const accept = 'application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.1';

export class PackageIndex {
  readonly #options: PackageIndexOptions;
  readonly #client: HttpClient;
  readonly #cache: DiskCache;
  readonly #indexes: readonly IndexSource[];
  readonly #trusted = new Set<string>();
  readonly #logins = new Map<string, Login>();
  readonly #pages = new Map<string, Promise<SimplePage | undefined>>();
  readonly #texts = new Map<string, Promise<string | undefined>>();
  #asked = 0;
  #read = 0;

  constructor(options: PackageIndexOptions) {
    this.#options = options;
    this.#cache = new DiskCache(options.cacheDirectory);
    const netrc = readNetrc(options.environment);
    this.#indexes = options.settings.indexes.map((source) => (unfilled(source.url) === undefined ? { ...source, url: this.#trust(source.url) } : source));
    this.#client = new HttpClient({
      timeoutMilliseconds: options.timeoutMilliseconds, retries: options.retries, parallel: options.parallel, environment: options.environment,
      trustedHosts: this.#trusted,
      authorization: (url) => {
        const login = this.#logins.get(url.host) ?? (this.#trusted.has(url.host) ? netrc.get(url.hostname) ?? netrc.get('') : netrc.get(url.hostname));
        return login === undefined ? undefined : basicAuthorization(login);
      },
    });
  }

  /** Hosts that the user named may be private and get the credentials that are in their address. */
  #trust(address: string): string {
    const { url, login } = splitCredentials(address);
    if (!URL.canParse(url)) return url;
    const { host } = new URL(url);
    this.#trusted.add(host);
    if (login !== undefined) this.#logins.set(host, login);
    return url;
  }

  close(): void {
    this.#client.close();
  }

  get isOffline(): boolean {
    return this.#options.isOffline || this.#options.settings.noIndex;
  }

  /** `pinned` is the address of the only index that may be asked. */
  async find(name: string, pinned?: string): Promise<Found> {
    const linked = await this.#findLinked(name);
    const indexes = this.#options.settings.noIndex ? [] : this.#candidates(pinned);
    if (this.#options.installer === 'uv') return this.#findFirst(name, indexes, linked);
    const pages = await Promise.all(indexes.map((index) => this.#settle(index, name)));
    return combine([linked, ...pages]);
  }

  #candidates(pinned: string | undefined): readonly IndexSource[] {
    if (pinned === undefined) return this.#indexes.filter(({ isExplicit }) => !isExplicit);
    const url = this.#trust(pinned);
    const known = this.#indexes.find((index) => withSlash(index.url) === withSlash(url));
    return [known ?? { url, isExplicit: false, isDefault: false }];
  }

  /** uv stays with the first index that has the package at all (`--index-strategy first-index`). */
  async #findFirst(name: string, indexes: readonly IndexSource[], linked: Found): Promise<Found> {
    const seen = [linked];
    for (const index of indexes) {
      const found = await this.#settle(index, name);
      seen.push(found);
      if (found.files.length > 0) break;
    }
    return combine(seen);
  }

  async #settle(index: IndexSource, name: string): Promise<Found> {
    try {
      const variable = unfilled(index.url);
      if (variable !== undefined) throw new PageError(`${variable} is not filled in: a file of a project does not get what is in the environment; give the address with --extra-index-url`);
      if (index.url.startsWith('file:')) return { files: readDirectory(join(fileURLToPath(index.url), name)), errors: [] };
      if (!URL.canParse(index.url)) throw new PageError('it is no address of an index');
      const page = await this.page(`${withSlash(index.url)}${name}/`);
      return { files: page?.files ?? [], errors: [], ...(page?.status === undefined ? {} : { status: page.status }) };
    } catch (error) {
      if (isOfIndex(error)) return { files: [], errors: [`${index.url}: ${error.message}`] };
      throw error;
    }
  }

  /** Undefined when the index does not have it. Each page is asked for once. */
  page(url: string): Promise<SimplePage | undefined> {
    const known = this.#pages.get(url);
    if (known !== undefined) return known;
    this.#asked += 1;
    this.#options.onProgress?.(this.#asked, this.#read);
    const page = this.#fetch(url, accept).finally(() => {
      this.#read += 1;
      this.#options.onProgress?.(this.#asked, this.#read);
    }).then((fetched) => (fetched === undefined ? undefined : parsePage(fetched.body, fetched.contentType, fetched.url)));
    this.#pages.set(url, page);
    return page;
  }

  /** METADATA of a file that the index keeps beside it (PEP 658). */
  metadata(file: ReleaseFile): Promise<string | undefined> {
    if (file.url === undefined || file.hasMetadata !== true) return Promise.resolve(undefined);
    const url = `${file.url}.metadata`;
    const known = this.#texts.get(url);
    if (known !== undefined) return known;
    const text = this.#fetch(url, '*/*', true).then((fetched) => fetched?.body);
    this.#texts.set(url, text);
    return text;
  }

  /** A file of a release, as bytes; undefined when it is larger than wanted or not there. */
  async download(file: ReleaseFile, largest: number): Promise<Buffer | undefined> {
    if (file.url === undefined || this.isOffline || (file.size ?? 0) > largest) return undefined;
    const response = await this.#client.get(file.url);
    return response.status === 200 ? response.body : undefined;
  }

  /** What anaconda.org, or the server in its place, says about a package of a channel. */
  async condaFiles(channel: string, name: string): Promise<unknown> {
    const server = this.#trust(this.#options.environment['ARMATURE_CONDA_API'] ?? 'https://api.anaconda.org');
    const page = await this.#fetch(`${withSlash(server)}package/${encodeURIComponent(channel)}/${encodeURIComponent(name)}`, 'application/json');
    try {
      return page === undefined ? {} : JSON.parse(page.body);
    } catch {
      throw new HttpError(`${server} does not answer with JSON`);
    }
  }

  /** Another address whose pages are wanted: of an index that is looked into for suggestions only. */
  async look(index: string, name: string): Promise<Found> {
    return this.#settle({ url: this.#trust(index), isExplicit: true, isDefault: false }, name);
  }

  async #fetch(url: string, acceptHeader: string, isImmutable = false): Promise<{ url: string; contentType: string; body: string } | undefined> {
    const cached = this.#cache.read(url);
    const isFresh = cached !== undefined && (isImmutable || Date.now() - cached.storedAt < freshMilliseconds);
    if (cached !== undefined && (isFresh || this.#options.isOffline)) return cached;
    if (this.#options.isOffline) throw new HttpError('not asked: --offline was given and the page is not in the cache');
    const validator: Record<string, string> = cached?.etag === undefined ? {} : { 'if-none-match': cached.etag };
    const response = await this.#client.get(url, { accept: acceptHeader, ...validator });
    if (response.status === 304 && cached !== undefined) {
      this.#cache.write({ ...cached, storedAt: Date.now() });
      return cached;
    }
    return this.#keep(url, response);
  }

  #keep(url: string, response: HttpResponse): { url: string; contentType: string; body: string } | undefined {
    // PyTorch's index and those on object stores answer 403 for what they do not have.
    if ([403, 404, 410].includes(response.status)) return undefined;
    if (response.status === 401) throw new HttpError(`${new URL(url).host} wants a user and password (401); put them into ~/.netrc or the address`);
    if (response.status !== 200) throw new HttpError(`${new URL(url).host} answers ${response.status}`);
    const { 'content-type': contentType = '', etag } = response.headers;
    const body = response.body.toString('utf8');
    this.#cache.write({ url, storedAt: Date.now(), contentType, etag, body });
    return { url: response.url, contentType, body };
  }

  async #findLinked(name: string): Promise<Found> {
    const found = await Promise.all(this.#options.settings.findLinks.map((link) => this.#readLink(link)));
    return combine(found.map(({ files, errors }) => ({ files: files.filter(({ filename }) => normalizeName(filename).startsWith(`${name}-`)), errors })));
  }

  async #readLink(link: string): Promise<Found> {
    try {
      if (/^https?:/.test(link)) return { files: (await this.page(this.#trust(link)))?.files ?? [], errors: [] };
      const path = link.startsWith('file:') ? fileURLToPath(link) : link;
      if (!existsSync(path)) throw new PageError('there is no such directory');
      return { files: readDirectory(path), errors: [] };
    } catch (error) {
      if (isOfIndex(error)) return { files: [], errors: [`${link}: ${error.message}`] };
      throw error;
    }
  }
}

/** The files in a directory, or those that its index.html lists. */
function readDirectory(path: string): readonly ReleaseFile[] {
  if (!existsSync(path)) return [];
  const page = join(path, 'index.html');
  if (existsSync(page)) return parsePage(readFileSync(page, 'utf8'), 'text/html', pathToFileURL(page).href).files;
  return readdirSync(path).filter((name) => /\.(whl|tar\.gz|zip)$/.test(name)).map((filename) => ({ filename, index: path }));
}

/** What is wrong with an index or a directory, and no bug of ours: those of the system have a code. */
function isOfIndex(error: unknown): error is Error {
  return error instanceof HttpError || error instanceof PageError || (error instanceof Error && 'code' in error);
}

/**
 * `https://${TOKEN}@example.org/simple`: pip fills it in. Here the file may be a stranger's, and name any variable and any server: the
 * value of the variable would go to that server.
 */
function unfilled(address: string): string | undefined {
  return /\$\{\w+\}/.exec(address)?.[0];
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`;
}

function combine(all: readonly Found[]): Found {
  const status = all.find((found) => found.status !== undefined)?.status;
  return { files: all.flatMap(({ files }) => files), errors: all.flatMap(({ errors }) => errors), ...(status === undefined ? {} : { status }) };
}
