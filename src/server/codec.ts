import { ProtocolError } from '#server/framing.ts';
import type { Codec } from '#server/session.ts';

function missing(): never {
  throw new ProtocolError('no reader');
}

export const codec: Codec = { hello: missing, compile: missing, report: missing };
