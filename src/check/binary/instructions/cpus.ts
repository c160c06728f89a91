/**
 * Which extensions processors have. Cores as in LLVM 19 (`clang --target=aarch64 -mcpu=CORE --print-enabled-extensions`; a test
 * compares), but for what a maker left out of a core: the Cortex-A72 of the Raspberry Pi 4 has no cryptography.
 */
import type { Extension } from './scan.ts';

export type System = 'linux' | 'windows' | 'macos';

export interface Cpu {
  readonly name: string;
  readonly title: string;
  /** As LLVM calls it. */
  readonly core: string;
  readonly extensions: ReadonlySet<Extension>;
  readonly systems: readonly System[];
  /** Page sizes of the kernels that people run on it, in KB; the first is the usual one. */
  readonly pages: readonly number[];
}

const crypto = ['aes', 'sha2'] as const;
const v80 = ['crc32'] as const;
/** Cortex-A76, Neoverse N1: Armv8.2 with dot products and RCPC. */
const v82 = [...v80, ...crypto, 'lse', 'rdm', 'fp16', 'dotprod', 'rcpc'] as const;
const v84 = [...v82, 'fhm', 'fcma', 'jscvt', 'sha3'] as const;
const v86 = [...v84, 'i8mm', 'bf16'] as const;

function cpu(name: string, title: string, core: string, extensions: readonly Extension[], systems: readonly System[] = ['linux'], pages: readonly number[] = [4, 64]): Cpu {
  return { name, title, core, extensions: new Set(extensions), systems, pages };
}

export const cpus: readonly Cpu[] = [
  cpu('raspberry-pi-3', 'Raspberry Pi 3 (Cortex-A53)', 'cortex-a53', v80, ['linux'], [4]),
  cpu('raspberry-pi-4', 'Raspberry Pi 4 (Cortex-A72)', 'cortex-a72', v80, ['linux'], [4]),
  cpu('raspberry-pi-5', 'Raspberry Pi 5 (Cortex-A76)', 'cortex-a76', v82, ['linux'], [16, 4]),
  cpu('graviton1', 'AWS Graviton (Cortex-A72)', 'cortex-a72', [...v80, ...crypto]),
  cpu('graviton2', 'AWS Graviton2 (Neoverse N1)', 'neoverse-n1', v82),
  cpu('graviton3', 'AWS Graviton3 (Neoverse V1)', 'neoverse-v1', [...v86, 'sm4', 'sve']),
  cpu('graviton4', 'AWS Graviton4 (Neoverse V2)', 'neoverse-v2', [...v86, 'sm4', 'sve', 'sve2']),
  cpu('ampere-altra', 'Ampere Altra (Neoverse N1)', 'neoverse-n1', v82),
  cpu('ampereone', 'AmpereOne', 'ampere1', v86),
  cpu('cobalt-100', 'Microsoft Cobalt 100 (Neoverse N2)', 'neoverse-n2', [...v86, 'sm4', 'sve', 'sve2'], ['linux', 'windows']),
  cpu('snapdragon-x', 'Qualcomm Snapdragon X (Oryon)', 'oryon-1', [...v86, 'sm4'], ['windows', 'linux'], [4]),
  cpu('apple-m1', 'Apple M1', 'apple-m1', v84, ['macos', 'linux'], [16]),
  cpu('apple-m2', 'Apple M2 and M3', 'apple-m2', v86, ['macos', 'linux'], [16]),
  cpu('apple-m4', 'Apple M4', 'apple-m4', [...v86, 'sme'], ['macos'], [16]),
  cpu('jetson-nano', 'NVIDIA Jetson Nano and TX1 (Cortex-A57)', 'cortex-a57', [...v80, ...crypto], ['linux'], [4]),
  cpu('jetson-xavier', 'NVIDIA Jetson Xavier (Carmel)', 'carmel', [...v80, ...crypto, 'lse', 'rdm', 'fp16'], ['linux'], [4]),
  cpu('jetson-orin', 'NVIDIA Jetson Orin (Cortex-A78AE)', 'cortex-a78ae', v82, ['linux'], [4, 64]),
];
