/**
 * A JIT server with hand-made units, for the tests of the agent: `node fake-server.ts SOCKET MODE`. Modes:
 * `leave` (each unit goes back to its loop header at once), `return` (the same, said to be the end of the function: function entries follow), `count` (loops over locals i, n, x), `refuse`, `silent`, `garbage`, `die`.
 * `sampled` is silent, `late` leaves, answering after half a second, `ends` goes back too, but as if it could not go on there; these let the agent count samples as usual, where the others have it ask at once.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readRequest, type Peer } from '#protocol/read-request.ts';
import type { CompileRequest } from '#protocol/request.ts';
import type { ExitRecord, Location } from '#protocol/unit.ts';
import { protocolVersion } from '#server/replies.ts';
import { unmarshal } from '#protocol/unmarshal.ts';
import { encodeExits } from '#protocol/exit-words.ts';
import { writeUnit } from '#protocol/write-unit.ts';

const here = dirname(fileURLToPath(import.meta.url));
/** Units of former runs: compiling them takes longer than the programs run. */
const directory = join(tmpdir(), 'armature-fake-units');
mkdirSync(directory, { recursive: true });
const template = join(here, 'unit-template.c');
const layoutHeader = join(here, '../../agent/layout.h');
const sources = readFileSync(template, 'utf8') + readFileSync(layoutHeader, 'utf8');

function machineCode(peer: Peer, defines: readonly string[]): Uint8Array {
  const key = createHash('sha256').update(JSON.stringify([peer, defines])).update(sources).digest('hex').slice(0, 24);
  const path = join(directory, `${key}.bin`);
  if (!existsSync(path)) {
    const base = join(directory, `${key}-${process.pid}`);
    execFileSync('clang-19', [`--target=${peer.arch}-linux-gnu`, '-O2', '-ffreestanding', '-nostdlibinc', '-fno-asynchronous-unwind-tables',
      '-I', dirname(layoutHeader), `-DARMATURE_LAYOUT=${peer.layout}`, ...defines.map((d) => `-D${d}`), '-c', template, '-o', `${base}.o`]);
    execFileSync('llvm-objcopy-19', ['-O', 'binary', '--only-section=.text', `${base}.o`, `${base}.bin`]);
    renameSync(`${base}.bin`, path);
  }
  return new Uint8Array(readFileSync(path));
}

const register = (kind: 'register_obj' | 'register_int', index: number): Location => ({ kind, index, incref: false });

function unitFor(request: CompileRequest, peer: Peer, mode: string): Uint8Array {
  const code = request.codes[0]!;
  const slot = (name: string): number => code.localsplusnames.indexOf(name);
  const counts = mode === 'count' && ['i', 'n', 'x'].every((name) => slot(name) >= 0);
  const defines = [`DEPTH=${request.stack.length}`, `NLOCALSPLUS=${code.localsplusnames.length}`,
    ...(counts ? ['MODE_COUNT', `LOCAL_I=${slot('i')}`, `LOCAL_N=${slot('n')}`, `LOCAL_X=${slot('x')}`] : [])];
  const exit: ExitRecord = {
    kind: mode === 'return' ? 'return' : mode === 'ends' ? 'unsupported' : 'safepoint', reason: 0, code: 0, offset: request.offset, watched: undefined, globals: [], drops: [], instances: [],
    frames: [{
      code: 0, offset: request.offset, functionObject: -1,
      locals: counts ? [{ slot: slot('i'), location: register('register_int', 6) }, { slot: slot('x'), location: register('register_int', 7) }] : [],
      stack: request.stack.map((_, i) => register('register_obj', i)),
    }],
  };
  return writeUnit({
    request: request.id, kind: request.kind, offset: request.offset, spillCount: 4, code: machineCode(peer, defines), relocations: [],
    exits: encodeExits([exit]), assumptions: [], literals: [], reasons: [{ exit: 0, reason: 'test', code: 0, offset: request.offset }],
  });
}

function message(type: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt32LE(payload.length + 1, 0);
  head.writeUInt8(type, 4);
  return Buffer.concat([head, payload]);
}

function refusal(id: number): Buffer {
  const payload = Buffer.alloc(12 + 4);
  payload.writeUInt32LE(id, 0);
  payload.writeUInt16LE(4, 8);
  payload.write('test', 10);
  return payload;
}

function answer(socket: Socket, type: number, payload: Buffer, state: { peer?: Peer }, mode: string): void {
  if (type === 1) {
    const hello = unmarshal(payload) as Map<string, unknown>;
    state.peer = { layout: Number(hello.get('layout')) as Peer['layout'], arch: String(hello.get('arch')) as Peer['arch'] };
    const welcome = Buffer.alloc(12);
    welcome.writeUInt32LE(protocolVersion, 0);
    welcome.writeUInt32LE(['sampled', 'late', 'ends'].includes(mode) ? 0 : 1, 4);
    socket.write(message(2, welcome));
  } else if (type === 3 && state.peer) {
    const request = readRequest(payload, state.peer);
    if (process.env['FAKE_VERBOSE']) console.error(`request ${request.id}: ${request.codes[0]!.qualname} at ${request.offset}, stack ${request.stack.length}, ${request.objects.length} objects, ${payload.length} bytes`);
    if (mode === 'refuse') socket.write(message(5, refusal(request.id)));
    else if (mode === 'garbage') socket.write(message(4, garbage(unitFor(request, state.peer, 'leave'), turn++)));
    else if (mode === 'die') process.exit(0);
    else if (mode === 'late') setTimeout((unit) => socket.write(unit), LATE_MILLISECONDS, message(4, unitFor(request, state.peer, 'leave')));
    else if (mode !== 'silent' && mode !== 'sampled') socket.write(message(4, unitFor(request, state.peer, mode)));
  } else if (type === 6 && process.env['FAKE_VERBOSE']) {
    console.error('report', unmarshal(payload));
  }
}

const LATE_MILLISECONDS = 500;

/** Words of the header, but for the request's number. */
const headerWords = 15;

/**
 * A unit with one thing wrong with it, another each time: a word of the header, a field of its exit, or its end is missing.
 * All of it is what the agent checks. Damage that leaves a well-formed unit which does something else, such as another
 * register in an exit, no check can find: with bytes changed at random this test failed once in a while.
 */
function garbage(unit: Uint8Array, turn: number): Uint8Array {
  const damaged = Uint8Array.from(unit);
  const view = new DataView(damaged.buffer);
  const exit = view.getUint32(view.getUint32(32, true), true);
  const frame = exit + 16;
  const ways: readonly (() => void)[] = [
    ...Array.from({ length: headerWords }, (_, word) => () => { view.setUint32(4 * (word + 1), 0xffffffff, true); }),
    () => { view.setUint8(exit, 0xff); },
    () => { view.setUint8(exit + 1, 0); },
    () => { view.setUint8(exit + 1, 0xff); },
    () => { view.setUint16(frame, 0xffff, true); },
    () => { view.setUint16(frame + 2, 0xffff, true); },
    () => { view.setUint32(frame + 8, 0xffffffff, true); },
  ];
  const damage = ways[turn % (ways.length + 1)];
  if (damage === undefined) return damaged.subarray(0, 4 + (turn * 7919) % (unit.length - 4));
  damage();
  return damaged;
}

let turn = 0;
const [path, mode] = process.argv.slice(2) as [string, string];
createServer((socket) => {
  let buffered = Buffer.alloc(0);
  const state: { peer?: Peer } = {};
  socket.on('error', () => undefined);
  socket.on('data', (chunk: Buffer) => {
    buffered = Buffer.concat([buffered, chunk]);
    while (buffered.length >= 4 && buffered.length >= 4 + buffered.readUInt32LE(0)) {
      const length = buffered.readUInt32LE(0);
      const type = buffered.readUInt8(4);
      const payload = Buffer.from(buffered.subarray(5, 4 + length));
      buffered = buffered.subarray(4 + length);
      try {
        answer(socket, type, payload, state, mode);
      } catch (error) {
        console.error(error);
      }
    }
  });
}).listen(path, () => console.log('ready'));
