// Bundles src/ into dist/: main.cjs is the command line, small and in one file, since each file costs `armature run` a
// millisecond before Python starts; server.cjs is the compile server, a script that server.js loads once Python is on its way.
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const output = join(root, 'dist');

/** Modules with a bundle of their own, which is loaded when it is needed: `run` must not pay for the other verbs. */
const apart = {
  '#server/start.ts': 'server',
  '#cli/commands/bench.ts': 'bench',
  '#cli/commands/lab.ts': 'lab',
  '#cli/commands/inspect.ts': 'inspect',
  '#cli/commands/ci.ts': 'ci',
  '#cli/commands/check.ts': 'check',
  '#cli/commands/stencils.ts': 'stencils',
};

const loadedLate = {
  name: 'loaded-late',
  setup: (plugin) => plugin.onResolve({ filter: /^#/ }, ({ path }) => (path in apart ? { path: `./${apart[path]}.js`, external: true } : undefined)),
};

/** The verbs among them: `#cli/commands/NAME.ts` becomes dist/NAME.js. */
const verbEntries = Object.fromEntries(Object.entries(apart)
  .filter(([path]) => path.startsWith('#cli/commands/')).map(([path, name]) => [name, path.replace('#', 'src/')]));

const common = {
  absWorkingDir: root,
  outdir: output,
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  legalComments: 'none',
  write: false,
  logLevel: 'warning',
  external: ['@electric-sql/pglite', 'pg-native'],
};

/** Packages written as CommonJS modules ask for modules of Node by `require`, which ES modules lack. */
const requireBanner = "import { createRequire as makeRequire } from 'node:module'; const require = makeRequire(import.meta.url);";

/** CommonJS modules have no `import.meta`; who loads server.cjs hands this in. */
const commonJs = { ...common, format: 'cjs', outExtension: { '.js': '.cjs' }, define: { 'import.meta.url': 'bundleUrl' } };
const urlBanner = "'use strict'; const bundleUrl = require('node:url').pathToFileURL(__filename).href;";

const bundles = () => [
  // In this format a module of Node that only a late import needs is loaded with that import, not at the start.
  { ...commonJs, entryPoints: { main: 'src/cli/main.ts' }, plugins: [loadedLate], banner: { js: urlBanner } },
  { ...common, entryPoints: { server: 'src/server/load-bundle.ts' }, format: 'esm', plugins: [loadedLate] },
  { ...common, entryPoints: verbEntries, format: 'esm', plugins: [loadedLate], banner: { js: requireBanner } },
  { ...commonJs, entryPoints: { server: 'src/server/start.ts' }, plugins: [] },
];

/** Compile requests that a server practises on before its first client needs it: what most programs are made of. */
const warmUpRequests = [
  'crc.311', 'mandelbrot-entry.314', 'spectral-norm.311', 'globals-and-calls.314', 'mandelbrot-picture.311', 'module-outer.311',
  'nbody-objects.314', 'edit-distance.311', 'matmul.314', 'monte-carlo.311',
];

function warmUpFiles() {
  return warmUpRequests.map((name) => ({
    path: join(output, 'warm-up', `${name}.req`), contents: readFileSync(join(root, 'tests', 'build', 'requests', `${name}.req`)),
  }));
}

/** Replaces only files whose content changed, each in one step: programs may be running from dist/. */
function writeChanged(files) {
  const kept = new Set();
  for (const file of files) {
    mkdirSync(dirname(file.path), { recursive: true });
    kept.add(relative(output, file.path).split(sep)[0]);
    if (existsSync(file.path) && readFileSync(file.path).equals(file.contents)) continue;
    const temporary = `${file.path}.${process.pid}`;
    writeFileSync(temporary, file.contents);
    renameSync(temporary, file.path);
  }
  for (const name of readdirSync(output)) {
    if (!kept.has(name)) rmSync(join(output, name), { recursive: true, force: true });
  }
}

export async function build() {
  const esbuild = await import('esbuild');
  const results = await Promise.all(bundles().map((options) => esbuild.build(options)));
  writeChanged([...results.flatMap((result) => result.outputFiles), ...warmUpFiles()]);
}

async function watch() {
  const esbuild = await import('esbuild');
  const latest = new Map();
  for (const [index, options] of bundles().entries()) {
    const writer = {
      name: 'write-changed',
      setup: (plugin) => plugin.onEnd((result) => {
        if (result.errors.length > 0) return;
        latest.set(index, result.outputFiles);
        if (latest.size === bundles().length) writeChanged([...[...latest.values()].flat(), ...warmUpFiles()]);
      }),
    };
    const context = await esbuild.context({ ...options, plugins: [...options.plugins, writer] });
    await context.watch();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await (process.argv.includes('--watch') ? watch() : build());
