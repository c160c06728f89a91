import { systems } from '#ci/facts.ts';
import { obstaclesOf } from '#ci/model/obstacles.ts';
import type { Finding, Rule } from '#ci/rules/rule.ts';
import { findingAt } from '#ci/rules/rule.ts';

/** What cannot work in the Arm legs that are there. */
export const breaksOnArm: Rule = {
  name: 'breaks-on-arm',
  summary: 'something in an Arm leg that does not work on Arm',
  link: 'https://github.com/actions/runner-images#available-images',
  find: (analysis) => analysis.views.flatMap((view) => systems.flatMap((os): Finding[] => {
    const leg = view.legs.find((each) => each.runner?.os === os && each.runner.arch === 'arm64');
    if (leg?.runner === undefined || os === 'macos') return [];
    const { label } = leg.runner;
    return obstaclesOf(view, leg, os).map((obstacle) => findingAt(breaksOnArm, obstacle.file, obstacle.offset, {
      severity: obstacle.certain ? 'error' : 'note', job: view.job.id, message: `job ${view.job.id} on ${label}: ${obstacle.message}`,
      ...(obstacle.link === undefined ? {} : { link: obstacle.link }), advice: 'choose by `runner.arch`, or leave the step out on Arm',
    }));
  })),
};
