import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { chromium } from 'playwright-core';
import { toolTargets } from '../../tools/pythons/targets.ts';

interface Program {
  readonly path: string;
  /** Libraries that other libraries look for by an absolute path of an installed system. */
  readonly libraries: string | undefined;
}

/** The binary itself: the command of that name is a script for an installed package. */
function chromiumProgram(): Program {
  const installed = '/usr/lib/chromium/chromium-headless-shell';
  if (existsSync(installed)) return { path: installed, libraries: undefined };
  const root = toolTargets.find(({ name }) => name === 'chromium');
  const path = root === undefined ? '' : join(root.directory, root.programs[0] ?? '');
  assert.ok(root !== undefined && existsSync(path), 'chromium is missing: node --import tsx tools/fetch-pythons.ts patchelf chromium');
  return { path, libraries: join(root.directory, 'usr/lib', `${root.arch}-linux-gnu`, 'pulseaudio') };
}

/** Chromium's own sandbox does not start for root, and nothing but our own pages is opened. */
export async function launchBrowser(): Promise<Browser> {
  const { path, libraries } = chromiumProgram();
  const quiet = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];
  const environment = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined));
  return chromium.launch({
    executablePath: path, args: ['--no-sandbox', ...quiet],
    env: libraries === undefined ? environment : { ...environment, LD_LIBRARY_PATH: libraries },
  });
}
