/**
 * The table file: 4 bytes "ARMS", u32 version, then deflated: u32 length of the header, header (JSON), body.
 *
 * Body of a family, at its `offset`: u16 number of groups; each group: u16 code length, u8 number of holes, holes
 * (u16 offset, u8 index in `kinds`, u8 index in `symbols`, i8 addend), base bytes, then for each operand u16 number of
 * positions and for each position u16 and 8 contributions; after the groups, when there are several, one u16 per variant.
 */
import type { Bank, HoleKind, HoleSymbol, StencilTable } from './table.ts';

export const MAGIC = 'ARMS';
export const FORMAT_VERSION = 1;
/** Before the deflated part. */
export const HEADER_BYTES = 8;
/** A hole of a group. */
export const HOLE_BYTES = 5;
/** What one operand changes at one position. */
export const CONTRIBUTION_BYTES = 10;

export interface FamilyHeader {
  readonly name: string;
  readonly operands: readonly Bank[];
  readonly fixed: readonly number[] | null;
  readonly clobbers: boolean;
  /** From the start of the body. */
  readonly offset: number;
}

export interface TableHeader {
  readonly target: StencilTable['target'];
  readonly layout: StencilTable['layout'];
  readonly digest: string;
  readonly calleeSaved: number;
  readonly kinds: readonly HoleKind[];
  readonly symbols: readonly HoleSymbol[];
  readonly families: readonly FamilyHeader[];
}
