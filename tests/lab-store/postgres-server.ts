import assert from 'node:assert/strict';
import type { SpawnOptions } from 'node:child_process';
import { spawn, spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { findCommand, toolTargets } from '../../tools/pythons/targets.ts';

export interface PostgresServer {
  /** A new, empty database. */
  readonly createDatabase: () => Promise<string>;
  readonly stop: () => Promise<void>;
}

/** PostgreSQL refuses to run as root: tests that do run it as `nobody`. */
const nobody = 65_534;

function programPath(name: string): string {
  const unpacked = toolTargets.flatMap((root) => root.programs.map((program) => join(root.directory, program)));
  const found = findCommand(name, process.env['PATH'] ?? '') ?? unpacked.find((path) => path.endsWith(`/${name}`));
  assert.ok(found !== undefined, `${name} is missing: node --import tsx tools/fetch-pythons.ts patchelf postgresql`);
  return found;
}

/** A real server for these tests alone, in a directory that is removed with it. */
export async function startPostgres(): Promise<PostgresServer> {
  const directory = mkdtempSync(join(tmpdir(), 'armature-postgres-'));
  const options: SpawnOptions = { stdio: ['ignore', 'pipe', 'pipe'], cwd: directory };
  if (process.getuid?.() === 0) {
    chownSync(directory, nobody, nobody);
    Object.assign(options, { uid: nobody, gid: nobody });
  }
  const data = join(directory, 'data');
  const made = spawnSync(programPath('initdb'), ['-D', data, '--no-locale', '--encoding=UTF8', '--auth=trust', '--username=lab', '--no-sync'], options);
  assert.equal(made.status, 0, String(made.stderr));
  const port = await freePort();
  const settings = ['fsync=off', 'shared_buffers=32MB', 'listen_addresses=127.0.0.1', `port=${port}`, `unix_socket_directories=${directory}`];
  const server = spawn(programPath('postgres'), ['-D', data, ...settings.flatMap((setting) => ['-c', setting])], { ...options, stdio: 'ignore' });
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const url = (database: string): string => `postgres://lab@127.0.0.1:${port}/${database}`;
  await answers(url('postgres'));
  let count = 0;
  return {
    createDatabase: async () => {
      const name = `lab${++count}`;
      await execute(url('postgres'), `create database ${name}`);
      return url(name);
    },
    stop: async () => {
      server.kill('SIGQUIT');
      await ended;
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query(statement).finally(() => client.end());
}

async function answers(url: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    try {
      await execute(url, 'select 1');
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
