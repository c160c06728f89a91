import type { Runner, System } from '#ci/facts.ts';
import { actionProblem, imageAnswer, isAlpine, pypaImage, pythonAvailable } from '#ci/facts.ts';
import { answerFor } from '#ci/dependencies.ts';
import { evaluateTemplate } from '#ci/model/expressions.ts';
import type { JobView, Leg } from '#ci/model/legs.ts';
import { mayRun, pythonsIn } from '#ci/model/legs.ts';
import type { Project } from '#ci/model/project.ts';
import type { Step } from '#ci/model/workflow.ts';
import { containerImage, serviceImages, usesAction } from '#ci/model/workflow.ts';
import { entryOf, endOf, startOf, textOf, valueOf } from '#ci/source/nodes.ts';
import type { SourceFile } from '#ci/source/source-file.ts';

/** Something in a job that does not work on Arm, or that cannot be known to. */
export interface Obstacle {
  readonly file: SourceFile;
  readonly offset: number;
  readonly message: string;
  readonly link: string | undefined;
  /** True when it fails for certain; false when nobody here can tell. */
  readonly certain: boolean;
}

const installAdvice = 'https://docs.github.com/en/actions/reference/runners/github-hosted-runners';
/** Text in a script that names another processor. Comments and what is said to be for x86 only in an `if` are not looked at. */
const foreign: readonly (readonly [pattern: RegExp, what: string])[] = [
  [/(?:^|[\s"'=])-m(?:64|32|sse[\w.]*|avx[\w.]*|fma|bmi2?)\b/, 'a compiler option for x86'],
  [/-march=(?:x86-64\S*|haswell|skylake\S*|znver\d|core\S*)/, 'a compiler option for x86'],
  [/\b(?:https?:\/\/|[\w./-]*)\S*(?:amd64|x86_64|x86-64|linux64|x64|win64)\S*\.(?:tar\.\w+|tgz|zip|deb|rpm|exe|msi|sh|whl|AppImage|xz|gz|pkg)\b/i, 'a file for x86'],
  [/https?:\/\/\S*(?:[-_/.](?:amd64|x86_64|x86-64|linux64|x64|win64))(?![\w])\S*/i, 'a file for x86'],
];

/** Certain and possible obstacles of a job on an Arm runner of a system. */
export function obstaclesOf(view: JobView, leg: Leg, os: System): readonly Obstacle[] {
  const steps = view.job.steps.filter((step) => mayRun(leg, step));
  return [...containerObstacles(view, leg, os), ...serviceObstacles(view, os), ...steps.flatMap((step) => stepObstacles(step, os))];
}

function containerObstacles(view: JobView, leg: Leg, os: System): readonly Obstacle[] {
  const image = containerImage(view.job);
  if (image === undefined || os !== 'linux') return [];
  const written = textOf(view.job.file, image) ?? '';
  const value = evaluateTemplate(written, leg.contexts);
  const at = { file: view.job.file, offset: startOf(image) };
  if (!value.known) return [{ ...at, message: `its container is chosen by an expression, ${written}`, link: undefined, certain: false }];
  const text = String(value.value ?? '');
  if (text === '') return [];
  if (isAlpine(text)) {
    return [{ ...at, message: `its container ${text} is Alpine, in which actions written in JavaScript do not start on arm64`, link: 'https://github.com/actions/runner/issues/801', certain: true }];
  }
  if (pypaImage(text)?.family === 'manylinux') return [];
  const answer = imageAnswer(text);
  if (answer.kind === 'amd64-only') return [{ ...at, message: `its container ${text} has no linux/arm64 image`, link: answer.link, certain: true }];
  return answer.kind === 'arm64' ? [] : [{ ...at, message: `it is not known whether its container ${text} has a linux/arm64 image`, link: undefined, certain: false }];
}

function serviceObstacles(view: JobView, os: System): readonly Obstacle[] {
  if (os !== 'linux') return [];
  return serviceImages(view.job).flatMap(({ name, image }): Obstacle[] => {
    const text = textOf(view.job.file, image) ?? '';
    const answer = imageAnswer(text);
    const at = { file: view.job.file, offset: startOf(image) };
    if (answer.kind === 'amd64-only') return [{ ...at, message: `its service ${name} needs ${text}, which has no linux/arm64 image`, link: answer.link, certain: true }];
    return answer.kind === 'arm64' ? [] : [{ ...at, message: `it is not known whether ${text}, the image of its service ${name}, exists for linux/arm64`, link: undefined, certain: false }];
  });
}

function stepObstacles(step: Step, os: System): readonly Obstacle[] {
  const found: Obstacle[] = [];
  const uses = entryOf(step.file, step.node, 'uses');
  const problem = step.uses === undefined ? undefined : actionProblem(step.uses, os, 'arm64');
  if (problem !== undefined && !problem.publishes) {
    found.push({ file: step.file, offset: startOf(uses?.value), message: `it uses ${step.uses ?? ''}, which does not run there: ${problem.problem}`, link: problem.link, certain: true });
  }
  const run = valueOf(step.file, step.node, 'run');
  const source = run === undefined ? '' : step.file.text.slice(startOf(run), endOf(run));
  for (const hit of foreignIn(source)) {
    found.push({ file: step.file, offset: startOf(run) + hit.offset, message: `its script has ${hit.what}: ${hit.text}`, link: undefined, certain: true });
  }
  if (os === 'windows' && /\bdocker (?:run|build|compose)\b/.test(step.run ?? '')) {
    found.push({ file: step.file, offset: startOf(run), message: 'it runs Docker, which Windows on Arm runners do not have', link: 'https://github.com/actions/runner-images/issues/14632', certain: true });
  }
  return found;
}

export interface ForeignText {
  readonly offset: number;
  readonly text: string;
  readonly what: string;
}

/** Lines that are inside a branch on the processor (`uname -m`, `case`) are taken to know what they do. */
function foreignIn(source: string): readonly ForeignText[] {
  if (/uname -m|dpkg --print-architecture|runner\.arch|RUNNER_ARCH|PROCESSOR_ARCHITECTURE|arch\b.*==/.test(source)) return [];
  const found: ForeignText[] = [];
  let offset = 0;
  for (const line of source.split('\n')) {
    const [pattern, what] = line.trim().startsWith('#') ? [] : (foreign.find(([candidate]) => candidate.test(line)) ?? []);
    const match = pattern?.exec(line);
    if (match !== null && match !== undefined && what !== undefined) found.push({ offset: offset + match.index + match[0].search(/[^\s"'=]/), text: match[0].replace(/^[\s"'=]+|\s+$/g, ''), what });
    offset += line.length + 1;
  }
  return found;
}

/** Pythons of a leg that an Arm runner cannot have, each with the reason. */
export function pythonObstacle(project: Project, view: JobView, leg: Leg, runner: Runner): { readonly message: string; readonly link: string; readonly offset: number; readonly file: SourceFile } | undefined {
  for (const { version, step } of pythonsIn(view, leg)) {
    const at = { file: step.file, offset: startOf(step.node) };
    // uv brings Pythons of its own, for every system but Windows on Arm as far back as anyone needs.
    const fromManifest = usesAction(step, 'actions/setup-python') || runner.os === 'windows';
    if (fromManifest && pythonAvailable(runner, version) === false) {
      return { ...at, message: `actions/setup-python has no Python ${version} for ${runner.label}`, link: 'https://github.com/actions/python-versions' };
    }
    const answer = answerFor(project.dependencies, runner.os, version);
    if (answer?.kind === 'blocked') {
      const names = answer.packages.map((each) => `${each.name} (${each.reason})`).join(', ');
      return { ...at, message: `dependencies cannot be installed on ${runner.label} with Python ${version}: ${names}`, link: installAdvice };
    }
  }
  return undefined;
}
