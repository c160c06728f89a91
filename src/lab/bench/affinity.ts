import { formatCpuList, parseCpuList } from '#lab/bench/cpu-list.ts';
import type { MachineFiles } from '#lab/bench/machine-files.ts';
import { coreKinds, isolatedCpus, onlineCpus } from '#lab/bench/machine.ts';

export interface Pinning {
  /** Undefined: the system moves processes as it likes. */
  readonly cpus: readonly number[] | undefined;
  /** In words, for the person who looks at the figures. */
  readonly reason: string;
}

function capacity(files: MachineFiles, cpu: number): number {
  const directory = `sys/devices/system/cpu/cpu${cpu}`;
  return Number(files.read(`${directory}/cpu_capacity`) ?? files.read(`${directory}/cpufreq/cpuinfo_max_freq`) ?? 0);
}

/**
 * Where processes are pinned unless the user says otherwise: isolated processors, as pyperf does; else one of the fastest cores, since a process
 * that is moved between big and small cores measures the scheduler. The last one, because systems handle most interrupts on the first.
 */
export function choosePinning(files: MachineFiles): Pinning {
  // A container may not have the isolated processors of its host.
  const ours = parseCpuList(files.read('sys/fs/cgroup/cpuset.cpus.effective') ?? '');
  const isolated = isolatedCpus(files).filter((cpu) => ours?.includes(cpu) ?? true);
  if (isolated.length > 0) return { cpus: isolated, reason: `pinned to the isolated CPUs ${formatCpuList(isolated)}` };
  const allowedText = /^Cpus_allowed_list:\s*(\S+)/m.exec(files.read('proc/self/status') ?? '')?.[1];
  const allowed = parseCpuList(allowedText ?? '') ?? onlineCpus(files);
  if (allowed.length === 0) return { cpus: undefined, reason: 'not pinned: the system does not tell its CPUs' };
  if (allowed.length === 1) return { cpus: undefined, reason: 'not pinned: there is only one CPU to run on' };
  const best = Math.max(...allowed.map((cpu) => capacity(files, cpu)));
  const chosen = allowed.filter((cpu) => capacity(files, cpu) === best).at(-1) ?? 0;
  const kind = coreKinds(files).find(({ cpus }) => cpus.includes(chosen));
  return { cpus: [chosen], reason: `pinned to CPU ${chosen}${kind === undefined ? '' : ` (${kind.name})`}; --affinity all leaves that to the system` };
}
