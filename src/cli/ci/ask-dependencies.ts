/** Answers what `ci` asks about dependencies with what `check` finds. */
import type { Installability } from '#check/index.ts';
import { askInstallability } from '#check/index.ts';
import type { AskDependencies, DependencyAnswer } from '#ci/dependencies.ts';
import type { System } from '#ci/facts.ts';
import { ReportedError } from '#support/reported-error.ts';

/** The words of check's `--target`. */
const targets: Readonly<Record<System, string>> = { linux: 'linux', windows: 'windows', macos: 'macos' };

function answerOf({ outcome, blocking }: Installability): DependencyAnswer {
  switch (outcome) {
    // What has no wheel may take long to build, but a job can do it.
    case 'wheel':
    case 'source': return { kind: 'installable' };
    case 'unknown': return { kind: 'unknown', because: blocking.map(({ package: name, reason }) => `${name}: ${reason}`).join('; ') };
    case 'cannot-install': {
      const packages = blocking.filter((each) => each.outcome === 'cannot-install');
      return { kind: 'blocked', packages: packages.map(({ package: name, reason }) => ({ name, reason })) };
    }
    default: return outcome satisfies never;
  }
}

/** A project that `check` cannot read is not a reason to leave out legs. */
export function askDependencies(isOffline: boolean): AskDependencies {
  return async ({ root, os, python }) => {
    try {
      const [installability] = await askInstallability({ path: root, target: targets[os], pythons: [python], isOffline });
      return installability === undefined ? { kind: 'unknown', because: 'no answer' } : answerOf(installability);
    } catch (error) {
      if (ReportedError.is(error)) return { kind: 'unknown', because: error.message };
      throw error;
    }
  };
}
