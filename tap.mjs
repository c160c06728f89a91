// src/protocol/unmarshal.ts
var MarshalError = class extends Error {
  name = "MarshalError";
};
var MAX_DEPTH = 64;
var MAX_LONG_DIGITS = 1 << 16;
var DIGIT_BITS = 15n;
function unmarshal(bytes) {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (!reader.atEnd) throw new MarshalError("bytes left over");
  if (value === END_OF_DICT) throw new MarshalError("stray end of dict");
  return value;
}
var END_OF_DICT = /* @__PURE__ */ Symbol("end of dict");
var Reader = class {
  #bytes;
  #view;
  #at = 0;
  constructor(bytes) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  get atEnd() {
    return this.#at === this.#bytes.length;
  }
  value(depth) {
    if (depth > MAX_DEPTH) throw new MarshalError("nested too deeply");
    const type = String.fromCharCode(this.#take(1));
    switch (type) {
      case "N":
        return null;
      case "T":
        return true;
      case "F":
        return false;
      case "0":
        return END_OF_DICT;
      case "i":
        return BigInt(this.#view.getInt32(this.#advance(4), true));
      case "l":
        return this.#long();
      case "g":
        return this.#view.getFloat64(this.#advance(8), true);
      case "s":
        return this.#raw(this.#length(1));
      case "u":
      case "t":
        return this.#utf8(this.#length(1));
      case "(":
      case "[":
        return this.#sequence(this.#length(1), depth);
      case "{":
        return this.#dict(depth);
      default:
        throw new MarshalError(`type code ${JSON.stringify(type)} is not part of the protocol`);
    }
  }
  #sequence(length, depth) {
    const items = [];
    for (let i = 0; i < length; i++) items.push(this.#inner(depth));
    return items;
  }
  #dict(depth) {
    const map = /* @__PURE__ */ new Map();
    for (; ; ) {
      const key3 = this.value(depth + 1);
      if (key3 === END_OF_DICT) return map;
      if (typeof key3 !== "string") throw new MarshalError("dict key is not a str");
      map.set(key3, this.#inner(depth));
    }
  }
  #inner(depth) {
    const value = this.value(depth + 1);
    if (value === END_OF_DICT) throw new MarshalError("stray end of dict");
    return value;
  }
  #long() {
    const count2 = this.#view.getInt32(this.#advance(4), true);
    const digits = Math.abs(count2);
    if (digits > MAX_LONG_DIGITS) throw new MarshalError("integer too long");
    const from = this.#advance(2 * digits);
    let value = 0n;
    for (let i = digits - 1; i >= 0; i--) value = value << DIGIT_BITS | BigInt(this.#view.getUint16(from + 2 * i, true));
    return count2 < 0 ? -value : value;
  }
  /** A length that the rest of the message could hold: every item takes at least `itemSize` bytes. */
  #length(itemSize) {
    const length = this.#take(4);
    if (length * itemSize > this.#bytes.length - this.#at) throw new MarshalError("length beyond the end");
    return length;
  }
  #take(size2) {
    const at = this.#advance(size2);
    return size2 === 1 ? this.#view.getUint8(at) : this.#view.getUint32(at, true);
  }
  #raw(length) {
    const at = this.#advance(length);
    return new Uint8Array(this.#bytes.subarray(at, at + length));
  }
  /** Lone surrogates are legal in Python strings (marshal writes surrogatepass); they come out as replacement characters. */
  #utf8(length) {
    return Buffer.from(this.#raw(length)).toString("utf8");
  }
  #advance(size2) {
    const at = this.#at;
    if (size2 > this.#bytes.length - at) throw new MarshalError("ends early");
    this.#at = at + size2;
    return at;
  }
};

// src/protocol/fields.ts
var Fields = class {
  #map;
  #what;
  constructor(value, what) {
    if (!(value instanceof Map)) throw new MarshalError(`${what} is not a dict`);
    this.#map = value;
    this.#what = what;
  }
  int(name) {
    return asInt(this.#get(name), `${this.#what}.${name}`);
  }
  text(name) {
    return asText(this.#get(name), `${this.#what}.${name}`);
  }
  bytes(name) {
    return asBytes(this.#get(name), `${this.#what}.${name}`);
  }
  list(name, item) {
    return asList(this.#get(name), `${this.#what}.${name}`, item);
  }
  has(name) {
    return this.#map.has(name);
  }
  #get(name) {
    const value = this.#map.get(name);
    if (value === void 0) throw new MarshalError(`${this.#what} has no ${name}`);
    return value;
  }
};
var Items = class {
  #items;
  #what;
  #at = 0;
  constructor(value, what) {
    if (!Array.isArray(value)) throw new MarshalError(`${what} is not a tuple`);
    this.#items = value;
    this.#what = what;
  }
  next() {
    const value = this.#items[this.#at++];
    if (value === void 0) throw new MarshalError(`${this.#what} is too short`);
    return value;
  }
  int() {
    return asInt(this.next(), this.#what);
  }
  bigint() {
    return asBigInt(this.next(), this.#what);
  }
  text() {
    return asText(this.next(), this.#what);
  }
};
function asBigInt(value, what) {
  if (typeof value !== "bigint") throw new MarshalError(`${what} is not an int`);
  return value;
}
function asInt(value, what) {
  const number = Number(asBigInt(value, what));
  if (!Number.isSafeInteger(number)) throw new MarshalError(`${what} is out of range`);
  return number;
}
function asText(value, what) {
  if (typeof value !== "string") throw new MarshalError(`${what} is not a str`);
  return value;
}
function asBytes(value, what) {
  if (!(value instanceof Uint8Array)) throw new MarshalError(`${what} is not bytes`);
  return value;
}
function asList(value, what, item) {
  if (!Array.isArray(value)) throw new MarshalError(`${what} is not a sequence`);
  return value.map((v, i) => item(v, `${what}[${i}]`));
}

// src/protocol/read-object.ts
function readObject(value, what) {
  const items = new Items(value, what);
  const kind = items.text();
  const base = { type: items.int(), address: items.bigint() };
  switch (kind) {
    case "none":
    case "object":
      return { kind, ...base };
    case "bool":
      return { kind, ...base, value: readBool(items.next(), what) };
    case "int":
      return { kind, ...base, value: items.bigint() };
    case "float":
      return { kind, ...base, value: readFloat(items.next(), what) };
    case "str":
      return { kind, ...base, value: items.text() };
    case "bytes":
      return { kind, ...base, length: items.int() };
    case "function":
      return {
        kind,
        ...base,
        code: items.int(),
        version: items.int(),
        globals: items.int(),
        closure: items.int(),
        defaults: items.int(),
        kwdefaults: items.int()
      };
    case "builtin":
      return { kind, ...base, name: items.text(), module: items.text(), self: items.int(), flags: items.int() };
    case "type":
      return { kind, ...base, name: items.text(), version: items.int(), flags: items.int(), basicsize: items.int() };
    case "module":
      return { kind, ...base, name: items.text(), dict: items.int() };
    case "method_descriptor":
      return { kind, ...base, name: items.text(), owner: items.int(), flags: items.int() };
    case "dict":
      return { kind, ...base, keys: items.bigint(), keysVersion: items.int(), entries: items.int() };
    case "tuple":
      return { kind, ...base, items: readIndices(items.next(), what) };
    case "cell":
      return { kind, ...base, content: items.int() };
    default:
      throw new MarshalError(`${what}: kind ${JSON.stringify(kind)}`);
  }
}
function readBool(value, what) {
  return typeof value === "boolean" ? value : asBigInt(value, what) !== 0n;
}
function readFloat(value, what) {
  if (typeof value !== "number") throw new MarshalError(`${what} is not a float`);
  return value;
}
function readIndices(value, what) {
  if (!Array.isArray(value)) throw new MarshalError(`${what} is not a tuple`);
  return value.map((v) => Number(asBigInt(v, what)));
}

// src/protocol/read-request.ts
var MAX_CODES = 1e3;
function readRequest(payload, peer) {
  const fields = new Fields(unmarshal(payload), "request");
  const kind = fields.text("kind");
  if (kind !== "entry" && kind !== "osr") throw new MarshalError(`request kind ${JSON.stringify(kind)}`);
  const request = {
    id: fields.int("request"),
    kind,
    ...peer,
    offset: fields.int("offset"),
    codes: fields.list("codes", readCode),
    objects: fields.list("objects", readObject),
    locals: fields.list("locals", asInt),
    stack: fields.list("stack", asInt),
    feedback: fields.has("feedback") ? fields.list("feedback", readFeedback) : []
  };
  if (fields.int("code") !== 0) throw new MarshalError("the code of the unit is not code 0");
  checkIndices(request);
  return request;
}
function readCode(value, what) {
  const f = new Fields(value, what);
  return {
    name: f.text("name"),
    qualname: f.text("qualname"),
    filename: f.text("filename"),
    firstlineno: f.int("firstlineno"),
    flags: f.int("flags"),
    argcount: f.int("argcount"),
    posonly: f.int("posonly"),
    kwonly: f.int("kwonly"),
    nlocals: f.int("nlocals"),
    stacksize: f.int("stacksize"),
    localsplusnames: f.list("localsplusnames", asText),
    localspluskinds: f.bytes("localspluskinds"),
    names: f.list("names", asText),
    consts: f.list("consts", asInt),
    code: f.bytes("code"),
    exceptiontable: f.bytes("exceptiontable"),
    linetable: f.bytes("linetable"),
    globals: f.int("globals"),
    builtins: f.int("builtins"),
    namesValues: f.list("names_values", readNameValue),
    cacheObjects: new Map(f.list("cache_objects", readPair))
  };
}
function readNameValue(value, what) {
  const items = new Items(value, what);
  const name = items.int(), where = items.text(), entry = items.int();
  if (where !== "g" && where !== "b" && where !== "") throw new MarshalError(`${what}: where`);
  return { name, where, entry, value: items.int() };
}
function readPair(value, what) {
  const items = new Items(value, what);
  return [items.int(), items.int()];
}
function readFeedback(value, what) {
  const items = new Items(value, what);
  return { code: items.int(), offset: items.int(), reason: items.text(), observed: items.text() };
}
function checkIndices(request) {
  const { objects, codes } = request;
  if (codes.length === 0 || codes.length > MAX_CODES) throw new MarshalError("number of codes");
  const check = (limit, what) => (index, least = 0) => {
    if (index < least || index >= limit) throw new MarshalError(`${what} index ${index}`);
  };
  const object2 = check(objects.length, "object");
  const code = check(codes.length, "code");
  for (const o of objects) checkObject(o, object2, code);
  for (const i of request.locals) object2(i, -1);
  for (const i of request.stack) object2(i, -1);
  for (const c of codes) checkCode(c, object2, objects);
  const first = codes[0];
  if (request.locals.length !== first.localsplusnames.length) throw new MarshalError("number of locals");
  if (request.offset < 0 || request.offset * 2 >= first.code.length) throw new MarshalError("offset of the unit");
}
function checkCode(c, object2, objects) {
  if (c.localspluskinds.length !== c.localsplusnames.length) throw new MarshalError("kinds of locals");
  if (c.argcount < 0 || c.argcount > c.localsplusnames.length) throw new MarshalError("argument count");
  for (const i of c.consts) object2(i);
  for (const dict of [c.globals, c.builtins]) {
    object2(dict);
    if (objects[dict].kind !== "dict") throw new MarshalError("namespace is not a dict");
  }
  for (const n2 of c.namesValues) {
    if (n2.name < 0 || n2.name >= c.names.length) throw new MarshalError("name index");
    object2(n2.value, -1);
  }
  for (const i of c.cacheObjects.values()) object2(i);
}
function checkObject(o, object2, code) {
  object2(o.type, -1);
  switch (o.kind) {
    case "function":
      code(o.code, -1);
      object2(o.globals, -1);
      for (const i of [o.closure, o.defaults, o.kwdefaults]) object2(i, -1);
      return;
    case "builtin":
      return object2(o.self, -1);
    case "module":
      return object2(o.dict, -1);
    case "method_descriptor":
      return object2(o.owner, -1);
    case "tuple":
      return o.items.forEach((i) => object2(i, -1));
    case "cell":
      return object2(o.content, -1);
    default:
      return;
  }
}

// src/server/codec.ts
function readHello(payload) {
  const fields = new Fields(unmarshal(payload), "hello");
  return {
    protocol: fields.int("protocol"),
    pid: fields.int("pid"),
    python: fields.text("python"),
    layout: readLayout(fields.int("layout")),
    arch: readArch(fields.text("arch"))
  };
}
function readLayout(value) {
  if (value !== 311 && value !== 314) throw new MarshalError(`layout ${value}`);
  return value;
}
function readArch(value) {
  if (value !== "x86_64" && value !== "aarch64") throw new MarshalError(`arch ${JSON.stringify(value)}`);
  return value;
}
function toJson(value) {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (value instanceof Map) return Object.fromEntries([...value].map(([key3, item]) => [key3, toJson(item)]));
  if (Array.isArray(value)) return value.map(toJson);
  return value;
}
var codec = {
  hello: readHello,
  compile: (payload, client) => readRequest(payload, { layout: client.layout, arch: client.arch }),
  report: (payload) => toJson(unmarshal(payload))
};

// src/server/listen.ts
import { chmodSync, rmSync } from "node:fs";
import { createServer } from "node:net";
function openSocket(path2) {
  rmSync(path2, { force: true });
  const server = createServer({ pauseOnConnect: true });
  const open = { path: path2, server, early: [], onConnection: void 0 };
  server.on("connection", (socket) => {
    if (open.onConnection === void 0) open.early.push(socket);
    else open.onConnection(socket);
  });
  let failure;
  server.on("error", (error) => {
    failure = error;
  });
  server.listen({ path: path2, backlog: 64 });
  if (!server.listening) throw failure ?? new Error(`cannot listen on ${path2}`);
  chmodSync(path2, 384);
  return open;
}
function closeSocket(open) {
  for (const socket of open.early.splice(0)) socket.destroy();
  open.server.close();
  rmSync(open.path, { force: true });
}

// src/server/compile-queue.ts
var CompileQueue = class {
  #waiting = [];
  #running = false;
  #stopped = false;
  get length() {
    return this.#waiting.length;
  }
  get isBusy() {
    return this.#running;
  }
  /** A newer job takes the place of an older one, so that a noisy client does not move to the front or the back. */
  add(job) {
    if (this.#stopped) return;
    const index = this.#waiting.findIndex((other) => other.owner === job.owner && other.key === job.key);
    const replaced = this.#waiting[index];
    if (replaced === void 0) {
      this.#waiting.push(job);
    } else {
      this.#waiting[index] = job;
      replaced.superseded();
    }
    if (!this.#running) void this.#drain();
  }
  dropOwner(owner) {
    this.#waiting = this.#waiting.filter((job) => job.owner !== owner);
  }
  stop() {
    this.#stopped = true;
    this.#waiting = [];
  }
  async #drain() {
    this.#running = true;
    for (; ; ) {
      await new Promise(setImmediate);
      const job = this.#waiting.shift();
      if (job === void 0) break;
      await job.run();
    }
    this.#running = false;
  }
};

// src/support/bailout.ts
var Bailout = class extends Error {
  name = "Bailout";
  code;
  constructor(code, detail) {
    super(detail);
    this.code = code;
  }
};

// src/support/invariant.ts
var InvariantError = class extends Error {
  name = "InvariantError";
};
function invariant(condition, message) {
  if (!condition) throw new InvariantError(message);
}
function assertExhaustive(value, what) {
  throw new InvariantError(`${what}: unhandled ${JSON.stringify(value)}`);
}
function defined(value, what) {
  if (value === void 0 || value === null) throw new InvariantError(`missing ${what}`);
  return value;
}

// src/protocol/symbols.ts
var symbols = [
  "PyLong_Type",
  "PyFloat_Type",
  "PyBool_Type",
  "PyUnicode_Type",
  "PyBytes_Type",
  "PyByteArray_Type",
  "PyList_Type",
  "PyTuple_Type",
  "PyDict_Type",
  "PyFunction_Type",
  "PyCell_Type",
  "PyRangeIter_Type",
  "PyListIter_Type",
  "PyTupleIter_Type",
  "PyBytesIter_Type",
  "_Py_NoneStruct",
  "_Py_TrueStruct",
  "_Py_FalseStruct",
  "armature_box_int",
  "armature_box_float",
  "armature_float_floordiv",
  "armature_float_mod",
  "armature_float_pow",
  "armature_list_append",
  "armature_dict_item",
  "armature_dict_store",
  "armature_dict_contains",
  "armature_iterator_is_plain",
  "armature_global_store",
  "armature_compare_lt",
  "armature_compare_le",
  "armature_compare_eq",
  "armature_compare_ne",
  "armature_compare_gt",
  "armature_compare_ge",
  "armature_power",
  "armature_power_in_place",
  "armature_iter_next",
  "armature_iter_error",
  "armature_vectorcall",
  "armature_build_list",
  "armature_build_tuple",
  "armature_build_map",
  "armature_build_slice",
  "armature_decref",
  "armature_dealloc",
  "armature_set_home",
  "PyNumber_Add",
  "PyNumber_Subtract",
  "PyNumber_Multiply",
  "PyNumber_TrueDivide",
  "PyNumber_FloorDivide",
  "PyNumber_Remainder",
  "PyNumber_Lshift",
  "PyNumber_Rshift",
  "PyNumber_And",
  "PyNumber_Or",
  "PyNumber_Xor",
  "PyNumber_MatrixMultiply",
  "PyNumber_InPlaceAdd",
  "PyNumber_InPlaceSubtract",
  "PyNumber_InPlaceMultiply",
  "PyNumber_InPlaceTrueDivide",
  "PyNumber_InPlaceFloorDivide",
  "PyNumber_InPlaceRemainder",
  "PyNumber_InPlaceLshift",
  "PyNumber_InPlaceRshift",
  "PyNumber_InPlaceAnd",
  "PyNumber_InPlaceOr",
  "PyNumber_InPlaceXor",
  "PyNumber_InPlaceMatrixMultiply",
  "PyNumber_Negative",
  "PyNumber_Positive",
  "PyNumber_Invert",
  "PyNumber_Absolute",
  "PyNumber_Long",
  "PyNumber_Float",
  "PyObject_IsTrue",
  "PyObject_GetItem",
  "PyObject_SetItem",
  "PyObject_DelItem",
  "PyObject_GetAttr",
  "PyObject_SetAttr",
  "PyObject_GetIter",
  "PyObject_Size",
  "PySequence_Contains",
  "PyUnicode_Concat",
  "PyFloat_FromDouble",
  "PyLong_FromLong",
  "sin",
  "cos",
  "tan",
  "asin",
  "acos",
  "atan",
  "sinh",
  "cosh",
  "tanh",
  "asinh",
  "acosh",
  "atanh",
  "exp",
  "expm1",
  "exp2",
  "log",
  "log1p",
  "log2",
  "log10",
  "cbrt",
  "floor",
  "ceil",
  "atan2",
  "hypot",
  "fmod",
  "pow",
  "copysign",
  "armature_keeping_dealloc",
  "armature_keeping_box_int",
  "armature_keeping_box_float"
];
var indices = new Map(symbols.map((name, index) => [name, index]));
var symbolIndex = (name) => indices.get(name);

// src/protocol/unit.ts
var locationKinds = [
  "null",
  "register_obj",
  "register_int",
  "register_float",
  "register_bool",
  "spill_obj",
  "spill_int",
  "spill_float",
  "spill_bool",
  "object",
  "literal_int",
  "literal_float",
  "literal_bool",
  "home"
];
var exitKinds = ["deopt", "exception", "safepoint", "return", "unsupported"];

// src/protocol/read-unit.ts
var MalformedUnit = class extends Error {
  name = "MalformedUnit";
};
function readUnit(payload) {
  try {
    return new UnitReader(payload).read();
  } catch (error) {
    if (error instanceof RangeError) throw new MalformedUnit("the payload ends too early");
    if (error instanceof SyntaxError) throw new MalformedUnit("the text is no JSON");
    throw error;
  }
}
var UnitReader = class {
  #payload;
  #view;
  #at = 0;
  constructor(payload) {
    this.#payload = payload;
    this.#view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  }
  read() {
    const header = Array.from({ length: 16 }, () => this.#u32());
    const field = (i) => header[i];
    const list = (i, read) => {
      this.#at = field(i);
      return Array.from({ length: this.#count(field(i + 1)) }, read);
    };
    const text = new TextDecoder().decode(this.#slice(field(14), field(15)));
    return {
      request: field(0),
      kind: field(1) & 1 ? "osr" : "entry",
      offset: field(2),
      spillCount: field(3),
      code: this.#slice(field(4), field(5)),
      relocations: list(6, () => this.#relocation()),
      exits: this.#exits(list(8, () => this.#u32())),
      assumptions: list(10, () => this.#assumption()),
      literals: list(12, () => this.#u64()),
      reasons: JSON.parse(text)
    };
  }
  #exits(offsets) {
    return offsets.map((offset) => {
      this.#at = offset;
      return this.#exit();
    });
  }
  #exit() {
    const kind = this.#choice(exitKinds, this.#u8());
    const frameCount = this.#u8(), globalCount = this.#u16(), dropCount = this.#u16(), reason = this.#u16();
    const offset = this.#u32(), watched = this.#i32();
    const repeat = (count2, read) => Array.from({ length: count2 }, read);
    return {
      kind,
      reason,
      offset,
      watched: watched < 0 ? void 0 : { kind: this.#choice(locationKinds, watched >> 16), index: watched & 65535, incref: false },
      globals: repeat(globalCount, () => ({ dict: this.#u32(), name: this.#u32(), location: this.#location() })),
      drops: repeat(dropCount, () => this.#location()),
      frames: repeat(frameCount, () => this.#frame())
    };
  }
  #frame() {
    const code = this.#u16(), localCount = this.#u16(), stackCount = this.#u16();
    this.#u16();
    const offset = this.#u32(), functionObject = this.#i32();
    const locals2 = Array.from({ length: localCount }, () => {
      const slot = this.#u16();
      this.#u16();
      return { slot, location: this.#location() };
    });
    return { code, offset, functionObject, locals: locals2, stack: Array.from({ length: stackCount }, () => this.#location()) };
  }
  #location() {
    const kind = this.#choice(locationKinds, this.#u8());
    const incref = (this.#u8() & 1) !== 0;
    this.#u16();
    return { kind, index: this.#u32(), incref };
  }
  #relocation() {
    const at = this.#u32(), kind = this.#u8();
    this.#at += 3;
    const symbol = Number(this.#u64());
    switch (kind) {
      case 1:
        return { kind: "object", at, object: symbol };
      case 2:
        return { kind: "symbol", at, symbol: this.#choice(symbols, symbol) };
      case 3:
        return { kind: "x86_64_call", at, symbol: this.#choice(symbols, symbol) };
      case 4:
        return { kind: "aarch64_call", at, symbol: this.#choice(symbols, symbol) };
      case 5:
        return { kind: "unit", at, offset: symbol };
      default:
        throw new MalformedUnit(`relocation kind ${kind}`);
    }
  }
  #assumption() {
    const kind = this.#u32(), object2 = this.#u32(), a = this.#u64(), b = this.#u64();
    switch (kind) {
      case 1:
        return { kind: "type_version", object: object2, version: Number(a) };
      case 2:
        return { kind: "function_version", object: object2, version: Number(a) };
      case 3:
        return { kind: "global_value", object: object2, entry: Number(a), value: Number(b) };
      case 4:
        return { kind: "dict_keys", object: object2, keys: a };
      default:
        throw new MalformedUnit(`assumption kind ${kind}`);
    }
  }
  #choice(list, index) {
    if (index >= list.length) throw new MalformedUnit(`kind ${index}`);
    return defined(list[index], "kind");
  }
  #count(n2) {
    if (n2 > this.#payload.length) throw new MalformedUnit(`count ${n2}`);
    return n2;
  }
  #slice(at, size2) {
    if (at + size2 > this.#payload.length) throw new MalformedUnit("section beyond the end");
    return this.#payload.slice(at, at + size2);
  }
  #u8() {
    return this.#view.getUint8(this.#at++);
  }
  #u16() {
    this.#at += 2;
    return this.#view.getUint16(this.#at - 2, true);
  }
  #u32() {
    this.#at += 4;
    return this.#view.getUint32(this.#at - 4, true);
  }
  #i32() {
    return this.#u32() | 0;
  }
  #u64() {
    this.#at += 8;
    return this.#view.getBigUint64(this.#at - 8, true);
  }
};

// src/server/line-table.ts
var entryKind = { firstOneLine: 10, lastOneLine: 12, noColumns: 13, long: 14, none: 15 };
var Varints = class {
  #bytes;
  at;
  constructor(bytes, at) {
    this.#bytes = bytes;
    this.at = at;
  }
  unsigned() {
    let value = 0;
    for (let shift = 0; ; shift += 6) {
      const byte = this.#bytes[this.at++] ?? 0;
      value += (byte & 63) * 2 ** shift;
      if ((byte & 64) === 0) return value;
    }
  }
  signed() {
    const value = this.unsigned();
    return value % 2 === 0 ? value / 2 : -((value - 1) / 2);
  }
};
function lineDelta(kind, numbers) {
  if (kind === entryKind.long || kind === entryKind.noColumns) return numbers.signed();
  return kind >= entryKind.firstOneLine && kind <= entryKind.lastOneLine ? kind - entryKind.firstOneLine : 0;
}
function lineAt(linetable, firstLine, offset) {
  let line = firstLine;
  let start = 0;
  let at = 0;
  while (at < linetable.length) {
    const head = linetable[at] ?? 0;
    const kind = head >> 3 & 15;
    line += lineDelta(kind, new Varints(linetable, at + 1));
    start += (head & 7) + 1;
    if (offset < start) return kind === entryKind.none ? firstLine : line;
    do
      at += 1;
    while (at < linetable.length && ((linetable[at] ?? 0) & 128) === 0);
  }
  return firstLine;
}

// src/server/describe.ts
function describeResult(client, request, result, circumstances) {
  const code = request.codes[0];
  return {
    pid: client.pid,
    name: code?.qualname ?? "?",
    filename: code?.filename ?? "?",
    firstlineno: code?.firstlineno ?? 0,
    kind: request.kind,
    offset: request.offset,
    line: request.kind === "osr" ? lineOf(request, 0, request.offset) : code?.firstlineno ?? 0,
    ...result.kind === "refused" ? { refused: { code: result.refusal.code, detail: result.refusal.detail } } : {},
    unitBytes: result.kind === "unit" ? result.unit.length : 0,
    exits: result.kind === "unit" ? exitPlaces(request, result.unit) : [],
    ...circumstances
  };
}
function lineOf(request, codeIndex, offset) {
  const code = request.codes[codeIndex];
  return code === void 0 ? 0 : lineAt(code.linetable, code.firstlineno, offset);
}
function exitPlaces(request, unit) {
  const places = [];
  for (const { exit, reason, code, offset } of readUnit(unit).reasons) {
    places[exit] = { reason, name: request.codes[code]?.qualname ?? "?", line: lineOf(request, code, offset), offset };
  }
  return places;
}
function summaryOf(record) {
  const what = `${record.kind} ${record.name} (${record.filename}:${record.line}) at ${record.offset}`;
  const result = record.refused === void 0 ? `${record.unitBytes} bytes` : `refused: ${record.refused.code} (${record.refused.detail})`;
  return `pid ${record.pid}: ${what}: ${result}, ${record.milliseconds.toFixed(1)} ms${record.fromCache ? ", cached" : ""}`;
}

// src/server/neutral-request.ts
function neutralRequest(request) {
  const ordinals = /* @__PURE__ */ new Map();
  const lasting = lastingObjects(request);
  const objects = request.objects.map((object2, index) => {
    const neutral = { ...object2, address: 0n };
    if (neutral.kind === "dict") {
      const ordinal = ordinals.get(neutral.keys) ?? BigInt(ordinals.size);
      ordinals.set(neutral.keys, ordinal);
      return { ...neutral, keys: ordinal };
    }
    if (lasting.has(index)) return neutral;
    if (neutral.kind === "int") return { ...neutral, value: 0n };
    return neutral.kind === "float" ? { ...neutral, value: 0 } : neutral;
  });
  return { ...request, id: 0, objects };
}
function lastingObjects({ codes, objects }) {
  const lasting = /* @__PURE__ */ new Set();
  for (const code of codes) {
    for (const index of [...code.consts, ...code.cacheObjects.values(), ...code.namesValues.map(({ value }) => value)]) lasting.add(index);
  }
  for (const object2 of objects) {
    if (object2.kind === "tuple") for (const item of object2.items) lasting.add(item);
    else if (object2.kind === "cell") lasting.add(object2.content);
    else if (object2.kind === "builtin") lasting.add(object2.self);
  }
  return lasting;
}

// src/server/unit-template.ts
import { randomBytes } from "node:crypto";
var addressBytes = 8;
function withMarks(neutral) {
  const marks = /* @__PURE__ */ new Map();
  const markOf = /* @__PURE__ */ new Map();
  const objects = neutral.objects.map((object2, index) => {
    if (object2.kind !== "dict") return object2;
    const mark = markOf.get(object2.keys) ?? randomBytes(addressBytes).readBigUInt64LE();
    markOf.set(object2.keys, mark);
    if (!marks.has(mark)) marks.set(mark, index);
    return { ...object2, keys: mark };
  });
  return { request: { ...neutral, objects }, marks };
}
function compileTemplate(neutral, compile) {
  const { request, marks } = withMarks(neutral);
  const unit = Buffer.from(compile(request));
  const patches = [];
  for (const [mark, object2] of marks) {
    const bytes = Buffer.alloc(addressBytes);
    bytes.writeBigUInt64LE(mark);
    for (let at = unit.indexOf(bytes); at >= 0; at = unit.indexOf(bytes, at + addressBytes)) patches.push({ at, object: object2 });
  }
  return { unit, patches };
}
function bindTemplate({ unit, patches }, request) {
  const bound = Buffer.from(unit);
  for (const { at, object: object2 } of patches) {
    const dict = request.objects[object2];
    if (dict?.kind === "dict") bound.writeBigUInt64LE(dict.keys, at);
  }
  return bound;
}
var countBytes = 4;
var patchBytes = 8;
function encodeTemplate({ unit, patches }) {
  const head = Buffer.alloc(countBytes + patchBytes * patches.length);
  head.writeUInt32LE(patches.length);
  patches.forEach(({ at, object: object2 }, index) => {
    head.writeUInt32LE(at, countBytes + patchBytes * index);
    head.writeUInt32LE(object2, countBytes + patchBytes * index + 4);
  });
  return Buffer.concat([head, unit]);
}
function decodeTemplate(bytes) {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count2 = view.readUInt32LE(0);
  const patches = Array.from({ length: count2 }, (_, index) => ({
    at: view.readUInt32LE(countBytes + patchBytes * index),
    object: view.readUInt32LE(countBytes + patchBytes * index + 4)
  }));
  return { unit: view.subarray(countBytes + patchBytes * count2), patches };
}

// src/server/compile-service.ts
var CompileService = class {
  #parts;
  constructor(parts) {
    this.#parts = parts;
  }
  async compile(client, request) {
    const start = performance.now();
    const { cache, observer } = this.#parts;
    const dumps = [];
    const neutral = neutralRequest(request);
    const key3 = cache.keyOf(neutral);
    const found = observer.dump === void 0 ? await cache.find(key3) : void 0;
    const compiled = found ?? this.#compileContained(neutral, dumps);
    if (found === void 0) cache.add(key3, compiled);
    const result = compiled.kind === "unit" ? { kind: "unit", unit: bindTemplate(compiled.template, request) } : compiled;
    const milliseconds = performance.now() - start;
    this.#tell(() => describeResult(client, request, result, { dumps, fromCache: found !== void 0, milliseconds }));
    return result;
  }
  /** Nobody who only watches may cost the client its unit. */
  #tell(describe2) {
    const { log, observer } = this.#parts;
    try {
      const record = describe2();
      log(summaryOf(record));
      observer.compiled?.(record);
    } catch (error) {
      log(`not described: ${String(error)}`);
    }
  }
  #compileContained(neutral, dumps) {
    const { compiler: compiler2, modes, observer, log } = this.#parts;
    const wanted = observer.dump;
    const dump = wanted === void 0 ? void 0 : (pass, text) => {
      if (wanted === "all" || wanted.split(",").includes(pass)) dumps.push({ pass, text });
    };
    try {
      return { kind: "unit", template: compileTemplate(neutral, (marked) => compiler2.compile(marked, { modes, dump })) };
    } catch (error) {
      if (error instanceof Bailout) return { kind: "refused", refusal: { code: error.code, detail: error.message, retry: false } };
      log(`internal error: ${error instanceof Error ? error.stack ?? error.message : String(error)}`);
      const detail = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
      return { kind: "refused", refusal: { code: "internal-error", detail, retry: false } };
    }
  }
};

// src/server/framing.ts
var messageType = { hello: 1, welcome: 2, compile: 3, unit: 4, refuse: 5, report: 6 };
var ProtocolError = class extends Error {
  name = "ProtocolError";
};
var largestMessage = 16 * 1024 * 1024;
var lengthBytes = 4;
var FrameReader = class {
  #chunks = [];
  #buffered = 0;
  /** The messages that are complete now. */
  push(chunk) {
    this.#chunks.push(chunk);
    this.#buffered += chunk.length;
    const messages = [];
    for (; ; ) {
      const length = this.#nextLength();
      if (length === void 0 || this.#buffered < lengthBytes + length) return messages;
      const frame2 = this.#take(lengthBytes + length);
      messages.push({ type: frame2.readUInt8(lengthBytes), payload: frame2.subarray(lengthBytes + 1) });
    }
  }
  /** Checked as soon as it is known, so that no more than one message is ever held. */
  #nextLength() {
    if (this.#buffered < lengthBytes) return void 0;
    if ((this.#chunks[0]?.length ?? 0) < lengthBytes) this.#join();
    const length = this.#chunks[0]?.readUInt32LE(0) ?? 0;
    if (length < 1) throw new ProtocolError("a message without a type");
    if (length > largestMessage) throw new ProtocolError(`a message of ${length} bytes`);
    return length;
  }
  #take(size2) {
    if ((this.#chunks[0]?.length ?? 0) < size2) this.#join();
    const first = this.#chunks[0] ?? Buffer.alloc(0);
    const rest = first.subarray(size2);
    if (rest.length === 0) this.#chunks.shift();
    else this.#chunks[0] = rest;
    this.#buffered -= size2;
    return first.subarray(0, size2);
  }
  #join() {
    this.#chunks = [Buffer.concat(this.#chunks)];
  }
};
function frame(type, payload) {
  const message = Buffer.allocUnsafe(lengthBytes + 1 + payload.length);
  message.writeUInt32LE(payload.length + 1, 0);
  message.writeUInt8(type, lengthBytes);
  message.set(payload, lengthBytes + 1);
  return message;
}

// src/server/replies.ts
var protocolVersion = 1;
var noModes = { thresholdZero: false, spillAll: false, failGuard: 0 };
function welcomeMessage(modes) {
  const payload = Buffer.alloc(12);
  payload.writeUInt32LE(protocolVersion, 0);
  payload.writeUInt32LE((modes.thresholdZero ? 1 : 0) | (modes.spillAll ? 2 : 0), 4);
  payload.writeUInt32LE(modes.failGuard, 8);
  return frame(messageType.welcome, payload);
}
var longestText = 1e3;
function lengthAndText(text) {
  const bytes = Buffer.from(text.slice(0, longestText), "utf8");
  const length = Buffer.alloc(2);
  length.writeUInt16LE(bytes.length);
  return Buffer.concat([length, bytes]);
}
function refuseMessage(request, refusal) {
  const head = Buffer.alloc(8);
  head.writeUInt32LE(request, 0);
  head.writeUInt32LE(refusal.retry ? 1 : 0, 4);
  return frame(messageType.refuse, Buffer.concat([head, lengthAndText(refusal.code), lengthAndText(refusal.detail)]));
}
function unitMessage(request, unit) {
  const message = frame(messageType.unit, unit);
  message.writeUInt32LE(request, 5);
  return message;
}

// src/server/session.ts
var longestQueue = 4096;
var Session = class {
  #socket;
  #parts;
  #frames = new FrameReader();
  #client;
  constructor(socket, parts) {
    this.#socket = socket;
    this.#parts = parts;
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("error", (error) => parts.log(`connection lost: ${error.message}`));
    socket.on("close", () => parts.queue.dropOwner(this));
    socket.resume();
  }
  close() {
    this.#socket.destroy();
  }
  #receive(chunk) {
    try {
      for (const message of this.#frames.push(chunk)) this.#handle(message);
    } catch (error) {
      this.#parts.log(`client ${this.#client?.pid ?? "?"} dropped: ${error instanceof Error ? error.message : String(error)}`);
      this.#socket.destroy();
    }
  }
  #handle({ type, payload }) {
    const client = this.#client;
    if (client === void 0) {
      if (type !== messageType.hello) throw new ProtocolError(`message ${type} before hello`);
      this.#greet(payload);
    } else if (type === messageType.compile) {
      this.#enqueue(client, payload);
    } else if (type === messageType.report) {
      this.#parts.observer.reported?.(client, this.#parts.codec.report(payload));
    } else {
      throw new ProtocolError(`unexpected message ${type}`);
    }
  }
  #greet(payload) {
    const hello = this.#parts.codec.hello(payload);
    this.#socket.write(welcomeMessage(this.#parts.modes));
    if (hello.protocol !== protocolVersion) throw new ProtocolError(`protocol version ${hello.protocol}`);
    this.#client = hello;
    this.#parts.log(`pid ${hello.pid}: connected, Python ${hello.python} on ${hello.arch}`);
    this.#parts.observer.connected?.(hello);
  }
  #enqueue(client, payload) {
    const { codec: codec2, queue, service } = this.#parts;
    const request = codec2.compile(payload, client);
    if (queue.length >= longestQueue) {
      this.#reply(request, refusedForNow("queue-full", "the server has too much to do"));
      return;
    }
    queue.add({
      key: jobKey(request),
      owner: this,
      run: async () => this.#reply(request, await service.compile(client, request)),
      superseded: () => this.#reply(request, refusedForNow("superseded", "a newer request asks for the same unit"))
    });
  }
  #reply(request, result) {
    if (this.#socket.destroyed) return;
    this.#socket.write(result.kind === "unit" ? unitMessage(request.id, result.unit) : refuseMessage(request.id, result.refusal));
  }
};
function refusedForNow(code, detail) {
  return { kind: "refused", refusal: { code, detail, retry: true } };
}
function jobKey(request) {
  const code = request.codes[0];
  return JSON.stringify([request.kind, request.offset, code?.filename, code?.qualname, code?.firstlineno]);
}

// src/server/jit-server.ts
var JitServer = class {
  #options;
  #socket;
  #queue = new CompileQueue();
  #service;
  #sessions = /* @__PURE__ */ new Set();
  #allGone = [];
  #idleTimer;
  constructor(socket, options) {
    this.#socket = socket;
    this.#options = options;
    this.#service = new CompileService({ ...options, observer: options.observer ?? {} });
    socket.onConnection = (connection) => this.#accept(connection);
    for (const connection of socket.early.splice(0)) this.#accept(connection);
    this.#watchIdleness();
  }
  /** True while a client waits for a unit. */
  get isBusy() {
    return this.#queue.isBusy;
  }
  /** Resolves when no client is connected, or after that many milliseconds. */
  async drain(milliseconds) {
    if (this.#sessions.size === 0) return;
    let timer;
    const gone = new Promise((resolve) => {
      this.#allGone.push(resolve);
      timer = setTimeout(resolve, milliseconds);
    });
    await gone;
    clearTimeout(timer);
  }
  /** Drops the clients and the waiting work; the socket's file is gone when this returns. */
  close() {
    clearTimeout(this.#idleTimer);
    this.#queue.stop();
    for (const session of this.#sessions) session.close();
    closeSocket(this.#socket);
  }
  #accept(connection) {
    const session = new Session(connection, { ...this.#options, observer: this.#options.observer ?? {}, queue: this.#queue, service: this.#service });
    this.#sessions.add(session);
    clearTimeout(this.#idleTimer);
    connection.on("close", () => {
      this.#sessions.delete(session);
      if (this.#sessions.size > 0) return;
      for (const resolve of this.#allGone.splice(0)) resolve();
      this.#watchIdleness();
    });
  }
  #watchIdleness() {
    const { idleSeconds = 0, onIdle } = this.#options;
    if (idleSeconds <= 0 || onIdle === void 0 || this.#sessions.size > 0) return;
    this.#idleTimer = setTimeout(onIdle, idleSeconds * 1e3);
  }
};

// src/server/load-compiler.ts
import { createHash } from "node:crypto";
import { existsSync, readFileSync as readFileSync2 } from "node:fs";
import { basename, join as join3 } from "node:path";
import { fileURLToPath } from "node:url";

// src/ir/visit.ts
function forEachFrameStateValue(state, visit) {
  for (let s = state; s; s = s.caller) {
    for (const v of s.locals) if (typeof v === "number") visit(v);
    for (const v of s.stack) if (typeof v === "number") visit(v);
    for (const g of s.globals) visit(g.value);
  }
}
function forEachUse(instruction, visit) {
  for (const v of instruction.args) visit(v);
  forEachExitUse(instruction, visit);
}
function forEachExitUse(instruction, visit) {
  if (instruction.frameState) forEachFrameStateValue(instruction.frameState, visit);
  if (instruction.ownedAtExit) for (const v of instruction.ownedAtExit) visit(v);
}
function edgesOf(terminator) {
  switch (terminator.kind) {
    case "jump":
      return [terminator.target];
    case "branch":
    case "compare_branch":
      return [terminator.then, terminator.else];
    case "for_iter":
      return [terminator.body, terminator.exhausted];
    case "exit":
      return [];
    default:
      return assertExhaustive(terminator, "terminator");
  }
}
function terminatorArgs(terminator) {
  switch (terminator.kind) {
    case "jump":
    case "exit":
      return [];
    case "branch":
      return [terminator.condition];
    case "compare_branch":
      return terminator.args;
    case "for_iter":
      return [terminator.iterator];
    default:
      return assertExhaustive(terminator, "terminator");
  }
}
function forEachTerminatorUse(terminator, visit) {
  for (const v of terminatorArgs(terminator)) visit(v);
  for (const edge2 of edgesOf(terminator)) for (const v of edge2.args) visit(v);
  if (terminator.kind === "exit" || terminator.kind === "for_iter") forEachFrameStateValue(terminator.frameState, visit);
  if (terminator.kind === "exit" && terminator.ownedAtExit) for (const v of terminator.ownedAtExit) visit(v);
}
function forEachBlockUse(block, visit) {
  for (const instruction of block.instructions) forEachUse(instruction, visit);
  forEachTerminatorUse(block.terminator, visit);
}
function mapFrameState(state, rewrite) {
  return {
    ...state,
    locals: state.locals.map((v) => typeof v === "number" ? rewrite(v) : v),
    stack: state.stack.map((v) => typeof v === "number" ? rewrite(v) : v),
    globals: state.globals.map((g) => ({ ...g, value: rewrite(g.value) })),
    ...state.caller ? { caller: mapFrameState(state.caller, rewrite) } : {}
  };
}
function rewriteFrameState(state, rewrite) {
  let changed = false;
  forEachFrameStateValue(state, (v) => {
    if (rewrite(v) !== v) changed = true;
  });
  return changed ? mapFrameState(state, rewrite) : state;
}
function rewriteList(values, rewrite) {
  for (let i = 0; i < values.length; i++) values[i] = rewrite(values[i]);
}
function rewriteInstruction(instruction, rewrite) {
  rewriteList(instruction.args, rewrite);
  if (instruction.frameState) instruction.frameState = rewriteFrameState(instruction.frameState, rewrite);
  if (instruction.ownedAtExit) rewriteList(instruction.ownedAtExit, rewrite);
}
function rewriteTerminator(terminator, rewrite) {
  for (const edge2 of edgesOf(terminator)) rewriteList(edge2.args, rewrite);
  switch (terminator.kind) {
    case "jump":
      return;
    case "branch":
      terminator.condition = rewrite(terminator.condition);
      return;
    case "compare_branch":
      rewriteList(terminator.args, rewrite);
      return;
    case "for_iter":
      terminator.iterator = rewrite(terminator.iterator);
      terminator.frameState = rewriteFrameState(terminator.frameState, rewrite);
      return;
    case "exit":
      terminator.frameState = rewriteFrameState(terminator.frameState, rewrite);
      if (terminator.ownedAtExit) rewriteList(terminator.ownedAtExit, rewrite);
      return;
    default:
      assertExhaustive(terminator, "terminator");
  }
}
function rewriteUses(fn, rewrite) {
  for (const block of fn.blocks.values()) {
    for (const instruction of block.instructions) rewriteInstruction(instruction, rewrite);
    rewriteTerminator(block.terminator, rewrite);
  }
}
var Replacements = class {
  #map = [];
  #size = 0;
  set(from, to) {
    if (this.#map[from] === void 0) this.#size++;
    this.#map[from] = to;
  }
  get size() {
    return this.#size;
  }
  resolve = (value) => {
    let v = value;
    for (let next = this.#map[v]; next !== void 0; next = this.#map[v]) v = next;
    return v;
  };
  /** Rewrites the function; true when there was anything to replace. */
  apply(fn) {
    if (this.#size === 0) return false;
    rewriteUses(fn, this.resolve);
    return true;
  }
};

// src/ir/graph.ts
var blockOf = (fn, id) => defined(fn.blocks.get(id), `block${id}`);
function reversePostorder(fn) {
  const order = [];
  const seen = /* @__PURE__ */ new Set([fn.entry]);
  const stack = [];
  const open = (id) => {
    const block = blockOf(fn, id);
    stack.push({ block, edges: edgesOf(block.terminator), next: 0 });
  };
  open(fn.entry);
  while (stack.length > 0) {
    const top = stack[stack.length - 1];
    const edge2 = top.edges[top.edges.length - 1 - top.next];
    if (!edge2) {
      order.push(top.block);
      stack.pop();
    } else {
      top.next++;
      if (!seen.has(edge2.block)) {
        seen.add(edge2.block);
        open(edge2.block);
      }
    }
  }
  return order.reverse();
}
var Graph = class {
  fn;
  order;
  #predecessors = [];
  #position = [];
  #idom = [];
  #children = [];
  /** Interval of each block in a preorder walk of the dominator tree. */
  #enter = [];
  #leave = [];
  #loops;
  constructor(fn) {
    this.fn = fn;
    this.order = reversePostorder(fn);
    this.order.forEach((block, i) => {
      this.#position[block.id] = i;
      this.#predecessors[block.id] = [];
      this.#children[block.id] = [];
    });
    for (const block of this.order) {
      for (const edge2 of edgesOf(block.terminator)) this.#predecessors[edge2.block].push({ block, edge: edge2 });
    }
    this.#findDominators();
    this.#numberTree();
  }
  isReachable(id) {
    return this.#position[id] !== void 0;
  }
  predecessors(id) {
    return this.#predecessors[id] ?? [];
  }
  /** Position in reverse postorder. */
  position(id) {
    return defined(this.#position[id], `position of block${id}`);
  }
  immediateDominator(id) {
    return this.#idom[id];
  }
  /** Blocks whose immediate dominator this is. */
  dominatorChildren(id) {
    return this.#children[id] ?? [];
  }
  /** True when every path to `b` goes through `a`; a block dominates itself. */
  dominates(a, b) {
    return this.#enter[a] <= this.#enter[b] && this.#leave[b] <= this.#leave[a];
  }
  /** Natural loops, inner loops after the loops around them. */
  loops() {
    this.#loops ??= this.#findLoops();
    return this.#loops;
  }
  // Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm".
  #findDominators() {
    const idom = [0];
    const intersect3 = (a, b) => {
      let x = a, y = b;
      while (x !== y) {
        while (x > y) x = idom[x];
        while (y > x) y = idom[y];
      }
      return x;
    };
    for (let changed = true; changed; ) {
      changed = false;
      for (let i = 1; i < this.order.length; i++) {
        let best = -1;
        for (const p of this.#predecessors[this.order[i].id]) {
          const at = this.#position[p.block.id];
          if (idom[at] === void 0) continue;
          best = best < 0 ? at : intersect3(best, at);
        }
        if (idom[i] !== best) {
          idom[i] = best;
          changed = true;
        }
      }
    }
    for (let i = 1; i < this.order.length; i++) {
      const dominator = this.order[idom[i]];
      this.#idom[this.order[i].id] = dominator;
      this.#children[dominator.id].push(this.order[i]);
    }
  }
  #numberTree() {
    let clock = 0;
    const stack = [{ id: this.fn.entry, next: 0 }];
    this.#enter[this.fn.entry] = clock++;
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const child = this.#children[top.id][top.next++];
      if (child) {
        this.#enter[child.id] = clock++;
        stack.push({ id: child.id, next: 0 });
      } else {
        this.#leave[top.id] = clock++;
        stack.pop();
      }
    }
  }
  #findLoops() {
    const loops = [];
    for (const header of this.order) {
      const latches = this.predecessors(header.id).map((p) => p.block).filter((b) => this.dominates(header.id, b.id));
      if (latches.length === 0) continue;
      loops.push({ header, latches, blocks: this.#loopBody(header, latches), parent: void 0, depth: 1 });
    }
    loops.forEach((loop, i) => {
      for (let j = i - 1; j >= 0; j--) {
        const outer = loops[j];
        if (outer.blocks.has(loop.header.id)) {
          loop.parent = outer;
          loop.depth = outer.depth + 1;
          break;
        }
      }
    });
    return loops;
  }
  #loopBody(header, latches) {
    const body = /* @__PURE__ */ new Set([header.id]);
    const work = latches.map((b) => b.id);
    for (let id = work.pop(); id !== void 0; id = work.pop()) {
      if (body.has(id)) continue;
      body.add(id);
      for (const p of this.predecessors(id)) work.push(p.block.id);
    }
    return body;
  }
};

// src/ir/immediates.ts
function immediateNumber(instruction, index = 0) {
  const value = immediateAt(instruction, index);
  invariant(typeof value !== "string", `${instruction.op}: immediate ${index} is not a number`);
  return Number(value);
}
function immediateBigInt(instruction, index = 0) {
  const value = immediateAt(instruction, index);
  invariant(typeof value !== "string", `${instruction.op}: immediate ${index} is not a number`);
  return BigInt(value);
}
function immediateAt(instruction, index) {
  const value = instruction.immediates[index];
  invariant(value !== void 0, `${instruction.op}: immediate ${index} is missing`);
  return value;
}
function immediateKey(value) {
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

// src/ir/ops.ts
function op(args, result, doc, o = {}) {
  const lowering = o.none ? { kind: "none" } : o.call !== void 0 ? { kind: "call", symbol: o.call } : { kind: "stencil" };
  return {
    args,
    result,
    doc,
    lowering,
    immediates: o.imm ?? [],
    effect: o.effect ?? "pure",
    guard: o.guard ?? false,
    ownership: o.own ?? "none",
    consumes: o.consumes ?? [],
    commutative: o.commutative ?? false
  };
}
var py = (args, result, doc, imm = [], effect = "opaque") => op(args === "any" ? "any" : Array(args).fill("py"), result ? "py" : "none", doc, { imm, effect, guard: true, none: true });
var I = "int";
var F = "float";
var B = "bool";
var O = "obj";
var ops = {
  // ---- Python level (before specializeTypes) ----------------------------------------------------------------
  "py.local": py(0, true, "value of a local at entry of the unit", ["local"], "read"),
  "py.take_stack": py(0, true, "takes an operand-stack item over at entry (bottom is 0)", ["stack"], "read"),
  "py.const": py(0, true, "a constant of the object table", ["object"], "pure"),
  "py.int": py(0, true, "an int constant made by the compiler", ["int"], "pure"),
  "py.set_local": py(1, false, "STORE_FAST in the outer frame", ["local"]),
  "py.clear_local": py(0, false, "DELETE_FAST in the outer frame", ["local"]),
  "py.release": py(1, false, "end of life of a local of an inlined frame (overwritten, or the frame returned)"),
  "py.load_global": py(0, true, "value of a name in a namespace dict: dict, entry index, name", ["object", "int", "object"], "read"),
  "py.store_global": py(1, false, "stores a name in a namespace dict: dict, entry index, name", ["object", "int", "object"]),
  "py.guard_global": py(0, false, "the entry of a namespace dict still holds this object: dict, entry index, object", ["object", "int", "object"], "read"),
  "py.load_cell": py(1, true, "contents of a cell", [], "read"),
  "py.store_cell": py(2, false, "stores into a cell: cell, value"),
  "py.unary": py(1, true, "neg, pos, not, invert", ["operator"]),
  "py.binary": py(2, true, 'add sub mul truediv floordiv mod pow lshift rshift and or xor matmul; an "i" prefix for the in-place form', ["operator"]),
  "py.compare": py(2, true, "lt le eq ne gt ge", ["operator"]),
  "py.is": py(2, true, "identity", [], "pure"),
  "py.contains": py(2, true, "args: container, item"),
  "py.truth": py(1, true, "truth value; the result is a bool"),
  "py.subscript": py(2, true, "args: container, key"),
  "py.store_subscript": py(3, false, "args: container, key, value"),
  "py.delete_subscript": py(2, false, "args: container, key"),
  "py.attribute": py(1, true, "attribute by name", ["name"]),
  "py.store_attribute": py(2, false, "args: object, value", ["name"]),
  "py.guard_type_version": py(1, false, "type(arg) has this version tag", ["version"], "read"),
  "py.guard_keys_version": py(1, false, "arg keeps its attributes in values whose shared keys (of its heap type) have this version", ["version"], "read"),
  "py.guard_is": py(1, false, "arg is this object", ["object"], "pure"),
  "py.guard_function": py(1, false, "arg is a function whose func_version is this", ["version"], "read"),
  "py.call": py("any", true, "args: callable, positional arguments"),
  "py.call_kw": py("any", true, "args: callable, arguments; the tuple of keyword names", ["object"]),
  "py.get_iter": py(1, true, "iter()"),
  "py.build_list": py("any", true, "new list"),
  "py.build_tuple": py("any", true, "new tuple"),
  "py.build_map": py("any", true, "new dict: key, value, key, value\u2026"),
  "py.build_slice": py("any", true, "slice of 2 or 3"),
  "py.list_append": py(2, false, "args: list, value; the list is a list"),
  "py.unpack_check": py(1, false, "arg is a tuple or list of exactly this many items", ["count"], "read"),
  "py.unpack_item": py(1, true, "item of a sequence checked by py.unpack_check", ["count"], "read"),
  "py.safepoint": py(0, false, "back edge: leaves when the eval breaker is set", [], "read"),
  // ---- constants ---------------------------------------------------------------------------------------------
  "const.int": op([], I, "i64", { imm: ["int"] }),
  "const.float": op([], F, "double; the immediate is the number, NaN and -0 included", { imm: ["float"] }),
  "const.bool": op([], B, "0 or 1", { imm: ["int"] }),
  "const.obj": op([], O, "object of the table, borrowed for ever", { imm: ["object"] }),
  // ---- integers ----------------------------------------------------------------------------------------------
  "int.add": op([I, I], I, "leaves on overflow", { guard: true, commutative: true }),
  "int.sub": op([I, I], I, "leaves on overflow", { guard: true }),
  "int.mul": op([I, I], I, "leaves on overflow", { guard: true, commutative: true }),
  "int.add_wrap": op([I, I], I, "modulo 2^64", { commutative: true }),
  "int.sub_wrap": op([I, I], I, "modulo 2^64"),
  "int.mul_wrap": op([I, I], I, "modulo 2^64", { commutative: true }),
  "int.neg": op([I], I, "leaves on overflow", { guard: true }),
  "int.abs": op([I], I, "leaves on overflow", { guard: true }),
  "int.invert": op([I], I, "~a"),
  "int.and": op([I, I], I, "a & b", { commutative: true }),
  "int.or": op([I, I], I, "a | b", { commutative: true }),
  "int.xor": op([I, I], I, "a ^ b", { commutative: true }),
  "int.shl": op([I, I], I, "leaves when the count is not in 0..62 or bits are lost", { guard: true }),
  "int.shl_wrap": op([I, I], I, "modulo 2^64; leaves when the count is negative; 0 for counts of 64 and more", { guard: true }),
  "int.shr": op([I, I], I, "arithmetic; leaves when the count is negative; counts above 63 act as 63", { guard: true }),
  "int.ushr_wrap": op([I, I], I, "logical shift of the 64-bit pattern, count 0..63"),
  "int.floordiv": op([I, I], I, "floor division; leaves when b is 0 or the result overflows", { guard: true }),
  "int.mod": op([I, I], I, "sign of b; leaves when b is 0", { guard: true }),
  "int.umod": op([I, I], I, "a mod b of non-negative a and positive b (proved)"),
  "int.udiv": op([I, I], I, "a div b of non-negative a and positive b (proved)"),
  "int.min": op([I, I], I, "smaller", { commutative: true }),
  "int.max": op([I, I], I, "greater", { commutative: true }),
  "int.add_imm": op([I], I, "a + imm (32 bits); leaves on overflow", { imm: ["int"], guard: true }),
  "int.add_imm_wrap": op([I], I, "a + imm (32 bits) modulo 2^64", { imm: ["int"] }),
  "int.mul_imm": op([I], I, "a * imm (32 bits); leaves on overflow", { imm: ["int"], guard: true }),
  "int.and_imm": op([I], I, "a & imm (non-negative, 31 bits)", { imm: ["int"] }),
  "int.shl_imm": op([I], I, "a << imm (0..62); leaves when bits are lost", { imm: ["int"], guard: true }),
  "int.shr_imm": op([I], I, "a >> imm (0..63), arithmetic", { imm: ["int"] }),
  "int.to_float": op([I], F, "nearest double"),
  "int.to_float_exact": op([I], F, "leaves when |a| > 2^53", { guard: true }),
  "int.to_bool": op([I], B, "a != 0"),
  "int.from_bool": op([B], I, "0 or 1"),
  ...comparisons("int", I),
  // ---- floats ------------------------------------------------------------------------------------------------
  "float.add": op([F, F], F, "a + b", { commutative: true }),
  "float.sub": op([F, F], F, "a - b"),
  "float.mul": op([F, F], F, "a * b", { commutative: true }),
  "float.div": op([F, F], F, "leaves when b is 0", { guard: true }),
  "float.floordiv": op([F, F], F, "leaves when b is 0", { guard: true, call: "armature_float_floordiv" }),
  "float.mod": op([F, F], F, "leaves when b is 0", { guard: true, call: "armature_float_mod" }),
  "float.pow": op([F, F], F, "leaves where CPython raises or returns a complex number", { guard: true, call: "armature_float_pow" }),
  "float.neg": op([F], F, "-a"),
  "float.abs": op([F], F, "|a|"),
  "float.sqrt": op([F], F, "leaves when a < 0", { guard: true }),
  "float.to_int": op([F], I, "truncates; leaves when not finite or outside i64", { guard: true }),
  "float.floor": op([F], I, "leaves when not finite or outside i64", { guard: true }),
  "float.ceil": op([F], I, "leaves when not finite or outside i64", { guard: true }),
  "float.to_bool": op([F], B, "a != 0 (true for NaN)"),
  "float.libm": op([F], F, "function of one argument, by symbol; leaves when the result is not finite", { imm: ["symbol"], guard: true }),
  "float.libm2": op([F, F], F, "function of two arguments, by symbol; leaves when the result is not finite", { imm: ["symbol"], guard: true }),
  ...comparisons("float", F),
  // ---- bool --------------------------------------------------------------------------------------------------
  "bool.not": op([B], B, "not a"),
  "guard.true": op([B], "none", "leaves when false", { guard: true }),
  "guard.false": op([B], "none", "leaves when true", { guard: true }),
  // ---- guards on objects and unboxing --------------------------------------------------------------------------
  "guard.type": op([O], "none", "type(a) is this type", { imm: ["object"], guard: true }),
  "guard.type_version": op([O], "none", "type(a) has this version tag", { imm: ["version"], guard: true, effect: "read" }),
  "guard.keys_version": op([O], "none", "version of the shared keys of type(a), a heap type", { imm: ["version"], guard: true, effect: "read" }),
  "guard.is": op([O], "none", "a is this object", { imm: ["object"], guard: true }),
  "guard.is_not": op([O], "none", "a is not this object", { imm: ["object"], guard: true }),
  "guard.bound": op([O], "none", "a is not NULL", { guard: true }),
  "guard.function": op([O], "none", "a is a function with this func_version", { imm: ["version"], guard: true, effect: "read" }),
  "guard.global": op([], "none", "entry of a dict holds this object: dict, entry index, object", { imm: ["object", "int", "object"], guard: true, effect: "read" }),
  "unbox.int": op([O], I, "leaves unless an int (exact type) that fits i64", { guard: true }),
  "unbox.float": op([O], F, "leaves unless a float (exact type)", { guard: true }),
  "unbox.bool": op([O], B, "leaves unless True or False", { guard: true }),
  "unbox.float_known": op([O], F, "the float inside; the type is proved"),
  "obj.is": op([O, O], B, "identity", { commutative: true }),
  "obj.is_const": op([O], B, "a is this object", { imm: ["object"] }),
  "obj.truth": op([O], B, "truth of True, False, None, an int or a float; leaves for anything else", { guard: true, effect: "read" }),
  "obj.is_null": op([O], B, "a is NULL"),
  "box.int": op([I], O, "new int", { own: "owned", effect: "write", call: "armature_box_int" }),
  "box.float": op([F], O, "new float", { own: "owned", effect: "write", call: "armature_box_float" }),
  "box.bool": op([B], O, "True or False", { own: "borrowed" }),
  incref: op([O], "none", "one more reference", { effect: "write" }),
  decref: op([O], "none", "one reference less; may run a finaliser", { effect: "opaque", consumes: [0] }),
  decref_number: op([O], "none", "one reference less of an int, float, bool, None or str: no Python code can run", { effect: "write", consumes: [0] }),
  // ---- frame memory --------------------------------------------------------------------------------------------
  "home.load": op([], O, "object in the home of a local (may be NULL)", { imm: ["local"], effect: "read", own: "borrowed" }),
  "home.store": op([O], "none", "takes the value over; releases the old one", { imm: ["local"], effect: "opaque", consumes: [0] }),
  "home.clear": op([], "none", "releases the object and sets NULL", { imm: ["local"], effect: "opaque" }),
  "stack.take": op([], O, "takes an operand-stack item over at entry", { imm: ["stack"], effect: "write", own: "owned" }),
  "frame.position": op([], "none", "publishes the instruction about to call out: code unit offset", { imm: ["offset"], effect: "write" }),
  // ---- containers: types are proved -----------------------------------------------------------------------------
  "list.length": op([O], I, "len of a list", { effect: "read" }),
  "list.item": op([O, I], O, "item, negative index from the end; leaves when out of range", { guard: true, effect: "read", own: "borrowed" }),
  "list.store": op([O, I, O], "none", "takes the value over, releases the old item; leaves when out of range", { guard: true, effect: "opaque", consumes: [2] }),
  "list.store_float": op([O, I, F], "none", "into a float nobody else holds, else a new float; leaves when out of range or when the old item is not a float", { guard: true, effect: "write" }),
  "list.store_int": op([O, I, I], "none", "leaves when out of range or when the old item is not an int", { guard: true, effect: "write" }),
  "list.append": op([O, O], "none", "takes the value over", { effect: "write", consumes: [1], call: "armature_list_append" }),
  "tuple.length": op([O], I, "len of a tuple", { effect: "read" }),
  "tuple.item": op([O, I], O, "negative index from the end; leaves when out of range", { guard: true, effect: "read", own: "borrowed" }),
  "bytes.length": op([O], I, "len of bytes", { effect: "read" }),
  "bytes.item": op([O, I], I, "leaves when out of range", { guard: true, effect: "read" }),
  "bytearray.length": op([O], I, "len of a bytearray", { effect: "read" }),
  "bytearray.item": op([O, I], I, "leaves when out of range", { guard: true, effect: "read" }),
  "bytearray.store": op([O, I, I], "none", "leaves when out of range or the value is not in 0..255", { guard: true, effect: "write" }),
  "str.length": op([O], I, "len of a str", { effect: "read" }),
  "dict.length": op([O], I, "len of a dict", { effect: "read" }),
  "dict.item": op([O, O], O, "value of a key of type str, int, float, bool or None; leaves when missing", { guard: true, effect: "read", own: "owned", call: "armature_dict_item" }),
  "dict.store": op([O, O, O], "none", "key of type str, int, float, bool or None; arguments keep their references", { effect: "opaque", call: "armature_dict_store" }),
  "dict.contains": op([O, O], B, "key of type str, int, float, bool or None", { effect: "read", call: "armature_dict_contains" }),
  // ---- attributes ------------------------------------------------------------------------------------------------
  "field.load": op([O], O, "PyObject * at this byte offset of an object; leaves when NULL", { imm: ["offset"], guard: true, effect: "read", own: "borrowed" }),
  "field.store": op([O, O], "none", "takes the value over, releases the old one; leaves when the old one is NULL", { imm: ["offset"], guard: true, effect: "opaque", consumes: [1] }),
  "field.store_float": op([O, F], "none", "as list.store_float", { imm: ["offset"], guard: true, effect: "write" }),
  "field.store_int": op([O, I], "none", "as list.store_int", { imm: ["offset"], guard: true, effect: "write" }),
  "values.check": op([O], "none", "3.13+: the inline values of the object are valid; 3.11: it has a values pointer", { guard: true, effect: "read" }),
  "values.load": op([O], O, "attribute in the values array, by index; leaves when NULL", { imm: ["int"], guard: true, effect: "read", own: "borrowed" }),
  "values.store": op([O, O], "none", "takes the value over; leaves when the old one is NULL", { imm: ["int"], guard: true, effect: "opaque", consumes: [1] }),
  "values.store_float": op([O, F], "none", "as list.store_float", { imm: ["int"], guard: true, effect: "write" }),
  "values.store_int": op([O, I], "none", "as list.store_int", { imm: ["int"], guard: true, effect: "write" }),
  "dict.entry": op([], O, "value of entry N of a namespace dict whose keys are checked: dict, entry index; leaves when NULL", { imm: ["object", "int"], guard: true, effect: "read", own: "borrowed" }),
  "dict.entry_store": op([O], "none", "stores name in a namespace dict: dict, name; keeps its own reference", { imm: ["object", "object"], effect: "opaque", call: "armature_global_store" }),
  "guard.dict_keys": op([], "none", "the dict still has the keys it had: dict", { imm: ["object"], guard: true, effect: "read" }),
  "cell.load": op([O], O, "contents of a cell; leaves when empty", { guard: true, effect: "read", own: "borrowed" }),
  "cell.store": op([O, O], "none", "takes the value over, releases the old one", { effect: "opaque", consumes: [1] }),
  // ---- iterators: types are proved, state stays in the iterator object -----------------------------------------------
  "range_iter.more": op([O], B, "items are left", { effect: "read" }),
  "range_iter.next": op([O], I, "advances; only after more", { effect: "write" }),
  "list_iter.more": op([O], B, "items are left; at the end drops the list as CPython does", { effect: "write" }),
  "list_iter.next": op([O], O, "advances; only after more", { effect: "write", own: "owned" }),
  "tuple_iter.more": op([O], B, "items are left; at the end drops the tuple", { effect: "write" }),
  "tuple_iter.next": op([O], O, "advances; only after more", { effect: "write", own: "owned" }),
  "bytes_iter.more": op([O], B, "items are left; at the end drops the bytes", { effect: "write" }),
  "bytes_iter.next": op([O], I, "advances; only after more", { effect: "write" }),
  "iter.is_plain": op([O], B, "iterating runs no Python code: an iterator of a builtin container, or enumerate or zip of such", { call: "armature_iterator_is_plain" }),
  // ---- calls ------------------------------------------------------------------------------------------------------
  "arg.store": op([O], "none", "outgoing vectorcall argument, by position (0 is the callable); borrowed", { imm: ["int"], effect: "pure" }),
  "call.vector": op([], O, "calls with the stored arguments: argument count, names tuple object or -1; NULL on error", { imm: ["count", "int"], effect: "opaque", own: "owned" }),
  "call.arguments_o": op([], O, "C function of (address of the stored arguments from position 0, count) by symbol; NULL on error", { imm: ["count", "symbol"], effect: "opaque", own: "owned" }),
  "call.o_o": op([O], O, "C function by symbol; NULL on error", { imm: ["symbol"], effect: "opaque", own: "owned" }),
  "call.oo_o": op([O, O], O, "C function by symbol; NULL on error", { imm: ["symbol"], effect: "opaque", own: "owned" }),
  "call.ooo_o": op([O, O, O], O, "C function by symbol; NULL on error", { imm: ["symbol"], effect: "opaque", own: "owned" }),
  "call.o_i": op([O], I, "C function by symbol; -1 on error", { imm: ["symbol"], effect: "opaque" }),
  "call.oo_i": op([O, O], I, "C function by symbol; -1 on error", { imm: ["symbol"], effect: "opaque" }),
  "call.ooo_i": op([O, O, O], I, "C function by symbol; -1 on error", { imm: ["symbol"], effect: "opaque" }),
  "check.error": op([O], "none", "leaves with the exception set when NULL", { guard: true }),
  "check.error_int": op([I], "none", "leaves with the exception set when -1", { guard: true }),
  "check.tracing": op([], "none", "after a call: leaves when tracing, profiling or monitoring began", { guard: true, effect: "read" }),
  safepoint: op([], "none", "leaves when the eval breaker is set", { guard: true, effect: "read" })
};
var opInfo = (name) => ops[name];
function comparisons(prefix2, type) {
  const entries = ["lt", "le", "eq", "ne", "gt", "ge"].map((c) => [
    `${prefix2}.${c}`,
    op([type, type], "bool", `a ${c} b`, { commutative: c === "eq" || c === "ne" })
  ]);
  return Object.fromEntries(entries);
}

// src/compiler/3-optimize/facts.ts
var set = (...names2) => new Set(names2);
var OVERFLOW_ONLY = set(
  "int.add",
  "int.sub",
  "int.mul",
  "int.neg",
  "int.abs",
  "int.add_imm",
  "int.mul_imm",
  "int.shl_imm",
  "int.to_float_exact"
);
var KEPT_READS = set("py.take_stack", "py.load_global", "py.load_cell", "py.unpack_item");
function isRemovable(instruction) {
  const info = opInfo(instruction.op);
  if (info.result === "none") return false;
  if (instruction.op === "box.int" || instruction.op === "box.float") return true;
  if (info.effect === "write" || info.effect === "opaque") return false;
  if (KEPT_READS.has(instruction.op)) return false;
  if (!info.guard || OVERFLOW_ONLY.has(instruction.op)) return true;
  return instruction.op === "py.local" || instruction.op.startsWith("py.") && info.effect === "pure";
}
var VOLATILE = set("safepoint", "check.tracing", "check.error", "check.error_int", "py.safepoint");
var IMMUTABLE = set("bytes.length", "bytes.item", "str.length", "tuple.length");
var TYPES = set("guard.type", "guard.type_version", "guard.function", "guard.global", "guard.dict_keys", "values.check");
var LENGTHS = set("list.length", "dict.length", "bytearray.length");
function isStaticType(type, context) {
  if (typeof type === "string") return type.startsWith("@") && type !== "@PyModule_Type";
  return context.staticTypes?.has(Number(type)) === true;
}
function dependence(instruction, context) {
  const { op: op2 } = instruction;
  const info = opInfo(op2);
  if (VOLATILE.has(op2) || info.effect === "write" || info.effect === "opaque" || info.ownership === "owned") return "volatile";
  if (info.result === "none" && !info.guard) return "volatile";
  if (op2.startsWith("py.")) return op2 === "py.const" || op2 === "py.int" || op2 === "py.is" ? "nothing" : "volatile";
  if (op2 === "guard.type" && isStaticType(immediateAt(instruction, 0), context)) return "nothing";
  if (TYPES.has(op2)) return "types";
  if (info.effect === "pure" || IMMUTABLE.has(op2)) return "nothing";
  return LENGTHS.has(op2) ? "lengths" : "memory";
}
function invalidates(instruction) {
  switch (opInfo(instruction.op).effect) {
    case "pure":
    case "read":
      return [];
    case "write":
      return instruction.op === "list.append" ? ["lengths", "memory"] : ["memory"];
    case "opaque":
      return ["types", "lengths", "memory"];
  }
}
function definitions(fn) {
  const defs = new Array(fn.nextValue);
  for (const block of fn.blocks.values()) {
    for (const i of block.instructions) if (i.result !== void 0) defs[i.result] = i;
  }
  return defs;
}
function constantInt(defs, v) {
  const def = defs[v];
  return def?.op === "const.int" ? immediateBigInt(def) : void 0;
}
function forgetExit(instruction) {
  delete instruction.frameState;
  delete instruction.ownedAtExit;
}
function become(instruction, op2, args, immediates = []) {
  instruction.op = op2;
  instruction.args = [...args];
  instruction.immediates = immediates;
  if (!opInfo(op2).guard) forgetExit(instruction);
  return instruction;
}
function filterInstructions(block, drop) {
  const before = block.instructions.length;
  block.instructions = block.instructions.filter((i) => !drop(i));
  return block.instructions.length !== before;
}

// src/compiler/3-optimize/eliminate-common-subexpressions.ts
var eliminateCommonSubexpressions = {
  name: "eliminate-common-subexpressions",
  summary: "reuses results and guards that were computed before",
  run: (fn, context) => {
    const graph = new Graph(fn);
    return new Numbering(graph, context, new Epochs(graph)).run();
  }
};
var KINDS = ["types", "lengths", "memory"];
var Epochs = class {
  #graph;
  #in = [];
  /** The epoch that begins after an instruction that changes something. */
  #after = /* @__PURE__ */ new Map();
  #next = 0;
  constructor(graph) {
    this.#graph = graph;
    const loopWrites = this.#loopWrites();
    const out = [];
    for (const block of graph.order) {
      const state = this.#atEntry(block, out, loopWrites[block.id]);
      this.#in[block.id] = state;
      const after = { ...state };
      for (const i of block.instructions) this.advance(after, i);
      out[block.id] = after;
    }
  }
  atStart(block) {
    return { ...this.#in[block] };
  }
  advance(state, instruction) {
    const kinds = invalidates(instruction);
    if (kinds.length === 0) return;
    let epoch = this.#after.get(instruction);
    if (epoch === void 0) this.#after.set(instruction, epoch = this.#next++);
    for (const kind of kinds) if (isKind(kind)) state[kind] = epoch;
  }
  #atEntry(block, out, writes) {
    const state = {};
    const forward = this.#graph.predecessors(block.id).map((p) => out[p.block.id]).filter((s) => s !== void 0);
    const irreducible = !writes && forward.length < this.#graph.predecessors(block.id).length;
    for (const kind of KINDS) {
      const first = forward[0]?.[kind];
      const same = first !== void 0 && !irreducible && !writes?.has(kind) && forward.every((s) => s[kind] === first);
      state[kind] = same ? first : this.#next++;
    }
    return state;
  }
  /** By header: what the instructions of the loop change. */
  #loopWrites() {
    const byHeader = [];
    for (const loop of this.#graph.loops()) {
      const writes = /* @__PURE__ */ new Set();
      for (const id of loop.blocks) {
        for (const i of this.#graph.fn.blocks.get(id).instructions) for (const kind of invalidates(i)) writes.add(kind);
      }
      byHeader[loop.header.id] = writes;
    }
    return byHeader;
  }
};
var isKind = (kind) => kind !== "nothing" && kind !== "volatile";
var Numbering = class {
  #graph;
  #context;
  #epochs;
  #available = /* @__PURE__ */ new Map();
  #replaced = new Replacements();
  #dropped = /* @__PURE__ */ new Set();
  constructor(graph, context, epochs) {
    this.#graph = graph;
    this.#context = context;
    this.#epochs = epochs;
  }
  run() {
    this.#walk();
    if (this.#dropped.size === 0) return false;
    for (const block of this.#graph.order) filterInstructions(block, (i) => this.#dropped.has(i));
    this.#replaced.apply(this.#graph.fn);
    return true;
  }
  /** Preorder over the dominator tree; what a block made available is withdrawn when its subtree is done. */
  #walk() {
    const stack = [];
    const open = (block) => {
      stack.push({ block, added: this.#visit(block), next: 0 });
    };
    open(this.#graph.order[0]);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const child = this.#graph.dominatorChildren(top.block.id)[top.next++];
      if (child) open(child);
      else {
        for (const key3 of top.added) this.#available.delete(key3);
        stack.pop();
      }
    }
  }
  #visit(block) {
    const added = [];
    const state = this.#epochs.atStart(block.id);
    for (const i of block.instructions) {
      rewriteInstruction(i, this.#replaced.resolve);
      const key3 = this.#key(i, state);
      const same = key3 === void 0 ? void 0 : this.#available.get(key3);
      if (same) {
        if (i.result !== void 0) this.#replaced.set(i.result, same.result);
        this.#dropped.add(i);
        continue;
      }
      if (key3 !== void 0) {
        this.#available.set(key3, i);
        added.push(key3);
      }
      this.#epochs.advance(state, i);
    }
    rewriteTerminator(block.terminator, this.#replaced.resolve);
    return added;
  }
  #key(i, state) {
    const depends = dependence(i, this.#context);
    if (depends === "volatile") return void 0;
    const args = opInfo(i.op).commutative && i.args[0] > i.args[1] ? [i.args[1], i.args[0]] : i.args;
    const epoch = depends === "nothing" ? "" : state[depends];
    return `${i.op}(${args.join()}${i.immediates.map((imm) => `;${immediateKey(imm)}`).join("")})${epoch}`;
  }
};

// src/compiler/3-optimize/eliminate-dead-code.ts
var eliminateDeadCode = {
  name: "eliminate-dead-code",
  summary: "removes instructions without effect whose result is unused",
  run: (fn) => {
    const live = findLive(fn);
    let changed = false;
    for (const block of fn.blocks.values()) {
      changed = filterInstructions(block, (i) => isRemovable(i) && live[i.result] !== true) || changed;
    }
    return changed;
  }
};
function findLive(fn) {
  const live = new Array(fn.nextValue);
  const defs = definitions(fn);
  const work = [];
  const mark = (v) => {
    if (live[v]) return;
    live[v] = true;
    const def = defs[v];
    if (def && isRemovable(def)) work.push(def);
  };
  for (const block of fn.blocks.values()) {
    for (const i of block.instructions) if (!isRemovable(i)) forEachUse(i, mark);
    forEachTerminatorUse(block.terminator, mark);
  }
  for (let i = work.pop(); i; i = work.pop()) forEachUse(i, mark);
  return live;
}

// src/compiler/3-optimize/known-types.ts
function removeKnownTypeGuards(graph, context) {
  return new KnownTypes(graph, context).run();
}
var NUMBER_SYMBOLS = { int: "@PyLong_Type", float: "@PyFloat_Type", bool: "@PyBool_Type" };
var KnownTypes = class {
  #graph;
  #context;
  /** Exact type of a value; only types that instances cannot leave. Builtin number types go by their symbol. */
  #types = [];
  /** Values known not to be NULL. */
  #bound = [];
  #changed = false;
  constructor(graph, context) {
    this.#graph = graph;
    this.#context = context;
  }
  run() {
    const stack = [];
    const open = (block) => {
      const undo = [];
      block.instructions = block.instructions.filter((i) => this.#keep(i, undo));
      stack.push({ block, undo, next: 0 });
    };
    open(this.#graph.order[0]);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const child = this.#graph.dominatorChildren(top.block.id)[top.next++];
      if (child) open(child);
      else {
        for (const undo of top.undo.reverse()) undo();
        stack.pop();
      }
    }
    return this.#changed;
  }
  #keep(i, undo) {
    if (this.#isProved(i)) {
      this.#changed = true;
      return false;
    }
    if (i.op === "unbox.float" && this.#types[i.args[0]] === NUMBER_SYMBOLS.float) {
      become(i, "unbox.float_known", i.args);
      this.#changed = true;
    }
    this.#learn(i, undo);
    return true;
  }
  #isProved(i) {
    if (i.op === "guard.bound") return this.#bound[i.args[0]] === true;
    return i.op === "guard.type" && this.#types[i.args[0]] === this.#typeName(immediateAt(i, 0));
  }
  /** One name a type: the same type may be given by table index or by symbol. */
  #typeName(type) {
    if (typeof type === "string") return type;
    const index = Number(type);
    const numbers = this.#context.numberTypes ?? {};
    for (const kind of ["int", "float", "bool"]) if (numbers[kind] === index) return NUMBER_SYMBOLS[kind];
    return index;
  }
  #learn(i, undo) {
    switch (i.op) {
      case "guard.type": {
        const type = immediateAt(i, 0);
        this.#isBound(i.args[0], undo);
        if (isStaticType(type, this.#context)) this.#hasType(i.args[0], this.#typeName(type), undo);
        return;
      }
      case "unbox.int":
      case "unbox.float":
      case "unbox.bool":
        this.#isBound(i.args[0], undo);
        this.#hasType(i.args[0], NUMBER_SYMBOLS[i.op.slice(6)], undo);
        return;
      case "box.int":
      case "box.float":
      case "box.bool":
        this.#isBound(i.result, undo);
        this.#hasType(i.result, NUMBER_SYMBOLS[i.op.slice(4)], undo);
        return;
      case "guard.bound":
      case "guard.type_version":
      case "guard.is":
      case "check.error":
        this.#isBound(i.args[0], undo);
        return;
      case "const.obj":
        this.#isBound(i.result, undo);
        return;
    }
  }
  #isBound(v, undo) {
    if (this.#bound[v]) return;
    this.#bound[v] = true;
    undo.push(() => this.#bound[v] = void 0);
  }
  #hasType(v, type, undo) {
    const before = this.#types[v];
    if (before === type) return;
    this.#types[v] = type;
    undo.push(() => this.#types[v] = before);
  }
};

// src/ir/fake-objects.ts
var none = () => ({ type: "NoneType", references: 1 });
var boxInt = (value) => ({ type: "int", value, references: 1 });
var boxFloat = (value) => ({ type: "float", value, references: 1 });
var boxBool = (value) => ({ type: "bool", value, references: 1 });

// src/ir/interpret-ops.ts
var LEAVE = /* @__PURE__ */ Symbol("leave");
function evaluate(op2, args, instruction, machine) {
  const comparison = /^(?:int|float)\.(lt|le|eq|ne|gt|ge)$/.exec(op2);
  if (comparison) return compare(comparison[1], args[0], args[1]);
  const run = evaluators[op2];
  if (!run) throw new InvariantError(`the IR interpreter does not know ${op2}`);
  return run(args, instruction, machine);
}
function compare(operator, a, b) {
  switch (operator) {
    case "lt":
      return a < b;
    case "le":
      return a <= b;
    case "eq":
      return a === b;
    case "ne":
      return a !== b;
    case "gt":
      return a > b;
    case "ge":
      return a >= b;
    default:
      throw new InvariantError(`comparison ${operator}`);
  }
}
var wrap = (n2) => BigInt.asIntN(64, n2);
var checked = (n2) => wrap(n2) === n2 ? n2 : LEAVE;
var when = (ok) => ok ? void 0 : LEAVE;
var ints = (f) => (args, i) => f(args[0], args[1], i);
var floats = (f) => (args, i) => f(args[0], args[1], i);
var object = (f) => (args, i, m) => f(args[0], i, m);
function floorDivide(a, b) {
  const q = a / b;
  return a % b !== 0n && a < 0n !== b < 0n ? q - 1n : q;
}
var truncated = (x) => Number.isFinite(x) ? checked(BigInt(Math.trunc(x))) : LEAVE;
function floatMod(a, b) {
  const r = a % b;
  if (r === 0) return b < 0 ? -0 : 0;
  return r < 0 !== b < 0 ? r + b : r;
}
function floatFloorDivide(a, b) {
  const quotient = (a - floatMod(a, b)) / b;
  if (quotient === 0) return Object.is(a / b, -0) || a / b < 0 ? -0 : 0;
  const floor = Math.floor(quotient);
  return quotient - floor > 0.5 ? floor + 1 : floor;
}
function position(items, index) {
  const at = index < 0n ? index + BigInt(items.length) : index;
  return at >= 0n && at < BigInt(items.length) ? Number(at) : void 0;
}
function itemsOf(sequence) {
  const o = sequence;
  invariant(o.type === "list" || o.type === "tuple", `not a sequence: ${o.type}`);
  return o.items;
}
function itemAt(args) {
  const items = itemsOf(args[0]);
  const at = position(items, args[1]);
  return at === void 0 ? LEAVE : items[at];
}
function storeNumber(args, type) {
  const items = itemsOf(args[0]);
  const at = position(items, args[1]);
  if (at === void 0 || items[at].type !== type) return LEAVE;
  items[at] = type === "int" ? boxInt(args[2]) : boxFloat(args[2]);
  return void 0;
}
function storeItem(args) {
  const items = itemsOf(args[0]);
  const at = position(items, args[1]);
  if (at === void 0) return LEAVE;
  items[at].references--;
  items[at] = args[2];
  return void 0;
}
function setHome(machine, index, value) {
  const old = machine.homes[index];
  if (old) old.references--;
  machine.homes[index] = value;
}
function advanceRange(o) {
  invariant(o.type === "range_iterator" && o.length > 0n, "next of an exhausted iterator");
  const item = o.next;
  o.next += o.step;
  o.length--;
  return item;
}
var SYMBOLS = {
  "@PyLong_Type": "int",
  "@PyFloat_Type": "float",
  "@PyBool_Type": "bool",
  "@PyUnicode_Type": "str",
  "@PyList_Type": "list",
  "@PyTuple_Type": "tuple",
  "@PyRangeIter_Type": "range_iterator"
};
function isType(o, i, machine) {
  const name = immediateAt(i, 0);
  if (typeof name === "string") return o?.type === SYMBOLS[name];
  const type = machine.objects[Number(name)];
  return type?.type === "type" && o?.type === type.name;
}
var evaluators = {
  "const.int": (_, i) => immediateBigInt(i),
  "const.float": (_, i) => immediateNumber(i),
  "const.bool": (_, i) => immediateNumber(i) !== 0,
  "const.obj": (_, i, m) => m.objects[immediateNumber(i)] ?? none(),
  "int.add": ints((a, b) => checked(a + b)),
  "int.sub": ints((a, b) => checked(a - b)),
  "int.mul": ints((a, b) => checked(a * b)),
  "int.add_wrap": ints((a, b) => wrap(a + b)),
  "int.sub_wrap": ints((a, b) => wrap(a - b)),
  "int.mul_wrap": ints((a, b) => wrap(a * b)),
  "int.neg": ints((a) => checked(-a)),
  "int.abs": ints((a) => checked(a < 0n ? -a : a)),
  "int.invert": ints((a) => ~a),
  "int.and": ints((a, b) => a & b),
  "int.or": ints((a, b) => a | b),
  "int.xor": ints((a, b) => a ^ b),
  "int.shl": ints((a, b) => b < 0n || b > 62n ? LEAVE : checked(a << b)),
  "int.shl_wrap": ints((a, b) => b < 0n ? LEAVE : b > 63n ? 0n : wrap(a << b)),
  "int.shr": ints((a, b) => b < 0n ? LEAVE : a >> (b > 63n ? 63n : b)),
  "int.ushr_wrap": ints((a, b) => wrap(BigInt.asUintN(64, a) >> b)),
  "int.floordiv": ints((a, b) => b === 0n ? LEAVE : checked(floorDivide(a, b))),
  "int.mod": ints((a, b) => b === 0n ? LEAVE : a - b * floorDivide(a, b)),
  "int.umod": ints((a, b) => a % b),
  "int.udiv": ints((a, b) => a / b),
  "int.min": ints((a, b) => b < a ? b : a),
  "int.max": ints((a, b) => b > a ? b : a),
  "int.add_imm": ints((a, _, i) => checked(a + immediateBigInt(i))),
  "int.add_imm_wrap": ints((a, _, i) => wrap(a + immediateBigInt(i))),
  "int.mul_imm": ints((a, _, i) => checked(a * immediateBigInt(i))),
  "int.and_imm": ints((a, _, i) => a & immediateBigInt(i)),
  "int.shl_imm": ints((a, _, i) => checked(a << immediateBigInt(i))),
  "int.shr_imm": ints((a, _, i) => a >> immediateBigInt(i)),
  "int.to_float": ints((a) => Number(a)),
  "int.to_float_exact": ints((a) => a > 2n ** 53n || a < -(2n ** 53n) ? LEAVE : Number(a)),
  "int.to_bool": ints((a) => a !== 0n),
  "int.from_bool": ([a]) => a === true ? 1n : 0n,
  "float.add": floats((a, b) => a + b),
  "float.sub": floats((a, b) => a - b),
  "float.mul": floats((a, b) => a * b),
  "float.div": floats((a, b) => b === 0 ? LEAVE : a / b),
  "float.floordiv": floats((a, b) => b === 0 ? LEAVE : floatFloorDivide(a, b)),
  "float.mod": floats((a, b) => b === 0 ? LEAVE : floatMod(a, b)),
  "float.neg": floats((a) => -a),
  "float.abs": floats((a) => Math.abs(a)),
  "float.sqrt": floats((a) => a < 0 ? LEAVE : Math.sqrt(a)),
  "float.to_int": floats((a) => truncated(a)),
  "float.floor": floats((a) => truncated(Math.floor(a))),
  "float.ceil": floats((a) => truncated(Math.ceil(a))),
  "float.to_bool": floats((a) => a !== 0),
  "bool.not": ([a]) => !a,
  "guard.true": ([a]) => when(a),
  "guard.false": ([a]) => when(!a),
  "guard.bound": ([a]) => when(a !== null),
  "guard.type": object((o, i, m) => when(isType(o, i, m))),
  "guard.type_version": () => void 0,
  "guard.is": object((o, i, m) => when(o === m.objects[immediateNumber(i)])),
  "guard.is_not": object((o, i, m) => when(o !== m.objects[immediateNumber(i)])),
  "unbox.int": object((o) => o.type === "int" ? checked(o.value) : LEAVE),
  "unbox.float": object((o) => o.type === "float" ? o.value : LEAVE),
  "unbox.float_known": object((o) => o.type === "float" ? o.value : LEAVE),
  "unbox.bool": object((o) => o.type === "bool" ? o.value : LEAVE),
  "obj.truth": object((o) => o.type === "bool" ? o.value : o.type === "int" ? o.value !== 0n : o.type === "float" ? o.value !== 0 : LEAVE),
  "obj.is": ([a, b]) => a === b,
  "obj.is_const": ([a], i, m) => a === m.objects[immediateNumber(i)],
  "obj.is_null": ([a]) => a === null,
  "box.int": ints((a) => boxInt(a)),
  "box.float": floats((a) => boxFloat(a)),
  "box.bool": ([a]) => boxBool(a),
  incref: object((o) => void o.references++),
  decref: object((o) => void o.references--),
  decref_number: object((o) => void o.references--),
  "home.load": (_, i, m) => m.homes[immediateNumber(i)] ?? null,
  "home.store": ([a], i, m) => setHome(m, immediateNumber(i), a),
  "home.clear": (_, i, m) => setHome(m, immediateNumber(i), null),
  "stack.take": (_, i, m) => m.stack[immediateNumber(i)] ?? null,
  "frame.position": () => void 0,
  "list.length": ([l]) => BigInt(itemsOf(l).length),
  "list.item": itemAt,
  "list.store": storeItem,
  "list.store_float": (args) => storeNumber(args, "float"),
  "list.store_int": (args) => storeNumber(args, "int"),
  "list.append": ([l, v]) => void itemsOf(l).push(v),
  "tuple.length": ([t]) => BigInt(itemsOf(t).length),
  "tuple.item": itemAt,
  "str.length": object((o) => o.type === "str" ? BigInt([...o.value].length) : LEAVE),
  "range_iter.more": object((o) => o.type === "range_iterator" && o.length > 0n),
  "range_iter.next": object((o) => advanceRange(o)),
  "check.error": ([a]) => when(a !== null),
  "check.error_int": ([a]) => when(a !== -1n),
  "check.tracing": () => void 0,
  safepoint: () => void 0
};

// src/compiler/3-optimize/range.ts
var MIN = -(1n << 63n);
var MAX = (1n << 63n) - 1n;
var FULL = { lo: MIN, hi: MAX };
var LENGTH = { lo: 0n, hi: 1n << 60n };
var min = (a, b) => b < a ? b : a;
var max = (a, b) => b > a ? b : a;
var contains = (outer, inner) => outer.lo <= inner.lo && inner.hi <= outer.hi;
var fitsWord = (r) => contains(FULL, r);
var join = (a, b) => ({ lo: min(a.lo, b.lo), hi: max(a.hi, b.hi) });
var single = (n2) => ({ lo: n2, hi: n2 });
function intersect(a, b) {
  const r = { lo: max(a.lo, b.lo), hi: min(a.hi, b.hi) };
  return r.lo <= r.hi ? r : a;
}
var hull = (a, b, c = a, d = b) => ({ lo: min(min(a, b), min(c, d)), hi: max(max(a, b), max(c, d)) });
function exactRange(i, args) {
  const [a = FULL, b = FULL] = args;
  switch (i.op) {
    case "int.add":
    case "int.add_wrap":
      return { lo: a.lo + b.lo, hi: a.hi + b.hi };
    case "int.sub":
    case "int.sub_wrap":
      return { lo: a.lo - b.hi, hi: a.hi - b.lo };
    case "int.mul":
    case "int.mul_wrap":
      return hull(a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi);
    case "int.add_imm":
    case "int.add_imm_wrap":
      return { lo: a.lo + immediateBigInt(i), hi: a.hi + immediateBigInt(i) };
    case "int.mul_imm":
      return hull(a.lo * immediateBigInt(i), a.hi * immediateBigInt(i));
    case "int.shl_imm":
      return { lo: a.lo << immediateBigInt(i), hi: a.hi << immediateBigInt(i) };
    case "int.neg":
      return { lo: -a.hi, hi: -a.lo };
    case "int.abs":
      return { lo: a.lo >= 0n ? a.lo : a.hi <= 0n ? -a.hi : 0n, hi: max(a.hi, -a.lo) };
    default:
      return void 0;
  }
}
function resultRange(i, args) {
  const exact = exactRange(i, args);
  if (exact) return fitsWord(exact) ? exact : i.op.endsWith("_wrap") ? FULL : intersect(FULL, exact);
  return divisionRange(i, args) ?? bitRange(i, args) ?? otherRange(i, args);
}
function divisionRange(i, [a = FULL, b = FULL]) {
  switch (i.op) {
    case "int.mod":
    case "int.umod":
      if (b.lo > 0n) return a.lo >= 0n && a.hi < b.lo ? a : { lo: 0n, hi: b.hi - 1n };
      return b.hi < 0n ? { lo: b.lo + 1n, hi: 0n } : FULL;
    case "int.floordiv":
    case "int.udiv":
      if (b.lo <= 0n) return FULL;
      return hull(floorDivide(a.lo, b.lo), floorDivide(a.lo, b.hi), floorDivide(a.hi, b.lo), floorDivide(a.hi, b.hi));
    default:
      return void 0;
  }
}
function bitRange(i, [a = FULL, b = FULL]) {
  switch (i.op) {
    case "int.and":
      return andRange(a, b);
    case "int.and_imm":
      return { lo: 0n, hi: immediateBigInt(i) };
    case "int.or":
    case "int.xor":
      return a.lo >= 0n && b.lo >= 0n ? { lo: 0n, hi: (1n << BigInt(max(a.hi, b.hi).toString(2).length)) - 1n } : FULL;
    case "int.invert":
      return { lo: ~a.hi, hi: ~a.lo };
    case "int.shr":
      return b.lo === b.hi && b.lo >= 0n ? shiftRight(a, min(b.lo, 63n)) : { lo: min(a.lo, 0n), hi: max(a.hi, -1n) };
    case "int.shr_imm":
      return shiftRight(a, immediateBigInt(i));
    case "int.shl":
      return b.lo === b.hi && b.lo >= 0n && b.lo <= 62n ? intersect(FULL, { lo: a.lo << b.lo, hi: a.hi << b.lo }) : FULL;
    case "int.ushr_wrap":
      return a.lo >= 0n ? { lo: 0n, hi: a.hi } : FULL;
    default:
      return void 0;
  }
}
var shiftRight = (a, count2) => ({ lo: a.lo >> count2, hi: a.hi >> count2 });
function andRange(a, b) {
  if (b.lo === b.hi && b.lo >= 0n) return { lo: 0n, hi: b.lo };
  if (a.lo === a.hi && a.lo >= 0n) return { lo: 0n, hi: a.lo };
  if (a.lo >= 0n && b.lo >= 0n) return { lo: 0n, hi: min(a.hi, b.hi) };
  if (a.lo >= 0n) return { lo: 0n, hi: a.hi };
  return b.lo >= 0n ? { lo: 0n, hi: b.hi } : FULL;
}
function otherRange(i, [a = FULL, b = FULL]) {
  switch (i.op) {
    case "const.int":
      return single(immediateBigInt(i));
    case "int.min":
      return { lo: min(a.lo, b.lo), hi: min(a.hi, b.hi) };
    case "int.max":
      return { lo: max(a.lo, b.lo), hi: max(a.hi, b.hi) };
    case "int.from_bool":
      return { lo: 0n, hi: 1n };
    case "list.length":
    case "tuple.length":
    case "dict.length":
      return LENGTH;
    case "bytes.length":
    case "bytearray.length":
    case "str.length":
      return { lo: 0n, hi: MAX };
    case "bytes.item":
    case "bytearray.item":
      return { lo: 0n, hi: 255n };
    default:
      return FULL;
  }
}
function refine(operator, a, b) {
  switch (operator) {
    case "lt":
      return [intersect(a, { lo: MIN, hi: b.hi - 1n }), intersect(b, { lo: a.lo + 1n, hi: MAX })];
    case "le":
      return [intersect(a, { lo: MIN, hi: b.hi }), intersect(b, { lo: a.lo, hi: MAX })];
    case "eq":
      return [intersect(a, b), intersect(b, a)];
    case "ne":
      return [without(a, b), without(b, a)];
    case "gt":
      return swap(refine("lt", b, a));
    case "ge":
      return swap(refine("le", b, a));
    default:
      return [a, b];
  }
}
var swap = ([a, b]) => [b, a];
function without(a, b) {
  if (b.lo !== b.hi || a.lo === a.hi) return a;
  if (a.lo === b.lo) return { lo: a.lo + 1n, hi: a.hi };
  return a.hi === b.lo ? { lo: a.lo, hi: a.hi - 1n } : a;
}
function decide(operator, a, b) {
  switch (operator) {
    case "lt":
      return a.hi < b.lo ? true : a.lo >= b.hi ? false : void 0;
    case "le":
      return a.hi <= b.lo ? true : a.lo > b.hi ? false : void 0;
    case "gt":
      return decide("lt", b, a);
    case "ge":
      return decide("le", b, a);
    case "eq":
      return a.hi < b.lo || b.hi < a.lo ? false : a.lo === a.hi && b.lo === b.hi ? true : void 0;
    case "ne": {
      const equal = decide("eq", a, b);
      return equal === void 0 ? void 0 : !equal;
    }
    default:
      return void 0;
  }
}
var INVERSE = { lt: "ge", le: "gt", eq: "ne", ne: "eq", gt: "le", ge: "lt" };

// src/ir/types.ts
var valueId = (n2) => n2;
var blockId = (n2) => n2;

// src/ir/builder.ts
var UNTERMINATED = "unterminated";
function createFunction(name) {
  const fn = { name, entry: blockId(0), blocks: /* @__PURE__ */ new Map(), types: /* @__PURE__ */ new Map(), nextValue: 0, nextBlock: 0 };
  fn.entry = addBlock(fn).id;
  return fn;
}
function newValue(fn, type) {
  const id = valueId(fn.nextValue++);
  fn.types.set(id, type);
  return id;
}
function addBlock(fn, paramTypes = []) {
  const block = {
    id: blockId(fn.nextBlock++),
    params: paramTypes.map((type) => newValue(fn, type)),
    instructions: [],
    terminator: unterminated(),
    isLoopHeader: false
  };
  fn.blocks.set(block.id, block);
  return block;
}
function emptyFrameState() {
  return { code: 0, offset: 0, locals: [], stack: [], globals: [] };
}
function unterminated() {
  return { kind: "exit", exitKind: "deopt", reason: UNTERMINATED, frameState: emptyFrameState() };
}
var isUnterminated = (block) => block.terminator.kind === "exit" && block.terminator.reason === UNTERMINATED;
var edge = (block, args = []) => ({ block, args: [...args] });
function makeInstruction(fn, op2, args, options = {}) {
  const info = opInfo(op2);
  const instruction = { op: op2, args: [...args], immediates: options.immediates ?? [] };
  if (info.result !== "none") instruction.result = newValue(fn, info.result);
  if (options.frameState) instruction.frameState = options.frameState;
  if (options.ownedAtExit) instruction.ownedAtExit = options.ownedAtExit;
  if (options.origin) instruction.origin = options.origin;
  return instruction;
}
var Builder = class {
  fn;
  #block;
  constructor(fn) {
    this.fn = fn;
    this.#block = blockOf(fn, fn.entry);
  }
  get block() {
    return this.#block;
  }
  createBlock(paramTypes = []) {
    return addBlock(this.fn, paramTypes);
  }
  switchTo(block) {
    this.#block = block;
  }
  addParam(block, type) {
    const value = newValue(this.fn, type);
    block.params.push(value);
    return value;
  }
  emit(op2, args = [], options = {}) {
    const instruction = makeInstruction(this.fn, op2, args, options);
    this.#block.instructions.push(instruction);
    return instruction;
  }
  /** Emits an op that has a result. */
  value(op2, args = [], options = {}) {
    const { result } = this.emit(op2, args, options);
    invariant(result !== void 0, `${op2} has no result`);
    return result;
  }
  terminate(terminator) {
    invariant(isUnterminated(this.#block), `block${this.#block.id} already has a terminator`);
    this.#block.terminator = terminator;
  }
  jump(block, args = []) {
    this.terminate({ kind: "jump", target: edge(block, args) });
  }
  branch(condition, then, otherwise) {
    this.terminate({ kind: "branch", condition, then, else: otherwise });
  }
  exit(exitKind, reason, frameState, options = {}) {
    this.terminate({
      kind: "exit",
      exitKind,
      reason,
      frameState,
      ...options.origin ? { origin: options.origin } : {},
      ...options.ownedAtExit ? { ownedAtExit: options.ownedAtExit } : {}
    });
  }
};

// src/compiler/3-optimize/wrapped.ts
var WRAPPED = {
  "int.add": "int.add_wrap",
  "int.sub": "int.sub_wrap",
  "int.mul": "int.mul_wrap",
  "int.add_imm": "int.add_imm_wrap",
  "int.mul_imm": "int.mul_wrap",
  "int.shl_imm": "int.mul_wrap",
  "int.neg": "int.sub_wrap"
};
function becomeWrapped(fn, i, before) {
  const op2 = WRAPPED[i.op];
  if (!op2) return false;
  const constant = (value) => {
    const made = makeInstruction(fn, "const.int", [], { immediates: [value], origin: i.origin });
    before.push(made);
    return made.result;
  };
  const [a] = i.args;
  switch (i.op) {
    case "int.mul_imm":
      become(i, op2, [a, constant(immediateBigInt(i))]);
      break;
    case "int.shl_imm":
      become(i, op2, [a, constant(1n << immediateBigInt(i))]);
      break;
    case "int.neg":
      become(i, op2, [constant(0n), a]);
      break;
    default:
      become(i, op2, i.args, i.immediates);
  }
  return true;
}

// src/compiler/3-optimize/masked-overflow.ts
var LOW_BITS = /* @__PURE__ */ new Set([
  "int.add",
  "int.sub",
  "int.mul",
  "int.neg",
  "int.add_imm",
  "int.mul_imm",
  "int.shl_imm",
  "int.add_wrap",
  "int.sub_wrap",
  "int.mul_wrap",
  "int.add_imm_wrap",
  "int.and",
  "int.or",
  "int.xor",
  "int.invert"
]);
function removeMaskedOverflowChecks(graph) {
  return new MaskedOverflow(graph).run();
}
var MaskedOverflow = class {
  #graph;
  #defs;
  #users;
  /** Uses by frame states and terminators, which want the exact value. */
  #exactUses;
  /** Values of which only masked bits are used. */
  #masked = [];
  constructor(graph) {
    this.#graph = graph;
    this.#defs = definitions(graph.fn);
    this.#users = new Array(graph.fn.nextValue);
    this.#exactUses = new Array(graph.fn.nextValue).fill(0);
    for (const block of graph.order) {
      for (const i of block.instructions) {
        for (const v of i.args) (this.#users[v] ??= []).push(i);
        forEachExitUse(i, (v) => this.#exactUses[v]++);
      }
      forEachTerminatorUse(block.terminator, (v) => this.#exactUses[v]++);
    }
  }
  /** Users before definitions: an add that loses its check also loses the frame state that kept its operands exact. */
  run() {
    let changed = false;
    for (const block of [...this.#graph.order].reverse()) {
      const out = [];
      for (const i of [...block.instructions].reverse()) {
        const before = [];
        changed = this.#visit(i, before) || changed;
        out.push(i, ...before.reverse());
      }
      block.instructions = out.reverse();
    }
    return changed;
  }
  #visit(i, before) {
    if (i.result === void 0 || !LOW_BITS.has(i.op) || !this.#isMasked(i.result)) return false;
    this.#masked[i.result] = true;
    if (!opInfo(i.op).guard) return false;
    forEachExitUse(i, (v) => this.#exactUses[v]--);
    return becomeWrapped(this.#graph.fn, i, before);
  }
  #isMasked(v) {
    const users = this.#users[v];
    return users !== void 0 && this.#exactUses[v] === 0 && users.every((user) => this.#isMasking(user, v));
  }
  #isMasking(user, v) {
    if (user.op === "int.and_imm") return immediateBigInt(user) >= 0n;
    if (user.op === "int.and") {
      const mask = constantInt(this.#defs, user.args[0] === v ? user.args[1] : user.args[0]);
      if (mask !== void 0 && mask >= 0n) return true;
    }
    return LOW_BITS.has(user.op) && user.result !== void 0 && this.#masked[user.result] === true;
  }
};

// src/compiler/3-optimize/value-ranges.ts
var WIDEN_AFTER = 2;
var MAX_SWEEPS = 12;
var INDEX = { lo: -(1n << 60n), hi: (1n << 60n) - 1n };
var ValueRanges = class {
  #graph;
  #defs;
  #current;
  /** Ranges to restore when the walk leaves a block: pairs of value and range. */
  #undo = [];
  /** Ranges of edge arguments when their edge was last seen. */
  #onEdge = /* @__PURE__ */ new Map();
  #header = [];
  #mode = "grow";
  #changed = false;
  constructor(graph) {
    this.#graph = graph;
    this.#defs = definitions(graph.fn);
    this.#current = new Array(graph.fn.nextValue);
    let sweeps = 0;
    do {
      if (sweeps === WIDEN_AFTER) this.#mode = "widen";
      if (sweeps === MAX_SWEEPS) this.#mode = "unbounded";
      this.#changed = false;
      this.#sweep();
    } while (this.#changed && sweeps++ < MAX_SWEEPS);
    if (this.#mode !== "unbounded" && this.#header.length > 0) {
      this.#mode = "narrow";
      this.#sweep();
    }
  }
  /** Visits every block in dominator order; `of` answers for the point after the last instruction stepped over. */
  walk(visit) {
    this.#sweep(visit);
  }
  of(v) {
    return this.#current[v] ?? FULL;
  }
  ofArgs(i) {
    return i.args.map((v) => this.of(v));
  }
  #sweep(visit) {
    const stack = [];
    const open = (block) => {
      stack.push({ block, undo: this.#undo.length, next: 0 });
      this.#enter(block);
      if (visit) visit(block, (i) => this.#step(i));
      else for (const i of block.instructions) this.#step(i);
      for (const edge2 of edgesOf(block.terminator)) this.#leave(block, edge2);
    };
    open(this.#graph.order[0]);
    while (stack.length > 0) {
      const top = stack[stack.length - 1];
      const child = this.#graph.dominatorChildren(top.block.id)[top.next++];
      if (child) open(child);
      else {
        this.#rewind(top.undo);
        stack.pop();
      }
    }
  }
  #rewind(mark) {
    while (this.#undo.length > mark) {
      const [v, range] = this.#undo.pop();
      this.#current[v] = range;
    }
  }
  #enter(block) {
    const into = this.#graph.predecessors(block.id);
    const implicit = into.some((p) => p.block.terminator.kind === "for_iter" && p.edge === p.block.terminator.body) ? 1 : 0;
    const loops = into.some((p) => this.#isRetreating(p.block, p.edge));
    block.params.forEach((param, n2) => {
      if (this.#graph.fn.types.get(param) !== "int") return;
      let range;
      for (const { edge: edge2 } of into) {
        const given = this.#onEdge.get(edge2)?.[n2 - implicit];
        if (given) range = range ? join(range, given) : given;
      }
      this.#current[param] = loops ? this.#headerRange(param, range ?? FULL) : range ?? FULL;
    });
    if (into.length === 1) this.#assume(into[0].block, into[0].edge);
  }
  #headerRange(param, found) {
    const before = this.#header[param];
    let range = found;
    if (this.#mode === "unbounded") range = FULL;
    else if (before && this.#mode !== "narrow") {
      if (contains(before, found)) return before;
      range = this.#mode === "grow" ? join(before, found) : { lo: found.lo < before.lo ? MIN : before.lo, hi: found.hi > before.hi ? MAX : before.hi };
    }
    if (this.#mode !== "narrow") this.#changed = true;
    return this.#header[param] = range;
  }
  #leave(block, edge2) {
    const mark = this.#undo.length;
    this.#assume(block, edge2);
    const ranges = edge2.args.map((v) => this.#current[v]);
    this.#rewind(mark);
    this.#onEdge.set(edge2, ranges);
    if (this.#isRetreating(block, edge2)) this.#checkBackEdge(edge2, ranges);
  }
  #isRetreating(from, edge2) {
    return this.#graph.position(edge2.block) <= this.#graph.position(from.id);
  }
  /** The last sweep must have seen nothing on a back edge that its header did not know. */
  #checkBackEdge(edge2, ranges) {
    if (this.#mode === "narrow" || this.#mode === "unbounded") return;
    const { params } = this.#graph.fn.blocks.get(edge2.block);
    ranges.forEach((range, n2) => {
      const header = this.#header[params[n2]];
      if (range && header && !contains(header, range)) this.#changed = true;
    });
  }
  #step(i) {
    if (i.result !== void 0 && this.#graph.fn.types.get(i.result) === "int") {
      this.#current[i.result] = resultRange(i, this.ofArgs(i));
    }
    switch (i.op) {
      case "guard.true":
      case "guard.false":
        this.#assumeCondition(i.args[0], i.op === "guard.true");
        break;
      case "list.item":
      case "list.store":
      case "list.store_float":
      case "list.store_int":
      case "tuple.item":
        this.#narrow(i.args[1], INDEX);
        break;
    }
  }
  #narrow(v, range) {
    const before = this.of(v);
    this.#set(v, intersect(before, range));
  }
  #set(v, range) {
    this.#undo.push([v, this.#current[v]]);
    this.#current[v] = range;
  }
  #assume(from, edge2) {
    const t = from.terminator;
    if (t.kind === "branch") {
      if (t.then.block !== t.else.block) this.#assumeCondition(t.condition, edge2 === t.then);
    } else if (t.kind === "compare_branch" && t.then.block !== t.else.block) {
      this.#assumeComparison(t.compare, t.args, edge2 === t.then);
    }
  }
  #assumeCondition(condition, holds) {
    const def = this.#defs[condition];
    if (!def) return;
    if (def.op === "bool.not") this.#assumeCondition(def.args[0], !holds);
    else if (def.op === "int.to_bool") {
      this.#narrowPair("ne", holds, def.args[0], void 0);
    } else this.#assumeComparison(def.op, def.args, holds);
  }
  #assumeComparison(op2, args, holds) {
    const match = /^int\.(lt|le|eq|ne|gt|ge)$/.exec(op2);
    if (match) this.#narrowPair(match[1], holds, args[0], args[1]);
  }
  /** `b` undefined stands for zero. */
  #narrowPair(operator, holds, a, b) {
    if (a === b) return;
    const [ra, rb] = refine(holds ? operator : INVERSE[operator], this.of(a), b === void 0 ? single(0n) : this.of(b));
    this.#set(a, ra);
    if (b !== void 0) this.#set(b, rb);
  }
};

// src/compiler/3-optimize/eliminate-redundant-guards.ts
var eliminateRedundantGuards = {
  name: "eliminate-redundant-guards",
  summary: "removes overflow, sign and type checks that cannot fail or do not matter",
  run: (fn, context) => {
    const graph = new Graph(fn);
    let changed = removeKnownTypeGuards(graph, context);
    changed = new RangeRewriter(graph).run() || changed;
    return removeMaskedOverflowChecks(graph) || changed;
  }
};
var RangeRewriter = class {
  #graph;
  #replaced = new Replacements();
  #changed = false;
  constructor(graph) {
    this.#graph = graph;
  }
  run() {
    const ranges = new ValueRanges(this.#graph);
    ranges.walk((block, step2) => {
      const out = [];
      for (const i of block.instructions) {
        const made = [];
        if (i.op.startsWith("int.")) this.#rewrite(i, ranges.ofArgs(i), made);
        for (const constant of made) step2(constant);
        step2(i);
        out.push(...made, i);
      }
      block.instructions = out;
    });
    if (this.#replaced.apply(this.#graph.fn)) {
      this.#changed = true;
      for (const block of this.#graph.order) {
        filterInstructions(block, (i) => i.result !== void 0 && this.#replaced.resolve(i.result) !== i.result);
      }
    }
    return this.#changed;
  }
  #rewrite(i, args, before) {
    const same = identityByRange(i, args);
    if (same !== void 0) this.#replaced.set(i.result, same);
    else if (this.#simplify(i, args, before)) this.#changed = true;
  }
  #simplify(i, args, before) {
    const exact = exactRange(i, args);
    if (exact && fitsWord(exact) && becomeWrapped(this.#graph.fn, i, before)) return true;
    const [a, b] = args;
    const match = /^int\.(lt|le|eq|ne|gt|ge)$/.exec(i.op);
    if (match) {
      const outcome = decide(match[1], a, b);
      if (outcome === void 0) return false;
      become(i, "const.bool", [], [outcome ? 1 : 0]);
      return true;
    }
    return this.#removeSignCheck(i, a, b);
  }
  #removeSignCheck(i, a, b) {
    switch (i.op) {
      case "int.mod":
      case "int.floordiv":
        if (a.lo < 0n || b.lo <= 0n) return false;
        become(i, i.op === "int.mod" ? "int.umod" : "int.udiv", i.args);
        return true;
      case "int.to_float_exact":
        if (a.lo < -(1n << 53n) || a.hi > 1n << 53n) return false;
        become(i, "int.to_float", i.args);
        return true;
      default:
        return false;
    }
  }
};
function identityByRange(i, [a, b]) {
  switch (i.op) {
    case "int.abs":
      return a.lo >= 0n ? i.args[0] : void 0;
    case "int.mod":
    case "int.umod":
      return a.lo >= 0n && a.hi < b.lo ? i.args[0] : void 0;
    case "int.and_imm":
      return fitsMask(a, immediateBigInt(i)) ? i.args[0] : void 0;
    case "int.and":
      return b.lo === b.hi && fitsMask(a, b.lo) ? i.args[0] : void 0;
    case "int.min":
      return a.hi <= b.lo ? i.args[0] : b.hi <= a.lo ? i.args[1] : void 0;
    case "int.max":
      return a.lo >= b.hi ? i.args[0] : b.lo >= a.hi ? i.args[1] : void 0;
    default:
      return void 0;
  }
}
var fitsMask = (a, mask) => mask >= 0n && (mask & mask + 1n) === 0n && contains({ lo: 0n, hi: mask }, a);

// src/compiler/3-optimize/merge-blocks.ts
var mergeBlocks = {
  name: "merge-blocks",
  summary: "removes empty and unreachable blocks and joins straight lines",
  run: (fn) => {
    let changed = removeUnreachable(fn);
    changed = threadJumps(fn) || changed;
    changed = joinStraightLines(fn) || changed;
    return markLoopHeaders(fn) || changed;
  }
};
function removeUnreachable(fn) {
  const reachable = new Set(reversePostorder(fn).map((b) => b.id));
  let changed = false;
  for (const id of [...fn.blocks.keys()]) {
    if (reachable.has(id)) continue;
    fn.blocks.delete(id);
    changed = true;
  }
  return changed;
}
function markLoopHeaders(fn) {
  const headers = new Set(new Graph(fn).loops().map((l) => l.header));
  let changed = false;
  for (const block of fn.blocks.values()) {
    changed = changed || block.isLoopHeader !== headers.has(block);
    block.isLoopHeader = headers.has(block);
  }
  return changed;
}
function threadJumps(fn) {
  const escaping = paramsUsedElsewhere(fn);
  const skippable = (block) => block.id !== fn.entry && block.instructions.length === 0 && block.terminator.kind === "jump" && block.terminator.target.block !== block.id && !block.isLoopHeader && !block.params.some((v) => escaping[v]);
  let changed = false;
  for (const block of fn.blocks.values()) {
    if (block.terminator.kind === "for_iter") continue;
    for (const edge2 of edgesOf(block.terminator)) changed = threadEdge(fn, edge2, skippable) || changed;
  }
  if (changed) removeUnreachable(fn);
  return changed;
}
function threadEdge(fn, edge2, skippable) {
  let changed = false;
  for (let hops = fn.blocks.size; hops > 0; hops--) {
    const middle = fn.blocks.get(edge2.block);
    if (!skippable(middle) || middle.terminator.kind !== "jump") break;
    const given = new Map(middle.params.map((param, n2) => [param, edge2.args[n2]]));
    const { target: target2 } = middle.terminator;
    edge2.args = target2.args.map((v) => given.get(v) ?? v);
    edge2.block = target2.block;
    changed = true;
  }
  return changed;
}
function paramsUsedElsewhere(fn) {
  const owner = new Array(fn.nextValue);
  const used = new Array(fn.nextValue);
  for (const block of fn.blocks.values()) for (const v of block.params) owner[v] = block;
  for (const block of fn.blocks.values()) {
    forEachBlockUse(block, (v) => {
      if (owner[v] && owner[v] !== block) used[v] = true;
    });
  }
  return used;
}
function joinStraightLines(fn) {
  const graph = new Graph(fn);
  const replaced = new Replacements();
  let changed = false;
  for (const block of graph.order) {
    if (!fn.blocks.has(block.id)) continue;
    for (; ; ) {
      const t = block.terminator;
      if (t.kind !== "jump" || t.target.block === block.id || graph.predecessors(t.target.block).length !== 1) break;
      const next = fn.blocks.get(t.target.block);
      next.params.forEach((param, n2) => replaced.set(param, t.target.args[n2]));
      block.instructions.push(...next.instructions);
      block.terminator = next.terminator;
      fn.blocks.delete(next.id);
      changed = true;
    }
  }
  replaced.apply(fn);
  return changed;
}

// src/compiler/3-optimize/fold-constants.ts
var foldConstants = {
  name: "fold-constants",
  summary: "evaluates ops and branches on constants and applies identities",
  run: (fn) => new Folder(fn).run()
};
var FOLDABLE = /^(int\.|bool\.|float\.(add|sub|mul|div|neg|abs|sqrt|to_int|floor|ceil|to_bool|lt|le|eq|ne|gt|ge)$)/;
function isFoldable(op2, args) {
  if (!FOLDABLE.test(op2) || args.length === 0 || args.includes(void 0)) return false;
  const [a, b] = args;
  if (op2 === "int.umod" || op2 === "int.udiv") return a >= 0n && b > 0n;
  return op2 !== "int.ushr_wrap" || b >= 0n && b <= 63n;
}
var Folder = class {
  #fn;
  #defs;
  #replaced = new Replacements();
  #changed = false;
  constructor(fn) {
    this.#fn = fn;
    this.#defs = definitions(fn);
  }
  run() {
    let cut = false;
    for (const block of new Graph(this.#fn).order) {
      for (const i of block.instructions) this.#fold(i);
      rewriteTerminator(block.terminator, this.#replaced.resolve);
      cut = this.#decide(block) || cut;
    }
    this.#replaced.apply(this.#fn);
    for (const block of this.#fn.blocks.values()) {
      const gone = filterInstructions(block, (i) => this.#isGone(i));
      this.#changed ||= gone;
    }
    if (cut) {
      removeUnreachable(this.#fn);
      markLoopHeaders(this.#fn);
    }
    return this.#changed || cut;
  }
  #isGone(i) {
    if (i.result !== void 0) return this.#replaced.resolve(i.result) !== i.result;
    if (i.op !== "guard.true" && i.op !== "guard.false") return false;
    return this.#constant(i.args[0]) === (i.op === "guard.true");
  }
  #constant(v) {
    const def = this.#defs[v];
    switch (def?.op) {
      case "const.int":
        return immediateBigInt(def);
      case "const.float":
        return immediateNumber(def);
      case "const.bool":
        return immediateNumber(def) !== 0;
      default:
        return void 0;
    }
  }
  #fold(i) {
    rewriteInstruction(i, this.#replaced.resolve);
    if (i.result === void 0 || i.op.startsWith("const.")) return;
    const args = i.args.map((v) => this.#constant(v));
    if (isFoldable(i.op, args)) {
      const value = evaluate(i.op, args, i, { homes: [], stack: [], objects: [] });
      if (value !== LEAVE && value !== void 0) this.#becomeConstant(i, value);
      return;
    }
    const same = identity(i, args, this.#defs);
    if (same !== void 0) this.#replaced.set(i.result, same);
    else this.#simplify(i, args);
  }
  #becomeConstant(i, value) {
    const type = opInfo(i.op).result;
    if (type === "int") become(i, "const.int", [], [value]);
    else if (type === "float") become(i, "const.float", [], [value]);
    else if (type === "bool") become(i, "const.bool", [], [value === true ? 1 : 0]);
    else return;
    this.#changed = true;
  }
  /** Results that are constants although an operand is not. */
  #simplify(i, args) {
    const [a, b] = i.args;
    if (SELF_ZERO.has(i.op) && a === b) this.#becomeConstant(i, 0n);
    else if (COMPARE_INT.test(i.op) && a === b) this.#becomeConstant(i, /eq|le|ge/.test(i.op));
    else if ((i.op === "int.mul" || i.op === "int.mul_wrap" || i.op === "int.and") && args.includes(0n)) this.#becomeConstant(i, 0n);
    else if (i.op === "bool.not") this.#invertComparison(i);
  }
  /** not (a < b) is a >= b for ints; not for floats, where NaN makes both false. */
  #invertComparison(i) {
    const def = this.#defs[i.args[0]];
    const match = def && /^int\.(lt|le|eq|ne|gt|ge)$/.exec(def.op);
    if (!match) return;
    const inverse = { lt: "ge", le: "gt", eq: "ne", ne: "eq", gt: "le", ge: "lt" }[match[1]];
    become(i, `int.${inverse}`, def.args);
    this.#changed = true;
  }
  #decide(block) {
    const t = block.terminator;
    let outcome;
    if (t.kind === "branch") outcome = this.#constant(t.condition);
    else if (t.kind === "compare_branch") {
      const [a, b] = [this.#constant(t.args[0]), this.#constant(t.args[1])];
      if (a !== void 0 && b !== void 0) outcome = compare(t.compare.split(".")[1], a, b);
    }
    if (outcome === void 0 || t.kind !== "branch" && t.kind !== "compare_branch") return false;
    const target2 = outcome === true ? t.then : t.else;
    block.terminator = { kind: "jump", target: target2 };
    return true;
  }
};
var SELF_ZERO = /* @__PURE__ */ new Set(["int.sub", "int.sub_wrap", "int.xor"]);
var COMPARE_INT = /^int\.(lt|le|eq|ne|gt|ge)$/;
function identity(i, args, defs) {
  const [a, b] = i.args;
  switch (i.op) {
    case "int.add":
    case "int.add_wrap":
    case "int.or":
    case "int.xor":
      return args[1] === 0n ? a : args[0] === 0n ? b : i.op === "int.or" && a === b ? a : void 0;
    case "int.sub":
    case "int.sub_wrap":
    case "int.shl":
    case "int.shr":
    case "int.ushr_wrap":
      return args[1] === 0n ? a : void 0;
    case "int.mul":
    case "int.mul_wrap":
      return args[1] === 1n ? a : args[0] === 1n ? b : void 0;
    case "int.floordiv":
    case "int.udiv":
      return args[1] === 1n ? a : void 0;
    case "int.and":
      return a === b || args[1] === -1n ? a : args[0] === -1n ? b : void 0;
    case "int.min":
    case "int.max":
      return a === b ? a : void 0;
    case "int.add_imm":
    case "int.add_imm_wrap":
    case "int.shl_imm":
    case "int.shr_imm":
      return immediateBigInt(i) === 0n ? a : void 0;
    case "int.mul_imm":
      return immediateBigInt(i) === 1n ? a : void 0;
    case "bool.not":
    case "int.invert":
    case "float.neg":
      return defs[a]?.op === i.op ? defs[a].args[0] : void 0;
    case "int.to_bool":
      return defs[a]?.op === "int.from_bool" ? defs[a].args[0] : void 0;
    // x*1.0 and x/1.0 are exact; x+0.0 is not (-0.0 + 0.0 is 0.0). A signalling NaN would be quieted, but no Python op makes one.
    case "float.mul":
      return args[1] === 1 ? a : args[0] === 1 ? b : void 0;
    case "float.div":
      return args[1] === 1 ? a : void 0;
    case "unbox.int":
    case "unbox.float":
    case "unbox.float_known":
    case "unbox.bool":
      return unboxed(i, defs[a]);
    default:
      return void 0;
  }
}
function unboxed(i, def) {
  const kind = i.op.replace("_known", "").slice("unbox.".length);
  return def?.op === `box.${kind}` ? def.args[0] : void 0;
}

// src/compiler/3-optimize/fuse-compare-branch.ts
var COMPARISON = /^(int|float)\.(lt|le|eq|ne|gt|ge)$/;
var fuseCompareBranch = {
  name: "fuse-compare-branch",
  summary: "fuses comparisons with the branch they decide",
  run: (fn) => {
    const defs = definitions(fn);
    const uses = countUses(fn);
    const gone = new Array(fn.nextValue);
    let changed = false;
    const release = (v) => {
      if (--uses[v] > 0) return;
      gone[v] = true;
      for (const arg of defs[v].args) uses[arg]--;
    };
    for (const block of fn.blocks.values()) {
      const branch2 = block.terminator;
      if (branch2.kind !== "branch") continue;
      changed = foldNegations(branch2, defs, uses, release) || changed;
      const compare3 = defs[branch2.condition];
      if (!compare3 || !COMPARISON.test(compare3.op) || uses[branch2.condition] !== 1) continue;
      release(branch2.condition);
      block.terminator = fused(branch2, compare3.op, compare3.args);
      changed = true;
    }
    for (const block of fn.blocks.values()) filterInstructions(block, (i) => i.result !== void 0 && gone[i.result] === true);
    return changed;
  }
};
function fused(branch2, compare3, args) {
  return { kind: "compare_branch", compare: compare3, args: [...args], then: branch2.then, else: branch2.else };
}
function foldNegations(branch2, defs, uses, release) {
  let changed = false;
  for (let not = defs[branch2.condition]; not?.op === "bool.not"; not = defs[branch2.condition]) {
    const negated = branch2.condition;
    branch2.condition = not.args[0];
    uses[branch2.condition]++;
    [branch2.then, branch2.else] = [branch2.else, branch2.then];
    release(negated);
    changed = true;
  }
  return changed;
}
function countUses(fn) {
  const uses = new Array(fn.nextValue).fill(0);
  for (const block of fn.blocks.values()) forEachBlockUse(block, (v) => uses[v]++);
  return uses;
}

// src/compiler/3-optimize/hoist-loop-invariants.ts
var hoistLoopInvariants = {
  name: "hoist-loop-invariants",
  summary: "moves loop-invariant computations, guards and reads in front of the loop",
  run: (fn, context) => {
    const made = insertPreheaders(fn, new Graph(fn));
    const graph = new Graph(fn);
    const changed = new Hoister(graph, context).run();
    removeEmptyPreheaders(fn, made);
    return changed;
  }
};
function insertPreheaders(fn, graph) {
  const made = [];
  for (const { header } of graph.loops()) {
    const outside = graph.predecessors(header.id).filter((p) => !graph.dominates(header.id, p.block.id));
    if (outside.length === 1 && outside[0].block.terminator.kind === "jump") continue;
    const entries = outside.map((p) => p.edge);
    const only = entries.length === 1 ? entries[0] : void 0;
    const block = addBlock(fn, only ? [] : header.params.map((v) => fn.types.get(v)));
    block.terminator = { kind: "jump", target: { block: header.id, args: only ? only.args : [...block.params] } };
    if (only) only.args = [];
    for (const edge2 of entries) edge2.block = block.id;
    made.push({ block, header, entries });
  }
  placeBefore(fn, made);
  return made;
}
function placeBefore(fn, made) {
  if (made.length === 0) return;
  const before = new Map(made.map((p) => [p.header.id, p.block]));
  const own = new Set(made.map((p) => p.block));
  const blocks = [...fn.blocks.values()].filter((b) => !own.has(b));
  fn.blocks.clear();
  for (const block of blocks) {
    const preheader = before.get(block.id);
    if (preheader) fn.blocks.set(preheader.id, preheader);
    fn.blocks.set(block.id, block);
  }
}
function removeEmptyPreheaders(fn, made) {
  for (const { block, header, entries } of made) {
    if (block.instructions.length > 0 || block.terminator.kind !== "jump") continue;
    for (const edge2 of entries) {
      edge2.block = header.id;
      if (entries.length === 1) edge2.args = block.terminator.target.args;
    }
    fn.blocks.delete(block.id);
  }
}
var RELIES_ON_PROOF = /* @__PURE__ */ new Set(["unbox.float_known"]);
var TRAPS = /* @__PURE__ */ new Set(["int.umod", "int.udiv"]);
var SAFE_ON_ANY_OBJECT = /* @__PURE__ */ new Set(["guard.bound", "guard.is", "guard.is_not", "obj.is", "obj.is_const", "obj.is_null"]);
var Hoister = class {
  #graph;
  #context;
  /** Defining instruction and block; parameters have only the block. */
  #defs;
  #blockOf = [];
  #changed = false;
  constructor(graph, context) {
    this.#graph = graph;
    this.#context = context;
    this.#defs = definitions(graph.fn);
    for (const block of graph.order) {
      for (const v of block.params) this.#blockOf[v] = block.id;
      for (const i of block.instructions) if (i.result !== void 0) this.#blockOf[i.result] = block.id;
    }
  }
  /** Inner loops first: what leaves an inner loop may leave the outer one too. */
  run() {
    for (const loop of [...this.#graph.loops()].reverse()) this.#hoistFrom(loop);
    return this.#changed;
  }
  #hoistFrom(loop) {
    const preheader = this.#graph.predecessors(loop.header.id).find((p) => !loop.blocks.has(p.block.id))?.block;
    if (preheader?.terminator.kind !== "jump") return;
    const writes = this.#writesIn(loop);
    const exit = this.#entryState(loop, preheader.terminator.target.args);
    const unproved = /* @__PURE__ */ new Set();
    for (const block of this.#graph.order) {
      if (!loop.blocks.has(block.id)) continue;
      const always = loop.latches.every((latch) => this.#graph.dominates(block.id, latch.id));
      block.instructions = block.instructions.filter((i) => {
        if (this.#mayHoist(i, loop, writes, always, exit, unproved)) {
          this.#move(i, loop, preheader, exit);
          return false;
        }
        if (opInfo(i.op).guard || i.op === "obj.is_null") for (const v of i.args) unproved.add(v);
        return true;
      });
    }
    for (const block of this.#graph.order) {
      if (loop.blocks.has(block.id)) block.instructions = block.instructions.filter((i) => i.result === void 0 || this.#blockOf[i.result] === block.id);
    }
  }
  #mayHoist(i, loop, writes, always, exit, unproved) {
    if (i.op.startsWith("const.") || TRAPS.has(i.op) || !i.args.every((v) => this.#isInvariant(v, loop))) return false;
    const depends = dependence(i, this.#context);
    if (depends === "volatile" || writes.has(depends)) return false;
    const info = opInfo(i.op);
    if (info.guard && !exit) return false;
    if (!info.guard && info.effect === "pure" && !RELIES_ON_PROOF.has(i.op)) return true;
    return always && (SAFE_ON_ANY_OBJECT.has(i.op) || !i.args.some((v) => unproved.has(v)));
  }
  /** Defined outside, or a constant, which is moved along on demand: by itself it costs less in the loop than in a register. */
  #isInvariant(v, loop) {
    return !loop.blocks.has(this.#blockOf[v]) || this.#defs[v]?.op.startsWith("const.") === true;
  }
  #move(i, loop, preheader, exit) {
    this.#bringConstants(i.args, loop, preheader);
    forgetExit(i);
    if (opInfo(i.op).guard && exit) {
      forEachFrameStateValue(exit.frameState, (v) => this.#bringConstants([v], loop, preheader));
      i.frameState = exit.frameState;
      if (exit.owned) i.ownedAtExit = [...exit.owned];
    }
    this.#place(i, preheader);
    this.#changed = true;
  }
  #bringConstants(values, loop, preheader) {
    for (const v of values) {
      const def = this.#defs[v];
      if (def && loop.blocks.has(this.#blockOf[v])) this.#place(def, preheader);
    }
  }
  #place(i, preheader) {
    preheader.instructions.push(i);
    if (i.result !== void 0) this.#blockOf[i.result] = preheader.id;
  }
  #writesIn(loop) {
    const writes = /* @__PURE__ */ new Set();
    for (const id of loop.blocks) {
      for (const i of this.#graph.fn.blocks.get(id).instructions) for (const kind of invalidates(i)) writes.add(kind);
    }
    return writes;
  }
  /** The state in which the loop is entered from the preheader, if an instruction of the header describes it. */
  #entryState(loop, given) {
    const at = loop.header.instructions.findIndex((i) => i.frameState);
    const first = loop.header.instructions[at];
    if (!first?.frameState) return void 0;
    for (const i of loop.header.instructions.slice(0, at)) {
      const { effect } = opInfo(i.op);
      if (effect === "write" || effect === "opaque") return void 0;
    }
    const passed = new Map(loop.header.params.map((param, n2) => [param, given[n2]]));
    const atEntry = (v) => passed.get(v) ?? v;
    const frameState = mapFrameState(first.frameState, atEntry);
    let known = true;
    forEachFrameStateValue(frameState, (v) => {
      if (!this.#isInvariant(v, loop)) known = false;
    });
    const owned = first.ownedAtExit?.map(atEntry);
    if (owned?.some((v) => !this.#isInvariant(v, loop))) known = false;
    return known ? { frameState, owned } : void 0;
  }
};

// src/compiler/3-optimize/remove-redundant-parameters.ts
var removeRedundantParameters = {
  name: "remove-redundant-parameters",
  summary: "removes block parameters that have one possible value or no use",
  run: (fn) => {
    const graph = new Graph(fn);
    const same = replaceUniform(fn, graph);
    return removeUnused(fn, graph) || same;
  }
};
function implicitParams(graph, block) {
  return graph.predecessors(block.id).some((p) => p.block.terminator.kind === "for_iter" && p.edge === p.block.terminator.body) ? 1 : 0;
}
function replaceUniform(fn, graph) {
  const replaced = new Replacements();
  for (let again = true; again; ) {
    again = false;
    for (const block of graph.order) {
      const implicit = implicitParams(graph, block);
      block.params.forEach((param, n2) => {
        if (n2 < implicit || replaced.resolve(param) !== param) return;
        const only = uniformArgument(graph, block, param, n2 - implicit, replaced);
        if (only === void 0) return;
        replaced.set(param, only);
        again = true;
      });
    }
  }
  if (!replaced.apply(fn)) return false;
  for (const block of graph.order) {
    dropParams(graph, block, implicitParams(graph, block), (param) => replaced.resolve(param) !== param);
  }
  return true;
}
function uniformArgument(graph, block, param, position2, replaced) {
  let only;
  for (const { edge: edge2 } of graph.predecessors(block.id)) {
    const value = replaced.resolve(edge2.args[position2]);
    if (value === param || value === only) continue;
    if (only !== void 0) return void 0;
    only = value;
  }
  return only;
}
function removeUnused(fn, graph) {
  const used = findUsed(fn, graph);
  let changed = false;
  for (const block of graph.order) {
    changed = dropParams(graph, block, implicitParams(graph, block), (param) => !used[param]) || changed;
  }
  return changed;
}
function findUsed(fn, graph) {
  const used = new Array(fn.nextValue);
  const paramOf = new Array(fn.nextValue);
  const work = [];
  const mark = (v) => {
    if (used[v]) return;
    used[v] = true;
    if (paramOf[v]) work.push(v);
  };
  for (const block of graph.order) block.params.forEach((v, position2) => paramOf[v] = { block, position: position2 });
  for (const block of graph.order) {
    for (const i of block.instructions) forEachUse(i, mark);
    const t = block.terminator;
    terminatorArgs(t).forEach(mark);
    if (t.kind === "exit") forEachTerminatorUse(t, mark);
    if (t.kind === "for_iter") forEachFrameStateValue(t.frameState, mark);
  }
  for (let v = work.pop(); v !== void 0; v = work.pop()) {
    const { block, position: position2 } = paramOf[v];
    const argument = position2 - implicitParams(graph, block);
    if (argument >= 0) for (const { edge: edge2 } of graph.predecessors(block.id)) mark(edge2.args[argument]);
  }
  return used;
}
function dropParams(graph, block, implicit, drop) {
  const dropped = block.params.map((param, n2) => n2 >= implicit && drop(param));
  if (!dropped.includes(true)) return false;
  block.params = block.params.filter((_, n2) => !dropped[n2]);
  for (const { edge: edge2 } of graph.predecessors(block.id)) edge2.args = edge2.args.filter((_, n2) => !dropped[n2 + implicit]);
  return true;
}

// src/compiler/3-optimize/sink-to-exits.ts
var sinkToExits = {
  name: "sink-to-exits",
  summary: "lets exits box values that nothing else needs boxed",
  run: (fn) => {
    const needed = valuesNeededAsObjects(fn);
    const replaced = new Replacements();
    const sinks = (i) => (i.op === "box.int" || i.op === "box.float" || i.op === "box.bool") && !needed[i.result];
    for (const block of fn.blocks.values()) {
      for (const i of block.instructions) if (sinks(i)) replaced.set(i.result, i.args[0]);
    }
    if (replaced.size === 0) return false;
    for (const block of fn.blocks.values()) filterInstructions(block, sinks);
    replaced.apply(fn);
    return true;
  }
};
function valuesNeededAsObjects(fn) {
  const needed = new Array(fn.nextValue);
  const mark = (v) => {
    needed[v] = true;
  };
  for (const block of fn.blocks.values()) {
    for (const i of block.instructions) {
      i.args.forEach(mark);
      i.ownedAtExit?.forEach(mark);
    }
    const t = block.terminator;
    terminatorArgs(t).forEach(mark);
    for (const edge2 of edgesOf(t)) edge2.args.forEach(mark);
    if (t.kind === "exit") t.ownedAtExit?.forEach(mark);
  }
  return needed;
}

// src/compiler/3-optimize/strength-reduce.ts
var strengthReduce = {
  name: "strength-reduce",
  summary: "uses immediate forms, shifts and masks for constant operands",
  run: (fn) => {
    const defs = definitions(fn);
    let changed = false;
    for (const block of fn.blocks.values()) {
      for (const i of block.instructions) changed = reduce(i, defs) || changed;
    }
    return changed;
  }
};
var fits32 = (n2) => BigInt.asIntN(32, n2) === n2;
var fitsMask2 = (n2) => n2 >= 0n && n2 < 1n << 31n;
function exponent(n2) {
  return n2 > 0n && (n2 & n2 - 1n) === 0n ? n2.toString(2).length - 1 : -1;
}
function reduce(i, defs) {
  switch (i.op) {
    case "int.add":
    case "int.add_wrap":
    case "int.sub":
    case "int.sub_wrap":
      return reduceAddition(i, defs);
    case "int.mul":
      return reduceMultiplication(i, defs);
    case "int.mul_imm": {
      const shift = exponent(immediateBigInt(i));
      return shift > 0 && replace(i, "int.shl_imm", shift);
    }
    case "int.and": {
      const constant = constantOperand(i, defs);
      return constant !== void 0 && fitsMask2(constant.value) && replace(i, "int.and_imm", Number(constant.value), constant.other);
    }
    case "int.and_imm":
      return joinMasks(i, defs);
    case "int.shl":
      return reduceShift(i, defs, "int.shl_imm", 62n);
    case "int.shr":
    case "int.floordiv":
    case "int.udiv":
    case "int.mod":
    case "int.umod":
      return reduceDivision(i, defs);
    default:
      return false;
  }
}
function replace(i, op2, immediate, operand = 0) {
  become(i, op2, [i.args[operand]], [immediate]);
  return true;
}
function constantOperand(i, defs) {
  for (const n2 of [1, 0]) {
    const value = constantInt(defs, i.args[n2]);
    if (value !== void 0) return { value, other: 1 - n2 };
  }
  return void 0;
}
function reduceAddition(i, defs) {
  const op2 = i.op.endsWith("_wrap") ? "int.add_imm_wrap" : "int.add_imm";
  if (i.op.startsWith("int.sub")) {
    const value = constantInt(defs, i.args[1]);
    return value !== void 0 && fits32(-value) && replace(i, op2, Number(-value));
  }
  const constant = constantOperand(i, defs);
  return constant !== void 0 && fits32(constant.value) && replace(i, op2, Number(constant.value), constant.other);
}
function reduceMultiplication(i, defs) {
  const constant = constantOperand(i, defs);
  if (!constant) return false;
  const shift = exponent(constant.value);
  if (shift > 0 && shift <= 62) return replace(i, "int.shl_imm", shift, constant.other);
  return fits32(constant.value) && replace(i, "int.mul_imm", Number(constant.value), constant.other);
}
function reduceShift(i, defs, op2, max2) {
  const count2 = constantInt(defs, i.args[1]);
  return count2 !== void 0 && count2 >= 0n && count2 <= max2 && replace(i, op2, Number(count2));
}
function reduceDivision(i, defs) {
  const constant = constantInt(defs, i.args[1]);
  if (constant === void 0) return false;
  if (i.op === "int.shr") return constant >= 0n && replace(i, "int.shr_imm", Number(constant > 63n ? 63n : constant));
  const shift = exponent(constant);
  if (shift < 0) return false;
  if (i.op === "int.floordiv" || i.op === "int.udiv") return replace(i, "int.shr_imm", shift);
  return fitsMask2(constant - 1n) && replace(i, "int.and_imm", Number(constant - 1n));
}
function joinMasks(i, defs) {
  const inner = defs[i.args[0]];
  if (inner?.op !== "int.and_imm") return false;
  const mask = immediateNumber(i) & immediateNumber(inner);
  become(i, "int.and_imm", inner.args, [mask]);
  return true;
}

// src/compiler/3-optimize/passes.ts
var optimizePasses = [
  removeRedundantParameters,
  foldConstants,
  eliminateCommonSubexpressions,
  eliminateRedundantGuards,
  hoistLoopInvariants,
  strengthReduce,
  sinkToExits,
  eliminateDeadCode,
  fuseCompareBranch,
  mergeBlocks
];

// src/ir/print.ts
function print(fn, options = {}) {
  return new Printer(fn, options.renumber ?? true).function();
}
function printInstruction(fn, instruction) {
  return new Printer(fn, false).instruction(instruction);
}
function blocksInTextOrder(fn) {
  const blocks = [...fn.blocks.values()];
  const entry = fn.blocks.get(fn.entry);
  return entry ? [entry, ...blocks.filter((b) => b !== entry)] : blocks;
}
var Printer = class {
  #fn;
  #names = [];
  #renumber;
  #next = 0;
  constructor(fn, renumber) {
    this.#fn = fn;
    this.#renumber = renumber;
  }
  function() {
    const blocks = blocksInTextOrder(this.#fn);
    for (const block of blocks) {
      for (const v of block.params) this.#name(v);
      for (const { result } of block.instructions) if (result !== void 0) this.#name(result);
    }
    return [`function ${JSON.stringify(this.#fn.name)} {`, ...blocks.flatMap((b) => this.#block(b)), "}", ""].join("\n");
  }
  instruction(i) {
    const operands = [...i.args.map((v) => this.#name(v)), ...i.immediates.map((imm, n2) => this.#immediate(i, imm, n2))];
    const define = i.result === void 0 ? "" : `${this.#defined(i.result)} = `;
    return define + i.op + (operands.length > 0 ? ` ${operands.join(", ")}` : "") + this.#tail(i.frameState, i.ownedAtExit, i.origin);
  }
  #block(block) {
    const params = block.params.map((v) => this.#defined(v)).join(", ");
    return [
      `block${block.id}(${params})${block.isLoopHeader ? " loop" : ""}:`,
      ...block.instructions.map((i) => `  ${this.instruction(i)}`),
      `  ${this.#terminator(block.terminator)}`
    ];
  }
  #terminator(t) {
    switch (t.kind) {
      case "jump":
        return `jump ${this.#edge(t.target)}`;
      case "branch":
        return `branch ${this.#name(t.condition)}, ${this.#edge(t.then)}, ${this.#edge(t.else)}`;
      case "compare_branch":
        return `compare_branch ${t.compare} ${this.#list(t.args)}, ${this.#edge(t.then)}, ${this.#edge(t.else)}`;
      case "for_iter":
        return `for_iter ${this.#name(t.iterator)}, ${this.#edge(t.body)}, ${this.#edge(t.exhausted)}${this.#tail(t.frameState, void 0, t.origin)}`;
      case "exit":
        return `exit ${t.exitKind} ${JSON.stringify(t.reason)}${this.#tail(t.frameState, t.ownedAtExit, t.origin)}`;
      default:
        return assertExhaustive(t, "terminator");
    }
  }
  #edge(edge2) {
    return `block${edge2.block}(${this.#list(edge2.args)})`;
  }
  #tail(state, owned, origin) {
    let text = state ? ` ${this.#frameState(state)}` : "";
    if (owned && owned.length > 0) text += ` owned(${this.#list(owned)})`;
    if (origin) text += ` #${origin.code}:${origin.offset}`;
    return text;
  }
  #frameState(s) {
    const parts = [`@${s.code}:${s.offset}`];
    if (s.locals.length > 0) parts.push(`locals(${this.#slots(s.locals)})`);
    if (s.stack.length > 0) parts.push(`stack(${this.#slots(s.stack)})`);
    if (s.globals.length > 0) {
      parts.push(`globals(${s.globals.map((g) => `${g.dict}.${g.name}=${this.#name(g.value)}`).join(", ")})`);
    }
    if (s.functionObject !== void 0) parts.push(`function ${s.functionObject}`);
    if (s.caller) parts.push(`caller{${this.#frameState(s.caller)}}`);
    return parts.join(" ");
  }
  /** Runs of `home` and `null` are written `home*3`. */
  #slots(slots) {
    const out = [];
    for (let i = 0; i < slots.length; ) {
      const slot = slots[i];
      let run = 1;
      if (typeof slot === "string") while (slots[i + run] === slot) run++;
      out.push((typeof slot === "string" ? slot : this.#name(slot)) + (run > 1 ? `*${run}` : ""));
      i += run;
    }
    return out.join(", ");
  }
  #immediate(i, value, index) {
    return printImmediate(value, opInfo(i.op).immediates[index]);
  }
  #list(values) {
    return values.map((v) => this.#name(v)).join(", ");
  }
  #defined(v) {
    return `${this.#name(v)}:${this.#fn.types.get(v) ?? "?"}`;
  }
  #name(v) {
    return this.#names[v] ??= `v${this.#renumber ? this.#next++ : v}`;
  }
};
function printImmediate(value, kind) {
  if (typeof value === "string") return /^(?!v\d)[A-Za-z_]\w*$/.test(value) ? value : JSON.stringify(value);
  if (kind !== "float") return String(value);
  const n2 = Number(value);
  if (Number.isNaN(n2)) return "nan";
  if (!Number.isFinite(n2)) return n2 > 0 ? "inf" : "-inf";
  if (Object.is(n2, -0)) return "-0.0";
  const text = String(n2);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

// src/ir/verify.ts
var NAMES_A_VALUE = /* @__PURE__ */ new Set(["py.local", "py.take_stack", "py.const", "py.int", "py.is"]);
function verify(fn, options = {}) {
  return new Verifier(fn, options.typed ?? false).run();
}
function assertValid(fn, options = {}) {
  const errors = verify(fn, options);
  if (errors.length > 0) {
    throw new InvariantError(`invalid IR${options.after === void 0 ? "" : ` after ${options.after}`}: ${errors.slice(0, 5).join("; ")}`);
  }
}
var Verifier = class {
  #fn;
  #typed;
  #errors = [];
  /** Defining block and position (-1: parameter) of each value. */
  #defBlock = [];
  #defPosition = [];
  #where = "";
  constructor(fn, typed) {
    this.#fn = fn;
    this.#typed = typed;
  }
  run() {
    this.#checkBlocks();
    if (this.#errors.length > 0) return this.#errors;
    const graph = new Graph(this.#fn);
    for (const block of this.#fn.blocks.values()) {
      this.#where = `block${block.id}`;
      if (!graph.isReachable(block.id)) this.#error("unreachable");
      this.#collectDefinitions(block);
    }
    if (this.#errors.length > 0) return this.#errors;
    for (const block of graph.order) this.#checkBlock(graph, block);
    return this.#errors;
  }
  #error(message) {
    this.#errors.push(`${this.#where}: ${message}`);
  }
  #checkBlocks() {
    const fn = this.#fn;
    this.#where = "function";
    const entry = fn.blocks.get(fn.entry);
    if (!entry) return this.#error("no entry block");
    if (entry.params.length > 0) this.#error("the entry block has parameters");
    for (const [id, block] of fn.blocks) {
      this.#where = `block${id}`;
      if (block.id !== id) this.#error(`stored under the wrong id: ${block.id}`);
      if (isUnterminated(block)) this.#error("no terminator");
      for (const edge2 of edgesOf(block.terminator)) {
        if (!fn.blocks.has(edge2.block)) this.#error(`target block${edge2.block} does not exist`);
        if (edge2.block === fn.entry) this.#error("jumps to the entry block");
      }
    }
  }
  #collectDefinitions(block) {
    for (const v of block.params) this.#define(v, block, -1);
    block.instructions.forEach((i, position2) => {
      if (i.result !== void 0) this.#define(i.result, block, position2);
    });
  }
  #define(v, block, position2) {
    if (this.#defBlock[v]) this.#error(`v${v} is defined twice`);
    if (!this.#fn.types.has(v)) this.#error(`v${v} has no type`);
    if (v >= this.#fn.nextValue) this.#error(`v${v} is not below nextValue`);
    if (this.#typed && this.#fn.types.get(v) === "py") this.#error(`v${v} is a py after specializeTypes`);
    this.#defBlock[v] = block;
    this.#defPosition[v] = position2;
  }
  #checkBlock(graph, block) {
    block.instructions.forEach((instruction, position2) => {
      this.#where = `block${block.id}: ${printInstruction(this.#fn, instruction)}`;
      const use = (v) => this.#checkUse(graph, v, block, position2);
      forEachUse(instruction, use);
      this.#checkInstruction(instruction);
    });
    this.#where = `block${block.id}: ${block.terminator.kind}`;
    forEachTerminatorUse(block.terminator, (v) => this.#checkUse(graph, v, block, block.instructions.length));
    this.#checkTerminator(block.terminator);
    for (const edge2 of edgesOf(block.terminator)) {
      if (graph.dominates(edge2.block, block.id) && !this.#fn.blocks.get(edge2.block).isLoopHeader) {
        this.#error(`block${edge2.block} is the target of a back edge but not marked as loop header`);
      }
    }
  }
  #checkUse(graph, v, block, position2) {
    const at = this.#defBlock[v];
    if (!at) this.#error(`v${v} is not defined`);
    else if (at === block ? this.#defPosition[v] >= position2 : !graph.dominates(at.id, block.id)) {
      this.#error(`v${v} does not dominate its use`);
    }
  }
  #type(v) {
    return this.#fn.types.get(v);
  }
  #checkInstruction(i) {
    const info = opInfo(i.op);
    this.#checkOperands(i, info);
    if (info.result === "none" ? i.result !== void 0 : i.result === void 0) {
      this.#error(info.result === "none" ? "the op has no result" : "the result is missing");
    } else if (i.result !== void 0 && this.#type(i.result) !== info.result) {
      this.#error(`the result is a ${this.#type(i.result)}, not a ${info.result}`);
    }
    if (info.guard && !i.frameState && !NAMES_A_VALUE.has(i.op)) this.#error("a guard without frame state");
    if (i.frameState) this.#checkFrameState(i.frameState);
    if (i.ownedAtExit) this.#checkOwned(i.ownedAtExit, i.frameState);
    if (this.#typed && i.op.startsWith("py.")) this.#error("Python-level op after specializeTypes");
  }
  #checkOperands(i, info) {
    if (info.args === "any") {
      for (const v of i.args) if (this.#type(v) !== "py") this.#error(`v${v} is not a py`);
    } else if (i.args.length !== info.args.length) {
      this.#error(`takes ${info.args.length} operands, has ${i.args.length}`);
    } else {
      i.args.forEach((v, n2) => {
        const wanted = info.args[n2];
        if (this.#type(v) !== wanted) this.#error(`operand ${n2} is a ${this.#type(v)}, not a ${wanted}`);
      });
    }
    if (i.immediates.length !== info.immediates.length) {
      this.#error(`takes ${info.immediates.length} immediates, has ${i.immediates.length}`);
    } else {
      i.immediates.forEach((value, n2) => {
        if (!immediateFits(value, info.immediates[n2])) this.#error(`immediate ${n2} is not a ${info.immediates[n2]}`);
      });
    }
  }
  #checkTerminator(t) {
    if (t.kind === "branch") {
      const type = this.#type(t.condition);
      if (type !== "bool" && !(type === "py" && !this.#typed)) this.#error(`the condition is a ${type}`);
    } else if (t.kind === "compare_branch") {
      const match = /^(int|float)\.(lt|le|eq|ne|gt|ge)$/.exec(t.compare);
      if (!match) this.#error(`${t.compare} is not a comparison`);
      else for (const v of t.args) if (this.#type(v) !== match[1]) this.#error(`v${v} is a ${this.#type(v)}, not a ${match[1]}`);
    } else if (t.kind === "for_iter") {
      if (this.#typed) this.#error("for_iter after specializeTypes");
      this.#checkFrameState(t.frameState);
      const item = this.#fn.blocks.get(t.body.block).params[0];
      if (item === void 0 || this.#type(item) !== "py") this.#error("the body has no item parameter");
    } else if (t.kind === "exit") {
      this.#checkFrameState(t.frameState);
      if (t.ownedAtExit) this.#checkOwned(t.ownedAtExit, t.frameState);
    }
    for (const edge2 of edgesOf(t)) this.#checkEdge(edge2, t.kind === "for_iter" && edge2 === t.body ? 1 : 0);
  }
  #checkEdge(edge2, implicit) {
    const params = this.#fn.blocks.get(edge2.block).params.slice(implicit);
    if (params.length !== edge2.args.length) {
      this.#error(`block${edge2.block} takes ${params.length} arguments, gets ${edge2.args.length}`);
      return;
    }
    edge2.args.forEach((v, n2) => {
      const wanted = this.#type(params[n2]);
      if (this.#type(v) !== wanted) this.#error(`argument ${n2} of block${edge2.block} is a ${this.#type(v)}, not a ${wanted}`);
    });
  }
  #checkFrameState(state) {
    for (let s = state; s; s = s.caller) {
      if (!s.caller) continue;
      if (s.locals.includes("home")) this.#error("an inlined frame has a home slot");
      if (s.functionObject === void 0) this.#error("an inlined frame has no function object");
    }
  }
  #checkOwned(owned, state) {
    if (!state) this.#error("ownedAtExit without frame state");
    for (const v of owned) {
      const type = this.#type(v);
      if (type !== "obj" && type !== "py") this.#error(`ownedAtExit holds a ${type}`);
    }
  }
};
function immediateFits(value, kind) {
  switch (kind) {
    case "operator":
    case "symbol":
      return typeof value === "string";
    case "name":
      return typeof value === "string" || typeof value === "number" && Number.isInteger(value);
    case "float":
      return typeof value === "number";
    case "object":
      if (typeof value === "string") return value.startsWith("@");
      return typeof value === "bigint" || Number.isSafeInteger(value);
    default:
      return typeof value === "bigint" || typeof value === "number" && Number.isSafeInteger(value);
  }
}

// src/compiler/2-build/arithmetic.ts
var BINARY = ["add", "and", "floordiv", "lshift", "matmul", "mul", "mod", "or", "pow", "rshift", "sub", "truediv", "xor"];
var NB_SUBSCR = 26;
var COMPARE = ["lt", "le", "eq", "ne", "gt", "ge"];
var COMPARE_TO_BOOL = 16;
var COMPARE_SHIFT = 5;
var arithmetic = {
  UNARY_POSITIVE: (f) => unary(f, "pos"),
  UNARY_NEGATIVE: (f) => unary(f, "neg"),
  UNARY_NOT: (f) => unary(f, "not"),
  UNARY_INVERT: (f) => unary(f, "invert"),
  TO_BOOL: (f) => f.push(f.truth(f.pop())),
  BINARY_OP: binary,
  COMPARE_OP: compare2,
  IS_OP: (f, i) => negatable(f, i, "py.is"),
  CONTAINS_OP: (f, i) => negatable(f, i, "py.contains")
};
function unary(f, operator) {
  f.push(f.value("py.unary", [f.pop()], [operator]));
}
function binary(f, i) {
  const [a, b] = f.popMany(2);
  if (i.arg === NB_SUBSCR) return f.push(f.value("py.subscript", [a, b]));
  const name = BINARY[i.arg % BINARY.length];
  if (name === void 0 || i.arg >= 2 * BINARY.length) throw new Bailout("malformed-code", "operator of BINARY_OP");
  f.push(f.value("py.binary", [a, b], [i.arg >= BINARY.length ? `i${name}` : name]));
}
function compare2(f, i) {
  const [a, b] = f.popMany(2);
  const is314 = f.code.layout === 314;
  const operator = COMPARE[is314 ? i.arg >> COMPARE_SHIFT : i.arg];
  if (operator === void 0) throw new Bailout("malformed-code", "operator of COMPARE_OP");
  const result = f.value("py.compare", [a, b], [operator]);
  f.push(is314 && (i.arg & COMPARE_TO_BOOL) !== 0 ? f.truth(result) : result);
}
function negatable(f, i, op2) {
  const [a, b] = f.popMany(2);
  const result = f.value(op2, op2 === "py.is" ? [a, b] : [b, a]);
  f.push((i.arg & 1) === 1 ? f.value("py.unary", [result], ["not"]) : result);
}

// src/compiler/2-build/names.ts
var names = {
  LOAD_CONST: (f, i) => f.push(f.constant(constantAt(f, i.arg))),
  LOAD_SMALL_INT: (f, i) => f.push(f.value("py.int", [], [i.arg])),
  LOAD_GLOBAL: loadGlobal,
  LOAD_NAME: (f, i) => isModuleLevel(f) ? loadName(f, i.arg) : f.leave("unsupported-opcode:LOAD_NAME"),
  STORE_GLOBAL: (f, i) => storeName(f, i.arg),
  STORE_NAME: (f, i) => isModuleLevel(f) ? storeName(f, i.arg) : f.leave("unsupported-opcode:STORE_NAME")
};
var isModuleLevel = (f) => f.code.info.name === "<module>";
function constantAt(f, index) {
  const object2 = f.code.info.consts[index];
  if (object2 === void 0) throw new Bailout("malformed-code", `constant ${index}`);
  return object2;
}
function loadGlobal(f, i) {
  const withNull = (i.arg & 1) === 1;
  if (withNull && f.code.layout === 311) f.push("null");
  loadName(f, i.arg >> 1);
  if (withNull && f.code.layout === 314) f.push("null");
}
function loadName(f, index) {
  const { info } = f.code;
  const text = nameAt(f, index);
  const promoted = f.unit.promoted.indexOf(info.globals, text);
  if (promoted !== void 0) return f.push(defined(f.state.globals[promoted], text));
  const found = info.namesValues.find((n2) => n2.name === index);
  if (!found || found.value < 0 || found.entry < 0 || f.unit.promoted.isStored(info.globals, text)) return f.leave("unbound-global");
  f.push(found.where === "b" ? loadBuiltin(f, found) : loadUnstored(f, text, found));
}
function loadUnstored(f, text, found) {
  const { globals } = f.code.info;
  const changes = f.unit.profile.failed(f.origin).some((x) => x.reason === "guard.global");
  if (!changes && f.unit.isNameable(found.value)) {
    f.emit("py.guard_global", [], [globals, found.entry, found.value]);
    return f.constant(found.value);
  }
  const name = f.unit.findObject((o) => o.kind === "str" && o.value === text);
  const value = f.value("py.load_global", [], [globals, found.entry, name ?? -1]);
  f.unit.hints.set(value, { type: f.unit.profile.typeName(found.value) });
  return value;
}
function loadBuiltin(f, found) {
  const { globals, builtins } = f.code.info;
  f.emit("guard.dict_keys", [], [globals]);
  f.emit("py.guard_global", [], [builtins, found.entry, found.value]);
  return f.constant(found.value);
}
function storeName(f, index) {
  const { promoted, profile } = f.unit;
  const { globals } = f.code.info;
  const text = nameAt(f, index);
  const at = promoted.indexOf(globals, text);
  const name = f.unit.findObject((o) => o.kind === "str" && o.value === text);
  if (name === void 0) return f.leave("name-not-in-table");
  const value = f.pop();
  if (at === void 0) {
    f.emit("py.store_global", [value], [globals, -1, name], "NoneType");
    return;
  }
  const { entry, value: first } = promoted.list[at];
  const old = f.state.globals[at];
  const overwritten = old === void 0 ? profile.typeName(first) : f.unit.typeOf(old);
  f.emit("py.store_global", [value], [globals, entry, name], overwritten);
  if (!f.state.stale) f.state.globals[at] = value;
}
function nameAt(f, index) {
  const text = f.code.info.names[index];
  if (text === void 0) throw new Bailout("malformed-code", `name ${index}`);
  return text;
}

// src/compiler/2-build/attributes.ts
var attributes = {
  LOAD_ATTR: (f, i) => {
    if (f.code.layout === 311) f.push(loadAttribute(f, i, i.arg));
    else if ((i.arg & 1) === 0) f.push(loadAttribute(f, i, i.arg >> 1));
    else loadMethod(f, i, i.arg >> 1);
  },
  LOAD_METHOD: (f, i) => loadMethod(f, i, i.arg),
  STORE_ATTR: (f, i) => {
    const [value, owner] = f.popMany(2);
    nameAt(f, i.arg);
    f.emit("py.store_attribute", [owner, value], [i.arg]);
  }
};
function loadAttribute(f, i, name) {
  nameAt(f, name);
  const owner = f.pop();
  return moduleAttribute(f, i, owner) ?? f.value("py.attribute", [owner], [name]);
}
function moduleAttribute(f, i, owner) {
  const object2 = f.unit.constant(owner);
  const module = object2 === void 0 ? void 0 : f.unit.object(object2);
  const value = cacheObject(f, i);
  if (module?.kind !== "module" || module.dict < 0 || value === void 0 || !i.form.endsWith("_MODULE") || !f.unit.isNameable(value)) return void 0;
  if (f.unit.profile.failed(f.origin).length > 0) return void 0;
  f.emit("py.guard_global", [], [module.dict, f.unit.profile.attributeCache(f.origin).index, value]);
  return f.constant(value);
}
var cacheObject = (f, i) => f.code.info.cacheObjects.get(i.opcodeOffset);
function loadMethod(f, i, name) {
  nameAt(f, name);
  const owner = f.pop();
  if (knownMethod(f, i, owner)) return;
  const attribute = moduleAttribute(f, i, owner) ?? f.value("py.attribute", [owner], [name]);
  if (f.code.layout === 311) f.push("null");
  f.push(attribute);
  if (f.code.layout === 314) f.push("null");
}
function knownMethod(f, i, owner) {
  const method = cacheObject(f, i);
  const hasValues = /METHOD_WITH_VALUES$/.test(i.form);
  if (method === void 0 || !f.unit.isNameable(method) || !(hasValues || /METHOD_NO_DICT$/.test(i.form))) return false;
  if (f.unit.profile.failed(f.origin).length > 0) return false;
  const { typeVersion, keysVersion } = f.unit.profile.methodCache(f.origin);
  f.emit("py.guard_type_version", [owner], [typeVersion]);
  if (hasValues) f.emit("py.guard_keys_version", [owner], [keysVersion]);
  f.push(f.constant(method));
  f.push(owner);
  return true;
}

// src/compiler/2-build/hints.ts
function resultType(i, form, typeOf, callee) {
  const [a, b] = i.args.map(typeOf);
  switch (i.op) {
    case "py.int":
      return "int";
    case "py.compare":
    case "py.is":
    case "py.contains":
    case "py.truth":
      return "bool";
    case "py.unary":
      return i.immediates[0] === "not" ? "bool" : a;
    case "py.binary":
      return binaryType(String(i.immediates[0]), form, a, b);
    case "py.subscript":
      return a === "str" ? "str" : a === "bytes" || a === "bytearray" ? "int" : void 0;
    case "py.build_list":
      return "list";
    case "py.build_tuple":
      return "tuple";
    case "py.build_map":
      return "dict";
    case "py.build_slice":
      return "slice";
    case "py.get_iter":
      return a === void 0 ? void 0 : ITERATORS[a] ?? a;
    case "py.call":
      return callee === void 0 ? void 0 : callType(callee, b);
    default:
      return void 0;
  }
}
var ITERATORS = {
  range: "range_iterator",
  list: "list_iterator",
  tuple: "tuple_iterator",
  str: "str_iterator",
  bytes: "bytes_iterator",
  dict: "dict_keyiterator"
};
var isInt = (t) => t === "int" || t === "bool";
var isNumber = (t) => isInt(t) || t === "float";
function binaryType(operator, form, a, b) {
  if (/_(INT)$/.test(form) && form.startsWith("BINARY_OP_") && !form.includes("SUBSCR")) return "int";
  if (form.startsWith("BINARY_OP_") && form.endsWith("_FLOAT")) return "float";
  if (form.endsWith("_UNICODE")) return "str";
  const plain = operator.replace(/^i(?!nt)/, "");
  if (isNumber(a) && isNumber(b)) {
    if (a === "float" || b === "float" || plain === "truediv") return "float";
    return plain === "pow" ? void 0 : "int";
  }
  if (a === "float" || b === "float") return "float";
  if (plain === "add" && a === b) return a;
  return plain === "mod" && a === "str" ? "str" : void 0;
}
var RESULT_IS_ITS_TYPE = /* @__PURE__ */ new Set(["int", "float", "bool", "str", "list", "tuple", "dict", "set", "range", "bytes", "bytearray", "enumerate", "zip"]);
var INT_FUNCTIONS = /* @__PURE__ */ new Set(["len", "ord", "hash", "id", "floor", "ceil", "trunc", "gcd", "isqrt", "comb", "perm", "factorial"]);
function callType(callee, argument) {
  switch (callee.kind) {
    case "type":
      return RESULT_IS_ITS_TYPE.has(callee.name) ? callee.name : void 0;
    case "builtin":
      if (INT_FUNCTIONS.has(callee.name)) return "int";
      if (callee.name === "isinstance" || callee.name === "callable") return "bool";
      if (callee.name === "chr") return "str";
      if (callee.name === "sorted") return "list";
      if (callee.module === "math") return "float";
      return callee.name === "abs" || callee.name === "min" || callee.name === "max" ? argument : void 0;
    case "method_descriptor":
      return callee.name === "append" ? "NoneType" : void 0;
    default:
      return void 0;
  }
}

// src/compiler/2-build/may-run-python.ts
var PLAIN = /* @__PURE__ */ new Set([
  "int",
  "float",
  "bool",
  "str",
  "bytes",
  "bytearray",
  "NoneType",
  "complex",
  "list",
  "tuple",
  "dict",
  "set",
  "frozenset",
  "range",
  "slice"
]);
var HARMLESS_AT_DEATH = /* @__PURE__ */ new Set([
  ...PLAIN,
  "function",
  "module",
  "type",
  "cell",
  "builtin_function_or_method",
  "method_descriptor",
  "range_iterator",
  "list_iterator",
  "tuple_iterator",
  "str_iterator",
  "bytes_iterator"
]);
var HASHED = /* @__PURE__ */ new Set(["dict", "set", "frozenset", "str", "bytes", "range"]);
var ITERABLE = /* @__PURE__ */ new Set(["list", "tuple", "range", "str", "bytes", "dict", "set", "frozenset"]);
var PLAIN_ITERATORS = /* @__PURE__ */ new Set([
  "range_iterator",
  "list_iterator",
  "tuple_iterator",
  "str_iterator",
  "bytes_iterator",
  "str_ascii_iterator",
  "bytearray_iterator",
  "dict_keyiterator",
  "dict_valueiterator",
  "dict_itemiterator",
  "set_iterator",
  "list_reverseiterator",
  "enumerate",
  "zip"
]);
function mayRunPython(i, s) {
  const foreign = (v) => !isPlain(s.typeOf(v));
  switch (i.op) {
    case "py.unary":
    case "py.binary":
    case "py.compare":
    case "py.truth":
      return i.args.some(foreign) || failedForForeign(s);
    case "py.subscript":
    case "py.store_subscript":
      return i.args.slice(0, 2).some(foreign) || s.form.endsWith("_GETITEM") || failedForForeign(s);
    case "py.contains":
      return !(HASHED.has(s.typeOf(i.args[0]) ?? "") || /_(SET|DICT)$/.test(s.form));
    case "py.get_iter":
      return !ITERABLE.has(s.typeOf(i.args[0]) ?? "") && !PLAIN_ITERATORS.has(s.typeOf(i.args[0]) ?? "");
    // Items die, and there is no compiled form of it.
    case "py.delete_subscript":
      return true;
    case "py.attribute":
    case "py.store_attribute":
      return !/_ATTR_(INSTANCE_VALUE|SLOT|WITH_HINT|MODULE)$/.test(s.form) || s.failures.length > 0;
    case "py.set_local":
    case "py.clear_local":
    case "py.store_global":
    case "py.release":
      return s.overwritten !== void 0 && !HARMLESS_AT_DEATH.has(s.overwritten);
    case "py.call":
      return !isHarmlessCall(s, i.args.slice(1));
    case "py.call_kw":
      return true;
    default:
      return false;
  }
}
var mayIterationRunPython = (iterator) => iterator === void 0 || !PLAIN_ITERATORS.has(iterator);
var isPlain = (type) => type === void 0 || PLAIN.has(type);
var failedForForeign = (s) => s.failures.some((f) => f.observed !== "" && !PLAIN.has(f.observed));
var NUMBER_TYPES = /* @__PURE__ */ new Set(["int", "float", "bool", "range"]);
var NUMBER_FUNCTIONS = /* @__PURE__ */ new Set(["len", "abs", "min", "max", "ord", "chr", "round", "divmod", "pow", "isinstance", "id"]);
var LIST_METHODS = /* @__PURE__ */ new Set(["append", "pop", "insert", "reverse", "copy"]);
function isHarmlessCall(s, args) {
  const { callee } = s;
  if (callee === void 0 || failedForForeign(s) || args.some((v) => !isPlain(s.typeOf(v)))) return false;
  switch (callee.kind) {
    case "type":
      return NUMBER_TYPES.has(callee.name);
    case "builtin":
      return callee.module === "math" || callee.module === "builtins" && NUMBER_FUNCTIONS.has(callee.name);
    case "method_descriptor": {
      const owner = s.objects[callee.owner];
      if (owner?.kind !== "type") return false;
      return owner.name === "str" || owner.name === "int" || owner.name === "float" || owner.name === "list" && LIST_METHODS.has(callee.name);
    }
    default:
      return false;
  }
}

// src/compiler/1-decode/jumps.ts
var FORWARD = /* @__PURE__ */ new Set([
  "JUMP_FORWARD",
  "JUMP_IF_FALSE_OR_POP",
  "JUMP_IF_TRUE_OR_POP",
  "FOR_ITER",
  "SEND",
  "POP_JUMP_FORWARD_IF_FALSE",
  "POP_JUMP_FORWARD_IF_TRUE",
  "POP_JUMP_FORWARD_IF_NONE",
  "POP_JUMP_FORWARD_IF_NOT_NONE",
  "POP_JUMP_IF_FALSE",
  "POP_JUMP_IF_TRUE",
  "POP_JUMP_IF_NONE",
  "POP_JUMP_IF_NOT_NONE"
]);
var BACKWARD = /* @__PURE__ */ new Set([
  "JUMP_BACKWARD",
  "JUMP_BACKWARD_NO_INTERRUPT",
  "POP_JUMP_BACKWARD_IF_FALSE",
  "POP_JUMP_BACKWARD_IF_TRUE",
  "POP_JUMP_BACKWARD_IF_NONE",
  "POP_JUMP_BACKWARD_IF_NOT_NONE"
]);
var NEVER_FALLS_THROUGH = /* @__PURE__ */ new Set([
  "JUMP_FORWARD",
  "JUMP_BACKWARD",
  "JUMP_BACKWARD_NO_INTERRUPT",
  "RETURN_VALUE",
  "RAISE_VARARGS",
  "RERAISE",
  "INTERPRETER_EXIT"
]);
function jumpTarget(name, layout, arg, end) {
  if (BACKWARD.has(name)) return end - arg;
  if (name === "FOR_ITER" && layout === 314) return end + arg + 1;
  return FORWARD.has(name) ? end + arg : void 0;
}
var isBackwardJump = (name) => BACKWARD.has(name);
var fallsThrough = (name) => !NEVER_FALLS_THROUGH.has(name);

// src/compiler/2-build/promoted-names.ts
var STORES = /* @__PURE__ */ new Set(["STORE_GLOBAL", "STORE_NAME", "DELETE_GLOBAL", "DELETE_NAME"]);
var PromotedNames = class {
  list;
  #stored = /* @__PURE__ */ new Set();
  #index = /* @__PURE__ */ new Map();
  constructor(request, outer, others) {
    const list = [];
    const add = (info, i) => {
      const text = info.names[i.arg];
      if (!STORES.has(i.name) || text === void 0) return;
      const id = key(info.globals, text);
      if (this.#stored.has(id)) return;
      this.#stored.add(id);
      const found = info.namesValues.find((n2) => n2.name === i.arg && n2.where === "g" && n2.entry >= 0 && n2.value >= 0);
      const name = request.objects.findIndex((o) => o.kind === "str" && o.value === text);
      if (!found || name < 0) return;
      this.#index.set(id, list.length);
      list.push({ dict: info.globals, entry: found.entry, name, text, value: found.value });
    };
    for (const i of reachableFrom(outer, request.offset)) add(outer.info, i);
    for (const code of others) for (const i of code.instructions) add(code.info, i);
    this.list = list;
  }
  /** Position in `list`. */
  indexOf(dict, text) {
    return this.#index.get(key(dict, text));
  }
  isStored(dict, text) {
    return this.#stored.has(key(dict, text));
  }
};
var key = (dict, text) => `${dict}:${text}`;
function reachableFrom(code, offset) {
  const seen = /* @__PURE__ */ new Set();
  const work = [offset];
  const found = [];
  for (let at = work.pop(); at !== void 0; at = work.pop()) {
    const i = code.at(at);
    if (!i || seen.has(at)) continue;
    seen.add(at);
    found.push(i);
    if (i.target !== void 0) work.push(i.target);
    if (fallsThrough(i.name)) work.push(i.end);
  }
  return found;
}
function findLoops(code) {
  const loops = /* @__PURE__ */ new Map();
  for (const i of code.instructions) {
    if (isBackwardJump(i.name) && i.target !== void 0) loops.set(i.target, Math.max(i.offset, loops.get(i.target) ?? 0));
  }
  for (let changed = true; changed; ) {
    changed = false;
    for (const [outer, end] of loops) {
      for (const [inner, last] of loops) {
        if (inner <= outer || inner > end || last <= loops.get(outer)) continue;
        loops.set(outer, last);
        changed = true;
      }
    }
  }
  return loops;
}
function findLeaders(code) {
  const leaders = /* @__PURE__ */ new Set();
  for (const i of code.instructions) if (i.target !== void 0 && i.name !== "FOR_ITER") leaders.add(i.target);
  for (const i of code.instructions) if (i.name === "FOR_ITER") leaders.add(i.target).add(i.offset);
  return leaders;
}

// src/compiler/2-build/state.ts
var copyState = (s) => ({
  locals: [...s.locals],
  stack: [...s.stack],
  globals: [...s.globals],
  stale: s.stale
});
function shapeOf(s, constant) {
  const locals2 = s.locals.map((v) => typeof v === "number" ? "v" : v[0]).join("");
  const stack = s.stack.map((v) => {
    if (v === "null") return "n";
    const object2 = constant(v);
    return object2 === void 0 ? "v" : `c${object2}`;
  });
  return `${locals2}|${stack.join(",")}|${s.stale ? "stale" : ""}`;
}
function valuesOf(s, constant) {
  const isValue = (v) => typeof v === "number";
  return [...s.locals.filter(isValue), ...s.stack.filter(isValue).filter((v) => constant(v) === void 0), ...s.globals];
}
function withValues(s, constant, value, remake) {
  const locals2 = s.locals.map((v) => typeof v === "number" ? value(v) : v);
  const stack = s.stack.map((v) => {
    if (v === "null") return v;
    const object2 = constant(v);
    return object2 === void 0 ? value(v) : remake(object2);
  });
  return { locals: locals2, stack, globals: s.globals.map(value), stale: s.stale };
}

// src/compiler/2-build/frame.ts
var MAX_VERSIONS = 12;
var NAMES_A_CONSTANT = /* @__PURE__ */ new Set(["py.const", "py.int"]);
var CALL_SEQUENCE = /* @__PURE__ */ new Set(["PRECALL", "CALL"]);
var Frame = class {
  unit;
  code;
  codeIndex;
  chain;
  returns = [];
  /** Start of a 3.11 call sequence: a call in progress can only be resumed there. */
  callStart;
  keywordNames;
  state;
  #options;
  #leaders;
  #loops;
  #context;
  #versions = /* @__PURE__ */ new Map();
  #versionCount = /* @__PURE__ */ new Map();
  #work = [];
  /** Results of py.truth. */
  #truths = /* @__PURE__ */ new Set();
  #before;
  #ended = false;
  constructor(unit, options, state) {
    this.unit = unit;
    this.code = unit.decoded(options.code);
    this.codeIndex = options.code;
    this.chain = [...options.chain, options.code];
    this.state = state;
    this.#options = options;
    this.#leaders = findLeaders(this.code);
    this.#loops = findLoops(this.code);
    this.#context = options.caller ? [] : this.#loopsAround(unit.request.offset);
    this.#before = this.stateAt(0);
  }
  get isInlined() {
    return this.#options.caller !== void 0;
  }
  get keptAlive() {
    return this.#options.keptAlive ?? /* @__PURE__ */ new Set();
  }
  /** Translates everything reachable from `offset`, beginning in the builder's current block. */
  translate(offset, dispatch) {
    this.jumpTo(offset);
    for (let version = this.#work.shift(); version; version = this.#work.shift()) {
      this.unit.builder.switchTo(version.block);
      this.state = copyState(version.state);
      this.#context = version.context;
      this.#straightLine(version.offset, dispatch);
    }
  }
  #straightLine(start, dispatch) {
    this.#ended = false;
    this.callStart = void 0;
    this.keywordNames = void 0;
    for (let at = start; !this.#ended; ) {
      const i = this.code.at(at);
      if (!i) throw new Bailout("malformed-code", `no instruction at ${at}`);
      if (at !== start && this.#leaders.has(at)) return this.jumpTo(at);
      if (this.callStart && !CALL_SEQUENCE.has(i.name)) throw new Bailout("malformed-code", `${i.name} inside a call sequence`);
      this.#begin(i.offset);
      if (at === start && this.#loops.has(at)) this.#safepoint();
      if (--this.unit.budget < 0) return this.leave("unit-too-large");
      dispatch(this, i);
      at = i.end;
    }
  }
  /**
   * CPython looks at its eval breaker where it jumps back. Here it is the loop header, so that the header begins with a
   * frame state for guards that leave the loop body. The interpreter takes one turn before it looks itself.
   */
  #safepoint() {
    this.unit.builder.emit("py.safepoint", [], { frameState: this.#before, origin: this.origin });
  }
  #begin(offset) {
    this.#before = this.stateAt(offset);
    if (!this.state.stale) return;
    this.state.globals = this.unit.promoted.list.map((p) => {
      const value = this.value("py.load_global", [], [p.dict, p.entry, p.name]);
      this.unit.hints.set(value, { type: this.unit.profile.typeName(p.value) });
      return value;
    });
    this.state.stale = false;
    this.#before = this.stateAt(offset);
  }
  // ---- frame states ------------------------------------------------------------------------------------------------
  /** The frame before the instruction being translated. */
  get before() {
    return this.callStart ?? this.#before;
  }
  stateAt(offset) {
    const { caller, functionObject } = this.#options;
    const { state } = this;
    return {
      code: this.codeIndex,
      offset,
      locals: [...state.locals],
      stack: [...state.stack],
      globals: state.stale ? [] : this.unit.promoted.list.map((p, n2) => ({ dict: p.dict, name: p.name, value: state.globals[n2] })),
      ...caller ? { caller } : {},
      ...functionObject === void 0 ? {} : { functionObject }
    };
  }
  get origin() {
    return { code: this.codeIndex, offset: this.before.offset };
  }
  // ---- operand stack ------------------------------------------------------------------------------------------------
  push(value) {
    this.state.stack.push(value);
  }
  pop() {
    const value = this.popSlot();
    if (value === "null") throw new Bailout("malformed-code", "NULL where a value was expected");
    return value;
  }
  popSlot() {
    const value = this.state.stack.pop();
    if (value === void 0) throw new Bailout("malformed-code", "operand stack underflow");
    return value;
  }
  /** The last `count` values, bottom first. */
  popMany(count2) {
    const values = [];
    for (let n2 = 0; n2 < count2; n2++) values.push(this.pop());
    return values.reverse();
  }
  // ---- emitting -----------------------------------------------------------------------------------------------------
  emit(op2, args = [], immediates = [], overwritten) {
    const { unit, origin } = this;
    const frameState = NAMES_A_CONSTANT.has(op2) ? void 0 : this.before;
    const made = unit.builder.emit(op2, args, { immediates, frameState, origin });
    const form = unit.profile.specialization(origin);
    const object2 = op2 === "py.call" ? unit.constant(args[0]) : void 0;
    const callee = object2 === void 0 ? void 0 : unit.object(object2);
    const typeOf = (v) => unit.typeOf(v);
    if (made.result !== void 0) unit.hints.set(made.result, { type: resultType(made, form, typeOf, callee) });
    const surroundings = { form, failures: unit.profile.failed(origin), typeOf, callee, objects: unit.request.objects, overwritten };
    if (mayRunPython(made, surroundings)) this.becomeStale(() => unit.opaque.add(made));
    return made.result;
  }
  becomeStale(record) {
    record();
    this.unit.opaqueCount++;
    this.state.globals = [];
    this.state.stale = this.unit.promoted.list.length > 0;
  }
  value(op2, args = [], immediates = []) {
    return defined(this.emit(op2, args, immediates), `result of ${op2}`);
  }
  constant(object2) {
    const value = this.value("py.const", [], [object2]);
    this.unit.constants.set(value, object2);
    return value;
  }
  /** bool(value); a value that is one already stays as it is. */
  truth(value) {
    if (this.#truths.has(value)) return value;
    const truth2 = this.value("py.truth", [value]);
    this.#truths.add(truth2);
    return truth2;
  }
  /** Ends compiled code before the current instruction. */
  leave(reason, kind = "unsupported") {
    this.unit.exits.push(reason);
    this.unit.builder.exit(kind, reason, this.before, { origin: this.origin });
    this.end();
  }
  /** Nothing follows in this straight line. */
  end() {
    this.#ended = true;
  }
  // ---- blocks --------------------------------------------------------------------------------------------------------
  jumpTo(offset) {
    const { block, args } = this.edgeTo(offset);
    this.unit.builder.jump(block, args);
    this.end();
  }
  /** An edge to this place in the shape of the current state. */
  edgeTo(offset) {
    const { constant } = this.unit;
    const context = this.#contextAt(offset);
    const key3 = `${context.map((loop) => loop.version).join()}|${offset}|${shapeOf(this.state, constant)}`;
    let version = this.#versions.get(key3);
    if (!version) {
      const count2 = (this.#versionCount.get(offset) ?? 0) + 1;
      if (count2 > MAX_VERSIONS) return edge(this.#exitBlock(offset).id);
      this.#versionCount.set(offset, count2);
      const last = this.#loops.get(offset);
      const inside = last === void 0 ? context : [...context, { header: offset, last, version: `${offset}.${count2}` }];
      version = this.#createVersion(offset, inside);
      this.#versions.set(key3, version);
      this.#work.push(version);
    }
    return edge(version.block.id, valuesOf(this.state, constant));
  }
  /** Where a unit begins inside loops, it has not come through their headers. */
  #loopsAround(offset) {
    const around = [...this.#loops].filter(([header, last]) => header < offset && offset <= last);
    return around.sort(([a], [b]) => a - b).map(([header, last]) => ({ header, last, version: "entry" }));
  }
  /** The loops around a place, as entered on the way to it; those left are dropped. */
  #contextAt(offset) {
    return this.#context.filter((loop) => offset > loop.header && offset <= loop.last);
  }
  #createVersion(offset, context) {
    const { fn, constant, constants, hints } = this.unit;
    const block = addBlock(fn);
    const origin = { code: this.codeIndex, offset };
    const param = (old) => {
      const value = this.unit.builder.addParam(block, "py");
      hints.set(value, hints.get(old) ?? { type: this.unit.typeOf(old), object: constant(old) });
      return value;
    };
    const remake = (object2) => {
      const instruction = makeInstruction(fn, "py.const", [], { immediates: [object2], origin });
      block.instructions.push(instruction);
      constants.set(instruction.result, object2);
      return instruction.result;
    };
    return { offset, context, block, state: withValues(this.state, constant, param, remake) };
  }
  #exitBlock(offset) {
    const block = addBlock(this.unit.fn);
    const origin = { code: this.codeIndex, offset };
    this.unit.exits.push("too-many-versions");
    block.terminator = { kind: "exit", exitKind: "unsupported", reason: "too-many-versions", frameState: this.stateAt(offset), origin };
    return block;
  }
};

// src/compiler/2-build/locals.ts
var load = (f, i) => loadLocal(f, i.arg);
var loadTwo = (f, i) => {
  if (loadLocal(f, i.arg >> 4)) loadLocal(f, i.arg & 15);
};
var locals = {
  LOAD_FAST: load,
  LOAD_FAST_BORROW: load,
  LOAD_FAST_CHECK: load,
  LOAD_CLOSURE: load,
  LOAD_FAST_LOAD_FAST: loadTwo,
  LOAD_FAST_BORROW_LOAD_FAST_BORROW: loadTwo,
  STORE_FAST: (f, i) => storeLocal(f, i.arg),
  STORE_FAST_STORE_FAST: (f, i) => {
    storeLocal(f, i.arg >> 4);
    storeLocal(f, i.arg & 15);
  },
  STORE_FAST_LOAD_FAST: (f, i) => {
    storeLocal(f, i.arg >> 4);
    loadLocal(f, i.arg & 15);
  },
  LOAD_FAST_AND_CLEAR: loadAndClear,
  DELETE_FAST: (f, i) => {
    if (typeof localAt(f, i.arg) !== "number") return f.leave("maybe-unbound");
    clearLocal(f, i.arg);
  },
  LOAD_DEREF: loadCell,
  STORE_DEREF: (f, i) => {
    const cell = localAt(f, i.arg);
    if (typeof cell !== "number") return f.leave("maybe-unbound");
    f.emit("py.store_cell", [cell, f.pop()]);
  },
  POP_TOP: (f) => void f.popSlot(),
  POP_ITER: (f) => void f.popSlot(),
  END_FOR: (f) => void f.popSlot(),
  PUSH_NULL: (f) => f.push("null"),
  COPY: (f, i) => f.push(peek(f, i.arg)),
  SWAP: swap2
};
function loadCell(f, i) {
  const cell = localAt(f, i.arg);
  if (typeof cell !== "number") return f.leave("maybe-unbound");
  const { unit } = f;
  const value = f.value("py.load_cell", [cell]);
  const object2 = unit.constant(cell) ?? unit.hints.get(cell)?.object;
  const info = object2 === void 0 ? void 0 : unit.object(object2);
  if (info?.kind === "cell" && info.content >= 0) unit.hints.set(value, { type: unit.profile.typeName(info.content), object: info.content });
  f.push(value);
}
function localAt(f, slot) {
  const value = f.state.locals[slot];
  if (value === void 0) throw new Bailout("malformed-code", `local ${slot}`);
  return value;
}
function loadLocal(f, slot) {
  const value = localAt(f, slot);
  if (typeof value === "number") f.push(value);
  else f.leave("maybe-unbound");
  return typeof value === "number";
}
function storeLocal(f, slot) {
  const value = f.popSlot();
  if (value === "null") return clearLocal(f, slot);
  const old = localAt(f, slot);
  const oldType = typeDying(f, slot);
  if (!f.isInlined) f.emit("py.set_local", [value], [slot], oldType);
  else if (typeof old === "number") f.emit("py.release", [old], [], oldType);
  f.state.locals[slot] = value;
}
function clearLocal(f, slot) {
  const old = localAt(f, slot);
  if (typeof old === "number") {
    const oldType = typeDying(f, slot);
    if (f.isInlined) f.emit("py.release", [old], [], oldType);
    else f.emit("py.clear_local", [], [slot], oldType);
  } else if (old === "home") f.emit("py.clear_local", [], [slot]);
  f.state.locals[slot] = "null";
}
function loadAndClear(f, i) {
  const value = localAt(f, i.arg);
  if (value === "home") return f.leave("maybe-unbound");
  f.push(value);
  clearLocal(f, i.arg);
}
function peek(f, depth) {
  const value = f.state.stack.at(-depth);
  if (depth < 1 || value === void 0) throw new Bailout("malformed-code", "operand stack underflow");
  return value;
}
function swap2(f, i) {
  const { stack } = f.state;
  const other = peek(f, i.arg);
  stack[stack.length - i.arg] = defined(stack.at(-1), "top of stack");
  stack[stack.length - 1] = other;
}
function storedLocals(i) {
  switch (i.name) {
    case "STORE_FAST":
    case "DELETE_FAST":
    case "LOAD_FAST_AND_CLEAR":
      return [i.arg];
    case "STORE_FAST_LOAD_FAST":
      return [i.arg >> 4];
    case "STORE_FAST_STORE_FAST":
      return [i.arg >> 4, i.arg & 15];
    default:
      return [];
  }
}
function typeDying(f, slot) {
  const value = localAt(f, slot);
  return typeof value !== "number" || f.keptAlive.has(slot) ? void 0 : f.unit.typeOf(value);
}
function releaseLocals(f) {
  f.state.locals.forEach((value, slot) => {
    if (typeof value === "number") f.emit("py.release", [value], [], typeDying(f, slot));
  });
}

// src/compiler/2-build/inline.ts
var MAX_DEPTH2 = 4;
var MAX_CALLEE_INSTRUCTIONS = 120;
var CO_OPTIMIZED_NEWLOCALS = 3;
var CO_NOT_PLAIN = 4 | 8 | 32 | 128 | 256 | 512;
var CO_FAST_FREE = 128;
function tryInline(f, call2, dispatch) {
  const plan = planInline(f, call2);
  if (!plan) return false;
  const { unit } = f;
  const undo = snapshot(unit, f);
  f.emit("py.guard_function", [call2.callee], [plan.info.version]);
  const caller = callerState(f, call2);
  const locals2 = calleeLocals(f, plan);
  const child = new Frame(unit, {
    code: plan.info.code,
    chain: f.chain,
    functionObject: plan.object,
    caller,
    keptAlive: findKeptAlive(unit, plan.code, locals2, caller)
  }, { locals: locals2, stack: [], globals: [...f.state.globals], stale: f.state.stale });
  child.translate(plan.start, dispatch);
  if (unit.opaqueCount > undo.opaqueCount || child.returns.length === 0 || unit.budget < 0) {
    undo.restore();
    unit.notInlinable.add(plan.object);
    return false;
  }
  unit.usedCodes.add(plan.info.code);
  joinReturns(f, child);
  return true;
}
function callerState(f, call2) {
  return { ...f.before, offset: call2.instruction.opcodeOffset, stack: [...f.state.stack], globals: [] };
}
function calleeLocals(f, plan) {
  const { info } = plan.code;
  const locals2 = info.localsplusnames.map(() => "null");
  plan.arguments.forEach((a, n2) => {
    locals2[n2] = "value" in a ? a.value : f.constant(a.object);
  });
  const firstFree = locals2.length - plan.cells.length;
  plan.cells.forEach((cell, n2) => {
    locals2[firstFree + n2] = f.constant(cell);
  });
  return locals2;
}
function findKeptAlive(unit, code, locals2, caller) {
  const held = /* @__PURE__ */ new Set();
  for (let s = caller; s; s = s.caller) for (const v of [...s.locals, ...s.stack]) held.add(v);
  const stored = new Set(code.instructions.flatMap(storedLocals));
  const kept = locals2.map((v, slot) => typeof v === "number" && !stored.has(slot) && (held.has(v) || unit.constant(v) !== void 0) ? slot : -1);
  return new Set(kept.filter((slot) => slot >= 0));
}
function joinReturns(f, child) {
  const { builder, hints } = f.unit;
  const [first, ...others] = child.returns;
  if (!first) return;
  if (others.length === 0) {
    builder.switchTo(first.block);
    f.state.globals = first.state.globals;
    return f.push(first.value);
  }
  const join4 = builder.createBlock(["py", ...first.state.globals.map(() => "py")]);
  for (const r of child.returns) {
    builder.switchTo(r.block);
    builder.jump(join4.id, [r.value, ...r.state.globals]);
  }
  const [result, ...globals] = join4.params;
  join4.params.forEach((p, n2) => hints.set(p, { type: f.unit.typeOf(n2 === 0 ? first.value : first.state.globals[n2 - 1]) }));
  builder.switchTo(join4);
  f.state.globals = globals;
  f.push(result);
}
function planInline(f, call2) {
  const { unit } = f;
  const object2 = defined(unit.constant(call2.callee), "constant callee");
  const info = unit.object(object2);
  if (info.kind !== "function" || info.code < 0 || info.version === 0 || unit.notInlinable.has(object2)) return void 0;
  if (f.chain.length > MAX_DEPTH2 || f.chain.filter((c) => c === info.code).length > 1) return void 0;
  if (unit.profile.failed(f.origin).some((x) => x.reason === "guard.function")) return void 0;
  if (!unit.canDecode(info.code)) return void 0;
  const code = unit.decoded(info.code);
  if (!isPlain2(code)) return void 0;
  const start = afterPrologue(code);
  const args = bindArguments(f, call2, info, code);
  const cells = closureCells(unit, info, code);
  return start === void 0 || !args || !cells ? void 0 : { object: object2, info, code, start, arguments: args, cells };
}
function isPlain2(code) {
  const { flags, kwonly, exceptiontable, localspluskinds } = code.info;
  const cellsOfItsOwn = localspluskinds.some((k) => (k & 64) !== 0);
  return (flags & CO_OPTIMIZED_NEWLOCALS) === CO_OPTIMIZED_NEWLOCALS && (flags & CO_NOT_PLAIN) === 0 && kwonly === 0 && exceptiontable.length === 0 && !cellsOfItsOwn && code.instructions.length <= MAX_CALLEE_INSTRUCTIONS;
}
function afterPrologue(code) {
  for (const i of code.instructions) {
    if (i.name === "RESUME") return i.end;
    if (i.name !== "COPY_FREE_VARS" && i.name !== "NOP") return void 0;
  }
  return void 0;
}
function bindArguments(f, call2, info, code) {
  const { argcount, posonly, localsplusnames } = code.info;
  const names2 = call2.keywordNames === void 0 ? [] : tuple(f.unit, call2.keywordNames).map((n2) => f.unit.object(n2));
  const positional = call2.args.length - names2.length;
  if (positional > argcount || call2.args.length > argcount) return void 0;
  const bound = new Array(argcount).fill(void 0);
  call2.args.slice(0, positional).forEach((value, n2) => {
    bound[n2] = { value };
  });
  for (const [n2, name] of names2.entries()) {
    const at = name.kind === "str" ? localsplusnames.indexOf(name.value) : -1;
    if (at < posonly || at >= argcount || bound[at] !== void 0) return void 0;
    bound[at] = { value: call2.args[positional + n2] };
  }
  const defaults = info.defaults < 0 ? [] : tuple(f.unit, info.defaults);
  defaults.forEach((object2, n2) => {
    bound[argcount - defaults.length + n2] ??= { object: object2 };
  });
  return bound.every((b) => b !== void 0 && !("object" in b && b.object < 0)) ? bound : void 0;
}
function closureCells(unit, info, code) {
  const free = code.info.localspluskinds.filter((k) => (k & CO_FAST_FREE) !== 0).length;
  if (free === 0) return [];
  const cells = info.closure < 0 ? [] : tuple(unit, info.closure);
  return cells.length === free && cells.every((c) => c >= 0) ? cells : void 0;
}
function tuple(unit, object2) {
  const info = unit.object(object2);
  return info.kind === "tuple" ? info.items : [];
}
function snapshot(unit, f) {
  const { builder, fn, opaqueCount } = unit;
  const { block } = builder;
  const length = block.instructions.length;
  const firstValue = fn.nextValue, firstBlock = fn.nextBlock;
  const state = { locals: [...f.state.locals], stack: [...f.state.stack], globals: [...f.state.globals], stale: f.state.stale };
  const exits = [...unit.exits];
  const restore = () => {
    for (const id of [...fn.blocks.keys()]) if (id >= firstBlock) fn.blocks.delete(id);
    for (const value of [...fn.types.keys()]) if (value >= firstValue) fn.types.delete(value);
    block.instructions.length = length;
    block.terminator = { kind: "exit", exitKind: "deopt", reason: UNTERMINATED, frameState: emptyFrameState() };
    builder.switchTo(block);
    unit.opaqueCount = opaqueCount;
    unit.exits = exits;
    f.state = state;
  };
  return { opaqueCount, restore };
}

// src/compiler/2-build/calls.ts
function calls(dispatch) {
  return {
    KW_NAMES: (f, i) => {
      f.callStart = f.before;
      f.keywordNames = constantAt(f, i.arg);
    },
    PRECALL: (f) => {
      f.callStart = f.before;
    },
    CALL: (f, i) => {
      const names2 = f.keywordNames;
      f.keywordNames = void 0;
      call(f, i, names2, dispatch);
      f.callStart = void 0;
    },
    CALL_KW: (f, i) => {
      const names2 = f.unit.constant(f.pop());
      if (names2 === void 0) return f.leave("unsupported-opcode:CALL_KW");
      call(f, i, names2, dispatch);
    }
  };
}
function call(f, i, keywordNames, dispatch) {
  const args = f.popMany(i.arg);
  const upper = f.popSlot(), lower = f.popSlot();
  const [callable, self] = f.code.layout === 311 && lower === "null" ? [upper, "null"] : [lower, upper];
  if (callable === "null") throw new Bailout("malformed-code", "NULL called");
  if (self !== "null") args.unshift(self);
  const known = knownCallee(f, callable);
  if (known !== void 0 && tryInline(f, { callee: known, args, keywordNames, instruction: i }, dispatch)) return;
  const operands = [known ?? callable, ...args];
  f.push(keywordNames === void 0 ? f.value("py.call", operands) : f.value("py.call_kw", operands, [keywordNames]));
}
var CALLABLE = /* @__PURE__ */ new Set(["function", "builtin", "type", "method_descriptor"]);
function knownCallee(f, callable) {
  if (f.unit.constant(callable) !== void 0) return callable;
  const object2 = f.unit.hints.get(callable)?.object;
  if (object2 === void 0 || object2 < 0 || !CALLABLE.has(f.unit.object(object2).kind)) return void 0;
  if (f.unit.profile.failed(f.origin).some((x) => x.reason === "guard.is")) return void 0;
  f.emit("py.guard_is", [callable], [object2]);
  return f.constant(object2);
}

// src/compiler/2-build/containers.ts
var containers = {
  BINARY_SUBSCR: (f) => f.push(f.value("py.subscript", f.popMany(2))),
  STORE_SUBSCR: (f) => {
    const [value, container, key3] = f.popMany(3);
    f.emit("py.store_subscript", [container, key3, value]);
  },
  DELETE_SUBSCR: (f) => void f.emit("py.delete_subscript", f.popMany(2)),
  BINARY_SLICE: (f) => {
    const [container, start, stop] = f.popMany(3);
    f.push(f.value("py.subscript", [container, f.value("py.build_slice", [start, stop])]));
  },
  STORE_SLICE: (f) => {
    const [value, container, start, stop] = f.popMany(4);
    f.emit("py.store_subscript", [container, f.value("py.build_slice", [start, stop]), value]);
  },
  BUILD_LIST: (f, i) => f.push(f.value("py.build_list", f.popMany(i.arg))),
  BUILD_TUPLE: (f, i) => f.push(f.value("py.build_tuple", f.popMany(i.arg))),
  BUILD_MAP: (f, i) => f.push(f.value("py.build_map", f.popMany(2 * i.arg))),
  BUILD_SLICE: (f, i) => f.push(f.value("py.build_slice", f.popMany(i.arg))),
  BUILD_CONST_KEY_MAP: buildConstKeyMap,
  LIST_APPEND: (f, i) => {
    const value = f.pop();
    f.emit("py.list_append", [below(f, i.arg), value]);
  },
  LIST_EXTEND: listExtend,
  MAP_ADD: (f, i) => {
    const [key3, value] = f.popMany(2);
    f.emit("py.store_subscript", [below(f, i.arg), key3, value]);
  },
  UNPACK_SEQUENCE: unpackSequence
};
function below(f, depth) {
  const value = f.state.stack.at(-depth);
  if (typeof value !== "number" || depth < 1) throw new Bailout("malformed-code", "no container on the stack");
  return value;
}
function tupleItems(f, value) {
  const object2 = f.unit.constant(value);
  const info = object2 === void 0 ? void 0 : f.unit.object(object2);
  return info?.kind === "tuple" && info.items.every((item) => item >= 0) ? info.items : void 0;
}
function buildConstKeyMap(f, i) {
  const keys = tupleItems(f, f.pop());
  if (keys?.length !== i.arg) return f.leave("unsupported-opcode:BUILD_CONST_KEY_MAP");
  const values = f.popMany(i.arg);
  f.push(f.value("py.build_map", values.flatMap((value, n2) => [f.constant(keys[n2]), value])));
}
function listExtend(f, i) {
  const items = tupleItems(f, f.pop());
  if (!items) return f.leave("unsupported-opcode:LIST_EXTEND");
  const list = below(f, i.arg);
  for (const item of items) f.emit("py.list_append", [list, f.constant(item)]);
}
function unpackSequence(f, i) {
  const sequence = f.pop();
  f.emit("py.unpack_check", [sequence], [i.arg]);
  const items = [];
  for (let n2 = 0; n2 < i.arg; n2++) items.push(f.value("py.unpack_item", [sequence], [n2]));
  for (const item of items.reverse()) f.push(item);
}

// src/compiler/2-build/control.ts
var nothing = () => void 0;
var control = {
  NOP: nothing,
  NOT_TAKEN: nothing,
  RESUME: nothing,
  JUMP_FORWARD: (f, i) => f.jumpTo(target(i)),
  JUMP_BACKWARD_NO_INTERRUPT: (f, i) => f.jumpTo(target(i)),
  JUMP_BACKWARD: (f, i) => {
    countBackEdge(f, i);
    f.jumpTo(target(i));
  },
  ...conditional("IF_TRUE", (f) => truthOf(f), true),
  ...conditional("IF_FALSE", (f) => truthOf(f), false),
  ...conditional("IF_NONE", isNone, true),
  ...conditional("IF_NOT_NONE", isNone, false),
  JUMP_IF_TRUE_OR_POP: (f, i) => jumpOrPop(f, i, true),
  JUMP_IF_FALSE_OR_POP: (f, i) => jumpOrPop(f, i, false),
  RETURN_VALUE: returnValue
};
function conditional(suffix, condition, jumpIf) {
  const handler = (f, i) => {
    const value = condition(f);
    if (value === void 0) return f.leave("none-not-in-table");
    branch(f, value, jumpIf, takenEdge(f, i), f.edgeTo(i.end));
  };
  return Object.fromEntries(["POP_JUMP", "POP_JUMP_FORWARD", "POP_JUMP_BACKWARD"].map((p) => [`${p}_${suffix}`, handler]));
}
var target = (i) => defined(i.target, `target of ${i.name}`);
var truthOf = (f) => f.truth(f.pop());
function isNone(f) {
  const none2 = f.unit.findObject((o) => o.kind === "none");
  return none2 === void 0 ? void 0 : f.truth(f.value("py.is", [f.pop(), f.constant(none2)]));
}
function branch(f, condition, jumpIf, taken, fallThrough) {
  f.unit.builder.branch(condition, jumpIf ? taken : fallThrough, jumpIf ? fallThrough : taken);
  f.end();
}
function takenEdge(f, i) {
  if (isBackwardJump(i.name)) countBackEdge(f, i);
  return f.edgeTo(target(i));
}
function countBackEdge(f, i) {
  if (!f.isInlined && target(i) === f.unit.request.offset) f.unit.backEdges++;
}
function jumpOrPop(f, i, jumpIf) {
  const value = f.pop();
  const condition = f.truth(value);
  const popped = copyState(f.state);
  f.push(value);
  const taken = f.edgeTo(target(i));
  f.state = popped;
  branch(f, condition, jumpIf, taken, f.edgeTo(i.end));
}
function returnValue(f) {
  if (!f.isInlined) return f.leave("return", "return");
  const value = f.pop();
  releaseLocals(f);
  f.returns.push({ block: f.unit.builder.block, value, state: copyState(f.state) });
  f.end();
}

// src/compiler/2-build/iteration.ts
var iteration = {
  GET_ITER: getIter,
  FOR_ITER: forIter
};
var FORMS = {
  range_iterator: "FOR_ITER_RANGE",
  list_iterator: "FOR_ITER_LIST",
  tuple_iterator: "FOR_ITER_TUPLE",
  bytes_iterator: "FOR_ITER_BYTES"
};
var TYPES2 = {
  FOR_ITER_RANGE: "range_iterator",
  FOR_ITER_LIST: "list_iterator",
  FOR_ITER_TUPLE: "tuple_iterator",
  FOR_ITER_BYTES: "bytes_iterator"
};
var ITERABLES = { FOR_ITER_RANGE: "range", FOR_ITER_LIST: "list", FOR_ITER_TUPLE: "tuple", FOR_ITER_BYTES: "bytes" };
function getIter(f, i) {
  const iterable = f.pop();
  const loop = f.code.at(i.end);
  const type = loop?.name === "FOR_ITER" ? ITERABLES[f.unit.profile.specialization({ code: f.codeIndex, offset: i.end })] : void 0;
  if (type !== void 0 && f.unit.typeOf(iterable) === void 0) f.unit.hints.set(iterable, { ...f.unit.hints.get(iterable), type });
  f.push(f.value("py.get_iter", [iterable]));
}
function forIter(f, i) {
  const { unit, before, origin } = f;
  const { builder, profile } = unit;
  const iterator = f.pop();
  const type = iteratorType(f, iterator);
  const body = builder.createBlock(["py"]);
  const terminator = { kind: "for_iter", iterator, body: edge(body.id), exhausted: edge(body.id), frameState: before, origin };
  if (mayIterationRunPython(type) || profile.failed(origin).length > 0) f.becomeStale(() => unit.opaque.add(terminator));
  if (f.code.layout === 314) f.push(iterator);
  terminator.exhausted = f.edgeTo(defined(i.target, "end of the loop"));
  builder.terminate(terminator);
  if (f.code.layout === 311) f.push(iterator);
  builder.switchTo(body);
  const item = body.params[0];
  if (type === "range_iterator" || type === "bytes_iterator") unit.hints.set(item, { type: "int" });
  f.push(item);
}
function iteratorType(f, iterator) {
  const { origin } = f;
  const known = TYPES2[f.unit.profile.specialization(origin)];
  if (known !== void 0) return known;
  const type = f.unit.typeOf(iterator);
  const form = type === void 0 ? void 0 : FORMS[type] ?? (mayIterationRunPython(type) ? void 0 : "FOR_ITER_PLAIN");
  if (form !== void 0) f.unit.profile.infer(origin, form);
  return type;
}

// src/compiler/2-build/dispatch.ts
function createDispatch() {
  const dispatch = (f, i) => {
    const handler = handlers.get(i.name);
    if (handler) handler(f, i);
    else f.leave(`unsupported-opcode:${i.name}`);
  };
  const families = [arithmetic, attributes, calls(dispatch), containers, control, iteration, locals, names];
  const handlers = new Map(families.flatMap((family) => Object.entries(family)));
  return dispatch;
}

// src/compiler/2-build/prune-globals.ts
var nameKey = (dict, name) => `${String(dict)}:${String(name)}`;
function pruneGlobals(fn, opaque) {
  const graph = new Graph(fn);
  const out = /* @__PURE__ */ new Map();
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of graph.order) {
      const after = walk(block, atStart(graph, block, out), opaque);
      if (out.get(block.id)?.size !== after.size) changed = true;
      out.set(block.id, after);
    }
  }
  for (const block of graph.order) walk(block, atStart(graph, block, out), opaque, prune);
}
function atStart(graph, block, out) {
  return new Set(graph.predecessors(block.id).flatMap((p) => [...out.get(p.block.id) ?? []]));
}
function walk(block, start, opaque, visit) {
  let dirty = start;
  for (const i of block.instructions) {
    visit?.(i, dirty);
    if (opaque.has(i)) dirty = /* @__PURE__ */ new Set();
    if (i.op === "py.store_global" && i.immediates[1] !== -1 && !opaque.has(i)) dirty = new Set(dirty).add(nameKey(i.immediates[0], i.immediates[2]));
  }
  const { terminator } = block;
  if ("frameState" in terminator) visit?.(terminator, dirty);
  return opaque.has(terminator) ? /* @__PURE__ */ new Set() : dirty;
}
function prune(holder, dirty) {
  const { frameState } = holder;
  if (!frameState) return;
  const globals = frameState.globals.filter((g) => dirty.has(nameKey(g.dict, g.name)));
  if (globals.length < frameState.globals.length) holder.frameState = { ...frameState, globals };
}

// src/compiler/2-build/unit-entry.ts
var CO_VARARGS = 4;
var CO_VARKEYWORDS = 8;
var CO_FAST_CELL = 64;
var CO_FAST_FREE2 = 128;
function stateAtEntry(unit) {
  const { request } = unit;
  const hidden = hiddenByComprehensions(unit);
  const locals2 = request.codes[0].localsplusnames.map((_, slot) => {
    if (!isBound(unit, slot)) {
      if (!hidden.has(slot)) return "home";
      take(unit, "local", slot);
      return "null";
    }
    return take(unit, "local", slot);
  });
  const stack = request.stack.map((object2, n2) => {
    if (object2 < 0) throw new Bailout("null-on-stack", "the operand stack holds a NULL at the loop header");
    return take(unit, "stack", n2);
  });
  return { locals: locals2, stack, globals: [], stale: false };
}
function promotedAtEntry(unit, frame2) {
  const frameState = { ...frame2.stateAt(unit.request.offset), globals: [] };
  const origin = { code: 0, offset: unit.request.offset };
  return unit.promoted.list.map((p) => {
    const value = unit.builder.value("py.load_global", [], { immediates: [p.dict, p.entry, p.name], frameState, origin });
    unit.hints.set(value, { type: unit.profile.typeName(p.value), object: p.value });
    return value;
  });
}
function take(unit, kind, index) {
  const { builder, profile, request } = unit;
  const origin = { code: 0, offset: request.offset };
  const value = builder.value(kind === "local" ? "py.local" : "py.take_stack", [], { immediates: [index], origin });
  const object2 = profile.initialObject(kind, index);
  unit.hints.set(value, { type: profile.initialType(kind, index), object: object2 === void 0 || object2 < 0 ? void 0 : object2 });
  return value;
}
function isBound(unit, slot) {
  const { request } = unit;
  if (request.kind === "osr") return request.locals[slot] !== -1;
  const { flags, argcount, kwonly, localspluskinds } = request.codes[0];
  const args = argcount + kwonly + ((flags & CO_VARARGS) !== 0 ? 1 : 0) + ((flags & CO_VARKEYWORDS) !== 0 ? 1 : 0);
  return slot < args || (localspluskinds[slot] & (CO_FAST_CELL | CO_FAST_FREE2)) !== 0;
}
function hiddenByComprehensions(unit) {
  if (unit.request.layout === 311) return /* @__PURE__ */ new Set();
  const reachable = reachableFrom(unit.decoded(0), unit.request.offset);
  return new Set(reachable.filter((i) => i.name === "LOAD_FAST_AND_CLEAR").map((i) => i.arg));
}

// src/compiler/1-decode/opcodes-311.ts
var opcodes311 = [
  [0, "CACHE", 0],
  [1, "POP_TOP", 0],
  [2, "PUSH_NULL", 0],
  [3, "BINARY_OP_ADAPTIVE", 1, "BINARY_OP"],
  [4, "BINARY_OP_ADD_FLOAT", 1, "BINARY_OP"],
  [5, "BINARY_OP_ADD_INT", 1, "BINARY_OP"],
  [6, "BINARY_OP_ADD_UNICODE", 1, "BINARY_OP"],
  [7, "BINARY_OP_INPLACE_ADD_UNICODE", 1, "BINARY_OP"],
  [8, "BINARY_OP_MULTIPLY_FLOAT", 1, "BINARY_OP"],
  [9, "NOP", 0],
  [10, "UNARY_POSITIVE", 0],
  [11, "UNARY_NEGATIVE", 0],
  [12, "UNARY_NOT", 0],
  [13, "BINARY_OP_MULTIPLY_INT", 1, "BINARY_OP"],
  [14, "BINARY_OP_SUBTRACT_FLOAT", 1, "BINARY_OP"],
  [15, "UNARY_INVERT", 0],
  [16, "BINARY_OP_SUBTRACT_INT", 1, "BINARY_OP"],
  [17, "BINARY_SUBSCR_ADAPTIVE", 4, "BINARY_SUBSCR"],
  [18, "BINARY_SUBSCR_DICT", 4, "BINARY_SUBSCR"],
  [19, "BINARY_SUBSCR_GETITEM", 4, "BINARY_SUBSCR"],
  [20, "BINARY_SUBSCR_LIST_INT", 4, "BINARY_SUBSCR"],
  [21, "BINARY_SUBSCR_TUPLE_INT", 4, "BINARY_SUBSCR"],
  [22, "CALL_ADAPTIVE", 4, "CALL"],
  [23, "CALL_PY_EXACT_ARGS", 4, "CALL"],
  [24, "CALL_PY_WITH_DEFAULTS", 4, "CALL"],
  [25, "BINARY_SUBSCR", 4],
  [26, "COMPARE_OP_ADAPTIVE", 2, "COMPARE_OP"],
  [27, "COMPARE_OP_FLOAT_JUMP", 2, "COMPARE_OP"],
  [28, "COMPARE_OP_INT_JUMP", 2, "COMPARE_OP"],
  [29, "COMPARE_OP_STR_JUMP", 2, "COMPARE_OP"],
  [30, "GET_LEN", 0],
  [31, "MATCH_MAPPING", 0],
  [32, "MATCH_SEQUENCE", 0],
  [33, "MATCH_KEYS", 0],
  [34, "EXTENDED_ARG_QUICK", 0, "EXTENDED_ARG"],
  [35, "PUSH_EXC_INFO", 0],
  [36, "CHECK_EXC_MATCH", 0],
  [37, "CHECK_EG_MATCH", 0],
  [38, "JUMP_BACKWARD_QUICK", 0, "JUMP_BACKWARD"],
  [39, "LOAD_ATTR_ADAPTIVE", 4, "LOAD_ATTR"],
  [40, "LOAD_ATTR_INSTANCE_VALUE", 4, "LOAD_ATTR"],
  [41, "LOAD_ATTR_MODULE", 4, "LOAD_ATTR"],
  [42, "LOAD_ATTR_SLOT", 4, "LOAD_ATTR"],
  [43, "LOAD_ATTR_WITH_HINT", 4, "LOAD_ATTR"],
  [44, "LOAD_CONST__LOAD_FAST", 0, "LOAD_CONST"],
  [45, "LOAD_FAST__LOAD_CONST", 0, "LOAD_FAST"],
  [46, "LOAD_FAST__LOAD_FAST", 0, "LOAD_FAST"],
  [47, "LOAD_GLOBAL_ADAPTIVE", 5, "LOAD_GLOBAL"],
  [48, "LOAD_GLOBAL_BUILTIN", 5, "LOAD_GLOBAL"],
  [49, "WITH_EXCEPT_START", 0],
  [50, "GET_AITER", 0],
  [51, "GET_ANEXT", 0],
  [52, "BEFORE_ASYNC_WITH", 0],
  [53, "BEFORE_WITH", 0],
  [54, "END_ASYNC_FOR", 0],
  [55, "LOAD_GLOBAL_MODULE", 5, "LOAD_GLOBAL"],
  [56, "LOAD_METHOD_ADAPTIVE", 10, "LOAD_METHOD"],
  [57, "LOAD_METHOD_CLASS", 10, "LOAD_METHOD"],
  [58, "LOAD_METHOD_MODULE", 10, "LOAD_METHOD"],
  [59, "LOAD_METHOD_NO_DICT", 10, "LOAD_METHOD"],
  [60, "STORE_SUBSCR", 1],
  [61, "DELETE_SUBSCR", 0],
  [62, "LOAD_METHOD_WITH_DICT", 10, "LOAD_METHOD"],
  [63, "LOAD_METHOD_WITH_VALUES", 10, "LOAD_METHOD"],
  [64, "PRECALL_ADAPTIVE", 1, "PRECALL"],
  [65, "PRECALL_BOUND_METHOD", 1, "PRECALL"],
  [66, "PRECALL_BUILTIN_CLASS", 1, "PRECALL"],
  [67, "PRECALL_BUILTIN_FAST_WITH_KEYWORDS", 1, "PRECALL"],
  [68, "GET_ITER", 0],
  [69, "GET_YIELD_FROM_ITER", 0],
  [70, "PRINT_EXPR", 0],
  [71, "LOAD_BUILD_CLASS", 0],
  [72, "PRECALL_METHOD_DESCRIPTOR_FAST_WITH_KEYWORDS", 1, "PRECALL"],
  [73, "PRECALL_NO_KW_BUILTIN_FAST", 1, "PRECALL"],
  [74, "LOAD_ASSERTION_ERROR", 0],
  [75, "RETURN_GENERATOR", 0],
  [76, "PRECALL_NO_KW_BUILTIN_O", 1, "PRECALL"],
  [77, "PRECALL_NO_KW_ISINSTANCE", 1, "PRECALL"],
  [78, "PRECALL_NO_KW_LEN", 1, "PRECALL"],
  [79, "PRECALL_NO_KW_LIST_APPEND", 1, "PRECALL"],
  [80, "PRECALL_NO_KW_METHOD_DESCRIPTOR_FAST", 1, "PRECALL"],
  [81, "PRECALL_NO_KW_METHOD_DESCRIPTOR_NOARGS", 1, "PRECALL"],
  [82, "LIST_TO_TUPLE", 0],
  [83, "RETURN_VALUE", 0],
  [84, "IMPORT_STAR", 0],
  [85, "SETUP_ANNOTATIONS", 0],
  [86, "YIELD_VALUE", 0],
  [87, "ASYNC_GEN_WRAP", 0],
  [88, "PREP_RERAISE_STAR", 0],
  [89, "POP_EXCEPT", 0],
  [90, "STORE_NAME", 0],
  [91, "DELETE_NAME", 0],
  [92, "UNPACK_SEQUENCE", 1],
  [93, "FOR_ITER", 0],
  [94, "UNPACK_EX", 0],
  [95, "STORE_ATTR", 4],
  [96, "DELETE_ATTR", 0],
  [97, "STORE_GLOBAL", 0],
  [98, "DELETE_GLOBAL", 0],
  [99, "SWAP", 0],
  [100, "LOAD_CONST", 0],
  [101, "LOAD_NAME", 0],
  [102, "BUILD_TUPLE", 0],
  [103, "BUILD_LIST", 0],
  [104, "BUILD_SET", 0],
  [105, "BUILD_MAP", 0],
  [106, "LOAD_ATTR", 4],
  [107, "COMPARE_OP", 2],
  [108, "IMPORT_NAME", 0],
  [109, "IMPORT_FROM", 0],
  [110, "JUMP_FORWARD", 0],
  [111, "JUMP_IF_FALSE_OR_POP", 0],
  [112, "JUMP_IF_TRUE_OR_POP", 0],
  [113, "PRECALL_NO_KW_METHOD_DESCRIPTOR_O", 1, "PRECALL"],
  [114, "POP_JUMP_FORWARD_IF_FALSE", 0],
  [115, "POP_JUMP_FORWARD_IF_TRUE", 0],
  [116, "LOAD_GLOBAL", 5],
  [117, "IS_OP", 0],
  [118, "CONTAINS_OP", 0],
  [119, "RERAISE", 0],
  [120, "COPY", 0],
  [121, "PRECALL_NO_KW_STR_1", 1, "PRECALL"],
  [122, "BINARY_OP", 1],
  [123, "SEND", 0],
  [124, "LOAD_FAST", 0],
  [125, "STORE_FAST", 0],
  [126, "DELETE_FAST", 0],
  [127, "PRECALL_NO_KW_TUPLE_1", 1, "PRECALL"],
  [128, "POP_JUMP_FORWARD_IF_NOT_NONE", 0],
  [129, "POP_JUMP_FORWARD_IF_NONE", 0],
  [130, "RAISE_VARARGS", 0],
  [131, "GET_AWAITABLE", 0],
  [132, "MAKE_FUNCTION", 0],
  [133, "BUILD_SLICE", 0],
  [134, "JUMP_BACKWARD_NO_INTERRUPT", 0],
  [135, "MAKE_CELL", 0],
  [136, "LOAD_CLOSURE", 0],
  [137, "LOAD_DEREF", 0],
  [138, "STORE_DEREF", 0],
  [139, "DELETE_DEREF", 0],
  [140, "JUMP_BACKWARD", 0],
  [141, "PRECALL_NO_KW_TYPE_1", 1, "PRECALL"],
  [142, "CALL_FUNCTION_EX", 0],
  [143, "PRECALL_PYFUNC", 1, "PRECALL"],
  [144, "EXTENDED_ARG", 0],
  [145, "LIST_APPEND", 0],
  [146, "SET_ADD", 0],
  [147, "MAP_ADD", 0],
  [148, "LOAD_CLASSDEREF", 0],
  [149, "COPY_FREE_VARS", 0],
  [150, "RESUME_QUICK", 0, "RESUME"],
  [151, "RESUME", 0],
  [152, "MATCH_CLASS", 0],
  [153, "STORE_ATTR_ADAPTIVE", 4, "STORE_ATTR"],
  [154, "STORE_ATTR_INSTANCE_VALUE", 4, "STORE_ATTR"],
  [155, "FORMAT_VALUE", 0],
  [156, "BUILD_CONST_KEY_MAP", 0],
  [157, "BUILD_STRING", 0],
  [158, "STORE_ATTR_SLOT", 4, "STORE_ATTR"],
  [159, "STORE_ATTR_WITH_HINT", 4, "STORE_ATTR"],
  [160, "LOAD_METHOD", 10],
  [161, "STORE_FAST__LOAD_FAST", 0, "STORE_FAST"],
  [162, "LIST_EXTEND", 0],
  [163, "SET_UPDATE", 0],
  [164, "DICT_MERGE", 0],
  [165, "DICT_UPDATE", 0],
  [166, "PRECALL", 1],
  [167, "STORE_FAST__STORE_FAST", 0, "STORE_FAST"],
  [168, "STORE_SUBSCR_ADAPTIVE", 1, "STORE_SUBSCR"],
  [169, "STORE_SUBSCR_DICT", 1, "STORE_SUBSCR"],
  [170, "STORE_SUBSCR_LIST_INT", 1, "STORE_SUBSCR"],
  [171, "CALL", 4],
  [172, "KW_NAMES", 0],
  [173, "POP_JUMP_BACKWARD_IF_NOT_NONE", 0],
  [174, "POP_JUMP_BACKWARD_IF_NONE", 0],
  [175, "POP_JUMP_BACKWARD_IF_FALSE", 0],
  [176, "POP_JUMP_BACKWARD_IF_TRUE", 0],
  [177, "UNPACK_SEQUENCE_ADAPTIVE", 1, "UNPACK_SEQUENCE"],
  [178, "UNPACK_SEQUENCE_LIST", 1, "UNPACK_SEQUENCE"],
  [179, "UNPACK_SEQUENCE_TUPLE", 1, "UNPACK_SEQUENCE"],
  [180, "UNPACK_SEQUENCE_TWO_TUPLE", 1, "UNPACK_SEQUENCE"]
];

// src/compiler/1-decode/opcodes-314.ts
var opcodes314 = [
  [0, "CACHE", 0],
  [1, "BINARY_SLICE", 0],
  [2, "BUILD_TEMPLATE", 0],
  [3, "BINARY_OP_INPLACE_ADD_UNICODE", 5, "BINARY_OP"],
  [4, "CALL_FUNCTION_EX", 0],
  [5, "CHECK_EG_MATCH", 0],
  [6, "CHECK_EXC_MATCH", 0],
  [7, "CLEANUP_THROW", 0],
  [8, "DELETE_SUBSCR", 0],
  [9, "END_FOR", 0],
  [10, "END_SEND", 0],
  [11, "EXIT_INIT_CHECK", 0],
  [12, "FORMAT_SIMPLE", 0],
  [13, "FORMAT_WITH_SPEC", 0],
  [14, "GET_AITER", 0],
  [15, "GET_ANEXT", 0],
  [16, "GET_ITER", 0],
  [17, "RESERVED", 0],
  [18, "GET_LEN", 0],
  [19, "GET_YIELD_FROM_ITER", 0],
  [20, "INTERPRETER_EXIT", 0],
  [21, "LOAD_BUILD_CLASS", 0],
  [22, "LOAD_LOCALS", 0],
  [23, "MAKE_FUNCTION", 0],
  [24, "MATCH_KEYS", 0],
  [25, "MATCH_MAPPING", 0],
  [26, "MATCH_SEQUENCE", 0],
  [27, "NOP", 0],
  [28, "NOT_TAKEN", 0],
  [29, "POP_EXCEPT", 0],
  [30, "POP_ITER", 0],
  [31, "POP_TOP", 0],
  [32, "PUSH_EXC_INFO", 0],
  [33, "PUSH_NULL", 0],
  [34, "RETURN_GENERATOR", 0],
  [35, "RETURN_VALUE", 0],
  [36, "SETUP_ANNOTATIONS", 0],
  [37, "STORE_SLICE", 0],
  [38, "STORE_SUBSCR", 1],
  [39, "TO_BOOL", 3],
  [40, "UNARY_INVERT", 0],
  [41, "UNARY_NEGATIVE", 0],
  [42, "UNARY_NOT", 0],
  [43, "WITH_EXCEPT_START", 0],
  [44, "BINARY_OP", 5],
  [45, "BUILD_INTERPOLATION", 0],
  [46, "BUILD_LIST", 0],
  [47, "BUILD_MAP", 0],
  [48, "BUILD_SET", 0],
  [49, "BUILD_SLICE", 0],
  [50, "BUILD_STRING", 0],
  [51, "BUILD_TUPLE", 0],
  [52, "CALL", 3],
  [53, "CALL_INTRINSIC_1", 0],
  [54, "CALL_INTRINSIC_2", 0],
  [55, "CALL_KW", 3],
  [56, "COMPARE_OP", 1],
  [57, "CONTAINS_OP", 1],
  [58, "CONVERT_VALUE", 0],
  [59, "COPY", 0],
  [60, "COPY_FREE_VARS", 0],
  [61, "DELETE_ATTR", 0],
  [62, "DELETE_DEREF", 0],
  [63, "DELETE_FAST", 0],
  [64, "DELETE_GLOBAL", 0],
  [65, "DELETE_NAME", 0],
  [66, "DICT_MERGE", 0],
  [67, "DICT_UPDATE", 0],
  [68, "END_ASYNC_FOR", 0],
  [69, "EXTENDED_ARG", 0],
  [70, "FOR_ITER", 1],
  [71, "GET_AWAITABLE", 0],
  [72, "IMPORT_FROM", 0],
  [73, "IMPORT_NAME", 0],
  [74, "IS_OP", 0],
  [75, "JUMP_BACKWARD", 1],
  [76, "JUMP_BACKWARD_NO_INTERRUPT", 0],
  [77, "JUMP_FORWARD", 0],
  [78, "LIST_APPEND", 0],
  [79, "LIST_EXTEND", 0],
  [80, "LOAD_ATTR", 9],
  [81, "LOAD_COMMON_CONSTANT", 0],
  [82, "LOAD_CONST", 0],
  [83, "LOAD_DEREF", 0],
  [84, "LOAD_FAST", 0],
  [85, "LOAD_FAST_AND_CLEAR", 0],
  [86, "LOAD_FAST_BORROW", 0],
  [87, "LOAD_FAST_BORROW_LOAD_FAST_BORROW", 0],
  [88, "LOAD_FAST_CHECK", 0],
  [89, "LOAD_FAST_LOAD_FAST", 0],
  [90, "LOAD_FROM_DICT_OR_DEREF", 0],
  [91, "LOAD_FROM_DICT_OR_GLOBALS", 0],
  [92, "LOAD_GLOBAL", 4],
  [93, "LOAD_NAME", 0],
  [94, "LOAD_SMALL_INT", 0],
  [95, "LOAD_SPECIAL", 0],
  [96, "LOAD_SUPER_ATTR", 1],
  [97, "MAKE_CELL", 0],
  [98, "MAP_ADD", 0],
  [99, "MATCH_CLASS", 0],
  [100, "POP_JUMP_IF_FALSE", 1],
  [101, "POP_JUMP_IF_NONE", 1],
  [102, "POP_JUMP_IF_NOT_NONE", 1],
  [103, "POP_JUMP_IF_TRUE", 1],
  [104, "RAISE_VARARGS", 0],
  [105, "RERAISE", 0],
  [106, "SEND", 1],
  [107, "SET_ADD", 0],
  [108, "SET_FUNCTION_ATTRIBUTE", 0],
  [109, "SET_UPDATE", 0],
  [110, "STORE_ATTR", 4],
  [111, "STORE_DEREF", 0],
  [112, "STORE_FAST", 0],
  [113, "STORE_FAST_LOAD_FAST", 0],
  [114, "STORE_FAST_STORE_FAST", 0],
  [115, "STORE_GLOBAL", 0],
  [116, "STORE_NAME", 0],
  [117, "SWAP", 0],
  [118, "UNPACK_EX", 0],
  [119, "UNPACK_SEQUENCE", 1],
  [120, "YIELD_VALUE", 0],
  [128, "RESUME", 0],
  [129, "BINARY_OP_ADD_FLOAT", 5, "BINARY_OP"],
  [130, "BINARY_OP_ADD_INT", 5, "BINARY_OP"],
  [131, "BINARY_OP_ADD_UNICODE", 5, "BINARY_OP"],
  [132, "BINARY_OP_EXTEND", 5, "BINARY_OP"],
  [133, "BINARY_OP_MULTIPLY_FLOAT", 5, "BINARY_OP"],
  [134, "BINARY_OP_MULTIPLY_INT", 5, "BINARY_OP"],
  [135, "BINARY_OP_SUBSCR_DICT", 5, "BINARY_OP"],
  [136, "BINARY_OP_SUBSCR_GETITEM", 5, "BINARY_OP"],
  [137, "BINARY_OP_SUBSCR_LIST_INT", 5, "BINARY_OP"],
  [138, "BINARY_OP_SUBSCR_LIST_SLICE", 5, "BINARY_OP"],
  [139, "BINARY_OP_SUBSCR_STR_INT", 5, "BINARY_OP"],
  [140, "BINARY_OP_SUBSCR_TUPLE_INT", 5, "BINARY_OP"],
  [141, "BINARY_OP_SUBTRACT_FLOAT", 5, "BINARY_OP"],
  [142, "BINARY_OP_SUBTRACT_INT", 5, "BINARY_OP"],
  [143, "CALL_ALLOC_AND_ENTER_INIT", 3, "CALL"],
  [144, "CALL_BOUND_METHOD_EXACT_ARGS", 3, "CALL"],
  [145, "CALL_BOUND_METHOD_GENERAL", 3, "CALL"],
  [146, "CALL_BUILTIN_CLASS", 3, "CALL"],
  [147, "CALL_BUILTIN_FAST", 3, "CALL"],
  [148, "CALL_BUILTIN_FAST_WITH_KEYWORDS", 3, "CALL"],
  [149, "CALL_BUILTIN_O", 3, "CALL"],
  [150, "CALL_ISINSTANCE", 3, "CALL"],
  [151, "CALL_KW_BOUND_METHOD", 3, "CALL_KW"],
  [152, "CALL_KW_NON_PY", 3, "CALL_KW"],
  [153, "CALL_KW_PY", 3, "CALL_KW"],
  [154, "CALL_LEN", 3, "CALL"],
  [155, "CALL_LIST_APPEND", 3, "CALL"],
  [156, "CALL_METHOD_DESCRIPTOR_FAST", 3, "CALL"],
  [157, "CALL_METHOD_DESCRIPTOR_FAST_WITH_KEYWORDS", 3, "CALL"],
  [158, "CALL_METHOD_DESCRIPTOR_NOARGS", 3, "CALL"],
  [159, "CALL_METHOD_DESCRIPTOR_O", 3, "CALL"],
  [160, "CALL_NON_PY_GENERAL", 3, "CALL"],
  [161, "CALL_PY_EXACT_ARGS", 3, "CALL"],
  [162, "CALL_PY_GENERAL", 3, "CALL"],
  [163, "CALL_STR_1", 3, "CALL"],
  [164, "CALL_TUPLE_1", 3, "CALL"],
  [165, "CALL_TYPE_1", 3, "CALL"],
  [166, "COMPARE_OP_FLOAT", 1, "COMPARE_OP"],
  [167, "COMPARE_OP_INT", 1, "COMPARE_OP"],
  [168, "COMPARE_OP_STR", 1, "COMPARE_OP"],
  [169, "CONTAINS_OP_DICT", 1, "CONTAINS_OP"],
  [170, "CONTAINS_OP_SET", 1, "CONTAINS_OP"],
  [171, "FOR_ITER_GEN", 1, "FOR_ITER"],
  [172, "FOR_ITER_LIST", 1, "FOR_ITER"],
  [173, "FOR_ITER_RANGE", 1, "FOR_ITER"],
  [174, "FOR_ITER_TUPLE", 1, "FOR_ITER"],
  [175, "JUMP_BACKWARD_JIT", 1, "JUMP_BACKWARD"],
  [176, "JUMP_BACKWARD_NO_JIT", 1, "JUMP_BACKWARD"],
  [177, "LOAD_ATTR_CLASS", 9, "LOAD_ATTR"],
  [178, "LOAD_ATTR_CLASS_WITH_METACLASS_CHECK", 9, "LOAD_ATTR"],
  [179, "LOAD_ATTR_GETATTRIBUTE_OVERRIDDEN", 9, "LOAD_ATTR"],
  [180, "LOAD_ATTR_INSTANCE_VALUE", 9, "LOAD_ATTR"],
  [181, "LOAD_ATTR_METHOD_LAZY_DICT", 9, "LOAD_ATTR"],
  [182, "LOAD_ATTR_METHOD_NO_DICT", 9, "LOAD_ATTR"],
  [183, "LOAD_ATTR_METHOD_WITH_VALUES", 9, "LOAD_ATTR"],
  [184, "LOAD_ATTR_MODULE", 9, "LOAD_ATTR"],
  [185, "LOAD_ATTR_NONDESCRIPTOR_NO_DICT", 9, "LOAD_ATTR"],
  [186, "LOAD_ATTR_NONDESCRIPTOR_WITH_VALUES", 9, "LOAD_ATTR"],
  [187, "LOAD_ATTR_PROPERTY", 9, "LOAD_ATTR"],
  [188, "LOAD_ATTR_SLOT", 9, "LOAD_ATTR"],
  [189, "LOAD_ATTR_WITH_HINT", 9, "LOAD_ATTR"],
  [190, "LOAD_CONST_IMMORTAL", 0, "LOAD_CONST"],
  [191, "LOAD_CONST_MORTAL", 0, "LOAD_CONST"],
  [192, "LOAD_GLOBAL_BUILTIN", 4, "LOAD_GLOBAL"],
  [193, "LOAD_GLOBAL_MODULE", 4, "LOAD_GLOBAL"],
  [194, "LOAD_SUPER_ATTR_ATTR", 1, "LOAD_SUPER_ATTR"],
  [195, "LOAD_SUPER_ATTR_METHOD", 1, "LOAD_SUPER_ATTR"],
  [196, "RESUME_CHECK", 0, "RESUME"],
  [197, "SEND_GEN", 1, "SEND"],
  [198, "STORE_ATTR_INSTANCE_VALUE", 4, "STORE_ATTR"],
  [199, "STORE_ATTR_SLOT", 4, "STORE_ATTR"],
  [200, "STORE_ATTR_WITH_HINT", 4, "STORE_ATTR"],
  [201, "STORE_SUBSCR_DICT", 1, "STORE_SUBSCR"],
  [202, "STORE_SUBSCR_LIST_INT", 1, "STORE_SUBSCR"],
  [203, "TO_BOOL_ALWAYS_TRUE", 3, "TO_BOOL"],
  [204, "TO_BOOL_BOOL", 3, "TO_BOOL"],
  [205, "TO_BOOL_INT", 3, "TO_BOOL"],
  [206, "TO_BOOL_LIST", 3, "TO_BOOL"],
  [207, "TO_BOOL_NONE", 3, "TO_BOOL"],
  [208, "TO_BOOL_STR", 3, "TO_BOOL"],
  [209, "UNPACK_SEQUENCE_LIST", 1, "UNPACK_SEQUENCE"],
  [210, "UNPACK_SEQUENCE_TUPLE", 1, "UNPACK_SEQUENCE"],
  [211, "UNPACK_SEQUENCE_TWO_TUPLE", 1, "UNPACK_SEQUENCE"],
  [234, "INSTRUMENTED_END_FOR", 0],
  [235, "INSTRUMENTED_POP_ITER", 0],
  [236, "INSTRUMENTED_END_SEND", 0],
  [237, "INSTRUMENTED_FOR_ITER", 0],
  [238, "INSTRUMENTED_INSTRUCTION", 0],
  [239, "INSTRUMENTED_JUMP_FORWARD", 0],
  [240, "INSTRUMENTED_NOT_TAKEN", 0],
  [241, "INSTRUMENTED_POP_JUMP_IF_TRUE", 0],
  [242, "INSTRUMENTED_POP_JUMP_IF_FALSE", 0],
  [243, "INSTRUMENTED_POP_JUMP_IF_NONE", 0],
  [244, "INSTRUMENTED_POP_JUMP_IF_NOT_NONE", 0],
  [245, "INSTRUMENTED_RESUME", 0],
  [246, "INSTRUMENTED_RETURN_VALUE", 0],
  [247, "INSTRUMENTED_YIELD_VALUE", 0],
  [248, "INSTRUMENTED_END_ASYNC_FOR", 0],
  [249, "INSTRUMENTED_LOAD_SUPER_ATTR", 0],
  [250, "INSTRUMENTED_CALL", 0],
  [251, "INSTRUMENTED_CALL_KW", 0],
  [252, "INSTRUMENTED_CALL_FUNCTION_EX", 0],
  [253, "INSTRUMENTED_JUMP_BACKWARD", 0],
  [254, "INSTRUMENTED_LINE", 0],
  [255, "ENTER_EXECUTOR", 0]
];

// src/compiler/1-decode/opcodes.ts
function opcodeTable(layout) {
  switch (layout) {
    case 311:
      return indexed(opcodes311);
    case 314:
      return indexed(opcodes314);
    default:
      return assertExhaustive(layout, "layout");
  }
}
function indexed(rows) {
  const table = new Array(256).fill(void 0);
  for (const [number, form, caches, base] of rows) table[number] = { form, base: base ?? form, caches };
  return table;
}

// src/compiler/1-decode/decode.ts
var MAX_EXTENDED_ARGS = 3;
function decodeCode(info, layout) {
  if (info.code.length === 0 || info.code.length % 2 !== 0) throw new Bailout("malformed-code", "length of the bytecode");
  const instructions = readInstructions(info.code, layout, opcodeTable(layout));
  const byOffset = new Map(instructions.map((i) => [i.offset, i]));
  for (const { target: target2, name } of instructions) {
    if (target2 !== void 0 && !byOffset.has(target2)) throw new Bailout("malformed-code", `${name} jumps into an instruction`);
  }
  return { info, layout, instructions, at: (offset) => byOffset.get(offset) };
}
function readInstructions(code, layout, table) {
  const units = code.length / 2;
  const instructions = [];
  let start = -1, extended = 0, prefixes = 0;
  for (let at = 0; at < units; ) {
    const opcode = lookup(table, code[2 * at]);
    const arg = (extended << 8 | code[2 * at + 1]) >>> 0;
    if (start < 0) start = at;
    if (opcode.base === "EXTENDED_ARG") {
      if (++prefixes > MAX_EXTENDED_ARGS) throw new Bailout("malformed-code", "too many EXTENDED_ARG");
      extended = arg;
      at++;
      continue;
    }
    const end = at + 1 + opcode.caches;
    if (end > units) throw new Bailout("malformed-code", "inline cache runs past the end");
    instructions.push({
      offset: start,
      opcodeOffset: at,
      end,
      name: opcode.base,
      form: opcode.form,
      arg,
      cache: cacheWords(code, at + 1, end),
      target: jumpTarget(opcode.base, layout, arg, end)
    });
    at = end;
    start = -1;
    extended = 0;
    prefixes = 0;
  }
  if (start >= 0) throw new Bailout("malformed-code", "ends in EXTENDED_ARG");
  return instructions;
}
function lookup(table, number) {
  const opcode = table[number];
  if (opcode === void 0) throw new Bailout("unknown-opcode", `opcode ${number}`);
  if (opcode.form.startsWith("INSTRUMENTED_")) throw new Bailout("instrumented", `${opcode.form}: somebody traces this code`);
  if (opcode.form === "ENTER_EXECUTOR") throw new Bailout("executor", "CPython's own JIT has taken this loop");
  return opcode;
}
function cacheWords(code, from, to) {
  const words = [];
  for (let i = from; i < to; i++) words.push(code[2 * i] | code[2 * i + 1] << 8);
  return words;
}

// src/compiler/2-build/profile.ts
var Profile = class {
  layout;
  objects;
  entryOffset;
  #request;
  #decoded;
  #inferred = /* @__PURE__ */ new Map();
  constructor(request, decoded) {
    this.layout = request.layout;
    this.objects = request.objects;
    this.entryOffset = request.offset;
    this.#request = request;
    this.#decoded = decoded;
  }
  /** Opcode name as the interpreter has specialised it. The origin of a 3.11 call is its KW_NAMES or PRECALL. */
  specialization(origin) {
    const inferred = this.#inferred.get(key2(origin));
    if (inferred !== void 0) return inferred;
    const form = this.#callPart(origin).form;
    return form === "PRECALL" || form === "PRECALL_PYFUNC" ? this.#at({ ...origin, offset: this.#callPart(origin).end })?.form ?? form : form;
  }
  /** Adds what the interpreter does not record: 3.11 has no specialised FOR_ITER. */
  infer(origin, form) {
    this.#inferred.set(key2(origin), form);
  }
  attributeCache(origin) {
    const { cache } = this.#instruction(origin);
    return { typeVersion: u32(cache, 1), index: cache[3] ?? 0 };
  }
  methodCache(origin) {
    const { cache } = this.#instruction(origin);
    return { typeVersion: u32(cache, 1), keysVersion: u32(cache, this.layout === 311 ? 4 : 3) };
  }
  /** The inline cache as it stands. */
  cache(origin) {
    return this.#instruction(origin).cache;
  }
  failed(origin) {
    return this.#request.feedback.filter((f) => f.code === origin.code && f.offset === origin.offset);
  }
  /** Type name of a local or stack item when the unit was asked for; 'NULL' for an unbound local; undefined when not known. */
  initialType(kind, index) {
    const object2 = this.initialObject(kind, index);
    if (object2 === -1) return kind === "local" && this.#request.kind === "osr" ? "NULL" : void 0;
    return object2 === void 0 ? void 0 : this.typeName(object2);
  }
  /** Type name of what a namespace dict held under a name (object-table indices) when the unit was asked for. */
  globalType(dict, name) {
    const text = this.objects[name];
    if (text?.kind !== "str") return void 0;
    for (const code of this.#request.codes) {
      if (code.globals !== dict) continue;
      const found = code.namesValues.find((n2) => n2.where === "g" && n2.value >= 0 && code.names[n2.name] === text.value);
      if (found) return this.typeName(found.value);
    }
    return void 0;
  }
  /** Object-table index, -1 for NULL. */
  initialObject(kind, index) {
    return (kind === "local" ? this.#request.locals : this.#request.stack)[index];
  }
  name(code, index) {
    return this.#request.codes[code]?.names[index] ?? "";
  }
  typeName(object2) {
    const info = this.objects[object2];
    if (info === void 0) return void 0;
    const type = this.objects[info.type];
    if (type?.kind === "type") return type.name;
    return SIMPLE_TYPES[info.kind];
  }
  #callPart(origin) {
    const instruction = this.#instruction(origin);
    return instruction.name === "KW_NAMES" ? this.#at({ ...origin, offset: instruction.end }) ?? instruction : instruction;
  }
  #instruction(origin) {
    return defined(this.#at(origin), `instruction at ${origin.code}:${origin.offset}`);
  }
  #at(origin) {
    return this.#decoded(origin.code).at(origin.offset);
  }
};
var SIMPLE_TYPES = {
  none: "NoneType",
  bool: "bool",
  int: "int",
  float: "float",
  str: "str",
  bytes: "bytes",
  type: "type",
  dict: "dict",
  tuple: "tuple",
  function: "function",
  module: "module",
  cell: "cell",
  builtin: "builtin_function_or_method",
  method_descriptor: "method_descriptor"
};
var key2 = (origin) => `${origin.code}:${origin.offset}`;
var u32 = (cache, at) => ((cache[at] ?? 0) | (cache[at + 1] ?? 0) << 16) >>> 0;

// src/compiler/2-build/unit.ts
var MAX_INSTRUCTIONS = 3e3;
var NAMEABLE = /* @__PURE__ */ new Set([
  "none",
  "bool",
  "int",
  "float",
  "str",
  "bytes",
  "function",
  "builtin",
  "type",
  "module",
  "method_descriptor"
]);
var Unit = class {
  request;
  fn;
  builder;
  profile;
  promoted;
  hints = /* @__PURE__ */ new Map();
  constants = /* @__PURE__ */ new Map();
  /** Instructions and loops after which promoted names are unknown. */
  opaque = /* @__PURE__ */ new Set();
  opaqueCount = 0;
  /** Reasons of the places where compiled code ends. */
  exits = [];
  /** Function objects that were tried and cannot be inlined. */
  notInlinable = /* @__PURE__ */ new Set();
  /** Code indices whose functions were inlined, the unit's own first. */
  usedCodes = /* @__PURE__ */ new Set([0]);
  /** Jumps back to the header of an osr unit. */
  backEdges = 0;
  budget = MAX_INSTRUCTIONS;
  #decoded = /* @__PURE__ */ new Map();
  constructor(request) {
    this.request = request;
    this.fn = createFunction(request.codes[0].qualname);
    this.builder = new Builder(this.fn);
    this.profile = new Profile(request, (code) => this.decoded(code));
    const others = request.codes.flatMap((_, code) => code > 0 && this.canDecode(code) ? [this.decoded(code)] : []);
    this.promoted = new PromotedNames(request, this.decoded(0), others);
  }
  decoded(code) {
    const result = this.#decode(code);
    if (result instanceof Bailout) throw result;
    return result;
  }
  canDecode(code) {
    return !(this.#decode(code) instanceof Bailout);
  }
  #decode(code) {
    let result = this.#decoded.get(code);
    if (result === void 0) {
      try {
        result = decodeCode(defined(this.request.codes[code], `code ${code}`), this.request.layout);
      } catch (error) {
        if (!(error instanceof Bailout)) throw error;
        result = error;
      }
      this.#decoded.set(code, result);
    }
    return result;
  }
  object(index) {
    return defined(this.request.objects[index], `object ${index}`);
  }
  constant = (value) => this.constants.get(value);
  typeOf(value) {
    const constant = this.constants.get(value);
    return constant === void 0 ? this.hints.get(value)?.type : this.profile.typeName(constant);
  }
  /** False for objects whose end a program could notice: code that names them would keep them alive. */
  isNameable(index) {
    return NAMEABLE.has(this.object(index).kind);
  }
  findObject(match) {
    const index = this.request.objects.findIndex(match);
    return index < 0 ? void 0 : index;
  }
};

// src/compiler/2-build/build.ts
var CO_SUSPENDS = 32 | 128 | 256 | 512;
function buildFn(request) {
  const { flags, name } = request.codes[0];
  if ((flags & CO_SUSPENDS) !== 0) throw new Bailout("generator", `${name} is a generator or coroutine`);
  const unit = new Unit(request);
  const entry = unit.builder.block;
  const frame2 = new Frame(unit, { code: 0, chain: [] }, { locals: [], stack: [], globals: [], stale: false });
  frame2.state = stateAtEntry(unit);
  frame2.state.globals = promotedAtEntry(unit, frame2);
  frame2.translate(request.offset, createDispatch());
  if (request.kind === "osr" && unit.backEdges === 0) {
    throw new Bailout("loop-always-leaves", `no way back to the loop header; exits: ${[...new Set(unit.exits)].join(", ")}`);
  }
  finish(unit, entry.id);
  return { fn: unit.fn, profile: unit.profile, usedCodes: [...unit.usedCodes], exits: unit.exits, opaque: unit.opaque };
}
function finish(unit, entry) {
  const { fn } = unit;
  fn.entry = entry;
  removeRedundantParameters.run(fn, {});
  mergeBlocks.run(fn, {});
  if (unit.promoted.list.length > 0) pruneGlobals(fn, unit.opaque);
}

// src/compiler/3-optimize/reference-counts/uses.ts
var HARMLESS_WRITES = /* @__PURE__ */ new Set([
  "box.int",
  "box.float",
  "stack.take",
  "incref",
  "frame.position",
  "range_iter.next",
  "bytes_iter.next",
  "list_iter.next",
  "tuple_iter.next",
  "list.append"
]);
var isOpaque = (i) => opInfo(i.op).effect === "opaque";
var isClobber = (i) => isOpaque(i) || opInfo(i.op).effect === "write" && !HARMLESS_WRITES.has(i.op);
function findOperands(fn) {
  const operands = /* @__PURE__ */ new Map();
  for (const block of fn.blocks.values()) {
    let stored = [];
    for (const i of block.instructions) {
      if (i.op === "arg.store") stored.push(i.args[0]);
      if (i.op === "call.vector" || i.op === "call.arguments_o") {
        operands.set(i, stored);
        stored = [];
      } else operands.set(i, i.args);
    }
  }
  return operands;
}
function consumedBy(i, value) {
  return opInfo(i.op).consumes.filter((n2) => i.args[n2] === value).length;
}
function findConstants(fn) {
  const constants = /* @__PURE__ */ new Set();
  for (const block of fn.blocks.values()) {
    for (const i of block.instructions) {
      if (i.result !== void 0 && (i.op === "const.obj" || i.op === "box.bool")) constants.add(i.result);
    }
  }
  return constants;
}
function nullTest(block) {
  const { terminator } = block;
  if (terminator.kind !== "branch") return void 0;
  const test = block.instructions.find((i) => i.result === terminator.condition);
  return test?.op === "obj.is_null" ? test.args[0] : void 0;
}
var Liveness = class {
  #fn;
  #operands;
  #liveIn = /* @__PURE__ */ new Map();
  #summaries = /* @__PURE__ */ new Map();
  constructor(graph, operands) {
    this.#fn = graph.fn;
    this.#operands = operands;
    for (let changed = true; changed; ) {
      changed = false;
      for (const block of [...graph.order].reverse()) {
        const live = this.atEnd(block);
        this.#summaryOf(block).applyTo(live);
        if (this.#liveIn.get(block.id)?.size !== live.size) changed = true;
        this.#liveIn.set(block.id, live);
      }
    }
  }
  /** What a block does to the live objects as a whole, so that the rounds above look at each instruction once. */
  #summaryOf(block) {
    const known = this.#summaries.get(block.id);
    if (known) return known;
    const used = /* @__PURE__ */ new Set();
    for (let n2 = block.instructions.length - 1; n2 >= 0; n2--) this.stepBack(block.instructions[n2], used);
    const defined2 = [...block.params];
    for (const { result } of block.instructions) if (result !== void 0) defined2.push(result);
    const summary = {
      applyTo: (live) => {
        for (const v of defined2) live.delete(v);
        for (const v of used) live.add(v);
        for (const p of block.params) live.delete(p);
      }
    };
    this.#summaries.set(block.id, summary);
    return summary;
  }
  /** Objects live into a block, its parameters excepted. */
  into(block) {
    return this.#liveIn.get(block) ?? /* @__PURE__ */ new Set();
  }
  /** Objects live on some edge out of a block, edge arguments excepted. */
  out(block) {
    const live = /* @__PURE__ */ new Set();
    for (const e of edgesOf(block.terminator)) for (const v of this.into(e.block)) live.add(v);
    return live;
  }
  /** Objects live just before the terminator. */
  atEnd(block) {
    const live = this.out(block);
    const { terminator } = block;
    const use = (v) => this.#use(v, live);
    for (const v of terminatorArgs(terminator)) use(v);
    for (const e of edgesOf(terminator)) e.args.forEach(use);
    if (terminator.kind === "exit") forEachFrameStateValue(terminator.frameState, use);
    const tested = nullTest(block);
    if (tested !== void 0) use(tested);
    return live;
  }
  /**
   * The objects live before each instruction of a block and, last, before its terminator. Points between which nothing
   * changes share a set.
   */
  points(block) {
    const { instructions } = block;
    const points = new Array(instructions.length + 1);
    let live = this.atEnd(block);
    points[instructions.length] = live;
    for (let n2 = instructions.length - 1; n2 >= 0; n2--) {
      if (this.#changes(instructions[n2], live)) {
        live = new Set(live);
        this.stepBack(instructions[n2], live);
      }
      points[n2] = live;
    }
    return points;
  }
  #changes(i, live) {
    if (i.result !== void 0 && live.has(i.result)) return true;
    let found = false;
    const use = (v) => {
      if (!found && !live.has(v) && this.#fn.types.get(v) === "obj") found = true;
    };
    for (const v of this.#operands.get(i) ?? i.args) use(v);
    if (i.frameState && !found) forEachFrameStateValue(i.frameState, use);
    return found;
  }
  stepBack(i, live) {
    if (i.result !== void 0) live.delete(i.result);
    for (const v of this.#operands.get(i) ?? i.args) this.#use(v, live);
    if (i.frameState) forEachFrameStateValue(i.frameState, (v) => this.#use(v, live));
  }
  #use(value, live) {
    if (this.#fn.types.get(value) === "obj") live.add(value);
  }
};

// src/compiler/3-optimize/reference-counts/block-references.ts
var NOTHING = /* @__PURE__ */ new Set();
var BlockReferences = class {
  #references;
  #block;
  /** Live before each instruction and before the terminator. */
  #live;
  /** Instructions followed by a decref that may run code. */
  #releasing = /* @__PURE__ */ new Set();
  constructor(references, block) {
    this.#references = references;
    this.#block = block;
    this.#live = references.liveness.points(block);
  }
  run() {
    for (; ; ) {
      const before = this.#releasing.size;
      const result = this.#attempt();
      if (this.#releasing.size === before) return result;
    }
  }
  #attempt() {
    const r = this.#references;
    const homes = defined(r.homes.get(this.#block.id), "homes").copy();
    const out = [];
    const plain = /* @__PURE__ */ new Set();
    let borrowed = NOTHING;
    let owned = r.owned(this.#live[0], homes, borrowed);
    this.#block.instructions.forEach((i, n2) => {
      const exposed = this.#exposed(i, owned, homes);
      const homesChanged = homes.step(i);
      const ends = this.#releasing.has(i);
      const borrowedBefore = borrowed;
      if ((isClobber(i) || ends) && borrowed.size > 0) borrowed = NOTHING;
      if (r.isBorrowing(i) && !ends) borrowed = /* @__PURE__ */ new Set([...borrowed, i.result]);
      const isSame = !homesChanged && borrowed === borrowedBefore && this.#live[n2 + 1] === this.#live[n2];
      const after = isSame ? owned : r.owned(this.#live[n2 + 1], homes, borrowed);
      const proved = r.provedPlain(i);
      if (proved !== void 0) plain.add(proved);
      this.#step(i, { before: owned, after, exposed, plain }, out);
      owned = after;
    });
    return { instructions: out, owned: this.#finish(owned, borrowed, homes, out), homes, plain };
  }
  /** Operands of an opaque op that nothing keeps alive: CPython's callers hold theirs too. */
  #exposed(i, owned, homes) {
    const r = this.#references;
    if (!isOpaque(i)) return NOTHING;
    const operands = defined(r.operands.get(i), "operands");
    return new Set(operands.filter((v) => r.isCounted(v) && !owned.has(v) && !homes.isHeld(v) && consumedBy(i, v) === 0));
  }
  /** Emits one instruction with the counting that leads from the point before to the point after. */
  #step(i, point, out) {
    const r = this.#references;
    const held = [];
    const dying = [];
    const borrowedResult = [];
    for (const v of involved(i, point)) {
      if (!r.isObject(v)) continue;
      const consumed = consumedBy(i, v);
      const produced = v === i.result && opInfo(i.op).ownership === "owned" && r.isCounted(v) ? 1 : 0;
      const had = point.before.has(v) ? 1 : 0;
      const kept = point.after.has(v) ? 1 : 0;
      const added = v === i.result ? 0 : Math.max(0, kept + consumed - had, point.exposed.has(v) ? 1 : 0);
      for (let n2 = 0; n2 < added; n2++) out.push(r.incref(v, i));
      for (let n2 = 0; n2 < had + added; n2++) held.push(v);
      for (let n2 = had + added + produced - consumed - kept; n2 > 0; n2--) dying.push(v);
      if (v === i.result && kept > produced) borrowedResult.push(v);
    }
    const atExit = i.op === "check.error" ? held.filter((v) => v !== i.args[0]) : held;
    if (i.frameState && atExit.length > 0) i.ownedAtExit = atExit;
    out.push(i);
    for (const v of borrowedResult) out.push(r.incref(v, i));
    for (const v of dying) {
      out.push(r.decref(v, point.plain, i));
      if (!r.isPlain(v, point.plain)) this.#releasing.add(i);
    }
  }
  /** What was borrowed and is live in a successor becomes owned; an exit takes over what is owned. */
  #finish(owned, borrowed, homes, out) {
    const r = this.#references;
    const { terminator } = this.#block;
    const atEnd = new Set(owned);
    for (const v of r.liveness.out(this.#block)) {
      if (!borrowed.has(v) || homes.isHeld(v)) continue;
      out.push(r.incref(v));
      atEnd.add(v);
    }
    if (terminator.kind === "exit") {
      const taken = [];
      forEachFrameStateValue(terminator.frameState, (v) => {
        if (atEnd.has(v) && !taken.includes(v)) taken.push(v);
      });
      if (taken.length > 0) terminator.ownedAtExit = taken;
    }
    return atEnd;
  }
};
function involved(i, { before, after, exposed }) {
  return /* @__PURE__ */ new Set([...before, ...after, ...exposed, ...i.args, ...i.result === void 0 ? [] : [i.result]]);
}

// src/compiler/3-optimize/reference-counts/edge-references.ts
var NOTHING_BORROWED = /* @__PURE__ */ new Set();
var EdgeReferences = class {
  #references;
  #results;
  #startOwned = /* @__PURE__ */ new Map();
  constructor(references, results) {
    this.#references = references;
    this.#results = results;
    for (const block of references.graph.order) {
      const live = defined(references.liveness.points(block)[0], "start");
      this.#startOwned.set(block.id, references.owned(live, defined(references.homes.get(block.id), "homes"), NOTHING_BORROWED));
    }
  }
  changes(from, e) {
    const r = this.#references;
    const { owned, plain } = defined(this.#results.get(from.id), "block result");
    const target2 = defined(r.fn.blocks.get(e.block), "target");
    const wantedAtStart = defined(this.#startOwned.get(e.block), "owned at start");
    const isNull = from.terminator.kind === "branch" && from.terminator.then === e ? nullTest(from) : void 0;
    const wanted = /* @__PURE__ */ new Map();
    const add = (v) => void wanted.set(v, (wanted.get(v) ?? 0) + 1);
    target2.params.forEach((p, n2) => {
      if (wantedAtStart.has(p)) add(e.args[n2]);
    });
    for (const v of wantedAtStart) if (!target2.params.includes(v)) add(v);
    const increfs = [], decrefs = [];
    for (const v of /* @__PURE__ */ new Set([...owned, ...wanted.keys()])) {
      if (v === isNull) continue;
      const change = (wanted.get(v) ?? 0) - (owned.has(v) ? 1 : 0);
      for (let n2 = 0; n2 < change; n2++) increfs.push(r.incref(v));
      if (change < 0) decrefs.push(r.decref(v, plain));
    }
    return { from, edge: e, counts: [...increfs, ...decrefs] };
  }
  place({ from, edge: e, counts }) {
    const { fn, graph } = this.#references;
    if (counts.length === 0) return;
    const target2 = defined(fn.blocks.get(e.block), "target");
    if (edgesOf(from.terminator).length === 1) from.instructions.push(...counts);
    else if (graph.predecessors(e.block).length === 1) target2.instructions.unshift(...counts);
    else {
      const split = addBlock(fn);
      split.instructions = counts;
      split.terminator = { kind: "jump", target: edge(e.block, e.args) };
      e.block = split.id;
      e.args = [];
    }
  }
};

// src/compiler/3-optimize/reference-counts/homes.ts
var UNBOXING = /* @__PURE__ */ new Set(["unbox.int", "unbox.float", "unbox.bool", "unbox.float_known"]);
var BOXING = /* @__PURE__ */ new Set(["box.int", "box.float", "box.bool"]);
var HomeState = class _HomeState {
  slots;
  /** The number in each box. */
  #boxed;
  constructor(boxed, slots = /* @__PURE__ */ new Map()) {
    this.#boxed = boxed;
    this.slots = slots;
  }
  copy() {
    return new _HomeState(this.#boxed, new Map(this.slots));
  }
  isHeld(value) {
    for (const held of this.slots.values()) if (held.has(value)) return true;
    return false;
  }
  isIn(slot, value) {
    return this.slots.get(slot)?.has(value) ?? false;
  }
  /** True when storing this object would change nothing that Python can see but the identity of a number. */
  isSame(slot, object2) {
    const number = this.#boxed.get(object2);
    return this.isIn(slot, object2) || number !== void 0 && this.isIn(slot, number);
  }
  /** False when the state is the same as before. */
  step({ op: op2, args, immediates, result }) {
    const forgotten = result !== void 0 && this.forget(result);
    if (op2 === "home.load") this.#add(Number(immediates[0]), result);
    else if (op2 === "home.clear") this.slots.delete(Number(immediates[0]));
    else if (op2 === "home.store") {
      const number = this.#boxed.get(args[0]);
      this.slots.set(Number(immediates[0]), new Set(number === void 0 ? args : [...args, number]));
    } else if (UNBOXING.has(op2)) {
      for (const [slot, held] of this.slots) if (held.has(args[0])) this.#add(slot, result);
    } else return forgotten;
    return true;
  }
  #add(slot, value) {
    this.slots.set(slot, /* @__PURE__ */ new Set([...this.slots.get(slot) ?? [], value]));
  }
  forget(value) {
    let forgotten = false;
    for (const [slot, held] of this.slots) {
      if (!held.has(value)) continue;
      const others = new Set(held);
      others.delete(value);
      this.slots.set(slot, others);
      forgotten = true;
    }
    return forgotten;
  }
};
function findBoxes(fn) {
  const boxed = /* @__PURE__ */ new Map();
  for (const block of fn.blocks.values()) {
    for (const { op: op2, args, result } of block.instructions) {
      if (result !== void 0 && BOXING.has(op2)) boxed.set(result, args[0]);
    }
  }
  return boxed;
}
function analyzeHomes(graph) {
  const boxed = findBoxes(graph.fn);
  const starts = /* @__PURE__ */ new Map();
  const ends = /* @__PURE__ */ new Map();
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of graph.order) {
      const start = new HomeState(boxed, join2(graph, block, ends));
      const state = start.copy();
      for (const instruction of block.instructions) state.step(instruction);
      const old = ends.get(block.id);
      if (!old || size(old) !== size(state) || size(starts.get(block.id)) !== size(start)) changed = true;
      starts.set(block.id, start);
      ends.set(block.id, state);
    }
  }
  return starts;
}
function size(state) {
  let sum = 0;
  for (const held of state.slots.values()) sum += held.size;
  return sum;
}
function join2(graph, block, ends) {
  let joined;
  for (const p of graph.predecessors(block.id)) {
    const end = ends.get(p.block.id);
    if (!end) continue;
    const incoming = block.params.length === 0 ? end.slots : throughEdge(end.slots, block.params, p.edge.args);
    joined = joined ? intersect2(joined, incoming) : incoming;
  }
  return new Map(joined);
}
function throughEdge(slots, params, args) {
  const incoming = /* @__PURE__ */ new Map();
  for (const [slot, held] of slots) {
    const inside = new Set(held);
    for (const param of params) inside.delete(param);
    params.forEach((param, i) => {
      if (held.has(args[i])) inside.add(param);
    });
    incoming.set(slot, inside);
  }
  return incoming;
}
function intersect2(a, b) {
  const both = /* @__PURE__ */ new Map();
  for (const [slot, held] of a) {
    const other = b.get(slot);
    if (other) both.set(slot, intersectValues(held, other));
  }
  return both;
}
function intersectValues(a, b) {
  if (a === b) return a;
  const both = /* @__PURE__ */ new Set();
  for (const v of a) if (b.has(v)) both.add(v);
  return both;
}
function removeRedundantStores(graph) {
  const starts = analyzeHomes(graph);
  const boxUses = usesOfBoxes(graph.fn);
  for (const block of graph.order) {
    const state = starts.get(block.id).copy();
    block.instructions = block.instructions.filter((i) => {
      const slot = i.op === "home.store" ? immediateNumber(i) : -1;
      const value = i.args[0];
      const redundant = slot >= 0 && (state.isIn(slot, value) || boxUses.get(value) === 1 && state.isSame(slot, value));
      if (redundant) boxUses.set(value, (boxUses.get(value) ?? 0) - 1);
      state.step(i);
      return !redundant;
    });
  }
  for (const block of graph.order) {
    block.instructions = block.instructions.filter((i) => i.result === void 0 || boxUses.get(i.result) !== 0);
  }
}
function usesOfBoxes(fn) {
  const uses = new Map([...findBoxes(fn).keys()].map((v) => [v, 0]));
  for (const block of fn.blocks.values()) {
    forEachBlockUse(block, (v) => {
      const n2 = uses.get(v);
      if (n2 !== void 0) uses.set(v, n2 + 1);
    });
  }
  return uses;
}
function useHomes(graph, starts) {
  for (const block of graph.order) {
    const state = starts.get(block.id).copy();
    for (const instruction of block.instructions) {
      if (instruction.frameState) instruction.frameState = withHomes(instruction.frameState, state);
      state.step(instruction);
    }
    const { terminator } = block;
    if (terminator.kind === "exit") terminator.frameState = withHomes(terminator.frameState, state);
  }
}
function withHomes(frame2, state) {
  if (frame2.caller) return { ...frame2, caller: withHomes(frame2.caller, state) };
  const locals2 = frame2.locals.map((v, slot) => typeof v === "number" && state.isIn(slot, v) ? "home" : v);
  return locals2.some((v, slot) => v !== frame2.locals[slot]) ? { ...frame2, locals: locals2 } : frame2;
}

// src/compiler/3-optimize/reference-counts/references.ts
var NUMBER_GUARDS = /* @__PURE__ */ new Set(["unbox.int", "unbox.float", "unbox.bool", "unbox.float_known"]);
var PLAIN_TYPES = /* @__PURE__ */ new Set(["@PyLong_Type", "@PyFloat_Type", "@PyBool_Type", "@PyUnicode_Type"]);
var References = class {
  fn;
  graph;
  homes;
  operands;
  liveness;
  #constants;
  #definitions = /* @__PURE__ */ new Map();
  /** Objects some guard has looked at. A local that none has looked at may be unbound: there is nothing to count. */
  #examined = /* @__PURE__ */ new Set();
  constructor(graph, homes) {
    this.fn = graph.fn;
    this.graph = graph;
    this.homes = homes;
    this.operands = findOperands(graph.fn);
    this.liveness = new Liveness(graph, this.operands);
    this.#constants = findConstants(graph.fn);
    for (const block of graph.order) {
      for (const i of block.instructions) {
        if (i.result !== void 0) this.#definitions.set(i.result, i);
        if (opInfo(i.op).guard && i.args[0] !== void 0) this.#examined.add(i.args[0]);
      }
    }
  }
  isObject(value) {
    return this.fn.types.get(value) === "obj";
  }
  isCounted(value) {
    return this.isObject(value) && !this.#constants.has(value);
  }
  /** The values that own a reference at a point. */
  owned(live, homes, borrowed) {
    const owned = /* @__PURE__ */ new Set();
    for (const v of live) if (this.isCounted(v) && !homes.isHeld(v) && !borrowed.has(v)) owned.add(v);
    return owned;
  }
  isBorrowing(i) {
    return i.result !== void 0 && opInfo(i.op).ownership === "borrowed" && i.op !== "home.load" && this.isCounted(i.result);
  }
  incref(value, at) {
    const mayBeNull = this.#definitions.get(value)?.op === "home.load" && !this.#examined.has(value);
    invariant(!mayBeNull, "a reference to a local that may be unbound");
    return count("incref", value, at);
  }
  /** `plain`: numbers and strings that guards have proved before this point. */
  decref(value, plain, at) {
    return count(this.isPlain(value, plain) ? "decref_number" : "decref", value, at);
  }
  isPlain(value, plain) {
    const op2 = this.#definitions.get(value)?.op;
    return plain.has(value) || op2 === "box.int" || op2 === "box.float";
  }
  /** The operand a guard proves to be a number or str. */
  provedPlain(i) {
    if (NUMBER_GUARDS.has(i.op)) return i.args[0];
    return i.op === "guard.type" && PLAIN_TYPES.has(String(immediateAt(i, 0))) ? i.args[0] : void 0;
  }
};
function count(op2, value, at) {
  return { op: op2, args: [value], immediates: [], ...at?.origin ? { origin: at.origin } : {} };
}

// src/compiler/3-optimize/insert-reference-counts.ts
function insertReferenceCounts(fn) {
  const graph = new Graph(fn);
  removeRedundantStores(graph);
  const homes = analyzeHomes(graph);
  useHomes(graph, homes);
  const references = new References(graph, homes);
  const blocks = graph.order.map((block) => new BlockReferences(references, block));
  const results = blocks.map((b) => b.run());
  const edges = new EdgeReferences(references, new Map(results.map((result, n2) => [graph.order[n2].id, result])));
  const changes = graph.order.flatMap((block) => edgesOf(block.terminator).map((edge2) => edges.changes(block, edge2)));
  results.forEach((result, n2) => {
    graph.order[n2].instructions = result.instructions;
  });
  for (const change of changes) edges.place(change);
}

// src/compiler/3-optimize/specialize-types/kinds.ts
var representation = (kind) => kind === "int" || kind === "float" || kind === "bool" ? kind : "obj";
var isNumeric = (kind) => kind === "int" || kind === "float" || kind === "bool";
var isOpen = (kind) => kind === "any" || kind === "unknown";
function joinKinds(a, b) {
  if (a === b || b === "unknown") return a;
  if (a === "unknown") return b;
  const boxedInt = "exact:int";
  if (a === "int" && b === boxedInt || a === boxedInt && b === "int") return boxedInt;
  return "any";
}
var constantIndex = (kind) => kind.startsWith("const:") ? Number(kind.slice("const:".length)) : void 0;
function typeName(kind, objects) {
  if (isNumeric(kind)) return kind;
  if (kind === "none") return "NoneType";
  if (kind.startsWith("exact:")) return kind.slice("exact:".length);
  const index = constantIndex(kind);
  return index === void 0 ? void 0 : constantType(objects[index], objects);
}
function constantType(object2, objects) {
  if (!object2) return void 0;
  switch (object2.kind) {
    case "none":
      return "NoneType";
    case "object": {
      const type = objects[object2.type];
      return type?.kind === "type" ? type.name : void 0;
    }
    case "type":
      return void 0;
    case "builtin":
      return "builtin_function_or_method";
    // A subclass of these may have been recorded by its base's kind; only the exact ones are simple.
    case "module":
    case "dict":
      return void 0;
    default:
      return object2.kind;
  }
}
var I64_MAX = (1n << 63n) - 1n;
var fitsI64 = (value) => value <= I64_MAX && value >= -I64_MAX - 1n;
function constantKind(index, objects) {
  const object2 = defined(objects[index], `object ${index}`);
  switch (object2.kind) {
    case "int":
      return fitsI64(object2.value) ? "int" : "exact:int";
    case "float":
      return "float";
    case "bool":
      return "bool";
    case "none":
      return "none";
    default:
      return `const:${index}`;
  }
}

// src/compiler/3-optimize/specialize-types/builtins.ts
function qualifiedBuiltin(callee, objects) {
  const index = constantIndex(callee);
  const object2 = index === void 0 ? void 0 : objects[index];
  if (object2?.kind === "builtin") return object2.module === "" ? void 0 : `${object2.module}.${object2.name}`;
  if (object2?.kind === "type") return `type.${object2.name}`;
  if (object2?.kind !== "method_descriptor") return void 0;
  const owner = objects[object2.owner];
  return owner?.kind === "type" ? `${owner.name}.${object2.name}` : void 0;
}
var LIBM_1 = new Map(
  ["sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "exp", "expm1", "log", "log2", "log10"].map((f) => [`math.${f}`, f])
);
var LIBM_2 = new Map(["atan2", "pow", "fmod", "copysign"].map((f) => [`math.${f}`, f]));
var HAS_LENGTH = /* @__PURE__ */ new Set(["list", "tuple", "str", "bytes", "bytearray", "dict"]);
var HARMLESS = /* @__PURE__ */ new Set([
  "type.int",
  "type.float",
  "type.bool",
  "type.range",
  "type.str",
  "builtins.ord",
  "builtins.chr",
  "builtins.round",
  "builtins.divmod",
  "builtins.pow",
  "builtins.abs",
  "builtins.min",
  "builtins.max",
  "builtins.len"
]);
var isHarmlessWithPlainArguments = (name) => HARMLESS.has(name) || name.startsWith("math.");
var PLAIN_TYPES2 = /* @__PURE__ */ new Set(["int", "float", "bool", "str", "NoneType"]);
function builtinResult(kinds, objects) {
  if (kinds.includes("unknown")) return "unknown";
  const name = qualifiedBuiltin(kinds[0] ?? "any", objects);
  if (name === void 0) return "any";
  const [, a, b] = kinds;
  if (name === "type.range") return "exact:range";
  if (kinds.length === 2 && a !== void 0) return unaryBuiltin(name, a);
  if (kinds.length === 3 && a !== void 0 && b !== void 0) return binaryBuiltin(name, a, b);
  return name === "list.append" ? "none" : "any";
}
var asNumber = (kind) => isNumeric(kind) || isOpen(kind);
function unaryBuiltin(name, a) {
  if (name === "math.sqrt" || name === "math.fabs" || LIBM_1.has(name)) return asNumber(a) ? "float" : "any";
  if (name === "math.floor" || name === "math.ceil") return a === "float" ? "int" : "any";
  if (!isNumeric(a)) return "any";
  switch (name) {
    case "builtins.abs":
      return a === "bool" ? "int" : a;
    case "type.int":
      return "int";
    case "type.float":
      return "float";
    case "type.bool":
      return "bool";
    default:
      return "any";
  }
}
function binaryBuiltin(name, a, b) {
  if (name === "list.append") return "none";
  if (LIBM_2.has(name)) return isNumeric(a) && isNumeric(b) ? "float" : "any";
  const sameNumber = a === b && (a === "int" || a === "float");
  return (name === "builtins.min" || name === "builtins.max") && sameNumber ? a : "any";
}

// src/compiler/3-optimize/specialize-types/plan-arithmetic.ts
var INT_ONLY = /* @__PURE__ */ new Set(["and", "or", "xor", "lshift", "rshift"]);
var INT_LIKELY = /* @__PURE__ */ new Set([...INT_ONLY, "floordiv", "mod"]);
var FLOAT_OPERATORS = /* @__PURE__ */ new Set(["add", "sub", "mul", "truediv", "floordiv", "mod", "pow"]);
var INT_OPERATORS = /* @__PURE__ */ new Set(["add", "sub", "mul", "floordiv", "mod", ...INT_ONLY]);
var plainOperator = (operator) => operator.startsWith("i") && operator !== "invert" ? operator.slice(1) : operator;
var observedTypes = (failures) => new Set(failures.filter((f) => f.reason.startsWith("unbox.") || f.reason === "guard.type").map((f) => f.observed));
var hasOverflowed = (failures) => failures.some((f) => f.reason.startsWith("int.") || f.reason === "unbox.int" && f.observed === "int");
function guessFromFailures(failures) {
  const types = observedTypes(failures);
  if (types.size === 0) return void 0;
  const [only] = types;
  return types.size === 1 && isNumeric(only) && !hasOverflowed(failures) ? only : "mixed";
}
function evidence(n2, site, other) {
  if (!isNumeric(other) && !isOpen(other)) return void 0;
  const failed = guessFromFailures(site.failures);
  if (failed !== void 0) return failed === "mixed" ? void 0 : failed;
  if (/_INT(_|$)/.test(site.specialization)) return "int";
  if (site.specialization.includes("_FLOAT")) return "float";
  if (/_(STR|UNICODE)/.test(site.specialization)) return void 0;
  const hint = site.hints[n2];
  if (hint === void 0) return "open";
  return isNumeric(hint) ? hint : void 0;
}
function guessOperand(operator, n2, site, other) {
  const known = evidence(n2, site, other);
  if (known !== "open") return known;
  if (INT_ONLY.has(operator)) return other === "float" ? void 0 : "int";
  if (operator === "truediv" || operator === "pow") return other === "int" || other === "bool" ? site.resultDemand ?? "float" : "float";
  if (isNumeric(other)) return "int";
  return INT_LIKELY.has(operator) ? "int" : site.resultDemand ?? "int";
}
function mayBeInt(kind, site, n2) {
  if (kind === "int" || kind === "exact:int") return true;
  return isOpen(kind) && (site.hints[n2] ?? "int") === "int" && !site.failures.some((f) => f.reason === "guard.type");
}
function planBinary(operator, left, right, site) {
  const a = isNumeric(left) ? left : isOpen(left) ? guessOperand(operator, 0, site, right) : void 0;
  const b = isNumeric(right) ? right : isOpen(right) ? guessOperand(operator, 1, site, a ?? left) : void 0;
  if ((left === "exact:int" || right === "exact:int") && mayBeInt(left, site, 0) && mayBeInt(right, site, 1)) return planBig(operator);
  if (a === void 0 || b === void 0) return { family: "generic", operands: [void 0, void 0], result: "any" };
  if (a === "float" || b === "float") {
    if (!FLOAT_OPERATORS.has(operator)) return { family: "generic", operands: [void 0, void 0], result: "any" };
    return { family: "float", operands: [a, b], result: "float" };
  }
  if (operator === "truediv" && hasOverflowed(site.failures)) return { ...planBig(operator), result: "float" };
  if (operator === "truediv") return { family: "true_division", operands: [a, b], result: "float" };
  if (!INT_OPERATORS.has(operator)) return { family: "generic", operands: [void 0, void 0], result: "any" };
  const logical = operator === "and" || operator === "or" || operator === "xor";
  if (a === "bool" && b === "bool" && logical) return { family: "int", operands: ["bool", "bool"], result: "bool" };
  return { family: "int", operands: [a, b], result: "int" };
}
function planBig(operator) {
  const result = INT_OPERATORS.has(operator) ? "exact:int" : "any";
  return { family: "big", operands: [void 0, void 0], result };
}
function planUnary(operator, operand, site) {
  const known = evidence(0, site, "any");
  const guess = known === "open" ? site.resultDemand ?? "int" : known;
  const a = isNumeric(operand) ? operand : isOpen(operand) ? guess : void 0;
  if (a === void 0 || a === "float" && operator === "invert") return { family: "generic", operands: [void 0], result: "any" };
  if (a === "float") return { family: "float", operands: ["float"], result: "float" };
  return { family: "int", operands: [a], result: "int" };
}
function planCompare(left, right, site) {
  const guess = (n2, other) => {
    const known = evidence(n2, site, other);
    if (known !== "open") return known;
    return isNumeric(other) && other !== "bool" ? other : "int";
  };
  const a = isNumeric(left) ? left : isOpen(left) ? guess(0, right) : void 0;
  const b = isNumeric(right) ? right : isOpen(right) ? guess(1, a ?? left) : void 0;
  if (a === void 0 || b === void 0) return { family: "generic", operands: [void 0, void 0], result: "any" };
  const mixed = a !== b && (a === "float" || b === "float");
  if (mixed && hasOverflowed(site.failures)) return { family: "generic", operands: [void 0, void 0], result: "any" };
  return { family: a === "float" || b === "float" ? "float" : "int", operands: [a, b], result: "bool" };
}

// src/compiler/3-optimize/specialize-types/wrap-analysis.ts
var WRAPPING = /* @__PURE__ */ new Set(["add", "sub", "mul", "and", "or", "xor", "lshift"]);
var CHECKED = /* @__PURE__ */ new Set(["add", "sub", "mul", "lshift"]);
function findWrappingValues(fn, inference) {
  const uses = /* @__PURE__ */ new Map();
  const states = /* @__PURE__ */ new Map();
  const excluded = /* @__PURE__ */ new Set();
  for (const block of fn.blocks.values()) {
    for (const i of block.instructions) {
      for (const v of i.args) append(uses, v, i);
      if (i.frameState) forEachFrameStateValue(i.frameState, (v) => append(states, v, i));
    }
    forEachTerminatorUse(block.terminator, (v) => excluded.add(v));
  }
  const wraps = /* @__PURE__ */ new Set();
  const instructions = [...fn.blocks.values()].flatMap((b) => b.instructions).reverse();
  for (let changed = true; changed; ) {
    changed = false;
    for (const i of instructions) {
      const value = i.result;
      if (value === void 0 || wraps.has(value) || excluded.has(value) || !isWrapping(i, inference)) continue;
      const users = uses.get(value) ?? [];
      const fine = (user) => isSilent(user, value, inference, wraps);
      if (users.length === 0 || !users.every(fine) || !(states.get(value) ?? []).every(fine)) continue;
      wraps.add(value);
      changed = true;
    }
  }
  return wraps;
}
function append(map, key3, item) {
  const list = map.get(key3);
  if (list) list.push(item);
  else map.set(key3, [item]);
}
var operatorOf = (i) => plainOperator(String(immediateAt(i, 0)));
function isWrapping(i, inference) {
  if (i.op !== "py.binary" || !WRAPPING.has(operatorOf(i))) return false;
  const plan = inference.plan(i);
  const isInt2 = (plan.family === "int" || plan.family === "big") && plan.result !== "bool";
  if (!isInt2 || !i.args.every((v) => inference.representation(v) === "int")) return false;
  if (operatorOf(i) !== "lshift") return true;
  const count2 = inference.constantInt(i.args[1]);
  return count2 !== void 0 && count2 >= 0n && count2 < 64n;
}
function isSilent(user, value, inference, wraps) {
  if (!isWrapping(user, inference)) return user.op === "py.int" || user.op === "py.const";
  const operator = operatorOf(user);
  if (operator === "lshift" && user.args[1] === value) return false;
  if (operator === "and" && user.args.some((v) => v !== value && isMask(inference.constantInt(v)))) return true;
  return user.result !== void 0 && wraps.has(user.result) && (CHECKED.has(operator) || WRAPPING.has(operator));
}
var isMask = (n2) => n2 !== void 0 && n2 >= 0n && n2 < 1n << 63n;

// src/compiler/3-optimize/specialize-types/infer-types.ts
var MAX_ROUNDS = 5;
var SEQUENCES = /* @__PURE__ */ new Set(["list", "tuple", "str", "bytes"]);
var PLAIN_BOUNDS = /* @__PURE__ */ new Set(["int", "bool", "NoneType"]);
var TypeInference = class {
  fn;
  profile;
  graph;
  #kinds = /* @__PURE__ */ new Map();
  #demands = /* @__PURE__ */ new Map();
  /** Values that can still be unboxed after their definition: some frame state follows in their block. */
  #deferrable = /* @__PURE__ */ new Set();
  #overflowMatters = false;
  /** Int results computed modulo 2^64. */
  wraps = /* @__PURE__ */ new Set();
  /** Parameters that may be an unbound local. */
  nullable = /* @__PURE__ */ new Set();
  #params = /* @__PURE__ */ new Map();
  #origins = /* @__PURE__ */ new Map();
  #integers = /* @__PURE__ */ new Map();
  #hints = /* @__PURE__ */ new Map();
  constructor(fn, profile) {
    this.fn = fn;
    this.profile = profile;
    this.graph = new Graph(fn);
    for (const block of this.graph.order) {
      this.#findDeferrable(block);
      this.#findOrigins(block);
      block.params.forEach((param, index) => this.#params.set(param, { block, index }));
    }
    this.#findIntegers();
  }
  run() {
    this.#iterate();
    this.wraps = findWrappingValues(this.fn, this);
    this.#overflowMatters = true;
    this.#iterate();
    this.#findNullable();
  }
  #iterate() {
    this.#findHints();
    for (let round = 0; round < MAX_ROUNDS; round++) {
      this.#fixpoint();
      this.#findHints();
      const before = JSON.stringify([...this.#demands]);
      this.#collectDemands();
      if (JSON.stringify([...this.#demands]) === before) break;
    }
    this.#fixpoint();
  }
  kind(value) {
    return this.#kinds.get(value) ?? "unknown";
  }
  representation(value) {
    return representation(this.kind(value));
  }
  typeOf(value) {
    return typeName(this.kind(value), this.profile.objects);
  }
  /** Type name to guard for when only an observation at the unit's entry says so. */
  hint(value) {
    return this.#hints.get(value);
  }
  site(instruction) {
    const demand = instruction.result === void 0 ? void 0 : this.#demands.get(instruction.result);
    return {
      specialization: instruction.origin ? this.profile.specialization(instruction.origin) : "",
      failures: instruction.origin ? this.profile.failed(instruction.origin) : [],
      resultDemand: demand === "conflict" ? void 0 : demand,
      hints: instruction.args.map((v) => this.hint(v))
    };
  }
  /** The plan of py.binary, py.unary and py.compare. */
  plan(instruction) {
    const operator = plainOperator(String(immediateAt(instruction, 0)));
    const site = this.site(instruction);
    const [a, b] = instruction.args.map((v) => this.kind(v));
    if (instruction.op === "py.unary") return planUnary(operator, a, site);
    if (instruction.op === "py.compare") return planCompare(a, b, site);
    if (operator === "pow" && a === "int" && this.constantInt(instruction.args[1]) === 2n && !hasOverflowed(site.failures)) {
      return { family: "int", operands: ["int", "int"], result: "int" };
    }
    const plan = planBinary(operator, a, b, site);
    const mayWrap = instruction.result !== void 0 && this.wraps.has(instruction.result);
    const overflows = this.#overflowMatters && hasOverflowed(site.failures) && !mayWrap;
    return plan.family === "int" && plan.result === "int" && overflows && !isOpen(a) && !isOpen(b) ? planBig(operator) : plan;
  }
  // ---- demands -------------------------------------------------------------------------------------------------
  #findOrigins(block) {
    for (const { result, origin } of block.instructions) if (result !== void 0 && origin) this.#origins.set(result, origin);
    const { terminator } = block;
    if (terminator.kind !== "for_iter" || !terminator.origin) return;
    const item = this.fn.blocks.get(terminator.body.block)?.params[0];
    if (item !== void 0) this.#origins.set(item, terminator.origin);
  }
  #findDeferrable(block) {
    const terminator = block.terminator;
    let follows = terminator.kind === "exit" || terminator.kind === "for_iter";
    for (let i = block.instructions.length - 1; i >= 0; i--) {
      const instruction = block.instructions[i];
      if (instruction.result !== void 0 && follows) this.#deferrable.add(instruction.result);
      if (instruction.frameState) follows = true;
    }
    const [only, ...others] = this.graph.predecessors(block.id);
    const isBody = only?.block.terminator.kind === "for_iter" && only.edge === only.block.terminator.body;
    if (follows && isBody && others.length === 0 && block.params[0] !== void 0) this.#deferrable.add(block.params[0]);
  }
  #collectDemands() {
    const demands = /* @__PURE__ */ new Map();
    const demand = (value, type) => {
      const old = demands.get(value);
      demands.set(value, old === void 0 || old === type ? type : "conflict");
    };
    for (const block of this.graph.order) {
      for (const instruction of block.instructions) this.#demandOperands(instruction, demand);
    }
    for (let changed = true; changed; ) {
      changed = false;
      for (const block of this.graph.order) {
        block.params.forEach((param, i) => {
          const type = demands.get(param);
          if (type === void 0 || type === "conflict") return;
          for (const argument of this.#incoming(block, i)) {
            if (argument === void 0 || demands.get(argument) !== void 0 || isNumeric(this.#base.get(argument))) continue;
            demands.set(argument, type);
            changed = true;
          }
        });
      }
    }
    this.#demands = demands;
  }
  #demandOperands(instruction, demand) {
    switch (instruction.op) {
      case "py.unary":
      case "py.binary":
      case "py.compare": {
        if (instruction.op === "py.unary" && instruction.immediates[0] === "not") return;
        const { operands } = this.plan(instruction);
        instruction.args.forEach((v, i) => {
          const type = operands[i];
          if (type !== void 0 && !isNumeric(this.#base.get(v))) demand(v, type);
        });
        return;
      }
      case "py.truth": {
        const { specialization, failures } = this.site(instruction);
        const type = /^TO_BOOL_(INT|BOOL)$/.exec(specialization)?.[1]?.toLowerCase();
        if (isNumeric(type) && failures.length === 0 && isOpen(this.#base.get(instruction.args[0]) ?? "unknown")) demand(instruction.args[0], type);
        return;
      }
      case "py.subscript":
      case "py.store_subscript": {
        const key3 = instruction.args[1];
        const { specialization, failures } = this.site(instruction);
        if (/(LIST|TUPLE|STR)_INT$/.test(specialization) && failures.length === 0 && isOpen(this.#base.get(key3) ?? "unknown")) demand(key3, "int");
        return;
      }
      default:
    }
  }
  // ---- kinds -----------------------------------------------------------------------------------------------------
  /** Kinds as they would be without the demand on the value itself. */
  #base = /* @__PURE__ */ new Map();
  #fixpoint() {
    this.#kinds = /* @__PURE__ */ new Map();
    this.#base.clear();
    for (let changed = true; changed; ) {
      changed = false;
      for (const block of this.graph.order) {
        block.params.forEach((param, i) => {
          changed = this.#raise(param, this.#paramKind(block, i)) || changed;
        });
        for (const instruction of block.instructions) {
          if (instruction.result === void 0) continue;
          changed = this.#raise(instruction.result, this.#resultKind(instruction)) || changed;
        }
      }
    }
  }
  #raise(value, base) {
    const raised = joinKinds(this.#base.get(value) ?? "unknown", base);
    this.#base.set(value, raised);
    const demand = this.#demands.get(value);
    const useDemand = raised === "any" && isNumeric(demand) && this.#deferrable.has(value) && !this.#hasFailed(value, demand);
    const kind = useDemand ? demand : raised;
    const old = this.#kinds.get(value);
    this.#kinds.set(value, kind);
    return old !== kind;
  }
  /** True when unboxing the value where it is made did not work out. */
  #hasFailed(value, type) {
    const origin = this.#origins.get(value);
    return origin !== void 0 && this.profile.failed(origin).some((f) => f.reason === `unbox.${type}`);
  }
  /** Arguments of the edges into a parameter; undefined for the item of a for_iter. */
  #incoming(block, index) {
    return this.graph.predecessors(block.id).map((p) => {
      const shift = isBodyEdge(p) ? 1 : 0;
      return index < shift ? void 0 : p.edge.args[index - shift];
    });
  }
  #paramKind(block, index) {
    let kind = "unknown";
    this.graph.predecessors(block.id).forEach((p, i) => {
      const argument = this.#incoming(block, index)[i];
      kind = joinKinds(kind, argument === void 0 ? this.#itemKind(p.block) : this.kind(argument));
    });
    return kind;
  }
  #itemKind(block) {
    const { terminator } = block;
    return terminator.kind === "for_iter" && isIntIterator(this.iteratorType(terminator)) ? "int" : "any";
  }
  /** Type of the iterator of a loop, when the specialisation says it and it did not fail. */
  iteratorType(loop) {
    if (!loop.origin || this.profile.failed(loop.origin).some((f) => f.reason === "guard.type")) return void 0;
    switch (this.profile.specialization(loop.origin)) {
      case "FOR_ITER_RANGE":
        return "range_iterator";
      case "FOR_ITER_LIST":
        return "list_iterator";
      case "FOR_ITER_TUPLE":
        return "tuple_iterator";
      case "FOR_ITER_BYTES":
        return "bytes_iterator";
      default:
        return void 0;
    }
  }
  /** An iterator that runs no Python code, as far as is known. */
  isPlainIteration(loop) {
    if (!loop.origin || this.profile.failed(loop.origin).length > 0) return false;
    return this.profile.specialization(loop.origin) === "FOR_ITER_PLAIN";
  }
  #resultKind(instruction) {
    switch (instruction.op) {
      case "py.local":
        return this.#initialKind("local", instruction);
      case "py.take_stack":
        return this.#initialKind("stack", instruction);
      case "py.load_global":
        return this.#globalKind(instruction);
      case "py.const":
        return constantKind(immediateNumber(instruction), this.profile.objects);
      case "py.int":
        return fitsI64(BigInt(immediateAt(instruction, 0))) ? "int" : "any";
      case "py.unary":
        if (immediateAt(instruction, 0) === "not") return "bool";
        return this.#planned(instruction);
      case "py.binary": {
        const kind = this.#planned(instruction);
        if (kind !== "any") return kind;
        return this.sequenceResult(instruction) ?? this.#concatenation(instruction);
      }
      case "py.compare": {
        const kind = this.#planned(instruction);
        return kind === "any" && this.isTextComparison(instruction) ? "bool" : kind;
      }
      case "py.truth":
      case "py.is":
      case "py.contains":
        return "bool";
      case "py.subscript":
        return this.#subscriptKind(instruction);
      case "py.build_list":
        return "exact:list";
      case "py.build_tuple":
        return "exact:tuple";
      case "py.build_map":
        return "exact:dict";
      // With other bounds, subscripting may call their __index__.
      case "py.build_slice":
        return instruction.args.every((v) => PLAIN_BOUNDS.has(this.typeOf(v) ?? "")) ? "exact:slice" : "any";
      case "py.call": {
        const kind = builtinResult(instruction.args.map((v) => this.kind(v)), this.profile.objects);
        return kind === "any" && this.isKnownLength(instruction) ? "int" : kind;
      }
      default:
        return "any";
    }
  }
  #planned(instruction) {
    if (instruction.args.some((v) => this.kind(v) === "unknown")) return "unknown";
    const { family, result } = this.plan(instruction);
    return family === "big" && this.#isReduced(instruction) ? "int" : result;
  }
  /** `x & constant` and `x % constant` of a big x fit 64 bits again. */
  #isReduced(instruction) {
    const operator = plainOperator(String(immediateAt(instruction, 0)));
    const [a, b] = instruction.args.map((v) => this.constantInt(v));
    const small = (n2) => n2 !== void 0 && n2 >= 0n && fitsI64(n2);
    if (operator === "and") return small(a) || small(b);
    return operator === "mod" && small(b) && b !== 0n;
  }
  #findIntegers() {
    for (const block of this.graph.order) {
      for (const i of block.instructions) {
        if (i.result === void 0) continue;
        if (i.op === "py.int") this.#integers.set(i.result, immediateBigInt(i));
        if (i.op !== "py.const") continue;
        const object2 = this.profile.objects[immediateNumber(i)];
        if (object2?.kind === "int") this.#integers.set(i.result, object2.value);
      }
    }
  }
  /** `list * int`, `str + str` and the like: run no Python code. */
  sequenceResult(binary2) {
    const operator = plainOperator(String(immediateAt(binary2, 0)));
    const [a, b] = binary2.args.map((v) => this.typeOf(v));
    if (String(immediateAt(binary2, 0)) !== operator) return void 0;
    if (operator === "add" && a === b && a !== void 0 && SEQUENCES.has(a)) return `exact:${a}`;
    if (operator !== "mul") return void 0;
    if (a !== void 0 && SEQUENCES.has(a) && (b === "int" || b === "bool")) return `exact:${a}`;
    return b !== void 0 && SEQUENCES.has(b) && (a === "int" || a === "bool") ? `exact:${b}` : void 0;
  }
  #concatenation(instruction) {
    const { specialization, failures } = this.site(instruction);
    return specialization === "BINARY_OP_ADD_UNICODE" && failures.length === 0 ? "exact:str" : "any";
  }
  #initialKind(what, instruction) {
    const observed = this.profile.initialType(what, immediateNumber(instruction));
    if (observed === "NULL") return "null";
    if (!isNumeric(observed)) return "any";
    const failures = this.profile.failed(instruction.origin ?? { code: 0, offset: this.profile.entryOffset });
    return failures.some((f) => f.reason === `unbox.${observed}`) ? "any" : observed;
  }
  #globalKind(instruction) {
    const observed = this.profile.globalType(immediateNumber(instruction, 0), immediateNumber(instruction, 2));
    if (!isNumeric(observed)) return "any";
    const failures = this.profile.failed(instruction.origin ?? { code: 0, offset: this.profile.entryOffset });
    return failures.some((f) => f.reason === `unbox.${observed}`) ? "any" : observed;
  }
  #subscriptKind(instruction) {
    const container = this.typeOf(instruction.args[0]) ?? this.hint(instruction.args[0]);
    const failed = this.site(instruction).failures.some((f) => f.reason === "guard.type");
    return !failed && (container === "bytes" || container === "bytearray") ? "int" : "any";
  }
  // ---- facts derived once ------------------------------------------------------------------------------------------
  #findNullable() {
    for (const i of this.graph.order.flatMap((b) => b.instructions)) {
      const observed = i.op === "py.local" ? this.profile.initialType("local", immediateNumber(i)) : "";
      if (observed === void 0 && i.result !== void 0) this.nullable.add(i.result);
    }
    for (let changed = true; changed; ) {
      changed = false;
      for (const block of this.graph.order) {
        block.params.forEach((param, i) => {
          if (this.nullable.has(param)) return;
          const isNull = (v) => v !== void 0 && (this.nullable.has(v) || this.kind(v) === "null");
          if (!this.#incoming(block, i).some(isNull)) return;
          this.nullable.add(param);
          changed = true;
        });
      }
    }
  }
  #attributeName(i) {
    return this.profile.name(i.origin?.code ?? 0, immediateNumber(i));
  }
  /**
   * Names of attributes that some operation takes as floats: where nothing else is known, those of the same name are too.
   *
   *   x = p.v * dt      specialised for floats
   *   p.v = -p.v        the interpreter does not specialise negation
   */
  #floatAttributes() {
    const names2 = /* @__PURE__ */ new Set();
    for (const block of this.graph.order) {
      for (const i of block.instructions) {
        if (i.op === "py.attribute" && this.#demands.get(i.result) === "float") names2.add(this.#attributeName(i));
      }
    }
    return names2;
  }
  #findHints() {
    const local = (instruction) => {
      if (instruction.op === "py.local") return this.profile.initialType("local", immediateNumber(instruction));
      if (instruction.op === "py.take_stack") return this.profile.initialType("stack", immediateNumber(instruction));
      return void 0;
    };
    const floats2 = this.#floatAttributes();
    for (const block of this.graph.order) {
      for (const i of block.instructions) {
        if (i.result === void 0) continue;
        const isFloat = i.op === "py.attribute" && floats2.has(this.#attributeName(i));
        this.#hints.set(i.result, isFloat ? "float" : this.typeOf(i.result) ?? local(i));
      }
    }
    for (let round = 0; round < 2; round++) {
      for (const block of this.graph.order) {
        block.params.forEach((param, i) => {
          const hints = new Set(this.#incoming(block, i).map((v) => v === void 0 ? void 0 : this.#hints.get(v)));
          hints.delete(void 0);
          this.#hints.set(param, hints.size === 1 ? [...hints][0] : void 0);
        });
      }
    }
  }
  /** Type of the iterable of a get_iter, when the loop over it is specialised for its iterator. */
  iteratedType(getIter2) {
    for (const { terminator } of this.graph.order) {
      if (terminator.kind !== "for_iter" || !this.#reaches(getIter2.result, terminator.iterator)) continue;
      const type = this.iteratorType(terminator);
      if (type === "list_iterator" || type === "tuple_iterator") return type.slice(0, -"_iterator".length);
    }
    return void 0;
  }
  /** True when a value is another, perhaps through parameters. */
  #reaches(from, to) {
    const seen = /* @__PURE__ */ new Set([to]);
    for (const value of seen) {
      const at = this.#params.get(value);
      if (at) {
        for (const v of this.#incoming(at.block, at.index)) if (v !== void 0) seen.add(v);
      }
    }
    return seen.has(from);
  }
  /** The constant object a value is, numbers excepted. */
  constantObject(value) {
    const kind = this.kind(value);
    if (kind !== "none") return constantIndex(kind);
    const index = this.profile.objects.findIndex((o) => o.kind === "none");
    return index < 0 ? void 0 : index;
  }
  /** The value of an int constant. */
  constantInt(value) {
    return this.#integers.get(value);
  }
  /** True for len() of an object whose type is known, or was observed and is guarded for. */
  isKnownLength(call2) {
    const [callee, argument] = call2.args;
    if (callee === void 0 || argument === void 0 || call2.args.length !== 2) return false;
    if (qualifiedBuiltin(this.kind(callee), this.profile.objects) !== "builtins.len") return false;
    const failed = this.site(call2).failures.some((f) => f.reason === "guard.type");
    return HAS_LENGTH.has(this.typeOf(argument) ?? (failed ? "" : this.hint(argument) ?? ""));
  }
  isTextComparison(instruction) {
    const { specialization, failures } = this.site(instruction);
    return specialization.includes("_STR") && failures.length === 0;
  }
};
var isIntIterator = (type) => type === "range_iterator" || type === "bytes_iterator";
var isBodyEdge = (p) => p.block.terminator.kind === "for_iter" && p.block.terminator.body === p.edge;

// src/compiler/3-optimize/specialize-types/rewrite-iteration.ts
var STEPS = {
  range_iterator: ["range_iter.more", "range_iter.next"],
  list_iterator: ["list_iter.more", "list_iter.next"],
  tuple_iterator: ["tuple_iter.more", "tuple_iter.next"],
  bytes_iterator: ["bytes_iter.more", "bytes_iter.next"]
};
function rewriteForIter(r, loop) {
  const type = r.inference.iteratorType(loop);
  if (type === void 0) rewriteGenericIteration(r, loop);
  else {
    const [more, next] = defined(STEPS[type], type);
    const iterator = r.guardType(loop.iterator, type);
    const body = addBlock(r.fn);
    r.continueIn(body, { kind: "branch", condition: r.value(more, [iterator]), then: edge(body.id), else: loop.exhausted });
    jumpToBody(r, loop, r.value(next, [iterator]));
  }
}
function jumpToBody(r, loop, item) {
  r.finishBlock({ kind: "jump", target: edge(loop.body.block, [item, ...loop.body.args]) });
}
function rewriteGenericIteration(r, loop) {
  const iterator = r.obj(loop.iterator);
  if (r.inference.isPlainIteration(loop)) r.emit("guard.true", [r.value("iter.is_plain", [iterator])]);
  else r.flush();
  const item = r.value("call.o_o", [iterator], ["armature_iter_next"]);
  const [ended, body] = [addBlock(r.fn), addBlock(r.fn)];
  const isEnd = r.value("obj.is_null", [item]);
  r.continueIn(ended, { kind: "branch", condition: isEnd, then: edge(ended.id), else: edge(body.id) });
  const failed = r.value("call.o_i", [iterator], ["armature_iter_error"]);
  r.emit("check.error_int", [failed]);
  r.continueIn(body, { kind: "jump", target: loop.exhausted });
  jumpToBody(r, loop, item);
}

// src/compiler/3-optimize/specialize-types/deferred-names.ts
var nameKey2 = (dict, name) => `${dict}:${name}`;
function findDeferredNames(fn, inference) {
  const deferred = /* @__PURE__ */ new Set();
  const eager = /* @__PURE__ */ new Set();
  for (const block of fn.blocks.values()) {
    for (const i of block.instructions) {
      if (i.op !== "py.store_global") continue;
      const [dict, entry, name] = [immediateNumber(i, 0), immediateNumber(i, 1), immediateNumber(i, 2)];
      const isNumber2 = isNumeric(inference.kind(i.args[0])) && isNumeric(inference.profile.globalType(dict, name));
      (entry >= 0 && isNumber2 ? deferred : eager).add(nameKey2(dict, name));
    }
  }
  for (const key3 of eager) deferred.delete(key3);
  return deferred;
}

// src/compiler/3-optimize/specialize-types/rewriter.ts
var Uncompilable = class extends Error {
  reason;
  constructor(reason) {
    super(reason);
    this.reason = reason;
  }
};
var Rewriter = class {
  fn;
  inference;
  profile;
  /** Results that are other values: applied to the whole function at the end. */
  replacements = new Replacements();
  /** Object-table constants, by value: boxing one needs no call. */
  #constants = /* @__PURE__ */ new Map();
  /** Calls of unknown callables: they run Python functions that were not inlined, or builtins. */
  pythonCalls = 0;
  out = [];
  #views = /* @__PURE__ */ new Map();
  /** Type proved for an object in this block. */
  #proved = /* @__PURE__ */ new Map();
  /** Value whose boxed form a home holds since the last flush. */
  #flushed = /* @__PURE__ */ new Map();
  #deferred = [];
  #block;
  #subject;
  #opaque;
  #state;
  #origin;
  #deferredNames;
  /** `opaque`: the only instructions that may call out; undefined: all may. */
  constructor(fn, inference, opaque) {
    this.#opaque = opaque;
    this.fn = fn;
    this.inference = inference;
    this.profile = inference.profile;
    this.#deferredNames = findDeferredNames(fn, inference);
  }
  // ---- position ---------------------------------------------------------------------------------------------------
  startBlock(block) {
    this.#block = block;
    this.out = [];
    this.#views = /* @__PURE__ */ new Map();
    this.#proved = /* @__PURE__ */ new Map();
    this.#flushed = /* @__PURE__ */ new Map();
    this.#deferred = [];
    this.#state = void 0;
    this.#origin = void 0;
  }
  /** Goes to the next instruction (or terminator); does what had to wait for its frame state. */
  startInstruction(state, origin, subject) {
    this.#subject = subject;
    this.#state = state;
    this.#origin = origin;
    if (!state) return;
    const waiting = this.#deferred;
    for (const d of waiting) {
      if (d.kind === "tracing") this.emit("check.tracing");
    }
    for (const d of waiting) {
      if (d.kind !== "unbox") continue;
      const value = defined(d.value, "value to unbox");
      this.#origin = d.origin;
      const unboxed2 = this.#unbox(defined(d.object, "object to unbox"), this.representation(value));
      this.#deferred = this.#deferred.filter((x) => x !== d);
      this.replacements.set(value, unboxed2);
    }
    this.#deferred = [];
    this.#origin = origin;
    if (subject && this.#opaque?.has(subject)) this.#flushNames();
  }
  get place() {
    return this.#origin ? { origin: this.#origin } : {};
  }
  /** Representation of a value of either level. */
  typeNow(value) {
    const type = this.fn.types.get(value);
    return type === void 0 || type === "py" ? this.representation(value) : type;
  }
  fresh(type) {
    return newValue(this.fn, type);
  }
  get state() {
    return defined(this.#state, "frame state");
  }
  // ---- emitting ----------------------------------------------------------------------------------------------------
  emit(op2, args = [], immediates = [], state) {
    const guard = opInfo(op2).guard;
    const instruction = makeInstruction(this.fn, op2, args, {
      immediates,
      frameState: guard ? state ?? this.translate(this.state) : void 0,
      origin: this.#origin
    });
    this.out.push(instruction);
    return instruction;
  }
  value(op2, args = [], immediates = []) {
    return defined(this.emit(op2, args, immediates).result, `result of ${op2}`);
  }
  /** The frame state in terms of machine values. */
  translate(state) {
    const value = (v) => this.#deferred.find((d) => d.value === v)?.object ?? v;
    const item = (v) => {
      if (typeof v === "string") return v;
      return this.inference.kind(v) === "null" ? "null" : value(v);
    };
    return {
      ...state,
      locals: state.locals.map((v) => item(v)),
      stack: state.stack.map((v) => item(v)),
      globals: state.globals.filter((g) => this.isDeferred(g.dict, g.name)).map((g) => ({ ...g, value: value(g.value) })),
      ...state.caller ? { caller: this.translate(state.caller) } : {}
    };
  }
  // ---- values ------------------------------------------------------------------------------------------------------
  representation(value) {
    return this.inference.representation(value);
  }
  #view(value) {
    let views = this.#views.get(value);
    if (!views) {
      views = {};
      this.#views.set(value, views);
    }
    return views;
  }
  /** The object; boxes a number. */
  obj(value) {
    const kind = this.inference.kind(value);
    if (kind === "null") throw new Uncompilable("unbound-local");
    const waiting = this.#deferred.find((d) => d.value === value)?.object;
    if (waiting !== void 0) return waiting;
    const type = this.representation(value);
    if (type !== "obj") return this.box(value, type);
    if (this.inference.nullable.has(value) && !this.#proved.has(value)) {
      this.emit("guard.bound", [value]);
      this.#proved.set(value, "");
    }
    return value;
  }
  box(value, type) {
    const view = this.#view(value);
    const constant = this.#constants.get(value);
    view.obj ??= constant === void 0 ? this.value(`box.${type}`, [value]) : this.value("const.obj", [], [constant]);
    return view.obj;
  }
  as(value, type) {
    const from = this.representation(value);
    if (from === type) return value;
    const view = this.#view(value);
    const known = view[type];
    if (known !== void 0) return known;
    const made = from === "obj" ? this.#unbox(this.obj(value), type) : this.convert(value, from, type);
    view[type] = made;
    return made;
  }
  convert(value, from, to) {
    if (from === to) return value;
    if (to === "bool") return this.value(from === "int" ? "int.to_bool" : "float.to_bool", [value]);
    invariant(from !== "float", `no conversion of float to ${to}`);
    const int = from === "bool" ? this.value("int.from_bool", [value]) : value;
    return to === "int" ? int : this.value("int.to_float", [int]);
  }
  #unbox(object2, type) {
    return this.value(`unbox.${type}`, [object2]);
  }
  int(value) {
    const from = this.representation(value);
    return from === "bool" ? this.convert(value, "bool", "int") : this.as(value, "int");
  }
  /** The result of the instruction being rewritten, as it came out. */
  define(result, made, options = {}) {
    const value = defined(result, "result");
    const from = this.typeNow(made);
    const to = this.representation(value);
    if (from === to) {
      this.replacements.set(value, made);
      if (from !== "obj") this.#view(value)[from] = made;
      return;
    }
    if (to === "obj") {
      const boxed = this.value(`box.${from}`, [made]);
      this.replacements.set(value, boxed);
      this.#view(value)[from] = made;
      return;
    }
    invariant(from === "obj", `${from} where ${to} was inferred`);
    if (options.float) this.replacements.set(value, this.value("unbox.float_known", [made]));
    else if (options.repeatable) this.replacements.set(value, this.#unbox(made, to));
    else this.defer(value, made);
  }
  /** Unboxes where the next frame state is known. */
  defer(value, object2) {
    this.#deferred.push({ kind: "unbox", value, object: object2, origin: this.#origin });
  }
  defineConstant(result, object2, made) {
    this.#constants.set(made, object2);
    if (result !== void 0) this.#constants.set(result, object2);
    this.define(result, made);
  }
  constantObject(index) {
    return this.value("const.obj", [], [index]);
  }
  // ---- types -------------------------------------------------------------------------------------------------------
  /** Leaves unless the object has this exact type; `@PyList_Type` names an exported type. */
  guardType(value, name) {
    const object2 = this.obj(value);
    if (this.inference.typeOf(value) === name || this.#proved.get(object2) === name) return object2;
    this.emit("guard.type", [object2], [typeSymbol(name)]);
    this.#proved.set(object2, name);
    return object2;
  }
  /** Guards that failed at this place in former versions. */
  failures() {
    return this.#origin ? this.profile.failed(this.#origin) : [];
  }
  /** True when what was observed about the type of an object here turned out not to hold. */
  typeFailed() {
    return this.failures().some((f) => f.reason === "guard.type");
  }
  /** True when an operand here turned out not to be the number it was taken for. */
  unboxFailed() {
    return this.failures().some((f) => f.reason.startsWith("unbox."));
  }
  provedType(value) {
    return this.inference.typeOf(value) ?? this.#proved.get(value);
  }
  // ---- calls -------------------------------------------------------------------------------------------------------
  /** Makes the frame look as the interpreter would have it: something may look at it. */
  flush() {
    const { state } = this;
    if (state.caller) throw new Uncompilable("opaque-call-in-inlined-frame");
    if (this.#opaque && !(this.#subject && this.#opaque.has(this.#subject))) throw new Uncompilable("opaque-call-with-names-in-registers");
    this.emit("frame.position", [], [state.offset]);
    state.locals.forEach((v, slot) => {
      if (typeof v !== "number" || this.#flushed.get(slot) === v) return;
      const type = this.representation(v);
      if (type === "obj" || this.#deferred.some((d) => d.value === v)) return;
      this.emit("home.store", [this.box(v, type)], [slot]);
      this.#flushed.set(slot, v);
    });
  }
  /**
   * Build loads the names again after whatever it takes to be opaque, also where a guard or an inlined builtin comes of it:
   * so their dict is brought up to date before each of these.
   */
  #flushNames() {
    for (const g of this.state.globals) {
      if (!this.isDeferred(g.dict, g.name)) continue;
      const type = this.representation(g.value);
      this.emit("dict.entry_store", [type === "obj" ? g.value : this.box(g.value, type)], [g.dict, g.name]);
    }
  }
  /** True when the stores of a module-level name wait until somebody could look. */
  isDeferred(dict, name) {
    return this.#deferredNames.has(nameKey2(dict, name));
  }
  /** The home of a local was written by something else than a flush. */
  forgetHome(slot) {
    this.#flushed.delete(slot);
  }
  /** A call that may run Python code. */
  opaque(call2) {
    this.flush();
    const made = this.plainCall(call2);
    this.deferTracing();
    return made;
  }
  /** Leaves, at the next frame state, if tracing began during the call. */
  deferTracing() {
    this.#deferred.push({ kind: "tracing" });
  }
  /** A call that cannot run Python code. Still may raise. */
  plainCall(call2) {
    const made = this.value(call2.op, call2.args, call2.immediates);
    this.emit(this.fn.types.get(made) === "int" ? "check.error_int" : "check.error", [made], [], this.errorState());
    return made;
  }
  /** The state once the operands are off the stack: an exception leaves from there. */
  errorState() {
    return this.translate({ ...this.state, stack: this.#withoutOperands() });
  }
  #withoutOperands() {
    const stack = [...this.state.stack];
    const operands = this.#subject && "op" in this.#subject ? this.#subject.args : [];
    let left = operands.length;
    for (let top = stack.at(-1); top === "null" || left > 0 && top !== void 0 && operands.includes(top); top = stack.at(-1)) {
      if (top !== "null") left--;
      stack.pop();
    }
    return stack;
  }
  // ---- blocks ------------------------------------------------------------------------------------------------------
  /** Ends the current machine block; what follows goes into a new one. */
  continueIn(block, terminator) {
    this.finishBlock(terminator);
    this.#block = block;
    this.out = [];
  }
  finishBlock(terminator) {
    const block = defined(this.#block, "current block");
    block.instructions = this.out;
    block.terminator = terminator;
  }
  /** `condition ? yes : no`. */
  select(condition, yes, no, type) {
    const join4 = addBlock(this.fn, [type]);
    const sides = [yes, no].map((v) => {
      const side = addBlock(this.fn);
      side.terminator = { kind: "jump", target: edge(join4.id, [v]) };
      return edge(side.id);
    });
    this.continueIn(join4, { kind: "branch", condition, then: sides[0], else: sides[1] });
    return defined(join4.params[0], "parameter");
  }
};
var TYPE_SYMBOLS = {
  int: "PyLong_Type",
  float: "PyFloat_Type",
  bool: "PyBool_Type",
  str: "PyUnicode_Type",
  bytes: "PyBytes_Type",
  bytearray: "PyByteArray_Type",
  list: "PyList_Type",
  tuple: "PyTuple_Type",
  dict: "PyDict_Type",
  range_iterator: "PyRangeIter_Type",
  list_iterator: "PyListIter_Type",
  tuple_iterator: "PyTupleIter_Type",
  bytes_iterator: "PyBytesIter_Type"
};
var isGuardable = (name) => name !== void 0 && TYPE_SYMBOLS[name] !== void 0;
var typeSymbol = (name) => `@${defined(TYPE_SYMBOLS[name], `symbol of type ${name}`)}`;

// src/compiler/3-optimize/specialize-types/rewrite-containers.ts
var MAX_ARGUMENTS = 14;
var LENGTHS2 = {
  list: "list.length",
  tuple: "tuple.length",
  str: "str.length",
  bytes: "bytes.length",
  bytearray: "bytearray.length",
  dict: "dict.length"
};
var PLAIN_KEYS = /* @__PURE__ */ new Set(["str", "int", "float", "bool", "NoneType"]);
function lengthOf(r, value) {
  const type = r.provedType(value) ?? (r.typeFailed() ? void 0 : r.inference.hint(value));
  const op2 = type === void 0 ? void 0 : LENGTHS2[type];
  return op2 === void 0 || type === void 0 ? void 0 : r.value(op2, [r.guardType(value, type)]);
}
function containerType(r, i) {
  const container = i.args[0];
  const proved = r.provedType(container);
  if (proved !== void 0 || r.typeFailed()) return proved;
  const { specialization } = r.inference.site(i);
  if (specialization.endsWith("LIST_INT")) return "list";
  if (specialization.endsWith("TUPLE_INT")) return "tuple";
  if (specialization.endsWith("SUBSCR_DICT")) return "dict";
  if (specialization.endsWith("STR_INT")) return "str";
  return r.inference.hint(container);
}
var SEQUENCE_ITEM = {
  list: "list.item",
  tuple: "tuple.item",
  bytes: "bytes.item",
  bytearray: "bytearray.item"
};
function rewriteSubscript(r, i) {
  const [container, key3] = i.args;
  const type = containerType(r, i) ?? "";
  const op2 = SEQUENCE_ITEM[type];
  if (op2 !== void 0 && isIndex(r, key3)) {
    const object2 = r.guardType(container, type);
    r.define(i.result, r.value(op2, [object2, r.int(key3)]), { repeatable: true });
  } else if (type === "dict" && plainKey(r, key3)) {
    const object2 = r.guardType(container, "dict");
    r.define(i.result, r.value("dict.item", [object2, guardKey(r, key3)]), { repeatable: true });
  } else {
    const isPlain3 = SLICED.has(type) && (r.representation(key3) === "int" || r.inference.typeOf(key3) === "slice");
    const object2 = isPlain3 ? r.guardType(container, type) : r.obj(container);
    const call2 = { op: "call.oo_o", args: [object2, r.obj(key3)], immediates: ["PyObject_GetItem"] };
    r.define(i.result, isPlain3 ? r.plainCall(call2) : r.opaque(call2));
  }
}
var SLICED = /* @__PURE__ */ new Set(["list", "tuple", "str", "bytes", "bytearray"]);
function isIndex(r, key3) {
  const kind = r.inference.kind(key3);
  if (kind === "int" || kind === "bool") return true;
  const failed = r.failures().some((f) => f.reason === "unbox.int" && f.observed !== "int");
  return kind === "any" && !failed && [void 0, "int"].includes(r.inference.hint(key3));
}
function plainKey(r, key3) {
  const proved = r.provedType(key3), hint = r.inference.hint(key3);
  if (proved !== void 0) return PLAIN_KEYS.has(proved);
  return hint !== void 0 && PLAIN_KEYS.has(hint) && isGuardable(hint) && !r.typeFailed();
}
function guardKey(r, key3) {
  if (PLAIN_KEYS.has(r.provedType(key3) ?? "")) return r.obj(key3);
  return r.guardType(key3, r.inference.hint(key3) ?? "");
}
function rewriteStoreSubscript(r, i) {
  const [container, key3, value] = i.args;
  const type = containerType(r, i);
  if (type === "list" && isIndex(r, key3)) storeListItem(r, i);
  else if (type === "bytearray" && isIndex(r, key3) && r.representation(value) === "int") {
    const object2 = r.guardType(container, "bytearray");
    r.emit("bytearray.store", [object2, r.int(key3), value]);
  } else if (type === "dict" && plainKey(r, key3)) {
    const object2 = r.guardType(container, "dict");
    const guarded = guardKey(r, key3);
    r.emit("dict.store", [object2, guarded, r.obj(value)]);
  } else {
    r.opaque({ op: "call.ooo_i", args: [r.obj(container), r.obj(key3), r.obj(value)], immediates: ["PyObject_SetItem"] });
  }
}
function storeListItem(r, i) {
  const [container, key3, value] = i.args;
  const object2 = r.guardType(container, "list");
  const index = r.int(key3);
  const op2 = inPlaceStore(r, "list.store", value);
  r.emit(op2, [object2, index, op2 === "list.store" ? r.obj(value) : value]);
}
function inPlaceStore(r, op2, value) {
  const type = r.representation(value);
  if (type !== "int" && type !== "float") return op2;
  const name = `${op2}_${type}`;
  return r.failures().some((f) => f.reason === name) ? op2 : name;
}
function rewriteDeleteSubscript(r, i) {
  const [container, key3] = i.args;
  r.opaque({ op: "call.oo_i", args: [r.obj(container), r.obj(key3)], immediates: ["PyObject_DelItem"] });
}
function rewriteContains(r, i) {
  const [container, key3] = i.args;
  const type = r.provedType(container) ?? (r.typeFailed() ? void 0 : r.inference.hint(container));
  if (type === "dict" && plainKey(r, key3)) {
    const object2 = r.guardType(container, "dict");
    r.define(i.result, r.value("dict.contains", [object2, guardKey(r, key3)]));
    return;
  }
  const made = r.opaque({ op: "call.oo_i", args: [r.obj(container), r.obj(key3)], immediates: ["PySequence_Contains"] });
  r.define(i.result, r.value("int.to_bool", [made]));
}
var BUILDERS = {
  "py.build_list": "armature_build_list",
  "py.build_tuple": "armature_build_tuple",
  "py.build_map": "armature_build_map",
  "py.build_slice": "armature_build_slice"
};
function rewriteBuild(r, i) {
  if (i.args.length > MAX_ARGUMENTS) throw new Uncompilable("too-many-items");
  const runsCode = i.op === "py.build_map" && i.args.some((v, n2) => n2 % 2 === 0 && !PLAIN_KEYS.has(r.inference.typeOf(v) ?? ""));
  const args = i.args.map((v) => r.obj(v));
  if (runsCode) r.flush();
  args.forEach((v, n2) => r.emit("arg.store", [v], [n2]));
  const made = r.value("call.arguments_o", [], [args.length, BUILDERS[i.op]]);
  r.emit("check.error", [made], [], r.errorState());
  r.define(i.result, made);
}
function rewriteListAppend(r, i) {
  const [list, value] = i.args;
  r.emit("list.append", [r.obj(list), r.obj(value)]);
}
var SEQUENCES2 = /* @__PURE__ */ new Set(["tuple", "list"]);
function sequenceType(r, value) {
  const type = r.provedType(value) ?? r.inference.hint(value) ?? "tuple";
  if (!SEQUENCES2.has(type)) throw new Uncompilable("unpacking");
  return type;
}
function rewriteUnpackCheck(r, i) {
  const sequence = i.args[0];
  if (r.typeFailed() && r.provedType(sequence) === void 0) throw new Uncompilable("unpacking");
  const type = r.inference.site(i).specialization.endsWith("_LIST") ? "list" : sequenceType(r, sequence);
  const object2 = r.guardType(sequence, type);
  const length = r.value(`${type}.length`, [object2]);
  const wanted = r.value("const.int", [], [immediateNumber(i)]);
  r.emit("guard.true", [r.value("int.eq", [length, wanted])]);
}
function rewriteUnpackItem(r, i) {
  const sequence = i.args[0];
  const type = r.inference.site(i).specialization.endsWith("_LIST") ? "list" : sequenceType(r, sequence);
  const object2 = r.guardType(sequence, type);
  const index = r.value("const.int", [], [immediateNumber(i)]);
  r.define(i.result, r.value(`${type}.item`, [object2, index]), { repeatable: true });
}

// src/compiler/3-optimize/specialize-types/rewrite-attributes.ts
function attributePlace(r, i, prefix2) {
  const { specialization, failures } = r.inference.site(i);
  const isValue = specialization === `${prefix2}_INSTANCE_VALUE`;
  const isSlot = specialization === `${prefix2}_SLOT`;
  const polymorphic = failures.some((f) => f.reason === "guard.type_version" || f.reason === "values.check");
  if (!isValue && !isSlot || polymorphic || !i.origin) return void 0;
  const { typeVersion, index } = r.profile.attributeCache(i.origin);
  const object2 = r.obj(i.args[0]);
  r.emit("guard.type_version", [object2], [typeVersion]);
  if (isSlot) return { space: "field", index };
  r.emit("values.check", [object2]);
  return { space: r.profile.layout === 311 ? "values" : "field", index };
}
function rewriteAttribute(r, i) {
  const place = attributePlace(r, i, "LOAD_ATTR");
  const object2 = r.obj(i.args[0]);
  if (place) {
    r.define(i.result, r.value(`${place.space}.load`, [object2], [place.index]), { repeatable: true });
    return;
  }
  r.define(i.result, r.opaque({ op: "call.oo_o", args: [object2, attributeName(r, i)], immediates: ["PyObject_GetAttr"] }));
}
function rewriteStoreAttribute(r, i) {
  const place = attributePlace(r, i, "STORE_ATTR");
  const [owner, value] = i.args;
  const object2 = r.obj(owner);
  if (!place) {
    r.opaque({ op: "call.ooo_i", args: [object2, attributeName(r, i), r.obj(value)], immediates: ["PyObject_SetAttr"] });
    return;
  }
  const plain = `${place.space}.store`;
  const op2 = inPlaceStore(r, plain, value);
  r.emit(op2, [object2, op2 === plain ? r.obj(value) : value], [place.index]);
}
function attributeName(r, i) {
  const name = r.profile.name(i.origin?.code ?? 0, immediateNumber(i));
  const index = r.profile.objects.findIndex((o) => o.kind === "str" && o.value === name);
  if (index < 0) throw new Uncompilable("attribute-name-not-in-table");
  return r.constantObject(index);
}
function rewriteLoadCell(r, i) {
  r.define(i.result, r.value("cell.load", [r.obj(i.args[0])]), { repeatable: true });
}
function rewriteStoreCell(r, i) {
  const [cell, value] = i.args;
  r.emit("cell.store", [r.obj(cell), r.obj(value)]);
}

// src/compiler/3-optimize/specialize-types/rewrite-arithmetic.ts
var INT_OPS = {
  add: "int.add",
  sub: "int.sub",
  mul: "int.mul",
  floordiv: "int.floordiv",
  mod: "int.mod",
  lshift: "int.shl",
  rshift: "int.shr",
  and: "int.and",
  or: "int.or",
  xor: "int.xor",
  pow: "int.mul"
};
var WRAP_OPS = {
  add: "int.add_wrap",
  sub: "int.sub_wrap",
  mul: "int.mul_wrap",
  lshift: "int.shl_wrap"
};
var FLOAT_OPS = {
  add: "float.add",
  sub: "float.sub",
  mul: "float.mul",
  truediv: "float.div",
  floordiv: "float.floordiv",
  mod: "float.mod",
  pow: "float.pow"
};
var NUMBER_PROTOCOL = {
  add: "Add",
  sub: "Subtract",
  mul: "Multiply",
  truediv: "TrueDivide",
  floordiv: "FloorDivide",
  mod: "Remainder",
  lshift: "Lshift",
  rshift: "Rshift",
  and: "And",
  or: "Or",
  xor: "Xor",
  matmul: "MatrixMultiply"
};
function rewriteBinary(r, i, wraps) {
  const operator = String(immediateAt(i, 0));
  const plain = plainOperator(operator);
  const plan = r.inference.plan(i);
  switch (plan.family) {
    case "float": {
      const [a, b] = operandsAs(r, i, plan, "float");
      r.define(i.result, r.value(defined(FLOAT_OPS[plain], plain), [a, b]));
      return;
    }
    case "true_division": {
      const [a, b] = operandsAs(r, i, plan, "int").map((v) => r.value("int.to_float_exact", [v]));
      r.define(i.result, r.value("float.div", [a, b]));
      return;
    }
    case "int":
      return rewriteInt(r, i, plan, plain, wraps);
    case "big": {
      const [a, b] = i.args.map((v) => r.guardType(v, "int"));
      const made = r.plainCall({ op: "call.oo_o", args: [a, b], immediates: [numberFunction(plain, false)] });
      r.define(i.result, made, { repeatable: true });
      return;
    }
    case "generic":
      return rewriteGeneric(r, i, operator, plain);
  }
}
function rewriteInt(r, i, plan, operator, wraps) {
  const [a, b] = operandsAs(r, i, plan, "int");
  const wrap2 = i.result !== void 0 && wraps.has(i.result) ? WRAP_OPS[operator] : void 0;
  const made = r.value(wrap2 ?? defined(INT_OPS[operator], operator), operator === "pow" ? [a, a] : [a, b]);
  r.define(i.result, plan.result === "bool" ? r.value("int.to_bool", [made]) : made);
}
function operandsAs(r, i, plan, type) {
  const taken = i.args.map((v, n2) => r.as(v, defined(plan.operands[n2], "operand type")));
  return taken.map((v, n2) => r.convert(v, plan.operands[n2], type));
}
var numberFunction = (operator, inPlace) => operator === "pow" ? inPlace ? "armature_power_in_place" : "armature_power" : `PyNumber_${inPlace ? "InPlace" : ""}${defined(NUMBER_PROTOCOL[operator], operator)}`;
function rewriteGeneric(r, i, operator, plain) {
  const { specialization, failures } = r.inference.site(i);
  if (specialization === "BINARY_OP_INPLACE_ADD_UNICODE") throw new Uncompilable("string-append-in-place");
  if (specialization === "BINARY_OP_ADD_UNICODE" && failures.length === 0) {
    const args2 = i.args.map((v) => r.guardType(v, "str"));
    r.define(i.result, r.plainCall({ op: "call.oo_o", args: args2, immediates: ["PyUnicode_Concat"] }));
    return;
  }
  const args = i.args.map((v) => r.obj(v));
  const call2 = { op: "call.oo_o", args, immediates: [numberFunction(plain, operator !== plain)] };
  r.define(i.result, r.inference.sequenceResult(i) ? r.plainCall(call2) : r.opaque(call2));
}
function rewriteUnary(r, i) {
  const operator = String(immediateAt(i, 0));
  const operand = i.args[0];
  if (operator === "not") {
    r.define(i.result, r.value("bool.not", [truth(r, operand)]));
    return;
  }
  const plan = r.inference.plan(i);
  if (plan.family === "generic") {
    const name = { neg: "PyNumber_Negative", pos: "PyNumber_Positive", invert: "PyNumber_Invert" }[operator];
    r.define(i.result, r.opaque({ op: "call.o_o", args: [r.obj(operand)], immediates: [defined(name, operator)] }));
    return;
  }
  const taken = r.as(operand, defined(plan.operands[0], "operand type"));
  const a = plan.family === "int" ? r.convert(taken, plan.operands[0], "int") : taken;
  if (operator === "pos") r.define(i.result, a);
  else if (operator === "neg") r.define(i.result, r.value(plan.family === "int" ? "int.neg" : "float.neg", [a]));
  else r.define(i.result, r.value("int.invert", [a]));
}
function rewriteCompare(r, i) {
  const operator = String(immediateAt(i, 0));
  const plan = r.inference.plan(i);
  if (plan.family === "generic") {
    const isText = r.inference.isTextComparison(i);
    const args = i.args.map((v) => isText ? r.guardType(v, "str") : r.obj(v));
    const call2 = { op: "call.oo_o", args, immediates: [`armature_compare_${operator}`] };
    const made = isText ? r.plainCall({ ...call2, immediates: [...call2.immediates] }) : r.opaque({ ...call2, immediates: [...call2.immediates] });
    r.define(i.result, made, { repeatable: isText });
    return;
  }
  const taken = i.args.map((v, n2) => r.as(v, defined(plan.operands[n2], "operand type")));
  const [a, b] = taken.map((v, n2) => toCommon(r, v, plan.operands[n2], plan.family === "float"));
  r.define(i.result, r.value(`${plan.family}.${operator}`, [a, b]));
}
function toCommon(r, value, from, float) {
  if (from === "float") return value;
  const int = r.convert(value, from, "int");
  if (!float) return int;
  return r.value(from === "bool" ? "int.to_float" : "int.to_float_exact", [int]);
}
function truth(r, value) {
  const type = r.representation(value);
  if (type !== "obj") return r.convert(value, type, "bool");
  if (r.inference.kind(value) === "none") return r.value("const.bool", [], [0]);
  const length = lengthOf(r, value);
  if (length !== void 0) return r.value("int.to_bool", [length]);
  if (!r.failures().some((f) => f.reason === "obj.truth")) return r.value("obj.truth", [r.obj(value)]);
  const made = r.opaque({ op: "call.o_i", args: [r.obj(value)], immediates: ["PyObject_IsTrue"] });
  return r.value("int.to_bool", [made]);
}
function rewriteTruth(r, i) {
  r.define(i.result, truth(r, i.args[0]));
}
function rewriteIs(r, i) {
  const [a, b] = i.args;
  const kinds = [r.inference.kind(a), r.inference.kind(b)];
  if (isNumeric(kinds[0]) || isNumeric(kinds[1])) {
    if (kinds.includes("none")) r.define(i.result, r.value("const.bool", [], [0]));
    else if (kinds[0] === "bool" && kinds[1] === "bool") {
      r.define(i.result, r.value("int.eq", [r.convert(a, "bool", "int"), r.convert(b, "bool", "int")]));
    } else throw new Uncompilable("identity-of-number");
    return;
  }
  const constants = [a, b].map((v) => r.inference.constantObject(v));
  const [other, constant] = constants[1] !== void 0 ? [a, constants[1]] : [b, constants[0]];
  r.define(i.result, constant === void 0 ? r.value("obj.is", [r.obj(a), r.obj(b)]) : r.value("obj.is_const", [r.obj(other)], [constant]));
}

// src/compiler/3-optimize/specialize-types/rewrite-calls.ts
function rewriteCall(r, i) {
  const [callee, ...args] = i.args;
  const name = qualifiedBuiltin(r.inference.kind(callee), r.profile.objects);
  if (name !== void 0 && inlineBuiltin(r, i, name, args)) return;
  if (name === void 0) r.pythonCalls++;
  const silent = name !== void 0 && isHarmlessWithPlainArguments(name) && makePlain(r, name, args);
  r.define(i.result, vectorcall(r, callee, args, -1, silent));
}
function makePlain(r, name, args) {
  const types = args.map((v) => r.provedType(v) ?? (r.typeFailed() ? void 0 : r.inference.hint(v) ?? (name === "type.range" ? "int" : void 0)));
  if (!types.every((t, n2) => t !== void 0 && PLAIN_TYPES2.has(t) && (isGuardable(t) || r.provedType(args[n2]) === t))) return false;
  args.forEach((v, n2) => r.guardType(v, types[n2]));
  return true;
}
function rewriteCallKw(r, i) {
  const [callee, ...args] = i.args;
  r.pythonCalls++;
  r.define(i.result, vectorcall(r, callee, args, immediateNumber(i)));
}
function vectorcall(r, callee, args, names2, silent = false) {
  if (args.length > MAX_ARGUMENTS) throw new Uncompilable("too-many-arguments");
  const objects = [callee, ...args].map((v) => r.obj(v));
  if (!silent) r.flush();
  objects.forEach((v, n2) => r.emit("arg.store", [v], [n2]));
  const made = r.value("call.vector", [], [args.length, names2]);
  r.emit("check.error", [made], [], r.errorState());
  if (!silent) r.deferTracing();
  return made;
}
function inlineBuiltin(r, i, name, args) {
  const [a, b] = args;
  if (a !== void 0 && b === void 0) return inlineUnary(r, i, name, a);
  if (a !== void 0 && b !== void 0 && args.length === 2) return inlineBinary(r, i, name, a, b);
  return false;
}
function inlineUnary(r, i, name, a) {
  const type = r.representation(a);
  if (name === "builtins.len") {
    const length = r.inference.isKnownLength(i) ? lengthOf(r, a) : void 0;
    if (length !== void 0) r.define(i.result, length);
    return length !== void 0;
  }
  if (LIBM_1.has(name) || name === "math.sqrt" || name === "math.fabs") return inlineMath(r, i, name, a);
  if (type === "obj") return false;
  switch (name) {
    case "builtins.abs":
      r.define(i.result, type === "float" ? r.value("float.abs", [a]) : r.value("int.abs", [r.int(a)]));
      return true;
    case "type.int":
      r.define(i.result, type === "float" ? r.value("float.to_int", [a]) : r.int(a));
      return true;
    case "type.float":
      r.define(i.result, r.convert(a, type, "float"));
      return true;
    case "type.bool":
      r.define(i.result, truth(r, a));
      return true;
    case "math.floor":
    case "math.ceil":
      if (type !== "float") return false;
      r.define(i.result, r.value(name === "math.floor" ? "float.floor" : "float.ceil", [a]));
      return true;
    default:
      return false;
  }
}
function inlineMath(r, i, name, a) {
  if (r.representation(a) === "obj" && (r.inference.kind(a) !== "any" || r.unboxFailed())) {
    if (r.inference.kind(a) !== "any") return false;
    r.define(i.result, vectorcall(r, i.args[0], [a], -1), { float: true });
    return true;
  }
  const x = asFloat(r, a);
  if (name === "math.sqrt") r.define(i.result, r.value("float.sqrt", [x]));
  else if (name === "math.fabs") r.define(i.result, r.value("float.abs", [x]));
  else r.define(i.result, r.value("float.libm", [x], [LIBM_1.get(name)]));
  return true;
}
function asFloat(r, value) {
  const type = r.representation(value);
  return isNumeric(type) ? r.convert(value, type, "float") : r.as(value, "float");
}
function inlineBinary(r, i, name, a, b) {
  if (name === "list.append") {
    const list = r.guardType(a, "list");
    r.emit("list.append", [list, r.obj(b)]);
    const none2 = r.profile.objects.findIndex((o) => o.kind === "none");
    if (none2 < 0) throw new Uncompilable("none-not-in-table");
    r.define(i.result, r.constantObject(none2));
    return true;
  }
  const libm = LIBM_2.get(name);
  const types = [r.representation(a), r.representation(b)];
  if (libm !== void 0 && isNumeric(types[0]) && isNumeric(types[1])) {
    r.define(i.result, r.value("float.libm2", [asFloat(r, a), asFloat(r, b)], [libm]));
    return true;
  }
  if ((name === "builtins.min" || name === "builtins.max") && types[0] === types[1] && (types[0] === "int" || types[0] === "float")) {
    r.define(i.result, types[0] === "int" ? r.value(name === "builtins.min" ? "int.min" : "int.max", [a, b]) : floatExtreme(r, name, a, b));
    return true;
  }
  return false;
}
function floatExtreme(r, name, a, b) {
  const second = name === "builtins.min" ? r.value("float.lt", [b, a]) : r.value("float.gt", [b, a]);
  return r.select(second, b, a, "float");
}
function rewriteGetIter(r, i) {
  const value = i.args[0];
  const iterated = r.inference.iteratedType(i);
  const type = r.provedType(value) ?? (r.typeFailed() ? void 0 : iterated ?? r.inference.hint(value));
  const isPlain3 = type !== void 0 && PLAIN_ITERABLES.has(type) && (isGuardable(type) || r.provedType(value) === type);
  const object2 = isPlain3 ? r.guardType(value, type) : r.obj(value);
  const call2 = { op: "call.o_o", args: [object2], immediates: ["PyObject_GetIter"] };
  r.define(i.result, isPlain3 ? r.plainCall(call2) : r.opaque(call2));
}
var PLAIN_ITERABLES = /* @__PURE__ */ new Set(["list", "tuple", "range", "str", "bytes", "bytearray", "dict"]);

// src/compiler/3-optimize/specialize-types/rewrite-globals.ts
function rewriteLoadGlobal(r, i) {
  const [dict, entry] = [immediateNumber(i, 0), immediateNumber(i, 1)];
  if (entry < 0) throw new Uncompilable("unknown-global");
  r.emit("guard.dict_keys", [], [dict]);
  r.define(i.result, r.value("dict.entry", [], [dict, entry]), { repeatable: true });
}
function rewriteStoreGlobal(r, i) {
  const [dict, name] = [immediateNumber(i, 0), immediateNumber(i, 2)];
  if (!r.isDeferred(dict, name)) r.emit("dict.entry_store", [r.obj(i.args[0])], [dict, name]);
}
function rewriteGuardGlobal(r, i) {
  r.emit("guard.global", [], [...i.immediates]);
}
function rewriteGuardTypeVersion(r, i) {
  r.emit("guard.type_version", [r.obj(i.args[0])], [...i.immediates]);
}
function rewriteGuardKeysVersion(r, i) {
  const object2 = r.obj(i.args[0]);
  r.emit("values.check", [object2]);
  r.emit("guard.keys_version", [object2], [...i.immediates]);
}
function rewriteGuardIs(r, i) {
  const value = i.args[0];
  if (r.inference.constantObject(value) === immediateNumber(i)) return;
  r.emit("guard.is", [r.obj(value)], [...i.immediates]);
}
function rewriteGuardFunction(r, i) {
  r.emit("guard.function", [r.obj(i.args[0])], [...i.immediates]);
}

// src/compiler/3-optimize/specialize-types/rewrite-locals.ts
function rewriteEntry(r, instructions) {
  const objects = instructions.map((i) => {
    r.startInstruction(void 0, i.origin);
    const object2 = r.value(i.op === "py.local" ? "home.load" : "stack.take", [], [...i.immediates]);
    if (isNumeric(r.inference.kind(i.result))) r.defer(i.result, object2);
    else r.define(i.result, object2);
    return object2;
  });
  const first = instructions[0];
  if (!first) return;
  r.startInstruction(entryState(r.profile.entryOffset, instructions), first.origin);
  instructions.forEach((i, n2) => {
    if (i.op !== "py.local" || isNumeric(r.inference.kind(i.result))) return;
    const object2 = objects[n2];
    if (r.inference.kind(i.result) === "null") r.emit("guard.true", [r.value("obj.is_null", [object2])]);
    else if (r.profile.initialType("local", immediateNumber(i)) !== void 0) r.emit("guard.bound", [object2]);
  });
}
function entryState(offset, taken) {
  const stack = [];
  for (const i of taken) if (i.op === "py.take_stack") stack[immediateNumber(i)] = i.result;
  invariant(Object.keys(stack).length === stack.length, "the whole operand stack is taken over");
  return { code: 0, offset, locals: [], stack, globals: [] };
}
function rewriteSetLocal(r, i, clears) {
  const slot = immediateNumber(i);
  const value = i.args[0];
  r.forgetHome(slot);
  if (r.representation(value) === "obj") r.emit("home.store", [r.obj(value)], [slot]);
  else if (clears.has(i)) r.emit("home.clear", [], [slot]);
}
function rewriteClearLocal(r, i) {
  r.forgetHome(immediateNumber(i));
  r.emit("home.clear", [], [immediateNumber(i)]);
}
var PLAIN_TYPES3 = /* @__PURE__ */ new Set(["NoneType", "str", "int", "float", "bool"]);
function findHomeClears(fn, graph, inference) {
  const slots = /* @__PURE__ */ new Set();
  for (const block of fn.blocks.values()) {
    for (const i of block.instructions) if (i.op === "py.set_local") slots.add(immediateNumber(i));
  }
  const clears = /* @__PURE__ */ new Set();
  const out = /* @__PURE__ */ new Map();
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of graph.order) {
      const objects = block.id === fn.entry ? new Set(slots) : /* @__PURE__ */ new Set();
      for (const p of graph.predecessors(block.id)) for (const slot of out.get(p.block) ?? []) objects.add(slot);
      for (const i of block.instructions) stepHomes(i, objects, inference, clears);
      if (out.get(block)?.size !== objects.size) changed = true;
      out.set(block, objects);
    }
  }
  return clears;
}
function stepHomes(i, objects, inference, clears) {
  if (i.op !== "py.local" && i.op !== "py.set_local" && i.op !== "py.clear_local") return;
  const slot = immediateNumber(i);
  const value = i.op === "py.local" ? i.result : i.args[0];
  if (value === void 0) {
    objects.delete(slot);
    return;
  }
  const kind = inference.kind(value);
  const plain = isNumeric(kind) || kind === "null" || PLAIN_TYPES3.has(inference.typeOf(value) ?? "");
  if (i.op === "py.set_local" && isNumeric(kind) && objects.has(slot)) clears.add(i);
  if (plain) objects.delete(slot);
  else if (i.op === "py.set_local") objects.add(slot);
}

// src/compiler/3-optimize/specialize-types/rewrite-instruction.ts
function rewriteInstruction2(r, i, clears) {
  switch (i.op) {
    case "py.const":
      return rewriteConstant(r, i);
    case "py.int":
      return rewriteIntConstant(r, i);
    case "py.set_local":
      return rewriteSetLocal(r, i, clears);
    case "py.clear_local":
      return rewriteClearLocal(r, i);
    // The end of life of a value follows from its uses: see insertReferenceCounts.
    case "py.release":
      return;
    case "py.load_global":
      return rewriteLoadGlobal(r, i);
    case "py.store_global":
      return rewriteStoreGlobal(r, i);
    case "py.guard_global":
      return rewriteGuardGlobal(r, i);
    case "py.guard_type_version":
      return rewriteGuardTypeVersion(r, i);
    case "py.guard_keys_version":
      return rewriteGuardKeysVersion(r, i);
    case "py.guard_is":
      return rewriteGuardIs(r, i);
    case "py.guard_function":
      return rewriteGuardFunction(r, i);
    case "py.load_cell":
      return rewriteLoadCell(r, i);
    case "py.store_cell":
      return rewriteStoreCell(r, i);
    case "py.unary":
      return rewriteUnary(r, i);
    case "py.binary":
      return rewriteBinary(r, i, r.inference.wraps);
    case "py.compare":
      return rewriteCompare(r, i);
    case "py.is":
      return rewriteIs(r, i);
    case "py.contains":
      return rewriteContains(r, i);
    case "py.truth":
      return rewriteTruth(r, i);
    case "py.subscript":
      return rewriteSubscript(r, i);
    case "py.store_subscript":
      return rewriteStoreSubscript(r, i);
    case "py.delete_subscript":
      return rewriteDeleteSubscript(r, i);
    case "py.attribute":
      return rewriteAttribute(r, i);
    case "py.store_attribute":
      return rewriteStoreAttribute(r, i);
    case "py.call":
      return rewriteCall(r, i);
    case "py.call_kw":
      return rewriteCallKw(r, i);
    case "py.get_iter":
      return rewriteGetIter(r, i);
    case "py.build_list":
    case "py.build_tuple":
    case "py.build_map":
    case "py.build_slice":
      return rewriteBuild(r, i);
    case "py.list_append":
      return rewriteListAppend(r, i);
    case "py.unpack_check":
      return rewriteUnpackCheck(r, i);
    case "py.unpack_item":
      return rewriteUnpackItem(r, i);
    case "py.safepoint":
      r.emit("safepoint");
      return;
    // Build asks for this one itself.
    case "guard.dict_keys":
      r.emit(i.op, [], [...i.immediates]);
      return;
    default:
      throw new Uncompilable(`op-${i.op}`);
  }
}
function rewriteConstant(r, i) {
  const index = immediateNumber(i);
  const object2 = r.profile.objects[index];
  if (object2?.kind === "int" && fitsI64(object2.value)) r.defineConstant(i.result, index, r.value("const.int", [], [object2.value]));
  else if (object2?.kind === "float") r.defineConstant(i.result, index, r.value("const.float", [], [object2.value]));
  else if (object2?.kind === "bool") r.defineConstant(i.result, index, r.value("const.bool", [], [object2.value ? 1 : 0]));
  else r.define(i.result, r.constantObject(index));
}
function rewriteIntConstant(r, i) {
  if (!fitsI64(immediateBigInt(i))) throw new Uncompilable("int-constant");
  r.define(i.result, r.value("const.int", [], [immediateAt(i, 0)]));
}

// src/compiler/3-optimize/specialize-types/specialize-types.ts
function specializeTypes(fn, profile, opaque) {
  const mayCallOut = opaque !== void 0 && storesNames(fn) ? opaque : void 0;
  const inference = new TypeInference(fn, profile);
  inference.run();
  const rewriter = new Rewriter(fn, inference, mayCallOut);
  const pass = new Specialization(rewriter, inference.graph, findHomeClears(fn, inference.graph, inference));
  pass.run();
  return { pythonCalls: rewriter.pythonCalls, unsupported: pass.unsupported };
}
function storesNames(fn) {
  return [...fn.blocks.values()].some((b) => b.instructions.some((i) => i.op === "py.store_global" && immediateNumber(i, 1) >= 0));
}
var Specialization = class {
  unsupported = [];
  #rewriter;
  #graph;
  #clears;
  /** First frame state at or after the start of each block, before rewriting. */
  #states = /* @__PURE__ */ new Map();
  constructor(rewriter, graph, clears) {
    this.#rewriter = rewriter;
    this.#graph = graph;
    this.#clears = clears;
  }
  run() {
    const { fn, inference, replacements } = this.#rewriter;
    for (const block of this.#graph.order) this.#states.set(block.id, firstState(fn, block));
    const paramsBefore = new Map(this.#graph.order.map((b) => [b.id, [...b.params]]));
    for (const block of this.#graph.order) this.#rewriteBlock(block);
    for (const params of paramsBefore.values()) for (const p of params) fn.types.set(p, inference.representation(p));
    removeUnreachable2(fn);
    for (const block of [...fn.blocks.values()]) {
      for (const e of edgesOf(block.terminator)) this.#convertEdge(e, paramsBefore.get(e.block) ?? []);
    }
    replacements.apply(fn);
    forgetPythonValues(fn);
  }
  #rewriteBlock(block) {
    const r = this.#rewriter;
    const { instructions, terminator } = block;
    r.startBlock(block);
    this.#takeItem(block);
    try {
      const entry = block.id === r.fn.entry ? instructions.filter((i) => i.op === "py.local" || i.op === "py.take_stack") : [];
      rewriteEntry(r, entry);
      for (const instruction of instructions) {
        if (entry.includes(instruction)) continue;
        r.startInstruction(instruction.frameState, instruction.origin, instruction);
        rewriteInstruction2(r, instruction, this.#clears);
      }
      this.#rewriteTerminator(terminator);
    } catch (error) {
      if (!(error instanceof Uncompilable)) throw error;
      this.unsupported.push(error.reason);
      r.finishBlock({ kind: "exit", exitKind: "unsupported", reason: error.reason, frameState: r.translate(r.state), ...r.place });
    }
  }
  /** The item of a loop over objects, wanted as a number, is unboxed by the body's first frame state. */
  #takeItem(block) {
    const [item] = block.params;
    if (item === void 0 || this.#bodies.get(block.id) !== "obj" || !isNumeric(this.#rewriter.inference.kind(item))) return;
    const object2 = this.#rewriter.fresh("obj");
    block.params[0] = object2;
    this.#rewriter.defer(item, object2);
  }
  /** What the loops hand to their bodies, by body; filled when the loop's terminator is rewritten. */
  #bodies = /* @__PURE__ */ new Map();
  #rewriteTerminator(terminator) {
    const r = this.#rewriter;
    switch (terminator.kind) {
      case "jump":
      case "branch":
      case "compare_branch":
        r.finishBlock(terminator);
        return;
      case "for_iter":
        r.startInstruction(terminator.frameState, terminator.origin, terminator);
        this.#bodies.set(terminator.body.block, isIntIterator(r.inference.iteratorType(terminator)) ? "int" : "obj");
        rewriteForIter(r, terminator);
        return;
      case "exit":
        r.startInstruction(terminator.frameState, terminator.origin);
        r.finishBlock({ ...terminator, frameState: r.translate(terminator.frameState) });
        return;
      default:
        assertExhaustive(terminator, "terminator");
    }
  }
  /** Boxes what a block takes as an object, in a block of its own; locals so boxed go home at once. */
  #convertEdge(e, paramsBefore) {
    const r = this.#rewriter;
    const target2 = defined(r.fn.blocks.get(e.block), "target");
    const needed = target2.params.flatMap((param, n2) => {
      const from = r.typeNow(e.args[n2]), to = r.typeNow(param);
      invariant(from === to || to === "obj", `edge to block${e.block} passes ${from} for ${to}`);
      return from === to ? [] : [n2];
    });
    if (needed.length === 0) return;
    const split = addBlock(r.fn);
    const args = [...e.args];
    r.startBlock(split);
    for (const n2 of needed) {
      const type = r.typeNow(e.args[n2]);
      invariant(type !== "obj", "an object needs no box");
      args[n2] = r.box(e.args[n2], type);
      for (const slot of this.#slotsOf(e.block, paramsBefore[n2])) r.emit("home.store", [args[n2]], [slot]);
    }
    r.finishBlock({ kind: "jump", target: edge(e.block, args) });
    e.block = split.id;
    e.args = [];
  }
  /** Locals of the outer frame that a parameter is. */
  #slotsOf(block, param) {
    let state = this.#states.get(block);
    while (state?.caller) state = state.caller;
    return (state?.locals ?? []).flatMap((v, slot) => v === param ? [slot] : []);
  }
};
function firstState(fn, start) {
  const seen = /* @__PURE__ */ new Set();
  const work = [start];
  for (let block = work.shift(); block; block = work.shift()) {
    if (seen.has(block.id)) continue;
    seen.add(block.id);
    const state = block.instructions.find((i) => i.frameState)?.frameState;
    if (state) return state;
    if ("frameState" in block.terminator) return block.terminator.frameState;
    for (const e of edgesOf(block.terminator)) work.push(defined(fn.blocks.get(e.block), "successor"));
  }
  return void 0;
}
function removeUnreachable2(fn) {
  const reachable = new Set(reversePostorder(fn).map((b) => b.id));
  for (const id of [...fn.blocks.keys()]) if (!reachable.has(id)) fn.blocks.delete(id);
}
function forgetPythonValues(fn) {
  for (const [value, type] of fn.types) if (type === "py") fn.types.delete(value);
}

// src/compiler/3-optimize/verify-references.ts
function verifyReferences(fn) {
  return new ReferenceVerifier(fn).run();
}
var ReferenceVerifier = class {
  #fn;
  #graph;
  #homes;
  #constants;
  #operands;
  #starts = /* @__PURE__ */ new Map();
  #errors = [];
  #where = "";
  constructor(fn) {
    this.#fn = fn;
    this.#graph = new Graph(fn);
    this.#homes = analyzeHomes(this.#graph);
    this.#constants = findConstants(fn);
    this.#operands = findOperands(fn);
  }
  run() {
    this.#findParamOwnership();
    this.#starts.set(this.#fn.entry, /* @__PURE__ */ new Map());
    for (const block of this.#graph.order) this.#checkBlock(block);
    return this.#errors;
  }
  #fail(message) {
    this.#errors.push(`${this.#where}: ${message}`);
  }
  /** A parameter owns a reference unless a home holds it at the start of its block, or it is never touched. */
  #ownedParams = /* @__PURE__ */ new Set();
  #findParamOwnership() {
    const touched = /* @__PURE__ */ new Set();
    for (const block of this.#graph.order) {
      for (const i of block.instructions) {
        for (const v of i.args) touched.add(v);
        if (i.frameState) forEachFrameStateValue(i.frameState, (v) => touched.add(v));
      }
      for (const e of edgesOf(block.terminator)) for (const v of e.args) touched.add(v);
      if (block.terminator.kind === "exit") forEachFrameStateValue(block.terminator.frameState, (v) => touched.add(v));
    }
    for (const block of this.#graph.order) {
      for (const p of block.params) {
        if (this.#fn.types.get(p) === "obj" && touched.has(p) && !this.#homes.get(block.id).isHeld(p)) this.#ownedParams.add(p);
      }
    }
  }
  #checkBlock(block) {
    this.#where = `block${block.id}`;
    const counts = new Map(this.#starts.get(block.id) ?? []);
    const homes = this.#homes.get(block.id).copy();
    let borrowed = /* @__PURE__ */ new Set();
    for (const i of block.instructions) {
      this.#where = `block${block.id}: ${printInstruction(this.#fn, i)}`;
      const usable = (v) => this.#isAlive(v, counts, homes, borrowed);
      this.#checkUses(i, usable, counts, homes);
      if (i.frameState) this.#checkExit(i.frameState, i.ownedAtExit ?? [], counts, i.op === "check.error" ? i.args[0] : void 0, usable);
      this.#apply(i, counts);
      homes.step(i);
      if (isClobber(i) && i.op !== "decref_number") borrowed = /* @__PURE__ */ new Set();
      if (i.result !== void 0 && opInfo(i.op).ownership === "borrowed" && i.op !== "home.load") borrowed.add(i.result);
    }
    this.#where = `block${block.id}: end`;
    this.#checkEnd(block, counts, homes, borrowed);
  }
  #isAlive(v, counts, homes, borrowed) {
    return this.#fn.types.get(v) !== "obj" || this.#constants.has(v) || (counts.get(v) ?? 0) > 0 || homes.isHeld(v) || borrowed.has(v);
  }
  #checkUses(i, usable, counts, homes) {
    for (const v of this.#operands.get(i) ?? i.args) {
      if (!usable(v)) this.#fail(`v${v} may be gone`);
      const needsOwner = isOpaque(i) && consumedBy(i, v) === 0 && this.#fn.types.get(v) === "obj" && !this.#constants.has(v);
      if (needsOwner && !homes.isHeld(v) && (counts.get(v) ?? 0) === 0) this.#fail(`v${v} has no owner during the call`);
    }
  }
  #apply(i, counts) {
    if (i.result !== void 0) {
      if ((counts.get(i.result) ?? 0) !== 0) this.#fail(`v${i.result} is defined again before it is released`);
      if (opInfo(i.op).ownership === "owned" && this.#fn.types.get(i.result) === "obj") counts.set(i.result, 1);
    }
    if (i.op === "incref") counts.set(i.args[0], (counts.get(i.args[0]) ?? 0) + 1);
    for (const v of new Set(i.args)) {
      const left = (counts.get(v) ?? 0) - consumedBy(i, v);
      if (left < 0) this.#fail(`v${v} has no reference to give`);
      counts.set(v, Math.max(0, left));
    }
  }
  #checkExit(state, owned, counts, absent, usable) {
    const listed = /* @__PURE__ */ new Map();
    for (const v of owned) listed.set(v, (listed.get(v) ?? 0) + 1);
    for (const v of /* @__PURE__ */ new Set([...listed.keys(), ...counts.keys()])) {
      const has = v === absent ? 0 : counts.get(v) ?? 0;
      if (has !== (listed.get(v) ?? 0)) this.#fail(`exit: v${v} has ${has} references, ${listed.get(v) ?? 0} listed`);
    }
    forEachFrameStateValue(state, (v) => {
      if (!usable(v)) this.#fail(`exit: v${v} may be gone`);
    });
  }
  #checkEnd(block, counts, homes, borrowed) {
    const { terminator } = block;
    if (terminator.kind === "exit") {
      const usable = (v) => this.#isAlive(v, counts, homes, borrowed);
      this.#checkExit(terminator.frameState, terminator.ownedAtExit ?? [], counts, void 0, usable);
      return;
    }
    for (const e of edgesOf(terminator)) {
      const absent = terminator.kind === "branch" && terminator.then === e ? nullTest(block) : void 0;
      this.#checkEdge(e, counts, absent);
    }
  }
  #checkEdge(e, counts, absent) {
    const after = new Map([...counts].filter(([v, n2]) => n2 > 0 && v !== absent));
    const target2 = this.#fn.blocks.get(e.block);
    target2.params.forEach((p, n2) => {
      const v = e.args[n2];
      if (!this.#ownedParams.has(p) || v === absent) return;
      const left = (after.get(v) ?? 0) - 1;
      if (left < 0) this.#fail(`v${v} has no reference for parameter v${p}`);
      if (left > 0) after.set(v, left);
      else after.delete(v);
    });
    for (const p of target2.params) if (this.#ownedParams.has(p)) after.set(p, 1);
    const known = this.#starts.get(e.block);
    if (!known) this.#starts.set(e.block, after);
    else if (!sameCounts(known, after)) this.#fail(`edge to block${e.block}: references differ: ${show(known)} and ${show(after)}`);
  }
};
var show = (counts) => [...counts].map(([v, n2]) => `v${v}\xD7${n2}`).sort().join(" ") || "none";
var sameCounts = (a, b) => show(a) === show(b);

// src/compiler/4-emit/machine.ts
var REGISTERS_PER_BANK = 8;
var REGISTER_COUNT = 16;
var FIRST_FLOAT = 8;
var INTEGER_REGISTERS = 255;
var FLOAT_REGISTERS = 65280;
var NO_VALUE = -1;
var successors = (t) => t.kind === "jump" ? [t.edge] : t.kind === "branch" ? [t.then, t.else] : [];

// src/compiler/4-emit/compute-live-ranges.ts
var FAR = 1 << 29;
var LEAVES_LOOP = 1e3;
var ENTERS_COLD = 1e4;
var BEYOND_CALL = 100;
var isFloatRegister = (register) => register >= FIRST_FLOAT;
function computeLiveRanges(fn) {
  const liveIn = fn.blocks.map(() => /* @__PURE__ */ new Map());
  const liveOut = fn.blocks.map(() => /* @__PURE__ */ new Map());
  const dirty = new Uint8Array(fn.blocks.length).fill(1);
  for (let left = fn.blocks.length; left > 0; ) {
    for (let b = fn.blocks.length - 1; b >= 0; b--) {
      if (!dirty[b]) continue;
      dirty[b] = 0;
      left--;
      const block = fn.blocks[b];
      const out = joinSuccessors(fn, block, liveIn);
      const live = scanBlock(fn, block, out);
      const hasGrown = live.size !== liveIn[b].size;
      liveOut[b] = out;
      liveIn[b] = live;
      if (!hasGrown) continue;
      for (const { block: before } of block.predecessors) {
        if (dirty[before.index]) continue;
        dirty[before.index] = 1;
        left++;
      }
    }
  }
  return { liveIn, liveOut, ...measurePressure(fn, liveOut) };
}
function joinSuccessors(fn, block, liveIn) {
  const out = /* @__PURE__ */ new Map();
  const add = (value, distance) => {
    const old = out.get(value);
    if (old === void 0 || distance < old) out.set(value, distance);
  };
  for (const edge2 of successors(block.terminator)) {
    const live = liveIn[edge2.to.index];
    const penalty = edgePenalty(block, edge2);
    edge2.to.params.forEach((param, i) => {
      const distance = live.get(param);
      const arg = edge2.args[i];
      if (distance !== void 0 && !fn.constants[arg]) add(arg, Math.min(FAR, distance + penalty));
    });
    const params = new Set(edge2.to.params);
    for (const [value, distance] of live) if (!params.has(value)) add(value, Math.min(FAR, distance + penalty));
  }
  return out;
}
function edgePenalty(block, edge2) {
  if (edge2.to.isCold && !block.isCold) return ENTERS_COLD;
  return (edge2.to.loop?.depth ?? 0) < (block.loop?.depth ?? 0) ? LEAVES_LOOP : 0;
}
function scanBlock(fn, block, out) {
  const n2 = block.instructions.length;
  const live = /* @__PURE__ */ new Map();
  for (const [value, distance] of out) live.set(value, Math.min(FAR, distance + n2 + 1));
  const t = block.terminator;
  if (t.kind === "branch") for (const v of t.args) live.set(v, n2);
  if (t.kind === "exit") addExitValues(live, t.exit.values);
  for (let i = n2 - 1; i >= 0; i--) {
    const instruction = block.instructions[i];
    if (instruction.result !== void 0) live.delete(instruction.result);
    if (instruction.family.clobbers) pushBeyondCall(fn, live);
    if (instruction.exit) addExitValues(live, instruction.exit.values);
    for (const v of instruction.args) live.set(v, i);
  }
  return live;
}
function addExitValues(live, values) {
  for (const v of values) if (!live.has(v)) live.set(v, FAR);
}
function pushBeyondCall(fn, live) {
  for (const [value, distance] of live) {
    live.set(value, fn.types(value) === "float" ? FAR : Math.min(FAR, distance + BEYOND_CALL));
  }
}
function measurePressure(fn, liveOut) {
  const crossesCall = new Uint8Array(fn.valueCount);
  const pressure = /* @__PURE__ */ new Map();
  for (const block of fn.blocks) {
    const most = blockPressure(fn, block, liveOut[block.index], crossesCall);
    if (block.isCold) continue;
    for (let loop = block.loop; loop; loop = loop.parent) {
      const old = pressure.get(loop) ?? { integers: 0, floats: 0 };
      pressure.set(loop, { integers: Math.max(old.integers, most.integers), floats: Math.max(old.floats, most.floats) });
    }
  }
  return { crossesCall, pressure };
}
function blockPressure(fn, block, out, crossesCall) {
  const live = new Set(out.keys());
  const now = { integers: 0, floats: 0 };
  const count2 = (v, by) => {
    if (fn.types(v) === "float") now.floats += by;
    else now.integers += by;
  };
  for (const v of live) count2(v, 1);
  const most = { ...now };
  const use = (v) => {
    if (live.has(v)) return;
    live.add(v);
    count2(v, 1);
  };
  const t = block.terminator;
  if (t.kind === "branch") t.args.forEach(use);
  if (t.kind === "exit") t.exit.values.forEach(use);
  for (let i = block.instructions.length - 1; i >= 0; i--) {
    const instruction = block.instructions[i];
    const result = instruction.result;
    most.integers = Math.max(most.integers, now.integers);
    most.floats = Math.max(most.floats, now.floats);
    if (result !== void 0 && live.delete(result)) count2(result, -1);
    if (instruction.family.clobbers) for (const v of live) crossesCall[v] = 1;
    instruction.exit?.values.forEach(use);
    instruction.args.forEach(use);
  }
  most.integers = Math.max(most.integers, now.integers);
  most.floats = Math.max(most.floats, now.floats);
  return most;
}

// src/compiler/4-emit/register-file.ts
var RegisterFile = class {
  #holder = new Int32Array(REGISTER_COUNT).fill(NO_VALUE);
  #registers;
  /** Set of registers that hold something. */
  occupied = 0;
  constructor(valueCount) {
    this.#registers = new Uint16Array(valueCount);
  }
  holder(register) {
    const value = this.#holder[register];
    return value === NO_VALUE ? void 0 : value;
  }
  /** Set of the registers that hold the value. */
  registersOf(value) {
    return this.#registers[value];
  }
  /** A register that holds the value and is in the set, or NO_VALUE. */
  find(value, among = 65535) {
    const set2 = this.#registers[value] & among;
    return set2 === 0 ? NO_VALUE : lowest(set2);
  }
  put(register, value) {
    this.clear(register);
    this.#holder[register] = value;
    this.#registers[value] |= 1 << register;
    this.occupied |= 1 << register;
  }
  /** The value that lost its last register by this, if any did. */
  clear(register) {
    const value = this.holder(register);
    if (value === void 0) return void 0;
    this.#holder[register] = NO_VALUE;
    this.#registers[value] &= ~(1 << register);
    this.occupied &= ~(1 << register);
    return this.#registers[value] === 0 ? value : void 0;
  }
  clearAll() {
    for (let r = 0; r < REGISTER_COUNT; r++) this.clear(r);
  }
  snapshot() {
    return this.#holder.slice();
  }
};
var lowest = (set2) => 31 - Math.clz32(set2 & -set2);
var highest = (set2) => 31 - Math.clz32(set2);

// src/compiler/4-emit/block-entry.ts
var RegisterHints = class {
  #crossesCall;
  #survivors;
  /** Parameter that a value becomes at the end of its block, NO_VALUE if none. */
  #flowsTo;
  /** Register that a parameter has, or that its first argument had. */
  #ofParameter;
  /** Register in which a call wants the value. */
  #wanted;
  constructor(fn, liveness, calleeSaved) {
    this.#crossesCall = liveness.crossesCall;
    this.#survivors = INTEGER_REGISTERS & (1 << calleeSaved) - 1;
    this.#flowsTo = new Int32Array(fn.valueCount).fill(NO_VALUE);
    this.#ofParameter = new Int8Array(fn.valueCount).fill(NO_VALUE);
    this.#wanted = new Int8Array(fn.valueCount).fill(NO_VALUE);
    for (const block of fn.blocks) {
      for (const { to, args } of successors(block.terminator)) {
        args.forEach((arg, i) => {
          if (!block.isCold) this.#flowsTo[arg] = to.params[i];
        });
      }
      for (const { family, args } of block.instructions) {
        args.forEach((arg, i) => {
          const fixed = family.fixed[i];
          if (fixed !== void 0) this.#wanted[arg] = fixed + (family.operands[i] === "f" ? FIRST_FLOAT : 0);
        });
      }
    }
  }
  /** The best of some free registers of the value's bank. */
  choose(value, free) {
    const param = this.#flowsTo[value];
    for (const hint of [param === NO_VALUE ? NO_VALUE : this.#ofParameter[param], this.#ofParameter[value]]) {
      if (hint !== NO_VALUE && free & 1 << hint) return hint;
    }
    if (this.#crossesCall[value]) {
      const safe = free & this.#survivors;
      return safe !== 0 ? lowest(safe) : highest(free);
    }
    const wanted = this.#wanted[value];
    return wanted !== NO_VALUE && free & 1 << wanted ? wanted : highest(free);
  }
  defined(value, register) {
    const param = this.#flowsTo[value];
    if (param !== NO_VALUE && this.#ofParameter[param] === NO_VALUE) this.#ofParameter[param] = register;
  }
  parameter(param, register) {
    this.#ofParameter[param] = register;
  }
};
function chooseEntry(block, context) {
  return new EntryChooser(block, context).run();
}
var EntryChooser = class {
  #block;
  #context;
  #live;
  #holder = new Int32Array(REGISTER_COUNT).fill(NO_VALUE);
  #placed = /* @__PURE__ */ new Set();
  /** Banks of which the loop needs more registers than there are. */
  #tight;
  constructor(block, context) {
    this.#block = block;
    this.#context = context;
    this.#live = context.liveness.liveIn[block.index];
    const pressure = block.loop && context.liveness.pressure.get(block.loop);
    this.#tight = {
      integers: pressure !== void 0 && pressure.integers > REGISTERS_PER_BANK,
      floats: pressure !== void 0 && pressure.floats > REGISTERS_PER_BANK
    };
  }
  run() {
    const primary = this.#primary();
    if (primary) this.#inherit(primary.exit);
    this.#placeParameters(primary);
    if (this.#block.isHeader && primary) this.#preload();
    return this.#holder;
  }
  /** The predecessor whose registers the block takes over: of those done, a hot one from the innermost loop. */
  #primary() {
    let best;
    const rank = (b) => (b.isCold ? 0 : 1e6) + (b.loop?.depth ?? 0) * 1e4 + b.index / this.#context.fn.blocks.length;
    for (const { block, edge: edge2 } of this.#block.predecessors) {
      if (block.index >= this.#block.index) continue;
      if (!best || rank(block) > rank(best.block)) best = { block, args: edge2.args };
    }
    return best && { exit: this.#context.exits[best.block.index], args: best.args };
  }
  #inherit(exit) {
    const params = new Set(this.#block.params);
    exit.forEach((holder, register) => {
      const value = holder;
      if (holder === NO_VALUE || params.has(value) || !this.#live.has(value) || this.#placed.has(value)) return;
      if (this.#block.isHeader && (!this.#isUsefulInLoop(value) || this.#isTight(value) && this.#distance(value) >= LEAVES_LOOP)) return;
      this.#place(value, register);
    });
  }
  /** False for values that a call in the loop takes out of the register before anything has used it. */
  #isUsefulInLoop(value) {
    return this.#distance(value) < FAR || !this.#context.liveness.crossesCall[value];
  }
  #placeParameters(primary) {
    const params = this.#block.params.map((param, i) => ({ param, arg: primary?.args[i] })).filter(({ param }) => this.#live.has(param) && (!this.#block.isHeader || this.#isUsefulInLoop(param))).sort((a, b) => this.#distance(a.param) - this.#distance(b.param));
    for (const { param, arg } of params) {
      const free = this.#free(param);
      const current = arg === void 0 || !primary ? NO_VALUE : primary.exit.findIndex((v, r) => v === arg && (free & 1 << r) !== 0);
      const register = current !== NO_VALUE ? current : free !== 0 ? this.#context.hints.choose(param, free) : this.#evictFor(param);
      if (register === NO_VALUE) continue;
      this.#place(param, register);
      this.#context.hints.parameter(param, register);
    }
  }
  #evictFor(param) {
    let best = NO_VALUE;
    let farthest = this.#distance(param);
    this.#holder.forEach((holder, register) => {
      const value = holder;
      if (holder === NO_VALUE || isFloatRegister(register) !== this.#isFloat(param)) return;
      if (this.#distance(value) <= farthest) return;
      farthest = this.#distance(value);
      best = register;
    });
    return best;
  }
  /** Loop-invariant values, constants too, go into the registers that are left before the loop begins. */
  #preload() {
    const params = new Set(this.#block.params);
    const wanted = [...this.#live].filter(([value, distance]) => distance < LEAVES_LOOP && !this.#placed.has(value) && !params.has(value)).sort((a, b) => a[1] - b[1]);
    for (const [value] of wanted) {
      const spare = this.#isTight(value) ? 2 : 0;
      const free = this.#free(value);
      if (countBits(free) > spare) this.#place(value, this.#context.hints.choose(value, free));
    }
  }
  #place(value, register) {
    const old = this.#holder[register];
    if (old !== NO_VALUE) this.#placed.delete(old);
    this.#holder[register] = value;
    this.#placed.add(value);
  }
  #free(value) {
    let free = this.#isFloat(value) ? FLOAT_REGISTERS : INTEGER_REGISTERS;
    this.#holder.forEach((holder, register) => {
      if (holder !== NO_VALUE) free &= ~(1 << register);
    });
    return free;
  }
  #isTight(value) {
    return this.#isFloat(value) ? this.#tight.floats : this.#tight.integers;
  }
  #isFloat(value) {
    return this.#context.fn.types(value) === "float";
  }
  #distance(value) {
    return this.#live.get(value) ?? FAR;
  }
};
function countBits(set2) {
  let count2 = 0;
  for (let s = set2; s !== 0; s &= s - 1) count2++;
  return count2;
}

// src/compiler/4-emit/parallel-moves.ts
function orderMoves(moves, sink) {
  const pending = moves.filter((m) => m.to !== m.from);
  while (pending.length > 0) {
    const free = pending.findIndex((m) => !pending.some((other) => other.from === m.to));
    if (free >= 0) {
      const [move] = pending.splice(free, 1);
      sink.move(move.to, move.from);
    } else {
      breakCycle(pending, sink);
    }
  }
}
function breakCycle(pending, sink) {
  const { to, from } = pending.pop();
  sink.swap(to, from);
  for (let i = pending.length - 1; i >= 0; i--) {
    const move = pending[i];
    const source = move.from === to ? from : move.from === from ? to : move.from;
    if (source === move.to) pending.splice(i, 1);
    else pending[i] = { to: move.to, from: source };
  }
}

// src/compiler/4-emit/use-chains.ts
var NONE = -1;
var UseChains = class {
  #fn;
  /** Next use of each value: index into the three arrays below. */
  #head;
  #touched = [];
  #position = [];
  /** Position of the first use at or after this one that wants a register. */
  #wanted = [];
  #next = [];
  /** Calls before each position of the block. */
  #calls = [];
  constructor(fn) {
    this.#fn = fn;
    this.#head = new Int32Array(fn.valueCount).fill(NONE);
  }
  begin(block, liveOut) {
    this.#reset();
    const n2 = block.instructions.length;
    for (const [value, distance] of liveOut) this.#push(value, n2 + 1 + distance, distance < FAR);
    const t = block.terminator;
    if (t.kind === "branch") for (const v of t.args) this.#push(v, n2, true);
    if (t.kind === "exit") for (const v of t.exit.values) this.#push(v, n2, false);
    for (let i = n2 - 1; i >= 0; i--) {
      const { exit, args } = block.instructions[i];
      if (exit) for (const v of exit.values) this.#push(v, i, false);
      for (const v of args) this.#push(v, i, true);
    }
    let calls2 = 0;
    for (const instruction of block.instructions) {
      this.#calls.push(calls2);
      if (instruction.family.clobbers) calls2++;
    }
    this.#calls.push(calls2, calls2);
  }
  #reset() {
    for (const v of this.#touched) this.#head[v] = NONE;
    this.#touched = [];
    this.#position = [];
    this.#wanted = [];
    this.#next = [];
    this.#calls = [];
  }
  #push(value, position2, isOperand) {
    const head = this.#head[value];
    if (head === NONE) this.#touched.push(value);
    this.#wanted.push(isOperand ? position2 : head === NONE ? FAR : this.#wanted[head]);
    this.#position.push(position2);
    this.#next.push(head);
    this.#head[value] = this.#position.length - 1;
  }
  /** Forgets the uses up to and including this position. */
  advance(value, position2) {
    let head = this.#head[value];
    while (head !== NONE && this.#position[head] <= position2) head = this.#next[head];
    this.#head[value] = head;
  }
  isLive(value) {
    return this.#head[value] !== NONE;
  }
  isLiveAfter(value, position2) {
    return this.#after(value, position2) !== NONE;
  }
  /** How long the value can do without a register after this position. */
  distance(value, position2) {
    const record = this.#after(value, position2);
    if (record === NONE) return FAR;
    const wanted = this.#wanted[record];
    if (wanted >= FAR) return FAR;
    const last = this.#calls.length - 1;
    const calls2 = this.#calls[Math.min(wanted, last)] - this.#calls[Math.min(position2 + 1, last)];
    if (calls2 === 0) return wanted - position2;
    return this.#fn.types(value) === "float" ? FAR : wanted - position2 + BEYOND_CALL;
  }
  #after(value, position2) {
    let record = this.#head[value];
    while (record !== NONE && this.#position[record] <= position2) record = this.#next[record];
    return record;
  }
};

// src/compiler/4-emit/allocate-registers.ts
var ALL_REGISTERS = INTEGER_REGISTERS | FLOAT_REGISTERS;
var WORTH_A_MOVE = 4;
function allocateRegisters(fn, liveness, options) {
  const allocator = new Allocator(fn, liveness, options);
  for (const block of fn.blocks) allocator.block(block);
  return allocator;
}
var Allocator = class {
  entry = [];
  exit = [];
  steps = [];
  branchRegisters = [];
  needsSlot;
  #fn;
  #liveness;
  #options;
  #file;
  #uses;
  #hints;
  /** Registers that a call destroys. */
  #clobbered;
  /** By value: depth of the loops around its definition. */
  #depth;
  #loopDepth = 0;
  #out = [];
  constructor(fn, liveness, options) {
    this.#fn = fn;
    this.#liveness = liveness;
    this.#options = options;
    this.needsSlot = new Uint8Array(fn.valueCount);
    this.#depth = new Uint8Array(fn.valueCount);
    this.#file = new RegisterFile(fn.valueCount);
    this.#uses = new UseChains(fn);
    this.#hints = new RegisterHints(fn, liveness, options.calleeSaved);
    this.#clobbered = FLOAT_REGISTERS | INTEGER_REGISTERS & ~((1 << options.calleeSaved) - 1);
  }
  block(block) {
    this.#out = [];
    this.steps.push(this.#out);
    this.#loopDepth = block.loop?.depth ?? 0;
    for (const param of block.params) this.#depth[param] = this.#loopDepth;
    this.#uses.begin(block, this.#liveness.liveOut[block.index]);
    this.#enter(block);
    block.instructions.forEach((instruction, position2) => {
      if (this.#options.spillEverything) this.#dropAll();
      if (instruction.family.clobbers || instruction.family.fixed.some((r) => r !== void 0)) this.#fixed(instruction, position2);
      else this.#free(instruction, position2);
    });
    this.#leave(block);
  }
  #enter(block) {
    const live = this.#liveness.liveIn[block.index];
    this.#file.clearAll();
    if (!this.#options.spillEverything) {
      const entry = chooseEntry(block, { fn: this.#fn, liveness: this.#liveness, exits: this.exit, hints: this.#hints });
      entry.forEach((value, register) => {
        if (value !== NO_VALUE) this.#file.put(register, value);
      });
    }
    for (const value of live.keys()) if (this.#file.registersOf(value) === 0) this.#lost(value);
    this.entry.push(this.#file.snapshot());
    for (const param of block.params) {
      const register = this.#file.find(param);
      if (register !== NO_VALUE) this.#out.push({ kind: "spill", value: param, from: register });
    }
  }
  #leave(block) {
    const t = block.terminator;
    const position2 = block.instructions.length;
    const registers = [];
    if (t.kind === "branch") {
      if (this.#options.spillEverything) this.#dropAll();
      this.#operands(t.args, position2, registers);
    } else if (t.kind === "exit") {
      this.#capture(t.exit, ALL_REGISTERS);
    }
    this.branchRegisters.push(registers);
    if (this.#options.spillEverything) this.#dropAll();
    this.exit.push(this.#file.snapshot());
  }
  /** An instruction whose operands may be in any register. */
  #free(instruction, position2) {
    const registers = [];
    this.#operands(instruction.args, position2, registers);
    if (instruction.exit) this.#capture(instruction.exit, ALL_REGISTERS);
    this.#release(instruction, position2);
    const { result } = instruction;
    if (result === void 0) {
      this.#out.push({ kind: "stencil", instruction, registers });
      return;
    }
    const register = this.#take(result, position2, 0);
    this.#out.push({ kind: "stencil", instruction, registers: [...registers, register] });
    this.#define(result, register);
  }
  /** Puts each operand into some register; appends the registers. */
  #operands(args, position2, registers) {
    let locked = 0;
    for (const value of args) {
      const held = this.#file.find(value);
      if (held !== NO_VALUE) locked |= 1 << held;
    }
    for (const value of args) {
      let register = this.#file.find(value);
      if (register === NO_VALUE) {
        register = this.#take(value, position2 - 1, locked);
        this.#reload(value, register);
      }
      locked |= 1 << register;
      registers.push(register);
    }
  }
  #reload(value, register) {
    invariant(this.#fn.constants[value] || this.needsSlot[value], `%${value} is neither in a register nor in a slot`);
    this.#out.push({ kind: "reload", to: register, value });
    this.#file.put(register, value);
  }
  /** An instruction with operands in fixed registers, or one that destroys registers. */
  #fixed(instruction, position2) {
    const { family, args, result } = instruction;
    const bank = (i) => family.operands[i] === "f" ? FIRST_FLOAT : 0;
    const targets = args.map((_, i) => {
      const fixed = family.fixed[i];
      invariant(fixed !== void 0, `${family.name}: operand ${i} is not fixed`);
      return fixed + bank(i);
    });
    const destroyed = family.clobbers ? this.#clobbered : 0;
    const resultRegister = result === void 0 ? void 0 : (family.fixed[args.length] ?? 0) + bank(args.length);
    const overwritten = resultRegister === void 0 ? destroyed : destroyed | 1 << resultRegister;
    this.#evacuate(instruction, targets, overwritten, position2);
    this.#placeArguments(args, targets);
    if (instruction.exit) this.#capture(instruction.exit, ~overwritten & ALL_REGISTERS);
    this.#release(instruction, position2);
    for (let r = 0; r < REGISTER_COUNT; r++) if (overwritten & 1 << r) this.#clear(r);
    this.#out.push({ kind: "stencil", instruction, registers: resultRegister === void 0 ? targets : [...targets, resultRegister] });
    if (result !== void 0 && resultRegister !== void 0) this.#define(result, resultRegister);
  }
  /** Moves values that are needed later out of the registers that the instruction is going to overwrite. */
  #evacuate(instruction, targets, overwritten, position2) {
    const { args } = instruction;
    let doomed = overwritten;
    targets.forEach((register, i) => {
      if (this.#file.holder(register) !== args[i]) doomed |= 1 << register;
    });
    const reserved = targets.reduce((set2, r) => set2 | 1 << r, doomed);
    const homeless = [];
    for (let register = 0; register < REGISTER_COUNT; register++) {
      const value = doomed & 1 << register ? this.#file.holder(register) : void 0;
      if (value === void 0 || !this.#uses.isLiveAfter(value, position2)) continue;
      if (this.#file.find(value, ~doomed & ALL_REGISTERS) !== NO_VALUE) continue;
      homeless.push({ value, register, distance: this.#uses.distance(value, position2) });
    }
    homeless.sort((x, y) => x.distance - y.distance);
    for (const { value, register } of homeless) {
      const refuge = this.#refuge(value, ~reserved & this.#bankOf(value), args, position2);
      if (refuge === NO_VALUE) continue;
      this.#clear(refuge);
      this.#out.push({ kind: "move", to: refuge, from: register });
      this.#file.put(refuge, value);
    }
  }
  /** A register in the set that is free, or whose value can wait longer than this one. */
  #refuge(value, among, args, position2) {
    const free = among & ~this.#file.occupied;
    if (free !== 0) return this.#hints.choose(value, free);
    let farthest = this.#uses.distance(value, position2) + WORTH_A_MOVE;
    let best = NO_VALUE;
    for (let r = 0; r < REGISTER_COUNT; r++) {
      const holder = among & 1 << r ? this.#file.holder(r) : void 0;
      if (holder === void 0 || args.includes(holder)) continue;
      const distance = this.#uses.distance(holder, position2);
      if (distance <= farthest) continue;
      farthest = distance;
      best = r;
    }
    return best;
  }
  #placeArguments(args, targets) {
    const moves = [];
    const reloads = [];
    args.forEach((value, i) => {
      const to = targets[i];
      if (this.#file.holder(to) === value) return;
      const from = this.#file.find(value);
      if (from === NO_VALUE) reloads.push(i);
      else moves.push({ to, from });
    });
    orderMoves(moves, {
      move: (to, from) => this.#out.push({ kind: "move", to, from }),
      swap: (a, b) => this.#out.push({ kind: "swap", a, b })
    });
    const values = moves.map((m) => this.#file.holder(m.from));
    const replaced = moves.map((m) => this.#file.clear(m.to));
    moves.forEach((m, i) => this.#file.put(m.to, values[i]));
    for (const value of replaced) {
      if (value !== void 0 && this.#file.registersOf(value) === 0 && this.#uses.isLive(value)) this.#lost(value);
    }
    for (const i of reloads) {
      this.#clear(targets[i]);
      this.#reload(args[i], targets[i]);
    }
  }
  /** Notes where the values of an exit are; those in none of the registers `valid` are read from their slots. */
  #capture(exit, valid) {
    exit.values.forEach((value, i) => {
      const register = this.#file.find(value, valid);
      exit.registers[i] = register;
      if (register === NO_VALUE) this.#lost(value);
    });
    exit.watchedRegister = exit.watched === void 0 ? NO_VALUE : this.#file.find(exit.watched, valid);
  }
  /** Frees the registers of values that have no use after this instruction. */
  #release(instruction, position2) {
    const release = (value) => {
      this.#uses.advance(value, position2);
      if (!this.#uses.isLive(value)) this.#forget(value);
    };
    instruction.args.forEach(release);
    instruction.exit?.values.forEach(release);
  }
  #define(value, register) {
    this.#file.put(register, value);
    this.#depth[value] = this.#loopDepth;
    this.#out.push({ kind: "spill", value, from: register });
    this.#hints.defined(value, register);
    if (!this.#uses.isLive(value)) this.#forget(value);
  }
  /** A register for the value, emptied if need be; `position`: after which instruction. */
  #take(value, position2, locked) {
    const bank = this.#bankOf(value) & ~locked;
    const free = bank & ~this.#file.occupied;
    if (free !== 0) return this.#hints.choose(value, free);
    let best = NO_VALUE;
    let farthest = -1;
    for (let r = 0; r < REGISTER_COUNT; r++) {
      const holder = bank & 1 << r ? this.#file.holder(r) : void 0;
      if (holder === void 0) continue;
      const cost = this.#waiting(holder, r, position2);
      if (cost <= farthest) continue;
      farthest = cost;
      best = r;
    }
    invariant(best !== NO_VALUE, "no register can be freed");
    this.#clear(best);
    return best;
  }
  /**
   * How well the value can do without this register. Among values that can wait equally long, those whose slot is filled
   * anyway come first, then those defined in outer loops, where a store costs less.
   */
  #waiting(value, register, position2) {
    if (this.#file.registersOf(value) !== 1 << register) return Infinity;
    const isStored = this.needsSlot[value] !== 0 || this.#fn.constants[value] !== void 0;
    return this.#uses.distance(value, position2) * 64 + (isStored ? 32 : 31 - Math.min(31, this.#depth[value]));
  }
  #bankOf(value) {
    return this.#fn.types(value) === "float" ? FLOAT_REGISTERS : INTEGER_REGISTERS;
  }
  #clear(register) {
    const lost = this.#file.clear(register);
    if (lost !== void 0 && this.#uses.isLive(lost)) this.#lost(lost);
  }
  #lost(value) {
    if (!this.#fn.constants[value]) this.needsSlot[value] = 1;
  }
  #forget(value) {
    for (let r = this.#file.find(value); r !== NO_VALUE; r = this.#file.find(value)) this.#file.clear(r);
  }
  #dropAll() {
    for (let r = 0; r < REGISTER_COUNT; r++) this.#clear(r);
  }
};

// src/compiler/4-emit/assign-spill-slots.ts
var SpillSlots = class {
  /** By value, NO_VALUE when it has none. */
  slotOf;
  #ofValues;
  #scratch = 0;
  constructor(slotOf, count2) {
    this.slotOf = slotOf;
    this.#ofValues = count2;
  }
  get count() {
    return this.#ofValues + this.#scratch;
  }
  /** Slots that belong to no value, for moves between slots. */
  scratch(n2) {
    this.#scratch = Math.max(this.#scratch, n2 + 1);
    return this.#ofValues + n2;
  }
};
function assignSpillSlots(fn, liveness, needsSlot) {
  const slotOf = new Int32Array(fn.valueCount).fill(NO_VALUE);
  const ranges = spilledRanges(fn, liveness, needsSlot).sort((a, b) => a.start - b.start);
  const ends = [];
  for (const range of ranges) {
    let slot = ends.findIndex((end) => end < range.start);
    if (slot < 0) slot = ends.length;
    ends[slot] = range.end;
    slotOf[range.value] = slot;
  }
  return new SpillSlots(slotOf, ends.length);
}
function spilledRanges(fn, liveness, needsSlot) {
  const ranges = /* @__PURE__ */ new Map();
  const extend = (value, position3) => {
    if (!needsSlot[value]) return;
    const range = ranges.get(value);
    if (!range) ranges.set(value, { value, start: position3, end: position3 });
    else {
      range.start = Math.min(range.start, position3);
      range.end = Math.max(range.end, position3);
    }
  };
  let position2 = 0;
  for (const block of fn.blocks) {
    for (const value of liveness.liveIn[block.index].keys()) extend(value, position2);
    for (const { args, exit, result } of block.instructions) {
      position2++;
      for (const v of args) extend(v, position2);
      if (exit) for (const v of exit.values) extend(v, position2);
      position2++;
      if (result !== void 0) extend(result, position2);
    }
    position2++;
    if (block.terminator.kind === "branch") for (const v of block.terminator.args) extend(v, position2);
    if (block.terminator.kind === "exit") for (const v of block.terminator.exit.values) extend(v, position2);
    for (const value of liveness.liveOut[block.index].keys()) extend(value, position2);
    position2++;
  }
  return [...ranges.values()];
}

// src/stencils/table.ts
var wellKnownSymbols = {
  TYPE_LONG: "PyLong_Type",
  TYPE_FLOAT: "PyFloat_Type",
  TYPE_FUNCTION: "PyFunction_Type",
  OBJ_TRUE: "_Py_TrueStruct",
  OBJ_FALSE: "_Py_FalseStruct",
  OBJ_NONE: "_Py_NoneStruct"
};

// src/compiler/4-emit/patch.ts
function patchAddress(view, at, kind, value, place) {
  const distance = value - place;
  switch (kind) {
    case "x86_64.rel32":
      invariant(fitsSigned(distance, 32), `${kind} out of range: ${distance}`);
      view.setInt32(at, distance, true);
      return;
    case "aarch64.branch26":
      return patchField(view, at, kind, distance, 26, 0);
    case "aarch64.branch19":
    case "aarch64.literal19":
      return patchField(view, at, kind, distance, 19, 5);
    case "aarch64.branch14":
      return patchField(view, at, kind, distance, 14, 5);
    case "x86_64.abs32":
    case "aarch64.movw_g0":
    case "aarch64.movw_g1":
    case "aarch64.movw_g2":
    case "aarch64.movw_g3":
    case "aarch64.imm12":
    case "aarch64.imm12_scaled8":
      invariant(false, `${kind} cannot hold an address`);
      return;
    default:
      assertExhaustive(kind, "hole kind");
  }
}
function patchImmediate(view, at, kind, value, isWhole) {
  invariant(value >= -(2 ** 31) && value < 2 ** 32, `immediate out of range: ${value}`);
  switch (kind) {
    case "x86_64.abs32":
      view.setInt32(at, value | 0, true);
      return;
    case "aarch64.movw_g0":
      invariant(!isWhole || value >= 0 && value <= 65535, `${kind} out of range: ${value}`);
      return setField(view, at, value & 65535, 16, 5);
    case "aarch64.movw_g1":
      return setField(view, at, value >>> 16 & 65535, 16, 5);
    case "aarch64.movw_g2":
    case "aarch64.movw_g3":
      return setField(view, at, value < 0 ? 65535 : 0, 16, 5);
    case "aarch64.imm12":
      invariant(value >= 0 && value <= 4095, `${kind} out of range: ${value}`);
      return setField(view, at, value, 12, 10);
    case "aarch64.imm12_scaled8":
      invariant(value >= 0 && value % 8 === 0 && value / 8 <= 4095, `${kind} out of range: ${value}`);
      return setField(view, at, value / 8, 12, 10);
    case "x86_64.rel32":
    case "aarch64.branch26":
    case "aarch64.branch19":
    case "aarch64.branch14":
    case "aarch64.literal19":
      invariant(false, `${kind} cannot hold an immediate`);
      return;
    default:
      assertExhaustive(kind, "hole kind");
  }
}
function patchField(view, at, kind, distance, bits, shift) {
  invariant(distance % 4 === 0 && fitsSigned(distance / 4, bits), `${kind} out of range: ${distance}`);
  setField(view, at, distance / 4, bits, shift);
}
function setField(view, at, value, bits, shift) {
  const mask = 2 ** bits - 1 << shift;
  view.setUint32(at, (view.getUint32(at, true) & ~mask | value << shift & mask) >>> 0, true);
}
var fitsSigned = (value, bits) => value >= -(2 ** (bits - 1)) && value < 2 ** (bits - 1);

// src/compiler/4-emit/code-buffer.ts
var CodeBuffer = class {
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  #references = [];
  #addresses = [];
  get position() {
    return this.#length;
  }
  /** Valid until the next append. */
  get view() {
    return this.#view;
  }
  append(code) {
    const at = this.#reserve(code.length);
    this.#bytes.set(code, at);
    return at;
  }
  /** Zeros, for the literal pool. */
  appendZeros(count2) {
    const at = this.#reserve(count2);
    this.#bytes.fill(0, at, at + count2);
    return at;
  }
  newLabel() {
    return this.#addresses.push(void 0) - 1;
  }
  bind(label, address = this.#length) {
    this.#addresses[label] = address;
  }
  refer(at, kind, label, addend) {
    this.#references.push({ at, kind, label, addend });
  }
  resolveReferences() {
    for (const { at, kind, label, addend } of this.#references) {
      patchAddress(this.#view, at, kind, defined(this.#addresses[label], "address of a label") + addend, at);
    }
  }
  finish() {
    return this.#bytes.slice(0, this.#length);
  }
  #reserve(count2) {
    const at = this.#length;
    this.#length += count2;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      larger.set(this.#bytes.subarray(0, at));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
};

// src/compiler/4-emit/literal-pool.ts
var LiteralPool = class {
  #entries = [];
  #index = /* @__PURE__ */ new Map();
  /** Number of the slot. */
  add(literal) {
    const key3 = keyOf(literal);
    const known = this.#index.get(key3);
    if (known !== void 0) return known;
    this.#index.set(key3, this.#entries.length);
    return this.#entries.push(literal) - 1;
  }
  get byteLength() {
    return this.#entries.length * 8;
  }
  /** Fills the slots from `at` on; slots whose content is known only in the process get relocations. */
  write(view, at, relocations) {
    this.#entries.forEach((literal, i) => {
      const place = at + i * 8;
      switch (literal.kind) {
        case "bits":
          view.setBigUint64(place, literal.bits, true);
          return;
        case "object":
          relocations.push({ kind: "object", at: place, object: literal.index });
          return;
        case "symbol":
          relocations.push({ kind: "symbol", at: place, symbol: literal.name });
          return;
        default:
          assertExhaustive(literal, "literal");
      }
    });
  }
};
function keyOf(literal) {
  switch (literal.kind) {
    case "bits":
      return `b${literal.bits}`;
    case "object":
      return `o${literal.index}`;
    case "symbol":
      return `s${literal.name}`;
    default:
      return assertExhaustive(literal, "literal");
  }
}

// src/compiler/4-emit/stencil-operands.ts
var NO_OPERANDS = { immediates: [], literals: [], calls: [] };
var immediateOperand = (n2) => ({ ...NO_OPERANDS, immediates: [n2] });
var literalOperand = (literal) => ({ ...NO_OPERANDS, literals: [literal] });
var callOperand = (symbol) => ({ ...NO_OPERANDS, calls: [symbol] });
var fitsInt32 = (n2) => BigInt.asIntN(32, n2) === n2;
function objectLiteral(value) {
  if (typeof value !== "string") return { kind: "object", index: Number(value) };
  invariant(value.startsWith("@"), `object immediate ${value}`);
  return { kind: "symbol", name: value.slice(1) };
}
function bitsOfFloat(value) {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0);
}
var symbolCalls = /* @__PURE__ */ new Map([
  ["call.o_o", "r_r"],
  ["call.oo_o", "rr_r"],
  ["call.ooo_o", "rrr_r"],
  ["call.o_i", "r_i"],
  ["call.oo_i", "rr_i"],
  ["call.ooo_i", "rrr_i"]
]);
var ownCallFamilies = /* @__PURE__ */ new Map([
  ["float.floordiv", "float.floordiv"],
  ["float.mod", "float.mod"],
  ["float.pow", "float.libm2"]
]);
function familyUse(instruction, keysOf) {
  const { op: op2 } = instruction;
  const info = opInfo(op2);
  switch (op2) {
    case "const.int":
      return intConstant(immediateBigInt(instruction));
    case "const.float":
      return floatConstant(immediateNumber(instruction));
    case "call.vector": {
      const names2 = immediateNumber(instruction, 1);
      const literal = names2 < 0 ? { kind: "bits", bits: 0n } : { kind: "object", index: names2 };
      return { family: op2, operands: { immediates: [immediateNumber(instruction)], literals: [literal], calls: [] } };
    }
    case "guard.dict_keys": {
      const dict = immediateNumber(instruction);
      const { keys, entries } = keysOf(dict);
      const literals = [{ kind: "object", index: dict }, { kind: "bits", bits: keys }, { kind: "bits", bits: BigInt(entries) }];
      return { family: op2, operands: { immediates: [], calls: [], literals } };
    }
    default:
  }
  const signature = symbolCalls.get(op2);
  if (signature !== void 0) {
    return { family: `call.helper.${signature}`, operands: callOperand(String(immediateAt(instruction, 0))) };
  }
  if (info.lowering.kind === "call") {
    const family = ownCallFamilies.get(op2) ?? `call.helper.${signatureOf(info)}`;
    return { family, operands: callOperand(info.lowering.symbol) };
  }
  invariant(info.lowering.kind === "stencil", `${op2} has no machine code`);
  return { family: op2, operands: operandsByKind(instruction, info) };
}
function intConstant(value) {
  return fitsInt32(value) ? { family: "const.int32", operands: immediateOperand(Number(value)) } : { family: "const.int", operands: literalOperand({ kind: "bits", bits: BigInt.asUintN(64, value) }) };
}
function floatConstant(value) {
  return Object.is(value, 0) ? { family: "const.float_zero", operands: NO_OPERANDS } : { family: "const.float", operands: literalOperand({ kind: "bits", bits: bitsOfFloat(value) }) };
}
function signatureOf(info) {
  invariant(info.args !== "any", "a helper has a fixed number of arguments");
  const objects = info.immediates.filter((kind) => kind === "object").map(() => "r");
  const args = [...info.args.map(bankLetter), ...objects].join("");
  const result = info.result === "none" ? "v" : bankLetter(info.result);
  return `${args}_${result}`;
}
var bankLetter = (type) => type === "float" ? "f" : "r";
function operandsByKind(instruction, info) {
  const immediates = [], literals = [], calls2 = [];
  info.immediates.forEach((kind, i) => {
    const value = immediateAt(instruction, i);
    switch (kind) {
      case "object":
        literals.push(objectLiteral(value));
        return;
      case "symbol":
        calls2.push(String(value));
        return;
      case "int":
      case "local":
      case "stack":
      case "offset":
      case "count":
      case "version":
        immediates.push(immediateNumber(instruction, i));
        return;
      case "float":
      case "name":
      case "operator":
        invariant(false, `${instruction.op}: ${kind} immediates do not reach machine code`);
        return;
      default:
        assertExhaustive(kind, "immediate kind");
    }
  });
  return { immediates, literals, calls: calls2 };
}

// src/compiler/4-emit/emit-code.ts
var FIRST_SPILL_BYTE = 320;
var MAX_CODE_BYTES = 1 << 19;
function emitCode(input) {
  return new CodeEmitter(input).run();
}
var CodeEmitter = class {
  #in;
  #buffer = new CodeBuffer();
  #pool = new LiteralPool();
  #relocations = [];
  #listing = [];
  #blockLabels;
  #poolLabels = [];
  #stubLabels = /* @__PURE__ */ new Map();
  #families = /* @__PURE__ */ new Map();
  #common;
  #guards = 0;
  constructor(input) {
    this.#in = input;
    this.#blockLabels = input.fn.blocks.map(() => this.#buffer.newLabel());
    this.#common = this.#buffer.newLabel();
  }
  run() {
    const blocks = this.#in.fn.blocks.filter((b) => b.index === 0 || this.#destination(b) === b);
    blocks.forEach((block, i) => this.#block(block, blocks[i + 1]));
    this.#exitStubs();
    if (this.#buffer.position > MAX_CODE_BYTES) throw new Bailout("unit-too-large", `${this.#buffer.position} bytes of code`);
    this.#literals();
    this.#buffer.resolveReferences();
    return { code: this.#buffer.finish(), relocations: this.#relocations, listing: this.#listing, guardCount: this.#guards };
  }
  /** Where a jump to this block ends up: blocks without code are skipped. */
  #destination(block) {
    let b = block;
    for (let hops = 0; b.terminator.kind === "jump" && !this.#hasCode(b); hops++) {
      invariant(hops < this.#in.fn.blocks.length, "a loop without code");
      b = b.terminator.edge.to;
    }
    return b;
  }
  #hasCode(block) {
    return this.#in.allocation.steps[block.index].some((step2) => step2.kind !== "spill" || this.#in.slots.slotOf[step2.value] !== NO_VALUE);
  }
  #block(block, next) {
    this.#buffer.bind(this.#blockLabels[block.index]);
    if (this.#in.wantsListing) this.#note(block.id === void 0 ? "edge:" : `block${block.id}:`, this.#buffer.position);
    for (const step2 of this.#in.allocation.steps[block.index]) this.#step(step2);
    this.#terminator(block, next);
  }
  #terminator(block, next) {
    const t = block.terminator;
    switch (t.kind) {
      case "jump":
        return this.#jump(this.#destination(t.edge.to), next);
      case "branch": {
        const then = this.#destination(t.then.to), otherwise = this.#destination(t.else.to);
        const registers = this.#in.allocation.branchRegisters[block.index];
        if (then === otherwise) return this.#jump(then, next);
        if (then === next) return this.#stencil(t.inverted, registers, t.operands, this.#blockLabels[otherwise.index]);
        this.#stencil(t.family, registers, t.operands, this.#blockLabels[then.index]);
        return this.#jump(otherwise, next);
      }
      case "exit":
        return this.#stencil(this.#family("exit.stub"), [], immediateOperand(this.#in.exits.add(t.exit)), this.#common);
      default:
        assertExhaustive(t, "terminator");
    }
  }
  #jump(to, next) {
    if (to !== next) this.#stencil(this.#family("jump"), [], NO_OPERANDS, this.#blockLabels[to.index]);
  }
  #step(step2) {
    switch (step2.kind) {
      case "stencil":
        return this.#instruction(step2.instruction, step2.registers);
      case "move":
        return this.#ofBank("move", step2.to, [step2.from, step2.to], NO_OPERANDS);
      case "swap":
        return this.#ofBank("swap", step2.a, [step2.a, step2.b], NO_OPERANDS);
      case "load_slot":
        return this.#ofBank("reload", step2.to, [step2.to], slotOperand(step2.slot));
      case "store_slot":
        return this.#ofBank("spill", step2.from, [step2.from], slotOperand(step2.slot));
      case "spill": {
        const slot = this.#in.slots.slotOf[step2.value];
        return slot === NO_VALUE ? void 0 : this.#ofBank("spill", step2.from, [step2.from], slotOperand(slot));
      }
      case "reload": {
        const constant = this.#in.fn.constants[step2.value];
        if (constant) return this.#stencil(constant.family, [step2.to], constant.operands);
        const slot = this.#in.slots.slotOf[step2.value];
        invariant(slot !== NO_VALUE, `%${step2.value} has no spill slot`);
        return this.#ofBank("reload", step2.to, [step2.to], slotOperand(slot));
      }
      default:
        assertExhaustive(step2, "step");
    }
  }
  #ofBank(name, register, registers, operands) {
    this.#stencil(this.#family(`${name}.${isFloatRegister(register) ? "f" : "r"}`), registers, operands);
  }
  #instruction(instruction, registers) {
    const { exit } = instruction;
    const target2 = exit && this.#stub(exit);
    if (exit && exit.kind !== "exception" && ++this.#guards === this.#in.failGuard) {
      this.#stencil(this.#family("jump"), [], NO_OPERANDS, target2);
      return;
    }
    this.#stencil(instruction.family, registers, instruction.operands, target2, instruction);
  }
  #stub(exit) {
    const id = this.#in.exits.add(exit);
    const known = this.#stubLabels.get(id);
    if (known !== void 0) return known;
    const label = this.#buffer.newLabel();
    this.#stubLabels.set(id, label);
    return label;
  }
  #exitStubs() {
    for (const [id, label] of this.#stubLabels) {
      this.#buffer.bind(label);
      this.#stencil(this.#family("exit.stub"), [], immediateOperand(id), this.#common);
    }
    this.#buffer.bind(this.#common);
    this.#stencil(this.#family("exit.common"), [], NO_OPERANDS);
  }
  #literals() {
    this.#buffer.appendZeros(-this.#buffer.position & 7);
    const at = this.#buffer.appendZeros(this.#pool.byteLength);
    this.#poolLabels.forEach((label, slot) => this.#buffer.bind(label, at + slot * 8));
    this.#pool.write(this.#buffer.view, at, this.#relocations);
  }
  #stencil(family, registers, operands, target2, source) {
    const stencil = family.variant(registers.map((r) => r % REGISTERS_PER_BANK));
    const at = this.#buffer.append(stencil.code);
    const end = this.#buffer.position;
    for (const hole of stencil.holes) this.#hole(hole, at + hole.offset, end, operands, target2, stencil.holes);
    if (this.#in.wantsListing) this.#note(describe(family, registers, operands, source), at);
  }
  #hole(hole, at, end, operands, target2, all) {
    const { symbol, kind, addend } = hole;
    if (symbol === "TARGET") return this.#buffer.refer(at, kind, defined(target2, "target of a stencil"), addend);
    if (symbol === "CONTINUE") return this.#here(at, kind, end, addend);
    const index = symbol.charCodeAt(symbol.length - 1) - 48;
    if (symbol.startsWith("IMM")) {
      const value = defined(operands.immediates[index], symbol) + addend;
      const isWhole = kind === "aarch64.movw_g0" && !all.some((h) => h.symbol === symbol && h.kind === "aarch64.movw_g1");
      return patchImmediate(this.#buffer.view, at, kind, value, isWhole);
    }
    if (symbol.startsWith("LIT")) return this.#buffer.refer(at, kind, this.#poolLabel(this.#pool.add(defined(operands.literals[index], symbol))), addend);
    if (symbol.startsWith("CALL")) return this.#call(at, kind, addend, defined(operands.calls[index], symbol));
    if (symbol.startsWith("FN_")) return this.#call(at, kind, addend, symbol.slice("FN_".length));
    const name = wellKnown(symbol);
    this.#buffer.refer(at, kind, this.#poolLabel(this.#pool.add({ kind: "symbol", name })), addend);
  }
  #here(at, kind, end, addend) {
    const label = this.#buffer.newLabel();
    this.#buffer.bind(label, end);
    this.#buffer.refer(at, kind, label, addend);
  }
  #call(at, kind, addend, symbol) {
    if (kind === "x86_64.rel32") {
      invariant(addend === -4, `addend ${addend} of a call`);
      this.#relocations.push({ kind: "x86_64_call", at, symbol });
    } else {
      invariant(kind === "aarch64.branch26" && addend === 0, `${kind} cannot call`);
      this.#relocations.push({ kind: "aarch64_call", at, symbol });
    }
  }
  #poolLabel(slot) {
    return this.#poolLabels[slot] ??= this.#buffer.newLabel();
  }
  #family(name) {
    let family = this.#families.get(name);
    if (!family) this.#families.set(name, family = defined(this.#in.table.family(name), `stencil ${name}`));
    return family;
  }
  #note(text, address) {
    this.#listing.push({ address, size: this.#buffer.position - address, text });
  }
};
var slotOperand = (slot) => immediateOperand(FIRST_SPILL_BYTE + slot * 8);
function wellKnown(symbol) {
  return defined(wellKnownSymbols[symbol], `symbol ${symbol}`);
}
function describe(family, registers, operands, source) {
  const names2 = registers.map((r) => isFloatRegister(r) ? `f${r - REGISTERS_PER_BANK}` : `r${r}`);
  const used = [...operands.immediates.map(String), ...operands.literals.map((l) => l.kind === "bits" ? `0x${l.bits.toString(16)}` : l.kind === "object" ? `#${l.index}` : l.name), ...operands.calls];
  const code = [family.name, ...names2, ...used].join(" ");
  if (!source?.source) return code;
  const { op: op2, args, result } = source.source;
  const ir = [op2, ...args.map((v) => `%${v}`)].join(" ");
  return `${code.padEnd(32)} ; ${result === void 0 ? "" : `%${result} = `}${ir}`;
}

// src/compiler/4-emit/exits.ts
var registerKind = { obj: "register_obj", int: "register_int", float: "register_float", bool: "register_bool" };
var spillKind = { obj: "spill_obj", int: "spill_int", float: "spill_float", bool: "spill_bool" };
var NULL = { kind: "null", index: 0, incref: false };
var HOME = { kind: "home", index: 0, incref: false };
var ExitTable = class {
  records = [];
  reasons = [];
  literals = [];
  #fn;
  #slots;
  #known = /* @__PURE__ */ new Map();
  #literalIndex = /* @__PURE__ */ new Map();
  constructor(fn, slots) {
    this.#fn = fn;
    this.#slots = slots;
  }
  /** Number of the exit. */
  add(point) {
    const id = this.records.length;
    const at = point.origin ?? point.frameState;
    const record = this.#record(point, id, at.offset);
    const key3 = `${point.reason} ${at.code} ${contentKey(record)}`;
    const known = this.#known.get(key3);
    if (known !== void 0) return known;
    if (id > 65535) throw new Bailout("unit-too-large", "too many exits");
    this.#known.set(key3, id);
    this.records.push(record);
    this.reasons.push({ exit: id, reason: point.reason, code: at.code, offset: at.offset });
    return id;
  }
  #record(point, reason, offset) {
    const places = /* @__PURE__ */ new Map();
    point.values.forEach((value, i) => places.set(value, point.registers[i]));
    const owned = /* @__PURE__ */ new Map();
    for (const value of point.owned) owned.set(value, (owned.get(value) ?? 0) + 1);
    const take2 = (value) => {
      const place = this.#locate(value, places);
      const left = owned.get(value) ?? 0;
      if (left > 0) owned.set(value, left - 1);
      return this.#isObject(value) && left === 0 ? { ...place, incref: true } : place;
    };
    const frames = [];
    const globals = [];
    for (const state of outermostFirst(point.frameState)) {
      frames.push(this.#frame(state, take2));
    }
    for (const state of outermostFirst(point.frameState)) {
      for (const g of state.globals) globals.push({ dict: g.dict, name: g.name, location: take2(g.value) });
    }
    const drops = [];
    for (const [value, count2] of owned) for (let i = 0; i < count2; i++) drops.push(this.#locate(value, places));
    return { kind: point.kind, reason, offset, watched: this.#watchedLocation(point), globals, drops, frames };
  }
  #frame(state, take2) {
    const isOuter = state.caller === void 0;
    const locals2 = [];
    state.locals.forEach((local, slot) => {
      invariant(isOuter || local !== "home", "an inlined frame has no memory yet");
      if (isOuter && local === "home") return;
      locals2.push({ slot, location: local === "home" ? HOME : local === "null" ? NULL : take2(local) });
    });
    return {
      code: state.code,
      offset: state.offset,
      functionObject: isOuter ? -1 : defined(state.functionObject, "function of an inlined frame"),
      locals: locals2,
      stack: state.stack.map((v) => v === "null" ? NULL : take2(v))
    };
  }
  #watchedLocation({ watched, watchedRegister }) {
    if (watched === void 0) return void 0;
    if (watchedRegister !== NO_VALUE) return { kind: "register_obj", index: watchedRegister, incref: false };
    const slot = this.#slots.slotOf[watched];
    return slot === NO_VALUE ? void 0 : { kind: "spill_obj", index: slot, incref: false };
  }
  #locate(value, places) {
    const constant = this.#fn.constants[value];
    if (constant) return this.#constant(value);
    const type = this.#representation(value);
    const register = defined(places.get(value), `place of %${value}`);
    if (register !== NO_VALUE) return { kind: registerKind[type], index: register % REGISTERS_PER_BANK, incref: false };
    const slot = this.#slots.slotOf[value];
    invariant(slot !== NO_VALUE, `%${value} is nowhere at an exit`);
    return { kind: spillKind[type], index: slot, incref: false };
  }
  #constant(value) {
    const { source } = defined(this.#fn.constants[value], "constant");
    switch (source.op) {
      case "const.int":
        return { kind: "literal_int", index: this.#literal(BigInt.asUintN(64, immediateBigInt(source))), incref: false };
      case "const.bool":
        return { kind: "literal_bool", index: this.#literal(immediateBigInt(source)), incref: false };
      case "const.float":
        return { kind: "literal_float", index: this.#literal(bitsOfFloat(immediateNumber(source))), incref: false };
      default:
        invariant(source.op === "const.obj", `${source.op} is no constant`);
        return { kind: "object", index: immediateNumber(source), incref: false };
    }
  }
  #literal(bits) {
    const known = this.#literalIndex.get(bits);
    if (known !== void 0) return known;
    this.#literalIndex.set(bits, this.literals.length);
    return this.literals.push(bits) - 1;
  }
  #representation(value) {
    const type = this.#fn.types(value);
    invariant(type !== "py", `%${value} has no representation`);
    return type;
  }
  #isObject(value) {
    return this.#fn.types(value) === "obj";
  }
};
function contentKey({ kind, offset, watched, globals, drops, frames }) {
  let key3 = `${kind} ${offset} ${watched === void 0 ? "" : locationKey(watched)}`;
  for (const { dict, name, location } of globals) key3 += `,${dict}.${name}${locationKey(location)}`;
  key3 += ";";
  for (const location of drops) key3 += locationKey(location);
  for (const { code, offset: at, functionObject, locals: locals2, stack } of frames) {
    key3 += `;${code}.${at}.${functionObject}:`;
    for (const { slot, location } of locals2) key3 += `${slot}${locationKey(location)}`;
    key3 += "/";
    for (const location of stack) key3 += locationKey(location);
  }
  return key3;
}
var locationKey = ({ kind, index, incref }) => `${incref ? "+" : " "}${kind}${index}`;
function outermostFirst(state) {
  const frames = [];
  for (let s = state; s; s = s.caller) frames.push(s);
  return frames.reverse();
}

// src/compiler/4-emit/linearize-blocks.ts
function linearizeBlocks(fn) {
  const graph = new Graph(fn);
  const cold = findColdBlocks(graph);
  const loops = loopOfBlocks(graph);
  const blocks = placeBlocks(graph, loops, cold);
  return splitCriticalEdges(blocks, graph, loops, cold);
}
var coldExits = /* @__PURE__ */ new Set(["deopt", "exception", "unsupported"]);
function findColdBlocks(graph) {
  const cold = /* @__PURE__ */ new Set();
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of graph.order) {
      if (cold.has(block.id) || block.id === graph.fn.entry) continue;
      const t = block.terminator;
      const isCold = t.kind === "exit" ? coldExits.has(t.exitKind) : edgesOf(t).every((e) => cold.has(e.block));
      if (!isCold) continue;
      cold.add(block.id);
      changed = true;
    }
  }
  return cold;
}
function loopOfBlocks(graph) {
  const made = /* @__PURE__ */ new Map();
  const innermost = /* @__PURE__ */ new Map();
  for (const loop of graph.loops()) {
    const machine = { header: loop.header.id, depth: loop.depth, parent: loop.parent && made.get(loop.parent) };
    made.set(loop, machine);
    for (const id of loop.blocks) innermost.set(id, machine);
  }
  return innermost;
}
function isInside(loop, outer) {
  if (!outer) return true;
  for (let l = loop; l; l = l.parent) if (l === outer) return true;
  return false;
}
function placeBlocks(graph, loops, cold) {
  const waiting = /* @__PURE__ */ new Map();
  for (const block of graph.order) {
    const forward = graph.predecessors(block.id).filter((p) => !graph.dominates(block.id, p.block.id));
    waiting.set(block.id, forward.length);
  }
  const ready = [];
  const placed = [];
  let next = graph.order[0];
  while (next) {
    const block = next;
    placed.push(block);
    for (const edge2 of edgesOf(block.terminator)) {
      const count2 = defined(waiting.get(edge2.block), "count of predecessors") - 1;
      waiting.set(edge2.block, count2);
      if (count2 === 0) ready.push(defined(graph.fn.blocks.get(edge2.block), "block"));
    }
    next = takeBest(ready, block, loops, cold);
  }
  return placed;
}
function takeBest(ready, last, loops, cold) {
  if (ready.length === 0) return void 0;
  const successors2 = edgesOf(last.terminator).map((e) => e.block);
  const score = (block) => {
    if (cold.has(block.id)) return -1;
    let open = loops.get(last.id);
    while (open && !isInside(loops.get(block.id), open)) open = open.parent;
    const place = successors2.indexOf(block.id);
    return (open?.depth ?? 0) * 8 + (place < 0 ? 0 : 2 - Math.min(place, 1));
  };
  let best = ready.length - 1;
  for (let i = best - 1; i >= 0; i--) if (score(ready[i]) > score(ready[best])) best = i;
  return ready.splice(best, 1)[0];
}
function splitCriticalEdges(blocks, graph, loops, cold) {
  const hot = [];
  const late = [];
  const before = /* @__PURE__ */ new Map();
  const placed = /* @__PURE__ */ new Set();
  for (const block of blocks) {
    placed.add(block.id);
    const isCold = cold.has(block.id);
    const loop = loops.get(block.id);
    const list = isCold ? late : hot;
    list.push(...before.get(block.id) ?? [], { from: { kind: "block", block }, loop, isHeader: loop?.header === block.id, isCold });
    const edges = edgesOf(block.terminator);
    if (edges.length < 2) continue;
    for (const [position2, edge2] of edges.entries()) {
      if (graph.predecessors(edge2.block).length < 2) continue;
      const target2 = loops.get(edge2.block);
      const leaves = !isInside(target2, loop);
      const split = {
        from: { kind: "edge", source: block, position: position2, edge: edge2 },
        loop: leaves ? target2 : loop,
        isHeader: false,
        isCold: isCold || cold.has(edge2.block)
      };
      if (leaves && !placed.has(edge2.block)) before.set(edge2.block, [...before.get(edge2.block) ?? [], split]);
      else (split.isCold ? late : hot).push(split);
    }
  }
  return [...hot, ...late];
}

// src/compiler/4-emit/resolve-edges.ts
var FIRST_SLOT = REGISTER_COUNT;
function resolveEdges(context) {
  const atStart2 = context.fn.blocks.map(() => []);
  for (const block of context.fn.blocks) {
    const edges = successors(block.terminator);
    for (const edge2 of edges) {
      const steps = new EdgeMoves(context, block, edge2).run();
      if (edges.length === 1) context.allocation.steps[block.index].push(...steps);
      else {
        invariant(steps.length === 0 || edge2.to.predecessors.length === 1, "critical edge");
        atStart2[edge2.to.index].push(...steps);
      }
    }
  }
  atStart2.forEach((steps, i) => {
    if (steps.length > 0) context.allocation.steps[i].unshift(...steps);
  });
}
var EdgeMoves = class {
  #context;
  #before;
  #after;
  #argOf = /* @__PURE__ */ new Map();
  #target;
  #moves = [];
  #constants = [];
  #out = [];
  constructor(context, block, edge2) {
    this.#context = context;
    this.#target = edge2.to;
    this.#before = context.allocation.exit[block.index];
    this.#after = context.allocation.entry[edge2.to.index];
    edge2.to.params.forEach((param, i) => this.#argOf.set(param, edge2.args[i]));
  }
  run() {
    this.#after.forEach((value, register) => {
      if (value !== NO_VALUE) this.#want(register, value);
    });
    const live = this.#context.liveness.liveIn[this.#target.index];
    for (const param of this.#target.params) {
      if (live.has(param) && !this.#after.includes(param)) this.#want(FIRST_SLOT + this.#slot(param), param);
    }
    orderMoves(this.#moves, {
      move: (to, from) => this.#move(to, from),
      swap: (a, b) => this.#swap(a, b)
    });
    for (const { to, value } of this.#constants) this.#constant(to, value);
    return this.#out;
  }
  #want(place, value) {
    const source = this.#argOf.get(value) ?? value;
    if (place < FIRST_SLOT && this.#before[place] === source) return;
    const register = this.#before.indexOf(source);
    if (register >= 0) this.#moves.push({ to: place, from: register });
    else if (this.#context.fn.constants[source]) this.#constants.push({ to: place, value: source });
    else this.#moves.push({ to: place, from: FIRST_SLOT + this.#slot(source) });
  }
  #slot(value) {
    const slot = this.#context.slots.slotOf[value];
    invariant(slot !== NO_VALUE, `%${value} has no spill slot`);
    return slot;
  }
  #move(to, from) {
    if (to < FIRST_SLOT && from < FIRST_SLOT) this.#out.push({ kind: "move", to, from });
    else if (to < FIRST_SLOT) this.#out.push({ kind: "load_slot", to, slot: from - FIRST_SLOT });
    else if (from < FIRST_SLOT) this.#out.push({ kind: "store_slot", slot: to - FIRST_SLOT, from });
    else this.#withTemporary([to, from], (temporary) => {
      this.#move(temporary, from);
      this.#move(to, temporary);
    });
  }
  /** Slots hold 64 bits of anything, so an integer register can carry a float between two of them. */
  #swap(a, b) {
    if (a < FIRST_SLOT && b < FIRST_SLOT) {
      this.#out.push({ kind: "swap", a, b });
      return;
    }
    const scratch = FIRST_SLOT + this.#context.slots.scratch(0);
    this.#move(scratch, a);
    this.#move(a, b);
    this.#move(b, scratch);
  }
  #constant(to, value) {
    if (to < FIRST_SLOT) this.#out.push({ kind: "reload", to, value });
    else this.#withTemporary([to], (temporary) => {
      this.#out.push({ kind: "reload", to: temporary, value });
      this.#move(to, temporary);
    }, this.#context.fn.types(value) === "float");
  }
  /** A register that is free on this edge, or one whose content waits in the scratch slot meanwhile. */
  #withTemporary(places, use, isFloat = false) {
    const first = isFloat ? FIRST_FLOAT : 0;
    for (let r = first; r < first + 8; r++) {
      if (this.#before[r] !== NO_VALUE || this.#after[r] !== NO_VALUE) continue;
      use(r);
      return;
    }
    invariant(!places.includes(first), "a register is not its own temporary");
    const saved = this.#context.slots.scratch(1);
    this.#move(FIRST_SLOT + saved, first);
    use(first);
    this.#move(first, FIRST_SLOT + saved);
  }
};

// src/compiler/4-emit/select-stencils.ts
function selectStencils(fn, linear, table, keysOf) {
  return new Selector(fn, linear, table, keysOf).run();
}
var Selector = class {
  #fn;
  #linear;
  #table;
  #keysOf;
  #constants = [];
  #madeTypes = /* @__PURE__ */ new Map();
  #nextValue;
  constructor(fn, linear, table, keysOf) {
    this.#keysOf = keysOf;
    this.#fn = fn;
    this.#linear = linear;
    this.#table = table;
    this.#nextValue = fn.nextValue;
  }
  run() {
    for (const block of this.#fn.blocks.values()) this.#collectConstants(block);
    const machine = this.#linear.map((l, index) => this.#makeBlock(l, index));
    this.#connect(machine);
    const made = this.#madeTypes, types = this.#fn.types;
    return {
      blocks: machine,
      constants: this.#constants,
      valueCount: this.#nextValue,
      types: (v) => defined(types.get(v) ?? made.get(v), `type of %${v}`)
    };
  }
  #family(name) {
    const family = this.#table.family(name);
    if (!family) throw new Bailout("no-stencil", name);
    return family;
  }
  #collectConstants(block) {
    for (const instruction of block.instructions) {
      if (!instruction.op.startsWith("const.")) continue;
      const { family, operands } = familyUse(instruction, this.#keysOf);
      const result = defined(instruction.result, "result of a constant");
      this.#constants[result] = { family: this.#family(family), operands, source: instruction };
    }
  }
  /** A constant the function itself does not define: an object that a helper takes as an argument. */
  #objectConstant(instruction, index) {
    const result = valueId(this.#nextValue++);
    const source = { op: "const.obj", args: [], immediates: [immediateAt(instruction, index)], result };
    this.#madeTypes.set(result, "obj");
    this.#constants[result] = {
      family: this.#family("const.obj"),
      source,
      operands: { immediates: [], literals: [objectLiteral(immediateAt(instruction, index))], calls: [] }
    };
    return result;
  }
  #makeBlock(linear, index) {
    const { from, loop, isHeader, isCold } = linear;
    const instructions = [];
    if (from.kind === "block") for (const i of from.block.instructions) this.#select(i, instructions);
    return {
      index,
      loop,
      isHeader,
      isCold,
      instructions,
      id: from.kind === "block" ? from.block.id : void 0,
      params: from.kind === "block" ? from.block.params : [],
      // Set by connect, once every block exists.
      terminator: void 0,
      predecessors: []
    };
  }
  #select(instruction, out) {
    const { op: op2 } = instruction;
    if (op2.startsWith("const.")) return;
    const info = opInfo(op2);
    const use = familyUse(instruction, this.#keysOf);
    const family = this.#family(use.family);
    const isHelper = use.family.startsWith("call.helper.");
    const objects = isHelper ? info.immediates.flatMap((kind, i) => kind === "object" ? [this.#objectConstant(instruction, i)] : []) : [];
    const args = [...instruction.args, ...objects];
    invariant(family.operands.length === args.length + (info.result === "none" ? 0 : 1), `${op2}: operands of ${family.name}`);
    const exit = info.guard ? this.#exitOf(instruction) : void 0;
    const selected = { family, args, result: info.result === "none" ? void 0 : instruction.result, operands: use.operands, source: instruction };
    if (!exit || !isHelper) {
      out.push({ ...selected, exit });
      return;
    }
    const result = defined(selected.result, `result of ${op2}`);
    invariant(info.result === "obj", `${op2}: a helper that leaves gives NULL`);
    out.push({ ...selected, exit: void 0 });
    out.push({ family: this.#family("guard.bound"), args: [result], result: void 0, operands: NO_OPERANDS, exit, source: instruction });
  }
  #exitOf(instruction) {
    const frameState = defined(instruction.frameState, `frame state of ${instruction.op}`);
    const { op: op2 } = instruction;
    const kind = op2 === "check.error" || op2 === "check.error_int" ? "exception" : op2 === "safepoint" ? "safepoint" : "deopt";
    const first = instruction.args[0];
    const isObject = first !== void 0 && kind === "deopt" && op2 !== "guard.bound" && this.#fn.types.get(first) === "obj";
    return this.#exitPoint(kind, op2, frameState, instruction.ownedAtExit ?? [], instruction.origin, isObject ? first : void 0);
  }
  #exitPoint(kind, reason, frameState, owned, origin, watched) {
    const values = /* @__PURE__ */ new Set();
    const add = (v) => {
      if (!this.#constants[v]) values.add(v);
    };
    forEachFrameStateValue(frameState, add);
    owned.forEach(add);
    return { kind, reason, frameState, owned, origin, watched, values: [...values], registers: new Int8Array(values.size), watchedRegister: -1 };
  }
  #connect(machine) {
    const byId = /* @__PURE__ */ new Map();
    const splits = /* @__PURE__ */ new Map();
    this.#linear.forEach(({ from }, i) => {
      if (from.kind === "block") {
        byId.set(from.block.id, machine[i]);
        return;
      }
      const list = splits.get(from.source.id) ?? [];
      list[from.position] = machine[i];
      splits.set(from.source.id, list);
    });
    const direct = (edge2) => ({ to: defined(byId.get(edge2.block), "target"), args: edge2.args });
    this.#linear.forEach(({ from }, i) => {
      const block = machine[i];
      const through = (edge2, position2) => {
        const split = from.kind === "block" ? splits.get(from.block.id)?.[position2] : void 0;
        return split ? { to: split, args: [] } : direct(edge2);
      };
      block.terminator = from.kind === "edge" ? { kind: "jump", edge: direct(from.edge) } : this.#terminator(from.block.terminator, through);
      for (const edge2 of successors(block.terminator)) edge2.to.predecessors.push({ block, edge: edge2 });
    });
  }
  #terminator(t, edgeOf) {
    switch (t.kind) {
      case "jump":
        return { kind: "jump", edge: edgeOf(t.target, 0) };
      case "branch":
        return {
          kind: "branch",
          args: [t.condition],
          then: edgeOf(t.then, 0),
          else: edgeOf(t.else, 1),
          family: this.#family("branch.true"),
          inverted: this.#family("branch.false"),
          operands: NO_OPERANDS
        };
      case "compare_branch":
        return { kind: "branch", then: edgeOf(t.then, 0), else: edgeOf(t.else, 1), ...this.#comparison(t.compare, t.args) };
      case "exit":
        return { kind: "exit", exit: this.#exitPoint(t.exitKind, t.reason, t.frameState, t.ownedAtExit ?? [], t.origin, void 0) };
      case "for_iter":
        throw new Bailout("for-iter-left", "an iterator was not specialised");
      default:
        return assertExhaustive(t, "terminator");
    }
  }
  #comparison(compare3, args) {
    const [bank, condition] = compare3.split(".");
    if (bank === "float") {
      return { args, operands: NO_OPERANDS, family: this.#family(`branch.float.${condition}`), inverted: this.#family(`branch.float.not_${condition}`) };
    }
    invariant(bank === "int", `compare_branch on ${compare3}`);
    const opposite = defined(opposites.get(condition), compare3);
    const right = this.#constants[args[1]]?.source;
    if (right?.op === "const.int" && fitsInt32(immediateBigInt(right))) {
      return {
        args: [args[0]],
        operands: immediateOperand(Number(immediateBigInt(right))),
        family: this.#family(`branch_imm.int.${condition}`),
        inverted: this.#family(`branch_imm.int.${opposite}`)
      };
    }
    return { args, operands: NO_OPERANDS, family: this.#family(`branch.int.${condition}`), inverted: this.#family(`branch.int.${opposite}`) };
  }
};
var opposites = /* @__PURE__ */ new Map([
  ["lt", "ge"],
  ["ge", "lt"],
  ["gt", "le"],
  ["le", "gt"],
  ["eq", "ne"],
  ["ne", "eq"]
]);

// src/compiler/4-emit/emit-unit.ts
var MAX_SPILL_SLOTS = 4e3;
function emitUnit(fn, table, { keysOf, ...header }, options) {
  const machine = selectStencils(fn, linearizeBlocks(fn), table, keysOf);
  const liveness = computeLiveRanges(machine);
  const allocation = allocateRegisters(machine, liveness, { spillEverything: options.spillEverything, calleeSaved: table.calleeSaved });
  const slots = assignSpillSlots(machine, liveness, allocation.needsSlot);
  resolveEdges({ fn: machine, liveness, allocation, slots });
  if (slots.count > MAX_SPILL_SLOTS) throw new Bailout("unit-too-large", `${slots.count} spill slots`);
  const exits = new ExitTable(machine, slots);
  const code = emitCode({ fn: machine, allocation, slots, exits, table, failGuard: options.failGuard, wantsListing: options.listing });
  return {
    ...header,
    ...code,
    spillCount: slots.count,
    exits: exits.records,
    literals: exits.literals,
    reasons: exits.reasons
  };
}

// src/compiler/4-emit/format-listing.ts
function formatListing(unit) {
  const lines = unit.listing.map(({ address, size: size2, text }) => text.endsWith(":") ? text : `  ${address.toString(16).padStart(5)} ${String(size2).padStart(4)}  ${text}`);
  const exits = unit.reasons.map((r) => `  exit ${r.exit}: ${r.reason} at ${r.code}:${r.offset}`);
  return [...lines, `${unit.code.length} bytes, ${unit.spillCount} spill slots, ${unit.guardCount} guards`, ...exits].join("\n");
}

// src/compiler/pass.ts
function runPass(fn, pass, context = {}, options = {}) {
  const start = performance.now();
  const changed = pass.run(fn, context);
  options.timings?.push({ pass: pass.name, milliseconds: performance.now() - start, changed });
  if (changed && options.dump) options.dump(pass.name, print(fn));
  if (options.verify) assertValid(fn, { typed: options.verify.typed, after: pass.name });
  return changed;
}

// src/compiler/pipeline.ts
function compileUnit(request, table, options) {
  const fn = compileToIr(request, options);
  const unit = emitUnit(fn, table, {
    request: request.id,
    kind: request.kind,
    offset: request.offset,
    assumptions: [],
    keysOf: (object2) => keysOfDict(request, object2)
  }, { spillEverything: options.spillEverything, failGuard: options.failGuard, listing: options.dump !== void 0 });
  options.dump?.("emit", formatListing(unit));
  return unit;
}
function compileToIr(request, options, stopAfter) {
  const { fn, profile, opaque } = buildFn(request);
  const context = passContext(request);
  const steps = [
    step("build", () => void 0, { typed: false }),
    step("specialize-types", () => specializeTypes(fn, profile, opaque)),
    ...optimizePasses.filter((pass) => !options.disabled.has(pass.name)).map((pass) => step(pass.name, () => runPass(fn, pass, context))),
    step("check-loop", () => requireLoop(fn, request)),
    step("insert-reference-counts", () => insertReferenceCounts(fn))
  ];
  for (const { name, run, typed } of steps) {
    run();
    options.dump?.(name, print(fn));
    if (options.verify) assertValid(fn, { typed, after: name });
    if (name === stopAfter) return fn;
  }
  if (options.verify) {
    const wrong = verifyReferences(fn);
    invariant(wrong.length === 0, `reference counts: ${wrong.join("; ")}`);
  }
  return fn;
}
var step = (name, run, { typed } = { typed: true }) => ({ name, run, typed });
function requireLoop(fn, request) {
  if (request.kind === "osr" && new Graph(fn).loops().length === 0) {
    throw new Bailout("loop-always-leaves", "every path through the loop has an instruction that is not compiled");
  }
}
var HEAP_TYPE = 1 << 9;
function passContext(request) {
  const staticTypes = /* @__PURE__ */ new Set();
  request.objects.forEach((object2, index) => {
    if (object2.kind === "type" && (object2.flags & HEAP_TYPE) === 0 && object2.name !== "module") staticTypes.add(index);
  });
  return { staticTypes };
}
function keysOfDict(request, object2) {
  const dict = request.objects[object2];
  invariant(dict?.kind === "dict", `object ${object2} is no dict`);
  return dict;
}

// src/protocol/byte-writer.ts
var ByteWriter = class {
  #bytes = new Uint8Array(1024);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;
  get length() {
    return this.#length;
  }
  u8(value) {
    const at = this.#grow(1);
    this.#view.setUint8(at, value);
    return this;
  }
  u16(value) {
    const at = this.#grow(2);
    this.#view.setUint16(at, value, true);
    return this;
  }
  u32(value) {
    const at = this.#grow(4);
    this.#view.setUint32(at, value, true);
    return this;
  }
  i32(value) {
    const at = this.#grow(4);
    this.#view.setInt32(at, value, true);
    return this;
  }
  u64(value) {
    const at = this.#grow(8);
    this.#view.setBigUint64(at, BigInt.asUintN(64, value), true);
    return this;
  }
  bytes(value) {
    const at = this.#grow(value.length);
    this.#bytes.set(value, at);
    return this;
  }
  align(to) {
    while (this.#length % to !== 0) this.u8(0);
    return this;
  }
  setU32(at, value) {
    this.#view.setUint32(at, value, true);
  }
  finish() {
    return this.#bytes.slice(0, this.#length);
  }
  #grow(by) {
    const at = this.#length;
    this.#length += by;
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2));
      larger.set(this.#bytes);
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    return at;
  }
};

// src/protocol/write-unit.ts
var HEADER_FIELDS = 16;
var MAX_16_BITS = 65535;
function writeUnit(unit) {
  const w = new ByteWriter();
  for (let i = 0; i < HEADER_FIELDS; i++) w.u32(0);
  const header = [unit.request, unit.kind === "osr" ? 1 : 0, unit.offset, unit.spillCount];
  const section = (size2, write) => {
    w.align(16);
    header.push(w.length, size2);
    write();
  };
  section(unit.code.length, () => w.bytes(unit.code));
  section(unit.relocations.length, () => unit.relocations.forEach((r) => writeRelocation(w, r)));
  section(unit.exits.length, () => writeExits(w, unit.exits));
  section(unit.assumptions.length, () => unit.assumptions.forEach((a) => writeAssumption(w, a)));
  section(unit.literals.length, () => unit.literals.forEach((bits) => w.u64(bits)));
  const text = new TextEncoder().encode(unit.reasons.length === 0 ? "[]" : `[
${unit.reasons.map((r) => JSON.stringify(r)).join(",\n")}
]`);
  section(text.length, () => w.bytes(text));
  invariant(header.length === HEADER_FIELDS, "header of a unit");
  header.forEach((field, i) => w.setU32(i * 4, field));
  return w.finish();
}
function writeRelocation(w, r) {
  const entry = (kind, symbol) => {
    w.u32(r.at).u8(kind).u8(0).u16(0).u64(BigInt(symbol));
  };
  switch (r.kind) {
    case "object":
      return entry(1, r.object);
    case "symbol":
      return entry(2, indexOfSymbol(r.symbol));
    case "x86_64_call":
      return entry(3, indexOfSymbol(r.symbol));
    case "aarch64_call":
      return entry(4, indexOfSymbol(r.symbol));
    case "unit":
      return entry(5, r.offset);
    default:
      assertExhaustive(r, "relocation");
  }
}
function indexOfSymbol(name) {
  const index = symbolIndex(name);
  if (index === void 0) throw new Bailout("unknown-symbol", name);
  return index;
}
function writeAssumption(w, a) {
  const entry = (kind, x, y) => {
    w.u32(kind).u32(a.object).u64(x).u64(y);
  };
  switch (a.kind) {
    case "type_version":
      return entry(1, BigInt(a.version), 0n);
    case "function_version":
      return entry(2, BigInt(a.version), 0n);
    case "global_value":
      return entry(3, BigInt(a.entry), BigInt(a.value));
    case "dict_keys":
      return entry(4, a.keys, 0n);
    default:
      assertExhaustive(a, "assumption");
  }
}
function writeExits(w, exits) {
  const table = w.length;
  for (let i = 0; i < exits.length; i++) w.u32(0);
  exits.forEach((exit, i) => {
    w.setU32(table + i * 4, w.length);
    writeExit(w, exit);
  });
}
function writeExit(w, exit) {
  const { frames, globals, drops } = exit;
  if (Math.max(globals.length, drops.length, exit.reason) > MAX_16_BITS || frames.length > 255) {
    throw new Bailout("unit-too-large", "an exit does not fit its record");
  }
  w.u8(exitKinds.indexOf(exit.kind)).u8(frames.length).u16(globals.length).u16(drops.length).u16(exit.reason);
  w.u32(exit.offset).i32(packWatched(exit.watched));
  for (const g of globals) writeLocation(w.u32(g.dict).u32(g.name), g.location);
  for (const d of drops) writeLocation(w, d);
  for (const f of frames) {
    w.u16(f.code).u16(f.locals.length).u16(f.stack.length).u16(0).u32(f.offset).i32(f.functionObject);
    for (const { slot, location } of f.locals) writeLocation(w.u16(slot).u16(0), location);
    for (const location of f.stack) writeLocation(w, location);
  }
}
function packWatched(location) {
  return location ? locationKinds.indexOf(location.kind) << 16 | location.index : -1;
}
function writeLocation(w, location) {
  const kind = locationKinds.indexOf(location.kind);
  w.u8(defined(kind < 0 ? void 0 : kind, "location kind")).u8(location.incref ? 1 : 0).u16(0).u32(location.index);
}

// src/stencils/read-table.ts
import { readFileSync } from "node:fs";
import { inflateRawSync } from "node:zlib";

// src/stencils/byte-stream.ts
var ByteSource = class {
  #bytes;
  #view;
  #at;
  constructor(bytes, at) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
  }
  u8() {
    return this.#view.getUint8(this.#at++);
  }
  i8() {
    return this.#view.getInt8(this.#at++);
  }
  u16() {
    this.#at += 2;
    return this.#view.getUint16(this.#at - 2, true);
  }
  bytes(length) {
    invariant(this.#at + length <= this.#bytes.length, "stencil table too short");
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
};

// src/stencils/table-format.ts
var MAGIC = "ARMS";
var FORMAT_VERSION = 1;

// src/stencils/read-table.ts
var tableFileName = (target2, layout) => `${target2}-cp${layout}.bin`;
function loadStencilTable(folder, target2, layout) {
  const table = readTable(readFileSync(`${folder}/${tableFileName(target2, layout)}`));
  invariant(table.target === target2 && table.layout === layout, "table of another target");
  return table;
}
function readTable(file) {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  invariant(bytes.toString("latin1", 0, 4) === MAGIC && bytes.readUInt32LE(4) === FORMAT_VERSION, "not a stencil table of this version");
  const content = inflateRawSync(bytes.subarray(8));
  const bodyStart = 4 + content.readUInt32LE(0);
  const header = JSON.parse(content.toString("utf8", 4, bodyStart));
  const body = new Uint8Array(content.buffer, content.byteOffset + bodyStart, content.length - bodyStart);
  const headers = new Map(header.families.map((f) => [f.name, f]));
  const unpacked = /* @__PURE__ */ new Map();
  return {
    target: header.target,
    layout: header.layout,
    digest: header.digest,
    calleeSaved: header.calleeSaved,
    familyNames: [...headers.keys()],
    family(name) {
      const known = unpacked.get(name);
      const found = headers.get(name);
      if (known || !found) return known;
      const family = new PackedFamily(header, found, body);
      unpacked.set(name, family);
      return family;
    }
  };
}
var PackedFamily = class {
  name;
  operands;
  fixed;
  clobbers;
  #groups;
  #groupOf;
  #variants = /* @__PURE__ */ new Map();
  constructor(table, header, body) {
    this.name = header.name;
    this.operands = header.operands;
    this.fixed = header.fixed ?? header.operands.map(() => void 0);
    this.clobbers = header.clobbers;
    const dimensions = header.fixed === null ? header.operands.length : 0;
    const source = new ByteSource(body, header.offset);
    const count2 = source.u16();
    this.#groups = Array.from({ length: count2 }, () => readGroup(table, source, dimensions));
    this.#groupOf = count2 === 1 ? [] : Array.from({ length: 8 ** dimensions }, () => source.u16());
  }
  variant(registers) {
    invariant(registers.length === this.operands.length, `${this.name}: number of registers`);
    const isFixed = this.fixed.some((r) => r !== void 0);
    let index = 0;
    registers.forEach((r, i) => {
      invariant(isFixed ? r === this.fixed[i] : r >= 0 && r < 8, `${this.name}: operand ${i} cannot be in register ${r}`);
      if (!isFixed) index = index * 8 + r;
    });
    const known = this.#variants.get(index);
    if (known) return known;
    const group = defined(this.#groups[this.#groupOf[index] ?? 0], "group");
    const stencil = { code: isFixed ? group.base : codeOf(group, registers), holes: group.holes };
    this.#variants.set(index, stencil);
    return stencil;
  }
};
function readGroup(table, source, dimensions) {
  const length = source.u16();
  const holes = Array.from({ length: source.u8() }, () => ({
    offset: source.u16(),
    kind: defined(table.kinds[source.u8()], "kind"),
    symbol: defined(table.symbols[source.u8()], "symbol"),
    addend: source.i8()
  }));
  const base = source.bytes(length);
  const contributions = Array.from({ length: dimensions }, () => {
    const positions = [], bytes = [];
    for (let n2 = source.u16(); n2 > 0; n2--) {
      positions.push(source.u16());
      bytes.push(source.bytes(8));
    }
    return { positions, bytes };
  });
  return { holes, base, contributions };
}
function codeOf(group, registers) {
  const code = Uint8Array.from(group.base);
  group.contributions.forEach(({ positions, bytes }, operand) => {
    const register = defined(registers[operand], "register");
    positions.forEach((p, i) => {
      code[p] = defined(code[p], "byte") ^ defined(bytes[i]?.[register], "contribution");
    });
  });
  return code;
}

// src/server/load-compiler.ts
var TableCompiler = class {
  #folder;
  #settings;
  #tables = /* @__PURE__ */ new Map();
  constructor(folder, settings) {
    this.#folder = folder;
    this.#settings = settings;
  }
  compile(request, { modes, dump }) {
    const unit = compileUnit(request, this.#tableFor(request), {
      ...this.#settings,
      spillEverything: modes.spillAll,
      failGuard: modes.failGuard,
      dump
    });
    return writeUnit(unit);
  }
  #tableFor({ arch, layout }) {
    const target2 = `${arch}-linux`;
    const name = tableFileName(target2, layout);
    const known = this.#tables.get(name);
    if (known !== void 0) return known;
    if (!existsSync(join3(this.#folder, name))) throw new Bailout("no-stencils", `there is no table ${name}`);
    const table = loadStencilTable(this.#folder, target2, layout);
    this.#tables.set(name, table);
    return table;
  }
};
function digestOfBuild(folder) {
  const bundle = fileURLToPath(import.meta.url);
  if (basename(bundle) !== "server.js") return void 0;
  const hash = createHash("sha256").update(readFileSync2(bundle));
  for (const arch of ["x86_64-linux", "aarch64-linux"]) {
    for (const layout of [311, 314]) {
      const path2 = join3(folder, tableFileName(arch, layout));
      if (existsSync(path2)) hash.update(readFileSync2(path2));
    }
  }
  return hash.digest("hex");
}
function loadCompiler({ root, verify: verify2, disabled }) {
  const folder = join3(root, "stencils", "generated");
  const digest = digestOfBuild(folder);
  const identity2 = digest === void 0 ? void 0 : [digest, ...disabled].join(" ");
  return { compiler: new TableCompiler(folder, { verify: verify2, disabled: new Set(disabled) }), identity: identity2 };
}

// src/server/disk-cache.ts
var noDiskCache = {
  read: () => Promise.resolve(void 0),
  write: () => Promise.resolve(),
  trim: () => Promise.resolve()
};
var defaultLargestTotal = 256 * 1024 * 1024;

// src/server/request-key.ts
import { createHash as createHash2 } from "node:crypto";
function requestKey(neutral, context) {
  return createHash2("sha256").update(JSON.stringify([context, neutral], encode)).digest("hex");
}
function encode(_key, value) {
  if (typeof value === "bigint") return `${value}n`;
  if (typeof value === "number" && (!Number.isSafeInteger(value) || Object.is(value, -0))) return floatBits(value);
  if (value instanceof Uint8Array) return Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString("base64");
  if (value instanceof Map) return [...value];
  return value;
}
function floatBits(value) {
  const bytes = Buffer.alloc(8);
  bytes.writeDoubleLE(value);
  return bytes.toString("hex");
}

// src/server/unit-cache.ts
var UnitCache = class {
  /** In order of last use, as a Map keeps the order of insertion. */
  #results = /* @__PURE__ */ new Map();
  #context;
  #disk;
  #largestTotal;
  #total = 0;
  /** `context`: everything besides the request that decides a unit (compiler version, modes). */
  constructor(context, disk = noDiskCache, largestTotal = 16 * 1024 * 1024) {
    this.#context = context;
    this.#disk = disk;
    this.#largestTotal = largestTotal;
  }
  keyOf(neutral) {
    return requestKey(neutral, this.#context);
  }
  async find(key3) {
    const known = this.#results.get(key3) ?? await this.#findOnDisk(key3);
    if (known !== void 0) this.#keep(key3, known);
    return known;
  }
  add(key3, result) {
    this.#keep(key3, result);
    if (result.kind === "unit") void this.#disk.write(key3, encodeTemplate(result.template));
  }
  trimDisk() {
    return this.#disk.trim();
  }
  async #findOnDisk(key3) {
    const bytes = await this.#disk.read(key3);
    return bytes === void 0 ? void 0 : { kind: "unit", template: decodeTemplate(bytes) };
  }
  #keep(key3, result) {
    const replaced = this.#results.get(key3);
    if (replaced !== void 0) this.#total -= sizeOf(replaced);
    this.#results.delete(key3);
    this.#results.set(key3, result);
    this.#total += sizeOf(result);
    for (const [oldest, oldResult] of this.#results) {
      if (this.#total <= this.#largestTotal) break;
      this.#results.delete(oldest);
      this.#total -= sizeOf(oldResult);
    }
  }
};
function sizeOf(result) {
  return 200 + (result.kind === "unit" ? result.template.unit.length : 0);
}

// x.ts
import { writeFileSync } from "node:fs";
var [, , path, prefix] = process.argv;
var n = 0;
var { compiler } = loadCompiler({ root: "/work/main", verify: false, disabled: [] });
var tapped = { ...codec, compile: (p, c) => {
  writeFileSync(`${prefix}${n++}.${c.layout}.${c.arch}.req`, p);
  return codec.compile(p, c);
} };
new JitServer(openSocket(path), { codec: tapped, compiler, cache: new UnitCache([""]), modes: noModes, log: (l) => console.log(l) });
