import { html } from 'hono/html';
import type { MachineDetails, MachineSummary } from '#lab/store/queries/machines.ts';
import type { MachineNoise } from '#lab/store/queries/noise.ts';
import { hidden } from '#lab/server/scrub.ts';
import { countOf, formatDay, link, pathOf } from './format.ts';
import type { Html } from './layout.ts';
import { page, table } from './layout.ts';
import { machineLink, timelineLink } from './series-links.ts';

export function machinesPage(machines: readonly MachineSummary[]): Html {
  return page({
    title: 'Machines', section: '/machines', json: '/api/machines', csv: '/api/machines?format=csv',
    body: table('Every machine that results have come from', [{ name: 'Name' }, { name: 'Processor' }, { name: 'Cores', isFigure: true }, { name: 'System' },
      { name: 'Variants' }, { name: 'Runs', isFigure: true }, { name: 'Last run' }], machines.map((machine) => [
      machineLink(machine.name), [machine.processor, machine.architecture].filter((part) => part !== '').join(', '), { content: String(machine.cpuCount ?? '–'), order: machine.cpuCount ?? '' },
      { content: machine.system, className: 'faint' }, html`${machine.variants.map((variant) => html`<a href="${timelineLink({ machine: machine.name, variant })}">${variant}</a> `)}`,
      { content: String(machine.runs), order: machine.runs }, formatDay(machine.lastRunAt),
    ])),
  });
}

export function machinePage(machine: MachineDetails, noise: readonly MachineNoise[]): Html {
  return page({
    title: machine.name, section: '/machines', json: pathOf('/api/machines', machine.name), csv: link(pathOf('/api/machines', machine.name), { format: 'csv' }),
    body: html`<div class="card"><dl><dt>Processor</dt><dd>${[machine.processor, machine.cpuCount === null ? '' : countOf(machine.cpuCount, 'core'), machine.architecture].filter((part) => part !== '').join(', ')}</dd>
<dt>System</dt><dd>${machine.system}</dd>${machine.hostname === null || machine.hostname === hidden ? '' : html`<dt>Host name</dt><dd>${machine.hostname}</dd>`}
<dt>Runs</dt><dd>${machine.runs}, ${formatDay(machine.firstRunAt)} to ${formatDay(machine.lastRunAt)}</dd>
<dt>Timelines</dt><dd>${machine.variants.map((variant) => html`<a href="${timelineLink({ machine: machine.name, variant })}">${variant}</a> `)}</dd>
<dt>Noise</dt><dd>${noise.length === 0 ? 'too few runs to tell' : noise.map(({ variant, share, benchmarks, runs }) =>
    html`${variant}: a benchmark moves ${(share * 100).toFixed(2)} % from run to run in the median of ${benchmarks}, over the last ${runs} runs<br>`)}</dd></dl></div>
<h2>Environments</h2>
${table('Figures before and after a change of environment are not of the same conditions', [{ name: 'Since' }, { name: 'Until' }, { name: 'Runs', isFigure: true }, { name: 'What changed' }],
    machine.epochs.map((epoch) => [
      html`<a href="${pathOf('/runs', epoch.firstRun)}">${formatDay(epoch.since)}</a>`, formatDay(epoch.until), { content: String(epoch.runs), order: epoch.runs },
      epoch.changed.length === 0 ? 'the first environment' : html`${epoch.changed.map((name) => html`${name}: ${epoch.facts[name] ?? 'nothing'}<br>`)}`,
    ]))}`,
  });
}
