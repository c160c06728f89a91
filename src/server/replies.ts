import { frame, messageType } from '#server/framing.ts';

export const protocolVersion = 3;

/** Switches for tests, told to every agent when it connects. */
export interface Modes {
  /** Compile at the first call and the first turn of a loop. */
  readonly thresholdZero: boolean;
  readonly spillAll: boolean;
  /** Fail guard number N of each unit; 0 for none. */
  readonly failGuard: number;
}

export const noModes: Modes = { thresholdZero: false, spillAll: false, failGuard: 0 };

export function modesFrom(environment: NodeJS.ProcessEnv): Modes {
  const failGuard = Number(environment['ARMATURE_FAIL_GUARD'] ?? '0');
  return {
    thresholdZero: environment['ARMATURE_THRESHOLD_ZERO'] === '1',
    spillAll: environment['ARMATURE_SPILL_ALL'] === '1',
    failGuard: Number.isInteger(failGuard) && failGuard > 0 ? failGuard : 0,
  };
}

/** Why a request got no unit. */
export interface Refusal {
  readonly code: string;
  readonly detail: string;
  /** False: the answer will always be the same. */
  readonly retry: boolean;
}

export function welcomeMessage(modes: Modes): Buffer {
  const payload = Buffer.alloc(12);
  payload.writeUInt32LE(protocolVersion, 0);
  payload.writeUInt32LE((modes.thresholdZero ? 1 : 0) | (modes.spillAll ? 2 : 0), 4);
  payload.writeUInt32LE(modes.failGuard, 8);
  return frame(messageType.welcome, payload);
}

const longestText = 1000;

function lengthAndText(text: string): Buffer {
  const bytes = Buffer.from(text.slice(0, longestText), 'utf8');
  const length = Buffer.alloc(2);
  length.writeUInt16LE(bytes.length);
  return Buffer.concat([length, bytes]);
}

export function refuseMessage(request: number, refusal: Refusal): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(request, 0);
  head.writeUInt32LE(refusal.retry ? 1 : 0, 4);
  return frame(messageType.refuse, Buffer.concat([head, lengthAndText(refusal.code), lengthAndText(refusal.detail)]));
}

/** A unit as the compiler or the cache yields it, under the number of this request. */
export function unitMessage(request: number, unit: Uint8Array): Buffer {
  const message = frame(messageType.unit, unit);
  message.writeUInt32LE(request, 5);
  return message;
}
