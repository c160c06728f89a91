/** JSON bodies of requests, which may hold anything. */
import { HttpError } from '#lab/server/http-error.ts';

export type Body = Readonly<Record<string, unknown>>;

export async function readBody(reading: Promise<unknown>): Promise<Body> {
  const body = await reading.catch(() => undefined);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw invalid('The body must be a JSON object.');
  return body as Body;
}

export function invalid(message: string): HttpError {
  return new HttpError(400, 'body-invalid', message);
}

export const isCommit = (text: string): boolean => /^[0-9a-f]{7,40}$/.test(text);

const longestText = 2000;

export function textOf(body: Body, name: string, longest = longestText): string {
  const value = Object.hasOwn(body, name) ? body[name] : undefined;
  if (typeof value !== 'string' || value.length > longest || value.includes('\0')) throw invalid(`'${name}' must be a text of at most ${longest} characters.`);
  return value;
}
