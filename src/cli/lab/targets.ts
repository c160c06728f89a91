import type { LabArguments } from '#cli/lab/options.ts';
import type { GitHubTarget, Targets } from '#lab/delivery/delivery.ts';
import { LabError } from '#lab/errors.ts';

/** Where reports of pull requests go; undefined when nowhere. Secrets are not on the command line, where other users could read them. */
export function targetsOf(given: LabArguments): Targets | undefined {
  const [webhook, github] = [webhookOf(given), githubOf(given)];
  const publicUrl = given.option('--public-url');
  if (publicUrl !== undefined && !URL.canParse(publicUrl)) throw new LabError('bad-target', { target: publicUrl, reason: 'not an address' });
  return webhook === undefined && github === undefined ? undefined : { webhook, github, publicUrl, allowPrivate: given.has('--allow-private') };
}

function webhookOf(given: LabArguments): Targets['webhook'] {
  const target = given.option('--webhook');
  if (target === undefined) return undefined;
  const secret = process.env['ARMATURE_LAB_WEBHOOK_SECRET'] ?? '';
  if (!URL.canParse(target) || !/^https?:$/.test(new URL(target).protocol)) throw new LabError('bad-target', { target, reason: 'not an address of the web' });
  if (secret === '') throw new LabError('bad-target', { target, reason: 'ARMATURE_LAB_WEBHOOK_SECRET is not set' });
  return { url: new URL(target), secret };
}

function githubOf(given: LabArguments): GitHubTarget | undefined {
  const repository = given.option('--github');
  if (repository === undefined) return undefined;
  const [api, token] = [given.option('--github-api') ?? 'https://api.github.com', process.env['ARMATURE_LAB_GITHUB_TOKEN'] ?? ''];
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository)) throw new LabError('bad-target', { target: repository, reason: 'not OWNER/NAME' });
  if (!URL.canParse(api)) throw new LabError('bad-target', { target: api, reason: 'not an address' });
  if (token === '') throw new LabError('bad-target', { target: repository, reason: 'ARMATURE_LAB_GITHUB_TOKEN is not set' });
  return { api, repository, token };
}
