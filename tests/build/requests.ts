/** The checked-in compile requests; tools/dump-request.py makes them from tests/build/programs. */
import { readdirSync, readFileSync } from 'node:fs';
import { readRequest } from '#protocol/read-request.ts';
import type { CompileRequest, Layout } from '#protocol/request.ts';

const directory = new URL('requests/', import.meta.url);

export const requestFiles = (): string[] => readdirSync(directory).filter((f) => f.endsWith('.req')).sort();

export const requestBytes = (file: string): Uint8Array => readFileSync(new URL(file, directory));

export const layoutOf = (file: string): Layout => (file.endsWith('.314.req') ? 314 : 311);

export const loadRequest = (file: string): CompileRequest => readRequest(requestBytes(file), { layout: layoutOf(file), arch: 'x86_64' });
