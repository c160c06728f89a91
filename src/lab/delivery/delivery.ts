/** What is sent of a pull request, and where to. */
import { LabError } from '#lab/errors.ts';
import type { PullRequestReport } from '#lab/report/pull-request.ts';
import { reportOfRuns } from '#lab/report/stored-runs.ts';
import type { Lab } from '#lab/store/open-lab.ts';
import type { RunSummary } from '#lab/store/queries/rows.ts';
import type { RunDetails } from '#lab/store/queries/runs.ts';
import type { Reply } from './request.ts';

export interface GitHubTarget {
  readonly api: string;
  /** OWNER/NAME. */
  readonly repository: string;
  readonly token: string;
}

export interface Targets {
  readonly webhook: { readonly url: URL; readonly secret: string } | undefined;
  readonly github: GitHubTarget | undefined;
  /** Where people reach the lab; without it reports have no links. */
  readonly publicUrl: string | undefined;
  readonly allowPrivate: boolean;
}

export interface Delivery {
  /** The same when it is tried again. */
  readonly id: string;
  readonly pull: number | undefined;
  readonly report: PullRequestReport;
  readonly base: RunSummary;
  readonly head: RunSummary;
  readonly links: { readonly comparison: string; readonly base: string; readonly head: string } | undefined;
}

export async function makeDelivery(lab: Lab, { publicUrl }: Targets, id: string, runs: { readonly base: RunDetails; readonly head: RunDetails; readonly pull: number | undefined }): Promise<Delivery> {
  const { base, head, pull } = runs;
  const at = (path: string): string => new URL(path, publicUrl).href;
  const links = publicUrl === undefined ? undefined
    : { comparison: at(`/compare?base=${base.key}&head=${head.key}`), base: at(`/runs/${base.key}`), head: at(`/runs/${head.key}`) };
  const report = await reportOfRuns(lab, base, head, links === undefined ? {} : { link: links.comparison });
  return { id, pull, report, base, head, links };
}

/** Bodies of refusals may be pages of HTML. */
const longestReason = 300;

export function refused(url: URL, { status, body }: Reply): LabError {
  // A query may hold a secret.
  return new LabError('not-delivered', { target: `${url.origin}${url.pathname}`, reason: `status ${status} ${body.slice(0, longestReason)}`.trim() });
}
