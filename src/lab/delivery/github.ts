/** A check and a comment on GitHub, each made once and then kept up to date. */
import type { Delivery, GitHubTarget, Targets } from './delivery.ts';
import { refused } from './delivery.ts';
import { send } from './request.ts';

const pageSize = 100;
/** A pull request with more than a thousand comments gets another one. */
const mostPages = 10;

type Api = <T>(method: 'GET' | 'POST' | 'PATCH', path: string, body?: object) => Promise<T>;

function apiOf({ api, repository, token }: GitHubTarget, allowPrivate: boolean): Api {
  return async <T>(method: 'GET' | 'POST' | 'PATCH', path: string, body?: object): Promise<T> => {
    const url = new URL(`${api.replace(/\/$/, '')}/repos/${repository}${path}`);
    const reply = await send({
      method, url, allowPrivate, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      headers: { 'Authorization': `Bearer ${token}`, 'Accept': 'application/vnd.github+json', 'X-GitHub-Api-Version': '2022-11-28', 'Content-Type': 'application/json' },
    });
    if (reply.status < 200 || reply.status > 299) throw refused(url, reply);
    return JSON.parse(reply.body) as T;
  };
}

/** GitHub names the commit of a check by all its 40 digits; results may have fewer. */
export const canHaveCheck = (commit: string | null): boolean => /^[0-9a-f]{40}$/.test(commit ?? '');

export async function postCheck({ github, allowPrivate }: Targets, { report, head, links }: Delivery): Promise<void> {
  if (github === undefined || head.commitId === null) return;
  const ask = apiOf(github, allowPrivate);
  const name = `armature lab: ${head.variant} on ${head.machine}`;
  const content = {
    name, status: 'completed', conclusion: report.conclusion, output: { title: report.title, summary: report.markdown },
    ...(links === undefined ? {} : { details_url: links.comparison }),
  };
  const { check_runs: [known] } = await ask<{ readonly check_runs: readonly { readonly id: number }[] }>('GET', `/commits/${head.commitId}/check-runs?check_name=${encodeURIComponent(name)}`);
  if (known === undefined) await ask('POST', '/check-runs', { ...content, head_sha: head.commitId });
  else await ask('PATCH', `/check-runs/${known.id}`, content);
}

export async function postComment({ github, allowPrivate }: Targets, { pull, report }: Delivery): Promise<void> {
  if (github === undefined || pull === undefined) return;
  const ask = apiOf(github, allowPrivate);
  // Its first line says of which machine and build it is.
  const [marker = ''] = report.markdown.split('\n', 1);
  const known = await findComment(ask, pull, marker);
  if (known === undefined) await ask('POST', `/issues/${pull}/comments`, { body: report.markdown });
  else await ask('PATCH', `/issues/comments/${known}`, { body: report.markdown });
}

async function findComment(ask: Api, pull: number, marker: string): Promise<number | undefined> {
  for (let page = 1; page <= mostPages; page++) {
    const comments = await ask<readonly { readonly id: number; readonly body: string | null }[]>('GET', `/issues/${pull}/comments?per_page=${pageSize}&page=${page}`);
    const own = comments.find(({ body }) => body?.startsWith(marker) === true);
    if (own !== undefined) return own.id;
    if (comments.length < pageSize) return undefined;
  }
  return undefined;
}
