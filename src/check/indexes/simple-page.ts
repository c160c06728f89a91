/** Pages of the simple repository API, in JSON (PEP 691) and HTML (PEP 503). */
import { lastPart } from '../project/file-name.ts';
import type { ReleaseFile } from '../project/model.ts';

/** The page is no page of an index. */
export class PageError extends Error {
  override readonly name = 'PageError';
}

export interface SimplePage {
  readonly files: readonly ReleaseFile[];
  /** `archived`, `quarantined`, `deprecated` (PEP 792); absent for an active one. */
  readonly status?: string;
}

type Unknown = Readonly<Record<string, unknown>>;

export function parsePage(body: string, contentType: string, pageUrl: string): SimplePage {
  const isJson = /json/.test(contentType) || body.trimStart().startsWith('{');
  return isJson ? parseJsonPage(body, pageUrl) : { files: parseHtmlPage(body, pageUrl) };
}

function parseJsonPage(body: string, pageUrl: string): SimplePage {
  let page: Unknown;
  try {
    page = JSON.parse(body) as Unknown;
  } catch (error) {
    throw new PageError(`it is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  const version = (page['meta'] as Unknown | undefined)?.['api-version'];
  if (typeof version !== 'string' || !/^1(\.|$)/.test(version)) throw new PageError(`its API version is ${JSON.stringify(version)}, not 1.x`);
  if (!Array.isArray(page['files'])) throw new PageError('it has no list of files');
  const status = (page['project-status'] as Unknown | undefined)?.['status'];
  const files = (page['files'] as unknown[]).map((entry) => readFileEntry(entry, pageUrl)).filter((file) => file !== undefined);
  return { files, ...(typeof status === 'string' && status !== 'active' ? { status } : {}) };
}

function readFileEntry(entry: unknown, pageUrl: string): ReleaseFile | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { filename, url, size, yanked, ...rest } = entry as Unknown;
  if (typeof filename !== 'string' || filename.length > 1000) return undefined;
  const hashes = Object.entries((rest['hashes'] ?? {}) as Unknown).map(([algorithm, value]) => `${algorithm}=${String(value)}`);
  const requiresPython = rest['requires-python'];
  const uploadTime = rest['upload-time'];
  const metadata = rest['core-metadata'] ?? rest['dist-info-metadata'] ?? rest['data-dist-info-metadata'];
  return {
    filename, hashes, index: pageUrl,
    ...(typeof url === 'string' && URL.canParse(url, pageUrl) ? { url: new URL(url, pageUrl).href } : {}),
    ...(typeof requiresPython === 'string' ? { requiresPython } : {}),
    ...(typeof yanked === 'string' ? { yanked } : yanked === true ? { yanked: '' } : {}),
    ...(typeof size === 'number' ? { size } : {}),
    ...(typeof uploadTime === 'string' ? { uploadTime } : {}),
    ...(metadata !== undefined && metadata !== false && metadata !== null ? { hasMetadata: true } : {}),
  };
}

const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ' };

function unescapeHtml(text: string): string {
  return text.replace(/&(#x[0-9a-f]{1,6}|#\d{1,7}|[a-z]+);/gi, (whole, name: string) => {
    if (!name.startsWith('#')) return entities[name.toLowerCase()] ?? whole;
    const code = name[1] === 'x' || name[1] === 'X' ? parseInt(name.slice(2), 16) : Number(name.slice(1));
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

function attribute(tag: string, name: string): string | undefined {
  const match = new RegExp(`\\s${name}(?:\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s>]+)))?(?=[\\s>/]|$)`, 'i').exec(tag);
  return match === null ? undefined : unescapeHtml(match[1] ?? match[2] ?? match[3] ?? '');
}

/** Opening tags of anchors, in one walk: a pattern that looks for the end again and again would take forever on a page made for it. */
function anchors(body: string): readonly string[] {
  const tags: string[] = [];
  const start = /<a\s/gi;
  for (let match = start.exec(body); match !== null; match = start.exec(body)) {
    const end = endOfTag(body, start.lastIndex);
    if (end < 0) break;
    tags.push(body.slice(match.index, end));
    start.lastIndex = end;
  }
  return tags;
}

/** After the `>`; one between quotes is part of a value. Negative when the tag does not end. */
function endOfTag(body: string, from: number): number {
  const stop = /["'>]/g;
  stop.lastIndex = from;
  for (let match = stop.exec(body); match !== null; match = stop.exec(body)) {
    if (match[0] === '>') return stop.lastIndex;
    const close = body.indexOf(match[0], stop.lastIndex);
    if (close < 0) return -1;
    stop.lastIndex = close + 1;
  }
  return -1;
}

/** Every anchor with an address is a file; its name is the end of the address, as pip takes it. */
function parseHtmlPage(body: string, pageUrl: string): readonly ReleaseFile[] {
  if (!/<(!doctype|html|head|body|a)\b/i.test(body)) throw new PageError('it is neither JSON nor HTML');
  const base = attribute(/<base\s[^>]*>/i.exec(body)?.[0] ?? '', 'href') ?? pageUrl;
  return anchors(body).flatMap((tag) => {
    const href = attribute(tag, 'href');
    if (href === undefined || !URL.canParse(href, base)) return [];
    const url = new URL(href, base);
    const filename = lastPart(url.pathname);
    if (filename === undefined) return [];
    const hash = /^#(sha\d+|md5)=([0-9a-f]+)/i.exec(url.hash);
    url.hash = '';
    const requiresPython = attribute(tag, 'data-requires-python');
    const yanked = attribute(tag, 'data-yanked');
    const hasMetadata = (attribute(tag, 'data-core-metadata') ?? attribute(tag, 'data-dist-info-metadata')) !== undefined;
    return [{
      filename, url: url.href, index: pageUrl, hashes: hash === null ? [] : [`${hash[1]?.toLowerCase()}=${hash[2]?.toLowerCase()}`],
      ...(requiresPython === undefined ? {} : { requiresPython }), ...(yanked === undefined ? {} : { yanked }), ...(hasMetadata ? { hasMetadata } : {}),
    }];
  });
}
