/* What CPython's PC/pyconfig.h says of 64-bit Windows, as far as its structures depend on it. */
#define MS_WINDOWS 1
#define MS_WIN64 1
#define NT_THREADS 1
#define SIZEOF_SHORT 2
#define SIZEOF_INT 4
#define SIZEOF_LONG 4
#define SIZEOF_LONG_LONG 8
#define SIZEOF_VOID_P 8
#define SIZEOF_SIZE_T 8
#define SIZEOF_TIME_T 8
#define SIZEOF_WCHAR_T 2
#define SIZEOF_DOUBLE 8
#define SIZEOF_FLOAT 4
#define SIZEOF_PID_T 8
#define SIZEOF_OFF_T 4
#define ALIGNOF_LONG 4
#define HAVE_STDDEF_H 1
#define HAVE_WCHAR_H 1
#define WITH_PYMALLOC 1
#define WITH_DOC_STRINGS 1
#define HAVE_PY_SSIZE_T 1
typedef long long Py_ssize_t;
