/** What the tables of src/ci/data are made of, read from the files that GitHub publishes. */

export interface ManifestEntry {
  readonly version: string;
  readonly stable: boolean;
  readonly files: readonly { readonly platform: string; readonly platform_version?: string; readonly arch: string }[];
}

/** The part of the manifest that an image of runners.json installs from. */
function fitsImage(image: string, file: ManifestEntry['files'][number]): boolean {
  if (image.startsWith('windows')) return file.platform === 'win32';
  if (image.startsWith('macos')) return file.platform === 'darwin';
  return file.platform === 'linux' && image === `ubuntu-${file.platform_version ?? ''}-arm`;
}

/** `3.14.0-rc.1` is of `3.14`; the free-threaded build of it is `3.14t`. */
function nameOf(version: string, arch: string): string | undefined {
  const minor = /^\d+\.\d+/.exec(version)?.[0];
  if (minor === undefined) return undefined;
  return arch === 'arm64' ? minor : arch === 'arm64-freethreaded' ? `${minor}t` : undefined;
}

function byVersion(a: string, b: string): number {
  const number = (name: string): number => Number(name.split('.')[0]) * 1000 + Number.parseInt(name.split('.')[1] ?? '0', 10) + (name.endsWith('t') ? 0.5 : 0);
  return number(a) - number(b);
}

/** The CPython versions of each image, from actions/python-versions' versions-manifest.json. */
export function pythonsOfImages(manifest: readonly ManifestEntry[], images: readonly string[]): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(images.map((image) => {
    const names = manifest.flatMap((entry) => entry.files.filter((file) => fitsImage(image, file)).flatMap((file) => nameOf(entry.version, file.arch) ?? []));
    return [image, [...new Set(names)].sort(byVersion)];
  }));
}

/** Versions of which no release is stable yet. */
export function prereleases(manifest: readonly ManifestEntry[], names: readonly string[]): readonly string[] {
  const stable = new Set(manifest.filter((entry) => entry.stable).map((entry) => /^\d+\.\d+/.exec(entry.version)?.[0] ?? ''));
  return names.filter((name) => !stable.has(name.replace(/t$/, '')));
}

/** The labels in the table of images in the README of actions/runner-images. */
export function labelsIn(readme: string): readonly string[] {
  const table = readme.slice(readme.indexOf('## Available Images'), readme.indexOf('### Label scheme'));
  return [...new Set([...table.matchAll(/`((?:ubuntu|windows|macos|xcode)-[\w.-]+)`/g)].map((match) => match[1] ?? ''))].sort();
}
