import { attributeCases, iteratorCases, listStoreCases, namespaceCases, sequenceCases } from './container-cases.ts';
import { callCases, exitCases, homeCases, stackCases, threadCases } from './frame-cases.ts';
import { boxIntCases, guardCases, referenceCases, unboxCases, type CaseMaker } from './object-cases.ts';
import { sharedRegisterCases } from './shared-register-cases.ts';
import { edgeFloats } from './values.ts';

const numbers = [
  0n, 1n, 5n, 256n, 257n, 2n ** 30n - 1n, 2n ** 30n, 2n ** 30n + 1n, 2n ** 59n, 2n ** 60n - 1n, 2n ** 60n, 2n ** 62n, 2n ** 63n - 1n, 2n ** 63n,
  2n ** 63n + 1n, 2n ** 64n - 1n, 2n ** 64n, 2n ** 64n + 1n, 2n ** 89n, 2n ** 90n, 2n ** 120n, 2n ** 150n,
];

/** What plans the cases, by subject. */
export const subjects: Readonly<Record<string, (m: CaseMaker) => void>> = {
  guards: guardCases,
  unboxing: (m) => unboxCases(m, numbers, edgeFloats),
  boxing: boxIntCases,
  references: referenceCases,
  sequences: sequenceCases,
  'list stores': listStoreCases,
  attributes: attributeCases,
  namespaces: namespaceCases,
  iterators: iteratorCases,
  homes: homeCases,
  stack: stackCases,
  thread: threadCases,
  exits: exitCases,
  calls: callCases,
  'shared registers': sharedRegisterCases,
};
