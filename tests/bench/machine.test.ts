import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { choosePinning } from '#lab/bench/affinity.ts';
import { formatCpuList, parseCpuList } from '#lab/bench/cpu-list.ts';
import type { MachineFiles } from '#lab/bench/machine-files.ts';
import { machineFiles } from '#lab/bench/machine-files.ts';
import { machineNotes } from '#lab/bench/machine-notes.ts';
import { coreKinds, machineMetadata, momentMetadata } from '#lab/bench/machine.ts';

/** A machine whose /proc/cpuinfo was recorded, with what else its kernel would say. */
function recorded(name: string, more: Readonly<Record<string, string>> = {}): MachineFiles {
  const files: Readonly<Record<string, string>> = { 'proc/cpuinfo': readFileSync(join(import.meta.dirname, 'machines', `${name}.cpuinfo`), 'utf8'), ...more };
  return {
    read: (path) => files[path]?.trim(),
    list: (path) => [...new Set(Object.keys(files).filter((file) => file.startsWith(`${path}/`)).map((file) => file.slice(path.length + 1).split('/')[0] ?? ''))],
  };
}

const cpuFiles = (cpus: readonly number[], values: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(cpus.flatMap((cpu) => Object.entries(values).map(([name, value]) => [`sys/devices/system/cpu/cpu${cpu}/${name}`, value])));

test('a Raspberry Pi 4 has no LSE atomics and no SVE', () => {
  const metadata = machineMetadata(recorded('raspberry-pi-4'), undefined, 'pi');
  assert.deepEqual(metadata, {
    cpu_count: 4, cpu_model_name: 'ARM Cortex-A72', cpu_implementer: 'ARM (0x41)', cpu_part: 'Cortex-A72 (0xd08)', cpu_core_kinds: '0-3=4 Cortex-A72 r0p3',
    cpu_features: 'fp asimd evtstrm crc32 cpuid', cpu_lse: 'no', cpu_sve: 'no', hostname: 'pi',
  });
});

test('a Raspberry Pi 5: page size, board, frequency limits and a limited governor; no serial number', () => {
  const frequency = { 'cpufreq/scaling_driver': 'cpufreq-dt', 'cpufreq/scaling_governor': 'ondemand', 'cpufreq/cpuinfo_min_freq': '1500000',
    'cpufreq/cpuinfo_max_freq': '2400000', 'cpufreq/scaling_min_freq': '1500000', 'cpufreq/scaling_max_freq': '1800000' };
  const files = recorded('raspberry-pi-5', { ...cpuFiles([0, 1, 2, 3], frequency), 'proc/device-tree/model': 'Raspberry Pi 5 Model B Rev 1.0\0',
    'proc/self/smaps': '5555 r-xp\nSize: 16 kB\nKernelPageSize:       16 kB\n', 'proc/sys/kernel/randomize_va_space': '2\n' });
  const metadata = machineMetadata(files, undefined);
  assert.equal(metadata['cpu_part'], 'Cortex-A76 (0xd0b)');
  assert.equal(metadata['cpu_lse'], 'yes');
  assert.equal(metadata['page_size'], 16384);
  assert.equal(metadata['board'], 'Raspberry Pi 5 Model B Rev 1.0');
  assert.equal(metadata['aslr'], 'Full randomization');
  assert.equal(metadata['cpu_config'], '0-3=driver:cpufreq-dt, governor:ondemand');
  assert.equal(metadata['cpu_frequency_limits'], '0-3=1500-2400 MHz (limited to 1500-1800 MHz)');
  assert.doesNotMatch(JSON.stringify(metadata), /48343bbbe3ae743b/);
});

test('big and small cores are told apart, and processes are pinned to a big one', () => {
  const files = recorded('rk3588', { ...cpuFiles([0, 1, 2, 3], { cpu_capacity: '530' }), ...cpuFiles([4, 5, 6, 7], { cpu_capacity: '1024' }),
    'proc/self/status': 'Name:\tnode\nCpus_allowed_list:\t0-6\n' });
  assert.deepEqual(coreKinds(files).map(({ name, cpus, revision }) => [name, formatCpuList(cpus), revision]), [['Cortex-A55', '0-3', 'r2p0'], ['Cortex-A76', '4-7', 'r4p0']]);
  assert.equal(machineMetadata(files, [6])['cpu_core_kinds'], '0-3=4 Cortex-A55 r2p0; 4-7=4 Cortex-A76 r4p0');
  const { cpus, reason } = choosePinning(files);
  assert.deepEqual(cpus, [6]);
  assert.match(reason, /^pinned to CPU 6 \(Cortex-A76\)/);
});

test('Graviton 3 has SVE, of which the kernel tells the length', () => {
  const metadata = machineMetadata(recorded('graviton-3', { 'proc/sys/abi/sve_default_vector_length': '32' }), undefined);
  assert.equal(metadata['cpu_model_name'], 'ARM Neoverse-V1');
  assert.equal(metadata['cpu_sve'], 'sve, 256 bits');
});

test('AmpereOne: isolated processors are used and described as pyperf describes them', () => {
  const isolated = { 'sys/devices/system/cpu/isolated': '183-191', 'sys/devices/system/cpu/cpuidle/current_driver': 'acpi_idle' };
  const cpus = parseCpuList('183-191') ?? [];
  const files = recorded('ampereone-a192', { ...isolated, ...cpuFiles(cpus, { 'cpufreq/scaling_driver': 'cppc_cpufreq', 'cpufreq/scaling_governor': 'performance' }) });
  assert.deepEqual(choosePinning(files).cpus, cpus);
  const inContainer = recorded('ampereone-a192', { ...isolated, 'sys/fs/cgroup/cpuset.cpus.effective': '0-3', 'proc/self/status': 'Cpus_allowed_list:\t0-3\n' });
  assert.deepEqual(choosePinning(inContainer).cpus, [3]);
  const metadata = machineMetadata(files, cpus);
  assert.equal(metadata['cpu_model_name'], 'Ampere Ampere-1a');
  assert.equal(metadata['cpu_config'], '183-191=driver:cppc_cpufreq, governor:performance, isolated; idle:acpi_idle');
  assert.equal(metadata['cpu_affinity'], '183-191');
});

test('the state of a moment: load, frequency of the CPUs used, temperatures that pyperf does not read on Arm', () => {
  const files = recorded('raspberry-pi-5', {
    'proc/loadavg': '0.25 0.30 0.28 2/345 6789', 'proc/stat': 'cpu 1 2 3\nbtime 1700000000\n', ...cpuFiles([3], { 'cpufreq/scaling_cur_freq': '2400000' }),
    'sys/class/thermal/thermal_zone0/temp': '54800', 'sys/class/thermal/thermal_zone0/type': 'cpu-thermal', 'sys/class/thermal/cooling_device0/type': 'fan',
  });
  const metadata = momentMetadata(files, [3], new Date(1700000100_000));
  assert.match(String(metadata['date']), /^2023-11-1\d \d\d:\d\d:\d\d/);
  assert.deepEqual({ ...metadata, date: '' }, { date: '', load_avg_1min: 0.25, runnable_threads: 2, uptime: 100, cpu_freq: '3=2400 MHz', cpu_temp: 'cpu-thermal=55 C' });
});

test('this machine has a description that pyperf would accept', () => {
  const files = machineFiles();
  for (const [name, value] of Object.entries({ ...machineMetadata(files, undefined), ...momentMetadata(files, undefined) })) {
    assert.ok(typeof value === 'number' ? Number.isFinite(value) : typeof value === 'string' && value !== '' && !/[\r\n]/.test(value), `${name}: ${JSON.stringify(value)}`);
  }
});

test('lists of processors', () => {
  assert.deepEqual(parseCpuList('0-2,7'), [0, 1, 2, 7]);
  assert.deepEqual(parseCpuList(' 3\n'), [3]);
  for (const wrong of ['', 'x', '3-1', '1,,2', '-1', '1-', '999999']) assert.equal(parseCpuList(wrong), undefined, wrong);
  assert.equal(formatCpuList([7, 0, 2, 1]), '0-2,7');
});

test('a governor that moves and a machine that others use are said beforehand; isolated processors do not mind the others', () => {
  const moving = cpuFiles([0, 1, 2, 3], { 'cpufreq/scaling_governor': 'ondemand' });
  const busy = { 'proc/loadavg': '2.50 1 1 1/1 1' };
  assert.deepEqual(machineNotes(recorded('raspberry-pi-5'), undefined), []);
  const notes = machineNotes(recorded('raspberry-pi-5', { ...moving, ...busy }), undefined);
  assert.match(notes[0] ?? '', /^the frequency governor is ondemand/);
  assert.equal(notes[1], 'the load average was 2.5 on 4 CPUs before anything was measured');
  assert.deepEqual(machineNotes(recorded('raspberry-pi-5', { ...busy, 'sys/devices/system/cpu/isolated': '3' }), [3]), []);
});
