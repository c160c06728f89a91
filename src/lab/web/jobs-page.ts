import { html } from 'hono/html';
import type { Job } from '#lab/jobs/queue.ts';
import type { Runner } from '#lab/jobs/runners.ts';
import type { Token } from '#lab/store/tokens.ts';
import { formatTime, pathOf, shortCommit } from './format.ts';
import type { Cell, Html } from './layout.ts';
import { filterField, live, page, table } from './layout.ts';
import { machineLink } from './series-links.ts';
import { signInLink } from './sign-in-page.ts';

export interface JobsShown {
  readonly jobs: readonly Job[];
  readonly runners: readonly Runner[];
}

/** After three missed heartbeats a runner is likely gone; one that waits for work is heard of every 25 s. */
const silentSeconds = 90;

const states: Readonly<Record<Job['state'], string>> = {
  created: 'queued', retry: 'queued again', active: 'leased', completed: 'finished', cancelled: 'cancelled', failed: 'failed',
};

/** `shown` is undefined for those without a token. */
export function jobsPage(shown: JobsShown | undefined, now: Date): Html {
  return page({
    title: 'Jobs', section: '/jobs', json: '/api/jobs', csv: '/api/jobs?format=csv',
    body: shown === undefined ? html`<p>Jobs are shown to those who have a token. ${signInLink('/jobs')}</p>` : html`${filterField('Filter')}
${live(html`${shown.jobs.length === 0 ? html`<p class="empty">There are no jobs. <code>armature lab enqueue SUITE --machine NAME --python NAME</code> gives one.</p>` : jobsTable(shown.jobs, now)}
<h2>Runners</h2>
${runnersTable(shown.runners, now)}`)}
<p class="faint"><a href="/api/runners">JSON</a> and <a href="/api/runners?format=csv">CSV</a> of the runners.</p>`,
  });
}

function jobsTable(jobs: readonly Job[], now: Date): Html {
  return table(`${jobs.length} jobs: those under way and queued in their order, then those that ended`, [{ name: 'What' }, { name: 'State' }, { name: 'Machine' }, { name: 'Attempt', isFigure: true },
    { name: 'Heartbeat', isFigure: true }, { name: 'Priority', isFigure: true }, { name: 'Given' }, { name: 'Ended' }], jobs.map((job) => [
    html`<a href="${pathOf('/jobs', job.id)}">${whatOf(job)}</a>`, html`<span class="${job.state === 'failed' ? 'worse' : ''}">${states[job.state]}</span>`,
    html`${machineLink(job.machine)}${job.cpus === null || job.cpus === '' ? '' : ` on CPUs ${job.cpus}`}`,
    { content: `${job.attempts} of ${job.retryLimit + 1}`, order: job.attempts }, ageCell(job.heartbeatAt, now), { content: String(job.priority), order: job.priority },
    timeCell(job.createdAt), timeCell(job.endedAt),
  ]));
}

function runnersTable(runners: readonly Runner[], now: Date): Html {
  if (runners.length === 0) return html`<p class="empty">No runner has asked yet: <code>armature lab runner --server URL --token TOKEN --python NAME=PATH</code>.</p>`;
  return table('Those that asked for jobs', [{ name: 'Machine' }, { name: 'CPUs' }, { name: 'Interpreters' }, { name: 'Heard of', isFigure: true }, { name: 'Is at' }], runners.map((runner) => [
    machineLink(runner.machine), runner.cpus === '' ? 'its choice' : runner.cpus, runner.pythons.join(', '), ageCell(runner.seenAt, now),
    runner.job === null ? '–' : html`<a href="${pathOf('/jobs', runner.job)}">a job</a>`,
  ]));
}

const whatOf = ({ request: { benchmarks, python } }: Job): string => `${benchmarks.join(' ')} with ${python}`;

const timeCell = (time: Date | null): Cell => (time === null ? { content: '–', order: '' } : { content: formatTime(time), order: time.toISOString() });

function ageCell(time: Date | null, now: Date): Cell {
  if (time === null) return { content: '–', order: '' };
  const seconds = Math.max(0, Math.round((now.getTime() - time.getTime()) / 1000));
  return { content: `${ageOf(seconds)} ago`, order: seconds, ...(seconds > silentSeconds ? { className: 'worse' } : {}) };
}

function ageOf(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3600)} h`;
}

interface Outcome {
  readonly runs?: readonly string[];
  readonly reason?: string;
  readonly log?: string;
}

export function jobPage(job: Job, token: Token | undefined, now: Date): Html {
  const { request } = job;
  const outcome: Outcome = typeof job.outcome === 'object' && job.outcome !== null ? job.outcome : {};
  const heartbeat = ageCell(job.heartbeatAt, now);
  return page({
    title: whatOf(job), section: '/jobs', json: pathOf('/api/jobs', job.id),
    body: html`${live(html`<div class="card"><dl><dt>State</dt><dd>${states[job.state]}, attempt ${job.attempts} of ${job.retryLimit + 1}</dd><dt>Machine</dt><dd>${machineLink(job.machine)}${job.cpus ? ` on CPUs ${job.cpus}` : ''}</dd>
<dt>Heartbeat</dt><dd class="${heartbeat.className ?? ''}">${heartbeat.content}</dd><dt>Ways</dt><dd>${request.ways.length === 0 ? 'the usual' : request.ways.join(', ')}</dd>
${request.commit === undefined ? '' : html`<dt>Commit</dt><dd>${shortCommit(request.commit)}</dd>`}${request.pull === undefined ? '' : html`<dt>Pull request</dt><dd>${request.pull.number}, against ${shortCommit(request.pull.base)}</dd>`}
<dt>Processes</dt><dd>${request.processes ?? 'the usual number'}</dd><dt>Priority</dt><dd>${job.priority}</dd><dt>Given</dt><dd>${formatTime(job.createdAt)}</dd>
<dt>Begun</dt><dd>${job.startedAt === null ? '–' : formatTime(job.startedAt)}</dd><dt>Ended</dt><dd>${job.endedAt === null ? '–' : formatTime(job.endedAt)}</dd>
${outcome.runs === undefined ? '' : html`<dt>Results</dt><dd>${outcome.runs.map((run) => html`<a href="${pathOf('/runs', run)}">${run}</a> `)}</dd>`}</dl></div>
${outcome.reason === undefined ? '' : html`<h2>Why the last attempt failed</h2><p>${outcome.reason}</p>`}
${outcome.log === undefined || outcome.log === '' ? '' : html`<h2>What it said</h2><pre class="scroll" tabindex="0">${outcome.log}</pre>`}`)}
${token?.scope === 'administer' && job.endedAt === null ? html`<form method="post" action="${pathOf('/jobs', job.id)}/cancel"><button>Cancel it</button></form>` : ''}`,
  });
}
