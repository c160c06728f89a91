/** The passes of this directory that stand alone: IR in, IR out. The pipeline decides on their order. */
import type { Pass } from '../pass.ts';
import { eliminateCommonSubexpressions } from './eliminate-common-subexpressions.ts';
import { eliminateDeadCode } from './eliminate-dead-code.ts';
import { eliminateRedundantGuards } from './eliminate-redundant-guards.ts';
import { foldConstants } from './fold-constants.ts';
import { fuseCompareBranch } from './fuse-compare-branch.ts';
import { hoistLoopInvariants } from './hoist-loop-invariants.ts';
import { mergeBlocks } from './merge-blocks.ts';
import { removeRedundantParameters } from './remove-redundant-parameters.ts';
import { sinkInstances } from './sink-instances.ts';
import { sinkToExits } from './sink-to-exits.ts';
import { strengthReduce } from './strength-reduce.ts';

export const optimizePasses: readonly Pass[] = [
  removeRedundantParameters, sinkInstances, foldConstants, eliminateCommonSubexpressions, eliminateRedundantGuards, hoistLoopInvariants,
  strengthReduce, sinkToExits, eliminateDeadCode, fuseCompareBranch, mergeBlocks,
];
