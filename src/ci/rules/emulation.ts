/** Steps that set up QEMU, and what becomes of them when nothing in the job needs it any more. */
import { addCondition } from '#ci/rules/conditions.ts';
import type { JobView } from '#ci/model/legs.ts';
import type { Step } from '#ci/model/workflow.ts';
import { usesAction } from '#ci/model/workflow.ts';
import type { Edit } from '#ci/source/edits.ts';
import { removeItem } from '#ci/source/edits.ts';

/** Processors that only emulation can run on GitHub's runners. */
export const foreignWords = ['ppc64le', 's390x', 'riscv64', 'armv7l', 'armv6l', 'loongarch64', 'all', 'linux/ppc64le', 'linux/s390x', 'linux/riscv64', 'linux/arm/v7', 'linux/arm/v6', 'linux/386'];

const qemuRun = /^\s*(?:sudo )?docker run .*(?:multiarch\/qemu-user-static|tonistiigi\/binfmt)\S*.*$/;

export function isQemuSetup(step: Step): boolean {
  return usesAction(step, 'docker/setup-qemu-action') || (step.run !== undefined && step.run.trim().split('\n').every((line) => qemuRun.test(line)));
}

export function qemuSteps(view: JobView): readonly Step[] {
  return view.job.steps.filter(isQemuSetup);
}

/** Without its QEMU steps, as far as they stand in the job itself. */
export function withoutQemu(view: JobView): readonly Edit[] {
  return qemuSteps(view).filter((step) => step.by === undefined && step.list.flow !== true && step.list.items.length > 1)
    .map((step) => removeItem(step.file, step.list, step.index, /qemu|emulat/i));
}

/** With QEMU only where `condition` holds. */
export function qemuOnlyIf(view: JobView, condition: string): readonly Edit[] {
  return qemuSteps(view).filter((step) => step.by === undefined).flatMap((step) => addCondition(step, condition) ?? []);
}
