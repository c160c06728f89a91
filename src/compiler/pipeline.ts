/**
 * The compiler on one page: from a request to a unit.
 *
 *   1 decode, 2 build     bytecode and inline caches → Python-level micro-ops in SSA form
 *   3 optimize            representations are chosen, then one pass after the other
 *   4 emit                stencils → registers → machine code, exits, relocations
 *
 * Throws `Bailout` with a coded reason when the function or loop had better stay interpreted.
 */
import { Graph } from '#ir/graph.ts';
import { print } from '#ir/print.ts';
import type { Fn } from '#ir/types.ts';
import { assertValid } from '#ir/verify.ts';
import { isStaticType, type CompileRequest } from '#protocol/request.ts';
import { NO_EXIT } from '#protocol/unit.ts';
import { Bailout } from '#support/bailout.ts';
import { invariant } from '#support/invariant.ts';
import { buildFn } from './2-build/build.ts';
import type { BuildOptions } from './2-build/unit.ts';
import { insertReferenceCounts } from './3-optimize/insert-reference-counts.ts';
import { optimizePasses } from './3-optimize/passes.ts';
import { CallsDominate, requireProfit } from './3-optimize/require-profit.ts';
import { NotRestartableHere } from './3-optimize/specialize-types/not-restartable-here.ts';
import { specializeTypes } from './3-optimize/specialize-types/specialize-types.ts';
import { verifyReferences } from './3-optimize/verify-references.ts';
import type { Emitter } from './4-emit/emitter.ts';
import { emitUnit, type CompiledUnit, type EmitOptions } from './4-emit/emit-unit.ts';
import { formatListing } from './4-emit/format-listing.ts';
import { formatFindings, verifyUnit } from './4-emit/verify-unit.ts';
import type { CompileOptions, Remark } from './options.ts';
import { runPass, type PassContext } from './pass.ts';

export function compileUnit(request: CompileRequest, emitter: Emitter, options: CompileOptions): CompiledUnit {
  // By place: what is built once more is remarked upon once more.
  const remarks = new Map<string, Remark>();
  const fn = compileToIr(request, { ...options, remark: (remark) => remarks.set(`${remark.code}:${remark.offset}`, remark) });
  const emitted = emitFn(fn, request, emitter, {
    spillEverything: options.spillEverything, failGuard: options.failGuard, finished: options.finished,
    listing: options.dump !== undefined || options.verify,
  });
  const unit = { ...emitted, reasons: [...emitted.reasons, ...[...remarks.values()].map((remark) => ({ exit: NO_EXIT, ...remark }))] };
  options.dump?.('emit', formatListing(unit));
  if (options.verify || options.dump !== undefined) {
    const findings = verifyUnit(unit, request.arch);
    options.dump?.('verify', formatFindings(unit, findings));
    invariant(!options.verify || findings.length === 0, 'the machine code is not as it must be:', findings[0]?.problem);
  }
  return unit;
}

/** The last step alone; the function can be emitted again. */
export function emitFn(fn: Fn, request: CompileRequest, emitter: Emitter, options: EmitOptions): CompiledUnit {
  return emitUnit(fn, emitter, {
    request: request.id, kind: request.kind, offset: request.offset, assumptions: [],
    keysOf: (object) => keysOfDict(request, object),
  }, options);
}

/**
 * The function as the emitter gets it; ends after the step `stopAfter` when one is named. What turns out not to be restartable when
 * representations are chosen is built in another way. Large callees become part of it where its loops do little else than calling them.
 */
export function compileToIr(request: CompileRequest, options: CompileOptions, stopAfter?: string): Fn {
  const notRestartable = new Map<string, string>();
  let withoutLargeCallees: CallsDominate | undefined;
  let inlinesLargeCallees = false;
  for (;;) {
    try {
      return optimizedFn(request, { notRestartable, inlinesLargeCallees, mayBeBuiltAnew: withoutLargeCallees === undefined }, options, stopAfter);
    } catch (error) {
      if (error instanceof NotRestartableHere) {
        const place = `${error.place.code}:${error.place.offset}`;
        invariant(!notRestartable.has(place), 'built once more as what it cannot be:', place);
        notRestartable.set(place, error.reason);
      } else if (error instanceof CallsDominate && error.hasLargeCallees && !withoutLargeCallees) {
        withoutLargeCallees = error;
        inlinesLargeCallees = true;
      } else if (error instanceof Bailout && inlinesLargeCallees && options.evenWithoutProfit) {
        inlinesLargeCallees = false;
      } else {
        throw error instanceof Bailout ? withoutLargeCallees ?? error : error;
      }
    }
  }
}

interface Attempt extends BuildOptions {
  /** The next one may inline large callees. */
  readonly mayBeBuiltAnew: boolean;
}

function optimizedFn(request: CompileRequest, attempt: Attempt, options: CompileOptions, stopAfter?: string): Fn {
  const { fn, profile, opaque, notRestartable: refused, hasLargeCallees } = buildFn(request, attempt);
  options.finished?.('build');
  const mustProfit = !options.evenWithoutProfit || (hasLargeCallees && attempt.mayBeBuiltAnew);
  const context: PassContext = { ...passContext(request), failed: (origin) => origin !== undefined && profile.failed(origin).length > 0 };
  for (const [place, reason] of refused) {
    const [code, offset] = place.split(':').map(Number) as [number, number];
    options.remark?.({ code, offset, reason });
  }
  const steps: Step[] = [
    step('build', () => undefined, { typed: false }),
    step('specialize-types', () => specializeTypes(fn, profile, opaque)),
    ...optimizePasses
      .filter((pass) => !options.disabled.has(pass.name))
      .map((pass) => step(pass.name, () => runPass(fn, pass, context))),
    step('check-loop', () => requireLoop(fn, request)),
    ...(mustProfit ? [step('require-profit', () => requireProfit(fn, (origin) => profile.specialization(origin), { notInlined: [...refused.values()], hasLargeCallees }))] : []),
    step('insert-reference-counts', () => insertReferenceCounts(fn)),
  ];
  for (const { name, run, typed } of steps) {
    run();
    options.finished?.(name);
    options.dump?.(name, print(fn));
    if (options.verify) assertValid(fn, { typed, after: name });
    if (name === stopAfter) return fn;
  }
  if (options.verify) {
    const wrong = verifyReferences(fn);
    invariant(wrong.length === 0, `reference counts: ${wrong.join('; ')}`);
  }
  return fn;
}

interface Step {
  readonly name: string;
  readonly run: () => unknown;
  /** Every value has a representation afterwards. */
  readonly typed: boolean;
}

const step = (name: string, run: () => unknown, { typed } = { typed: true }): Step => ({ name, run, typed });

/** The loop that made a unit hot must still be there: otherwise each entry would leave at once. */
function requireLoop(fn: Fn, request: CompileRequest): void {
  if (request.kind === 'osr' && new Graph(fn).loops().length === 0) {
    throw new Bailout('loop-always-leaves', 'every path through the loop has an instruction that is not compiled');
  }
}

/** Of the values in an object. */
const BYTES_BEFORE_VALUES = 8;

/** Types made in C never change for their instances, except that the `__class__` of a module can be assigned. */
function passContext(request: CompileRequest): PassContext {
  const staticTypes = new Set<number>();
  const valuesOffsets = new Map<number, number>();
  request.objects.forEach((object, index) => {
    if (object.kind === 'type' && object.isPlainClass && request.layout !== 311) valuesOffsets.set(index, object.basicsize + BYTES_BEFORE_VALUES);
    if (object.kind === 'type' && isStaticType(object) && object.name !== 'module') staticTypes.add(index);
  });
  return { staticTypes, valuesOffsets };
}

function keysOfDict(request: CompileRequest, object: number): { keys: bigint; entries: number } {
  const dict = request.objects[object];
  invariant(dict?.kind === 'dict', `object ${object} is no dict`);
  return dict;
}
