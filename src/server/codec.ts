import type { Arch, Layout, System } from '#protocol/request.ts';
import { Fields } from '#protocol/fields.ts';
import { readRequest } from '#protocol/read-request.ts';
import type { MarshalValue } from '#protocol/unmarshal.ts';
import { MarshalError, unmarshal } from '#protocol/unmarshal.ts';
import type { Codec, Hello } from '#server/session.ts';

function readHello(payload: Uint8Array): Hello {
  const fields = new Fields(unmarshal(payload), 'hello');
  return {
    protocol: fields.int('protocol'),
    pid: fields.int('pid'),
    python: fields.text('python'),
    layout: readLayout(fields.int('layout')),
    arch: readArch(fields.text('arch')),
    system: readSystem(fields.text('system')),
  };
}

function readLayout(value: number): Layout {
  if (value !== 311 && value !== 314) throw new MarshalError(`layout ${value}`);
  return value;
}

function readArch(value: string): Arch {
  if (value !== 'x86_64' && value !== 'aarch64') throw new MarshalError(`arch ${JSON.stringify(value)}`);
  return value;
}

function readSystem(value: string): System {
  if (value !== 'linux' && value !== 'macos' && value !== 'windows') throw new MarshalError(`system ${JSON.stringify(value)}`);
  return value;
}

/** Statistics are only shown, so they become plain JSON values. */
function toJson(value: MarshalValue): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof Map) return Object.fromEntries([...(value as ReadonlyMap<string, MarshalValue>)].map(([key, item]) => [key, toJson(item)]));
  if (Array.isArray(value)) return (value as readonly MarshalValue[]).map(toJson);
  return value;
}

export const codec: Codec = {
  hello: readHello,
  compile: (payload, client) => readRequest(payload, { layout: client.layout, arch: client.arch, system: client.system }),
  report: (payload) => toJson(unmarshal(payload)),
};
