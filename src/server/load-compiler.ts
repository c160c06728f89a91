import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { CompileOptions as PipelineOptions } from '#compiler/options.ts';
import { optimizePasses } from '#compiler/3-optimize/passes.ts';
import { Emitter } from '#compiler/4-emit/emitter.ts';
import { compileUnit } from '#compiler/pipeline.ts';
import type { CompileRequest } from '#protocol/request.ts';
import { writeUnit } from '#protocol/write-unit.ts';
import type { Compiler, CompileOptions } from '#server/compiler.ts';
import { loadStencilTable, tableFileName } from '#stencils/read-table.ts';
import { builtTargets, layouts, stencilTargets } from '#stencils/targets.ts';
import { Bailout } from '#support/bailout.ts';

export interface LoadedCompiler {
  readonly compiler: Compiler;
  /** Names this build of the compiler in the cache; undefined when its units should not be kept on disk. */
  readonly identity: string | undefined;
}

/** Stencil tables are read when the first request for their target arrives. */
class TableCompiler implements Compiler {
  readonly #folder: string;
  readonly #settings: Pick<PipelineOptions, 'verify' | 'disabled'>;
  readonly #emitters = new Map<string, Emitter>();

  constructor(folder: string, settings: Pick<PipelineOptions, 'verify' | 'disabled'>) {
    this.#folder = folder;
    this.#settings = settings;
  }

  compile(request: CompileRequest, { modes, dump }: CompileOptions): Uint8Array {
    const unit = compileUnit(request, this.#emitterFor(request), {
      ...this.#settings, spillEverything: modes.spillAll, evenWithoutProfit: modes.thresholdZero, failGuard: modes.failGuard, dump,
    });
    return writeUnit(unit);
  }

  #emitterFor({ arch, system = 'linux', layout }: CompileRequest): Emitter {
    const target = stencilTargets.find(({ name }) => name === `${arch}-${system}`)?.name;
    if (target === undefined) throw new Bailout('no-stencils', `there is no table for ${arch}-${system}`);
    const key = `${target} ${layout}`;
    const known = this.#emitters.get(key);
    if (known !== undefined) return known;
    const name = tableFileName(target, layout);
    if (!existsSync(join(this.#folder, name))) throw new Bailout('no-stencils', `there is no table ${name}`);
    const emitter = new Emitter(loadStencilTable(this.#folder, target, layout));
    this.#emitters.set(key, emitter);
    return emitter;
  }
}

/** Files that decide what comes out of the compiler. Sources run unbundled change under our feet: undefined. */
function digestOfBuild(folder: string): string | undefined {
  const bundle = fileURLToPath(import.meta.url);
  if (basename(bundle) !== 'server.cjs') return undefined;
  const hash = createHash('sha256').update(readFileSync(bundle));
  for (const { name } of builtTargets) {
    for (const layout of layouts) {
      const path = join(folder, tableFileName(name, layout));
      if (existsSync(path)) hash.update(readFileSync(path));
    }
  }
  return hash.digest('hex');
}

export interface CompilerSettings {
  /** Root of the installed package. */
  readonly root: string;
  /** Verify after each pass: slower, for tests. */
  readonly verify: boolean;
  /** Names of passes to leave out, to measure what each is worth. */
  readonly disabled: readonly string[];
}

export function loadCompiler({ root, verify, disabled }: CompilerSettings): LoadedCompiler {
  const folder = join(root, 'stencils', 'generated');
  const digest = digestOfBuild(folder);
  const identity = digest === undefined ? undefined : [digest, ...disabled].join(' ');
  return { compiler: new TableCompiler(folder, { verify, disabled: new Set(disabled) }), identity };
}

/** The steps whose result can be dumped, in the order of the pipeline; the last two are the machine code and what its check says. */
export function stepNames(): readonly string[] {
  return ['build', 'specialize-types', ...optimizePasses.map((pass) => pass.name), 'insert-reference-counts', 'emit', 'verify'];
}
