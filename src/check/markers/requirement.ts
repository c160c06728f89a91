import type { SpecifierSet } from '../versions/specifier.ts';
import { parseSpecifierSet } from '../versions/specifier.ts';
import { normalizeName } from './evaluate.ts';
import type { Marker } from './marker.ts';
import { MarkerSyntaxError, parseMarker } from './marker.ts';

/** One dependency as PEP 508 writes it: `name[extra] >= 1.0; marker`, or `name @ url ; marker`. */
export interface Requirement {
  readonly name: string;
  readonly extras: readonly string[];
  readonly specifiers: SpecifierSet;
  readonly url: string | undefined;
  readonly marker: Marker | undefined;
  /** Where the marker's text starts in the requirement. */
  readonly markerOffset: number;
}

const head = /^\s*([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[([^\]]*)\])?\s*/;
/** PyPI's own limit. */
const longestName = 200;
const extraName = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;

export function parseRequirement(text: string): Requirement {
  const match = head.exec(text);
  if (match === null) throw new MarkerSyntaxError('expected the name of a package', 0);
  const [whole, name = '', bracket] = match;
  if (name.length > longestName) throw new MarkerSyntaxError(`a name of ${name.length} letters is none`, 0);
  const extras = (bracket ?? '').trim() === '' ? [] : (bracket ?? '').split(',').map((extra) => extra.trim());
  const wrong = extras.find((extra) => !extraName.test(extra));
  if (wrong !== undefined) throw new MarkerSyntaxError(`'${wrong}' is no name of an extra`, text.indexOf('['));
  const rest = text.slice(whole.length);
  const known = { name: normalizeName(name), extras: extras.map(normalizeName) };
  return rest.startsWith('@') ? withUrl(known, text, whole.length) : withSpecifiers(known, text, whole.length);
}

type Known = Pick<Requirement, 'name' | 'extras'>;

/** A semicolon may be part of an address; one that starts a marker has a blank before it. */
function withUrl(known: Known, text: string, start: number): Requirement {
  const match = /^@\s*(\S+)(?:\s+;|\s*$)/.exec(text.slice(start));
  if (match === null) throw new MarkerSyntaxError('expected an address after `@`', start);
  const end = start + match[0].length;
  const { marker, markerOffset } = readMarker(text, match[0].endsWith(';') ? end : undefined);
  return { ...known, specifiers: [], url: match[1], marker, markerOffset };
}

function withSpecifiers(known: Known, text: string, start: number): Requirement {
  const semicolon = text.indexOf(';', start);
  let written = text.slice(start, semicolon < 0 ? undefined : semicolon).trim();
  if (written.startsWith('(') && written.endsWith(')')) written = written.slice(1, -1);
  const specifiers = parseSpecifierSet(written);
  if (specifiers === undefined) throw new MarkerSyntaxError(`'${written}' is no version specifier`, start);
  const { marker, markerOffset } = readMarker(text, semicolon < 0 ? undefined : semicolon + 1);
  return { ...known, specifiers, url: undefined, marker, markerOffset };
}

function readMarker(text: string, start: number | undefined): Pick<Requirement, 'marker' | 'markerOffset'> {
  if (start === undefined) return { marker: undefined, markerOffset: text.length };
  return { marker: parseMarker(text.slice(start)), markerOffset: start };
}
