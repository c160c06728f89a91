import type { MachineFiles } from '#lab/bench/machine-files.ts';
import { isolatedCpus, onlineCpus } from '#lab/bench/machine.ts';

/** The benchmark itself makes a load of one; half of one besides it is a machine that others use. */
const busyLoad = 0.5;

/** What makes times on this machine scatter, in words for the person who waits for them. Nothing is changed: that needs root. */
export function machineNotes(files: MachineFiles, affinity: readonly number[] | undefined): readonly string[] {
  const cpus = affinity ?? onlineCpus(files);
  const governors = [...new Set(cpus.map((cpu) => files.read(`sys/devices/system/cpu/cpu${cpu}/cpufreq/scaling_governor`)))];
  const moving = governors.filter((governor) => governor !== undefined && governor !== 'performance');
  const load = Number.parseFloat(files.read('proc/loadavg') ?? '');
  const isIsolated = affinity !== undefined && affinity.every((cpu) => isolatedCpus(files).includes(cpu));
  return [
    ...moving.map((governor) => `the frequency governor is ${governor ?? ''}, so that times depend on what ran before (\`python3 -m pyperf system tune\` sets performance)`),
    ...(load >= busyLoad && !isIsolated ? [`the load average was ${load.toFixed(1)} on ${onlineCpus(files).length} CPUs before anything was measured`] : []),
  ];
}
