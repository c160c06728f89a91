import { Hono } from 'hono';
import { HttpError } from '#lab/server/http-error.ts';
import type { LabEnvironment } from '#lab/server/reader.ts';
import { requireAdministrator } from '#lab/server/reader.ts';
import { createToken, decideChange, withdrawToken } from '#lab/store/decisions.ts';
import type { Lab } from '#lab/store/open-lab.ts';
import type { ChangeState } from '#lab/store/queries/changes.ts';
import { changeStates } from '#lab/store/queries/changes.ts';
import type { TokenRequest } from '#lab/store/tokens.ts';
import { listTokens, tokenProblem, tokenScopes } from '#lab/store/tokens.ts';
import type { Body } from './body.ts';
import { invalid, readBody, textOf } from './body.ts';

/** What takes a token of scope `administer`: tokens themselves, and what people say of changes. */
export function administerRoutes(lab: Lab): Hono<LabEnvironment> {
  const routes = new Hono<LabEnvironment>();
  routes.get('/tokens', async (context) => {
    requireAdministrator(context.get('token'));
    return context.json(await listTokens(lab.database));
  });
  routes.post('/tokens', async (context) => {
    requireAdministrator(context.get('token'));
    const { stored, secret } = await createToken(lab, readTokenRequest(await readBody(context.req.json())), new Date());
    return context.json({ id: stored.id, token: secret }, 201);
  });
  routes.delete('/tokens/:id', async (context) => {
    requireAdministrator(context.get('token'));
    const id = context.req.param('id');
    if (!(await withdrawToken(lab, id, new Date()))) throw new HttpError(404, 'not-found', 'There is no such token, or it is revoked already.');
    return context.json({ revoked: id });
  });
  routes.post('/changes/:key', async (context) => {
    const { name } = requireAdministrator(context.get('token'));
    const { state, note } = readDecision(await readBody(context.req.json()));
    const done = await decideChange(lab, context.req.param('key'), { state, note, by: name, at: new Date() });
    if (!done) throw new HttpError(404, 'not-found', 'There is no such change.');
    return context.json({ change: context.req.param('key'), state });
  });
  return routes;
}

function readTokenRequest(body: Body): TokenRequest {
  const wanted = textOf(body, 'scope');
  const scope = tokenScopes.find((candidate) => candidate === wanted);
  if (scope === undefined) throw invalid(`'scope' must be one of ${tokenScopes.join(', ')}.`);
  const request = { name: textOf(body, 'name'), scope, machine: body['machine'] === undefined ? null : textOf(body, 'machine') };
  const problem = tokenProblem(request);
  if (problem !== undefined) throw invalid(problem);
  return request;
}

function readDecision(body: Body): { readonly state: ChangeState; readonly note: string } {
  const wanted = textOf(body, 'state');
  const state = changeStates.find((candidate) => candidate === wanted);
  if (state === undefined) throw invalid(`'state' must be one of ${changeStates.join(', ')}.`);
  return { state, note: body['note'] === undefined ? '' : textOf(body, 'note') };
}
