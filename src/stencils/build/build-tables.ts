/** From the C templates to the tables of stencils/generated. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InvariantError } from '#support/invariant.ts';
import { compileTemplateFile, targetFlags, type CompiledFamily, type Toolchain } from '../compile-templates.ts';
import { disassembleFamilies } from '../disassemble.ts';
import { StencilsError } from '../errors.ts';
import { templateFiles, type TemplateFile } from '../families.ts';
import { loadStencilTable, readTable, tableFileName } from '../read-table.ts';
import { comparedTargets, layouts, type LayoutNumber, type StencilTarget } from '../targets.ts';
import { writeTable } from '../write-table.ts';
import { requireSame } from './compare-systems.ts';
import { findLlvmTools, type LlvmTools } from './toolchain.ts';

export interface BuildOptions {
  /** Root of the checkout. */
  readonly root: string;
  readonly targets: readonly StencilTarget[];
  /** Compare with what is there and write nothing. */
  readonly check: boolean;
  /** Build what is up to date, too. */
  readonly force: boolean;
  /** Folder of the tables; undefined: stencils/generated. Nothing is remembered of another one, so all is built. */
  readonly output?: string | undefined;
  readonly progress: (done: number, total: number, what: string) => void;
}

export interface BuiltFile {
  readonly name: string;
  /** `current`: made from the same sources with the same compiler before, and not looked at again. */
  readonly state: 'current' | 'same' | 'written' | 'differs';
  readonly bytes: number;
}

interface Context {
  readonly tools: LlvmTools;
  readonly toolchain: Toolchain;
  readonly generated: string;
  readonly options: BuildOptions;
}

export function buildTables(options: BuildOptions): BuiltFile[] {
  const templates = join(options.root, 'stencils');
  if (!existsSync(join(templates, 'stencil.h'))) throw new StencilsError('no-stencil-templates', { path: templates });
  const tools = findLlvmTools(options.root);
  const toolchain = { clang: tools.clang, templates, agent: join(options.root, 'agent') };
  const context: Context = { tools, toolchain, generated: options.output ?? join(templates, 'generated'), options };
  mkdirSync(context.generated, { recursive: true });
  const record = new BuildRecord(join(options.root, '.cache', 'stencils.json'));
  return options.targets.flatMap((target) => {
    const compared = comparedTargets.includes(target) ? (): BuiltFile[] => compareTarget(context, target) : (): BuiltFile[] => [];
    if (target.sameAs !== undefined) return compared();
    const sources = digestOfSources(context, target);
    const names = layouts.flatMap((layout) => fileNames(target, layout));
    const isCurrent = !options.check && !options.force && options.output === undefined && record.matches(target.name, sources, digestOfFiles(context.generated, names));
    if (isCurrent) return names.map((name) => ({ name, state: 'current' as const, bytes: readFileSync(join(context.generated, name)).length }));
    const built = buildTarget(context, target);
    if (!options.check && options.output === undefined) record.write(target.name, sources, digestOfFiles(context.generated, names));
    return [...built, ...compared()];
  });
}

/** That the system's own compiler makes the code of the table, wherever it can be told. */
function compareTarget({ toolchain, generated, options }: Context, target: StencilTarget): BuiltFile[] {
  return layouts.map((layout, i) => {
    options.progress(i, layouts.length, `${target.name} compared, CPython ${layout}`);
    const { compared, different, format } = requireSame(toolchain, target, layout, loadStencilTable(generated, target.name, layout));
    const name = different.length === 0
      ? `${target.name}-cp${layout}: ${compared} stencils compiled as ${format} are those of ${tableFileName(target.name, layout)}`
      : `${target.name}-cp${layout}: not as in ${tableFileName(target.name, layout)}: ${different.join(', ')}`;
    return { name, bytes: 0, state: different.length === 0 ? 'same' : 'differs' };
  });
}

const fileNames = (target: StencilTarget, layout: LayoutNumber): [table: string, text: string] => {
  const table = tableFileName(target.name, layout);
  return [table, table.replace(/\.bin$/, '.txt')];
};

function buildTarget(context: Context, target: StencilTarget): BuiltFile[] {
  const templates = templateFiles(target);
  const total = templates.reduce((sum, t) => sum + (t.layoutDependent ? layouts.length : 1), 0);
  let done = 0;
  const shared = new Map<string, readonly CompiledFamily[]>();
  return layouts.flatMap((layout) => {
    const families = templates.flatMap((template) => {
      const known = shared.get(template.file);
      if (known) return known;
      context.options.progress(done++, total, `${target.name} ${template.file}${template.layoutDependent ? `, CPython ${layout}` : ''}`);
      const compiled = compile(context, target, layout, template);
      if (!template.layoutDependent) shared.set(template.file, compiled);
      return compiled;
    });
    context.options.progress(done, total, `${target.name} table, CPython ${layout}`);
    const [tableName, textName] = fileNames(target, layout);
    const { name, machine, calleeSaved } = target;
    const table = writeTable({ target: name, layout, calleeSaved, families, sourceDigest: sourceDigest(context.toolchain, target) });
    const text = `${name}, CPython ${layout}: one variant of each family\n${disassembleFamilies(context.tools, machine, families)}`;
    return [keep(context, tableName, table), keep(context, textName, Buffer.from(text))];
  });
}

function compile({ toolchain }: Context, target: StencilTarget, layout: LayoutNumber, template: TemplateFile): readonly CompiledFamily[] {
  try {
    return compileTemplateFile(toolchain, target, layout, template);
  } catch (error) {
    if (!(error instanceof InvariantError)) throw error;
    throw new StencilsError('template-does-not-compile', { template: template.file, target: target.name, reason: error.message });
  }
}

function keep({ generated, options }: Context, name: string, content: Uint8Array): BuiltFile {
  const path = join(generated, name);
  const same = existsSync(path) && isSame(name, readFileSync(path), content);
  if (!same && !options.check) replaceFile(path, content);
  return { name, bytes: content.length, state: same ? 'same' : options.check ? 'differs' : 'written' };
}

/** In one step: a compiler may be reading the tables. */
function replaceFile(path: string, content: Uint8Array | string): void {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, content);
  renameSync(temporary, path);
}

/** Tables are compared by their digest: versions of Node compress differently. */
function isSame(name: string, old: Uint8Array, made: Uint8Array): boolean {
  return name.endsWith('.bin') ? readTable(old).digest === readTable(made).digest : Buffer.compare(old, made) === 0;
}

const templateSources = (folder: string): string[] => readdirSync(folder).filter((f) => /\.[ch]$/.test(f)).sort().map((f) => join(folder, f));

/** Part of the digest of a table. */
function sourceDigest({ templates, agent }: Toolchain, target: StencilTarget): string {
  const hash = createHash('sha256').update(targetFlags(target).join(' '));
  for (const file of [...templateSources(templates), join(agent, 'layout.h')]) hash.update(readFileSync(file));
  return hash.digest('hex');
}

/** Of everything that decides what the tables contain: templates, flags, our own code, the version of the compiler. */
function digestOfSources({ toolchain, tools, options }: Context, target: StencilTarget): string {
  const hash = createHash('sha256').update(tools.version).update(sourceDigest(toolchain, target));
  hash.update(JSON.stringify(templateFiles(target)));
  const code = join(options.root, 'src', 'stencils');
  const roots = ['compile-templates.ts', 'disassemble.ts', 'write-table.ts'].map((name) => join(code, name));
  for (const file of importedFiles(roots)) hash.update(readFileSync(file));
  return hash.digest('hex');
}

/** The files and what they import from their own part, in the order of their names. */
function importedFiles(roots: readonly string[]): string[] {
  const found = new Set<string>();
  const work = [...roots];
  for (let file = work.pop(); file !== undefined; file = work.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    for (const [, path = ''] of readFileSync(file, 'utf8').matchAll(/ from '(\.[^']*)'/g)) work.push(join(dirname(file), path));
  }
  return [...found].sort();
}

function digestOfFiles(folder: string, names: readonly string[]): string {
  const hash = createHash('sha256');
  for (const name of names) hash.update(existsSync(join(folder, name)) ? readFileSync(join(folder, name)) : 'missing');
  return hash.digest('hex');
}

/** Remembers what the tables of a target were made from, so that they are not made again. */
class BuildRecord {
  readonly #path: string;
  readonly #targets: Record<string, unknown>;

  constructor(path: string) {
    this.#path = path;
    this.#targets = readRecord(path);
  }

  matches(target: string, sources: string, outputs: string): boolean {
    return this.#targets[target] === `${sources} ${outputs}`;
  }

  write(target: string, sources: string, outputs: string): void {
    this.#targets[target] = `${sources} ${outputs}`;
    mkdirSync(dirname(this.#path), { recursive: true });
    replaceFile(this.#path, `${JSON.stringify(this.#targets, null, 2)}\n`);
  }
}

/** A record that cannot be read is as good as none: everything is built. */
function readRecord(path: string): Record<string, unknown> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  } catch {
    return {};
  }
}
