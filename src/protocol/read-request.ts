/** From the payload of a compile message to a CompileRequest whose indices are all in range. */
import { asInt, asText, Fields, Items } from './fields.ts';
import { readObject } from './read-object.ts';
import type { Arch, CodeInfo, CompileRequest, Feedback, Layout, ModuleAttribute, NameValue, ObjectInfo, System } from './request.ts';
import { MarshalError, unmarshal, type MarshalValue } from './unmarshal.ts';

/** What the hello message of the connection said. */
export interface Peer {
  readonly layout: Layout;
  readonly arch: Arch;
  readonly system?: System;
}

const MAX_CODES = 1000;

export function readRequest(payload: Uint8Array, peer: Peer): CompileRequest {
  const fields = new Fields(unmarshal(payload), 'request');
  const kind = fields.text('kind');
  if (kind !== 'entry' && kind !== 'osr') throw new MarshalError(`request kind ${JSON.stringify(kind)}`);
  const request: CompileRequest = {
    id: fields.int('request'), kind, ...peer,
    offset: fields.int('offset'),
    codes: fields.list('codes', readCode),
    objects: fields.list('objects', readObject),
    locals: fields.list('locals', asInt),
    stack: fields.list('stack', asInt),
    feedback: fields.has('feedback') ? fields.list('feedback', readFeedback) : [],
    attributes: byClass(fields.has('attributes') ? fields.list('attributes', readAttribute) : []),
  };
  if (fields.int('code') !== 0) throw new MarshalError('the code of the unit is not code 0');
  checkIndices(request);
  return request;
}

function readCode(value: MarshalValue, what: string): CodeInfo {
  const f = new Fields(value, what);
  return {
    name: f.text('name'), qualname: f.text('qualname'), filename: f.text('filename'),
    firstlineno: f.int('firstlineno'), flags: f.int('flags'), argcount: f.int('argcount'),
    posonly: f.int('posonly'), kwonly: f.int('kwonly'), nlocals: f.int('nlocals'), stacksize: f.int('stacksize'),
    localsplusnames: f.list('localsplusnames', asText), localspluskinds: f.bytes('localspluskinds'),
    names: f.list('names', asText), consts: f.list('consts', asInt),
    code: f.bytes('code'), exceptiontable: f.bytes('exceptiontable'), linetable: f.bytes('linetable'),
    globals: f.int('globals'), builtins: f.int('builtins'),
    namesValues: f.list('names_values', readNameValue),
    cacheObjects: new Map(f.list('cache_objects', readPair)),
    moduleAttributes: new Map(f.has('module_attributes') ? f.list('module_attributes', readModuleAttribute) : []),
  };
}

function readNameValue(value: MarshalValue, what: string): NameValue {
  const items = new Items(value, what);
  const name = items.int(), where = items.text(), entry = items.int();
  if (where !== 'g' && where !== 'b' && where !== '') throw new MarshalError(`${what}: where`);
  return { name, where, entry, value: items.int() };
}

function readPair(value: MarshalValue, what: string): [number, number] {
  const items = new Items(value, what);
  return [items.int(), items.int()];
}

function readModuleAttribute(value: MarshalValue, what: string): [number, ModuleAttribute] {
  const items = new Items(value, what);
  return [items.int(), { dict: items.int(), entry: items.int(), value: items.int() }];
}

interface AttributeRow {
  readonly owner: number;
  readonly name: string;
  readonly held: number;
}

function readAttribute(value: MarshalValue, what: string): AttributeRow {
  const items = new Items(value, what);
  return { owner: items.int(), name: items.text(), held: items.int() };
}

function byClass(rows: readonly AttributeRow[]): CompileRequest['attributes'] {
  const classes = new Map<number, Map<string, number>>();
  for (const { owner, name, held } of rows) {
    const known = classes.get(owner) ?? new Map<string, number>();
    classes.set(owner, known.set(name, held));
  }
  return classes;
}

function readFeedback(value: MarshalValue, what: string): Feedback {
  const items = new Items(value, what);
  return { code: items.int(), offset: items.int(), reason: items.text(), observed: items.text() };
}

function checkIndices(request: CompileRequest): void {
  const { objects, codes } = request;
  if (codes.length === 0 || codes.length > MAX_CODES) throw new MarshalError('number of codes');
  const check = (limit: number, what: string) => (index: number, least = 0): void => {
    if (index < least || index >= limit) throw new MarshalError(`${what} index ${index}`);
  };
  const object = check(objects.length, 'object');
  const code = check(codes.length, 'code');
  for (const o of objects) checkObject(o, object, code);
  for (const i of request.locals) object(i, -1);
  for (const i of request.stack) object(i, -1);
  for (const [owner, held] of request.attributes) for (const i of [owner, ...held.values()]) object(i);
  for (const c of codes) checkCode(c, object, objects);
  const first = codes[0]!;
  if (request.locals.length !== first.localsplusnames.length) throw new MarshalError('number of locals');
  if (request.offset < 0 || request.offset * 2 >= first.code.length) throw new MarshalError('offset of the unit');
}

type IndexCheck = (index: number, least?: number) => void;

function checkCode(c: CodeInfo, object: IndexCheck, objects: readonly ObjectInfo[]): void {
  if (c.localspluskinds.length !== c.localsplusnames.length) throw new MarshalError('kinds of locals');
  if (c.argcount < 0 || c.argcount > c.localsplusnames.length) throw new MarshalError('argument count');
  for (const i of c.consts) object(i);
  for (const dict of [c.globals, c.builtins]) {
    object(dict);
    if (objects[dict]!.kind !== 'dict') throw new MarshalError('namespace is not a dict');
  }
  for (const n of c.namesValues) {
    if (n.name < 0 || n.name >= c.names.length) throw new MarshalError('name index');
    object(n.value, -1);
  }
  for (const i of c.cacheObjects.values()) object(i);
  for (const { dict, entry, value } of c.moduleAttributes.values()) {
    object(dict);
    object(value);
    if (objects[dict]!.kind !== 'dict' || entry < 0) throw new MarshalError('attribute of a module');
  }
}

function checkObject(o: ObjectInfo, object: IndexCheck, code: IndexCheck): void {
  object(o.type, -1);
  switch (o.kind) {
    case 'function':
      code(o.code, -1);
      object(o.globals, -1);
      for (const i of [o.closure, o.defaults, o.kwdefaults]) object(i, -1);
      return;
    case 'builtin':
      object(o.self, -1);
      object(o.method, -1);
      return;
    case 'module': return object(o.dict, -1);
    case 'type':
      for (const i of o.methods.values()) object(i, -1);
      return;
    case 'method_descriptor': return object(o.owner, -1);
    case 'tuple': return o.items.forEach((i) => object(i, -1));
    case 'cell': return object(o.content, -1);
    case 'object': return object(o.item, -1);
    default: return;
  }
}
