/**
 * Names of Arm processor cores by the two fields of the register MIDR_EL1 that /proc/cpuinfo shows. Source: the tables of `lscpu` (util-linux,
 * sys-utils/lscpu-arm.c) and the technical reference manuals of Arm; only cores that run a 64-bit Linux.
 */
const implementers: ReadonlyMap<number, string> = new Map([
  [0x41, 'ARM'], [0x42, 'Broadcom'], [0x43, 'Cavium'], [0x46, 'Fujitsu'], [0x48, 'HiSilicon'], [0x4e, 'NVIDIA'], [0x50, 'APM'], [0x51, 'Qualcomm'],
  [0x53, 'Samsung'], [0x61, 'Apple'], [0x6d, 'Microsoft'], [0x70, 'Phytium'], [0xc0, 'Ampere'],
]);

const parts: ReadonlyMap<number, ReadonlyMap<number, string>> = new Map([
  [0x41, new Map([
    [0xd02, 'Cortex-A34'], [0xd03, 'Cortex-A53'], [0xd04, 'Cortex-A35'], [0xd05, 'Cortex-A55'], [0xd06, 'Cortex-A65'], [0xd07, 'Cortex-A57'],
    [0xd08, 'Cortex-A72'], [0xd09, 'Cortex-A73'], [0xd0a, 'Cortex-A75'], [0xd0b, 'Cortex-A76'], [0xd0c, 'Neoverse-N1'], [0xd0d, 'Cortex-A77'],
    [0xd0e, 'Cortex-A76AE'], [0xd40, 'Neoverse-V1'], [0xd41, 'Cortex-A78'], [0xd42, 'Cortex-A78AE'], [0xd44, 'Cortex-X1'], [0xd46, 'Cortex-A510'],
    [0xd47, 'Cortex-A710'], [0xd48, 'Cortex-X2'], [0xd49, 'Neoverse-N2'], [0xd4a, 'Neoverse-E1'], [0xd4b, 'Cortex-A78C'], [0xd4c, 'Cortex-X1C'],
    [0xd4d, 'Cortex-A715'], [0xd4e, 'Cortex-X3'], [0xd4f, 'Neoverse-V2'], [0xd80, 'Cortex-A520'], [0xd81, 'Cortex-A720'], [0xd82, 'Cortex-X4'],
    [0xd83, 'Neoverse-V3AE'], [0xd84, 'Neoverse-V3'], [0xd85, 'Cortex-X925'], [0xd87, 'Cortex-A725'], [0xd8e, 'Neoverse-N3'],
  ])],
  [0x43, new Map([[0x0a1, 'ThunderX 88XX'], [0x0af, 'ThunderX2 99xx']])],
  [0x46, new Map([[0x001, 'A64FX']])],
  [0x48, new Map([[0xd01, 'TaiShan-v110']])],
  [0x4e, new Map([[0x003, 'Denver 2'], [0x004, 'Carmel']])],
  [0x51, new Map([[0x001, 'Oryon'], [0xc00, 'Falkor'], [0xc01, 'Saphira']])],
  [0x61, new Map([
    [0x022, 'Icestorm-M1'], [0x023, 'Firestorm-M1'], [0x024, 'Icestorm-M1-Pro'], [0x025, 'Firestorm-M1-Pro'], [0x028, 'Icestorm-M1-Max'],
    [0x029, 'Firestorm-M1-Max'], [0x032, 'Blizzard-M2'], [0x033, 'Avalanche-M2'],
  ])],
  [0x6d, new Map([[0xd49, 'Azure-Cobalt-100']])],
  [0xc0, new Map([[0xac3, 'Ampere-1'], [0xac4, 'Ampere-1a'], [0xac5, 'Ampere-1b']])],
]);

const hexadecimal = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`;

/** What is not in the table is named by its numbers. */
export function implementerName(implementer: number): string {
  return implementers.get(implementer) ?? hexadecimal(implementer, 2);
}

export function partName(implementer: number, part: number): string {
  return parts.get(implementer)?.get(part) ?? hexadecimal(part, 3);
}
