/** Types that compiled code can compare with: CPython's own, by the C symbol that names each. */
import { defined } from '#support/invariant.ts';

const TYPE_SYMBOLS: Readonly<Record<string, string>> = {
  int: 'PyLong_Type', float: 'PyFloat_Type', bool: 'PyBool_Type', str: 'PyUnicode_Type', bytes: 'PyBytes_Type',
  bytearray: 'PyByteArray_Type', list: 'PyList_Type', tuple: 'PyTuple_Type', dict: 'PyDict_Type',
  range_iterator: 'PyRangeIter_Type', list_iterator: 'PyListIter_Type', tuple_iterator: 'PyTupleIter_Type', bytes_iterator: 'PyBytesIter_Type',
};

/** True when there is a guard for exactly this type. */
export const isGuardable = (name: string | undefined): name is string => name !== undefined && TYPE_SYMBOLS[name] !== undefined;

export const typeSymbol = (name: string): string => `@${defined(TYPE_SYMBOLS[name], `symbol of type ${name}`)}`;
