import { alpineContainer } from '#ci/rules/alpine-container.ts';
import { artifactName } from '#ci/rules/artifact-name.ts';
import { bareWheel } from '#ci/rules/bare-wheel.ts';
import { breaksOnArm } from '#ci/rules/breaks-on-arm.ts';
import { cacheKey } from '#ci/rules/cache-key.ts';
import { conditionOnLabel } from '#ci/rules/condition-on-label.ts';
import { emulatedContainer } from '#ci/rules/emulated-container.ts';
import { emulatedImage } from '#ci/rules/emulated-image.ts';
import { emulatedWheels } from '#ci/rules/emulated-wheels.ts';
import { fixedArchitecture } from '#ci/rules/fixed-architecture.ts';
import { maturinContainer } from '#ci/rules/maturin-container.ts';
import { publishOnArm } from '#ci/rules/publish-on-arm.ts';
import { pythonOnArm } from '#ci/rules/python-on-arm.ts';
import type { Rule } from '#ci/rules/rule.ts';
import { runnerLabel } from '#ci/rules/runner-label.ts';
import { skippedOnArm } from '#ci/rules/skipped-on-arm.ts';
import { untestedOnArm } from '#ci/rules/untested-on-arm.ts';
import { uvPython } from '#ci/rules/uv-python.ts';

/** In the order in which `port` applies them: what a rule changes is what the rules after it look at. */
export const allRules: readonly Rule[] = [
  runnerLabel,
  emulatedWheels,
  emulatedImage,
  emulatedContainer,
  untestedOnArm,
  alpineContainer,
  pythonOnArm,
  fixedArchitecture,
  conditionOnLabel,
  publishOnArm,
  maturinContainer,
  uvPython,
  skippedOnArm,
  cacheKey,
  artifactName,
  breaksOnArm,
  bareWheel,
];
