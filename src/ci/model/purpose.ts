import type { JobView } from '#ci/model/legs.ts';
import type { Step } from '#ci/model/workflow.ts';
import { actionOf } from '#ci/model/workflow.ts';

/** Commands whose result depends on the processor they run on. */
const tests = /\b(pytest|py\.test|nox|unittest|ctest|runtests?|coverage run|manage\.py test|cargo (?:nextest|test)|go test|npm (?:t|test|run test\S*)|hatch (?:run )?(?:test\S*|cov)|meson test|make (?:test|check)\S*|doctest|uv run (?:--\S+ )*python|python\S* (?:-\S+ )*(?:\S*\/)?test\S*\.py)\b/;
const testRunners = /\b(tox|nox)\b/;
const builds = /\b(cibuildwheel|maturin|build_ext|bdist_wheel|pip3? wheel|cmake|meson (?:setup|compile)|cargo build|auditwheel)\b/;
/** What a test runner is used for without testing anything. */
const otherUses = /-(?:e|s)\s*[= ]?\s*['"]?(lint|docs?|mypy|flake8|typing|type|pre-?commit|style|format|check-manifest|release|publish)/;
const testActions = ['pypa/cibuildwheel', 'pyo3/maturin-action', 'tox-dev/action-pre-commit-uv', 'pyvista/setup-headless-display-action', 'wntrblm/nox', 'uraimo/run-on-arch-action'];

export const isPublish = (step: Step): boolean => ['pypa/gh-action-pypi-publish', 'softprops/action-gh-release', 'ncipollo/release-action', 'actions/create-release']
  .includes(actionOf(step) ?? '') || /\b(twine upload|uv publish|poetry publish|flit publish|hatch publish|gh release|npm publish)\b/.test(step.run ?? '');

function commands(step: Step): readonly string[] {
  return (step.run ?? '').split('\n').map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#') && !/^(?:python\S* -m )?(?:pip3?|uv pip|uv tool|pipx|apt-get|sudo|brew|choco) (?:-\S+ )*(?:install|apt-get)/.test(line));
}

function depends(step: Step): boolean {
  if (testActions.includes(actionOf(step) ?? '')) return true;
  return commands(step).some((line) => builds.test(line) || (testRunners.test(line) ? !otherUses.test(line) : tests.test(line)));
}

/** Whether the job builds or tests something whose outcome depends on the processor; checks of style and publishing do not. */
export function dependsOnProcessor(view: JobView): boolean {
  if (view.job.steps.some(depends)) return true;
  return /(^|[-_])(unit-?)?tests?($|[-_])/.test(view.job.id) && view.job.steps.some((step) => step.run !== undefined);
}

/** Whether wheels are built in the job, so that each leg makes files of its own. */
export function buildsWheels(view: JobView): boolean {
  return view.job.steps.some((step) => ['pypa/cibuildwheel', 'pyo3/maturin-action'].includes(actionOf(step) ?? '')
    || /\b(cibuildwheel|maturin build|bdist_wheel|pip3? wheel|(?:-m|uv) build)\b/.test(step.run ?? ''));
}
