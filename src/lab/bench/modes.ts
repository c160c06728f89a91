/** How a Python runs a program. */
export const modes = ['plain', 'armature', 'cpython-jit'] as const;
export type Mode = (typeof modes)[number];

export interface Python {
  /** The words that start it; more than one behind an emulator. */
  readonly command: readonly string[];
  readonly version: string;
  readonly implementation: string;
  readonly executable: string;
  /** Whether the build has CPython's own compiler, and whether that runs unless it is told not to. */
  readonly jit: 'none' | 'off' | 'on';
}

/** One column of the comparison: a Python in one mode. */
export interface Side {
  readonly label: string;
  /** The label without the mode. */
  readonly pythonName: string;
  /** For file names. */
  readonly slug: string;
  readonly python: Python;
  readonly mode: Mode;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** Printed as JSON by a Python that is asked what it is. 3.13 has a JIT, but nothing yet that tells. */
export const pythonProbe = `
import json, platform, sys, sysconfig
jit = getattr(sys, "_jit", None)
configured = "--enable-experimental-jit" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
if jit is None:
    state = "on" if configured else "none"
else:
    state = "none" if not jit.is_available() else "on" if jit.is_enabled() else "off"
print(json.dumps({
    "version": platform.python_version(), "implementation": sys.implementation.name, "executable": sys.executable, "jit": state,
}))`;

/** PYTHON_JIT decides in a build that has the compiler (3.13 and later); others do not look at it. */
export function modeVariables(mode: Mode, python: Python): Readonly<Record<string, string>> {
  return python.jit === 'none' ? {} : { PYTHON_JIT: mode === 'cpython-jit' ? '1' : '0' };
}

export const displayName = (python: Python): string => `${python.implementation === 'cpython' ? 'CPython' : python.implementation} ${python.version}`;

/** Interpreters of one version are numbered. */
export function nameSides(sides: readonly Omit<Side, 'label' | 'pythonName' | 'slug'>[]): readonly Side[] {
  const pythons = [...new Set(sides.map((side) => side.python))];
  return sides.map((side) => {
    const name = displayName(side.python);
    const equals = pythons.filter((python) => displayName(python) === name);
    const pythonName = equals.length > 1 ? `${name} #${equals.indexOf(side.python) + 1}` : name;
    const label = `${pythonName} ${side.mode}`;
    return { ...side, label, pythonName, slug: label.toLowerCase().replace(/[^a-z0-9.]+/g, '-') };
  });
}

/** What each side is compared with: the plain run of its Python, else the first side of all. Undefined for a side that is a reference itself. */
export function referenceOf(side: Side, sides: readonly Side[]): Side | undefined {
  const own = sides.find((candidate) => candidate.python === side.python && candidate.mode === 'plain');
  const reference = own === undefined || own === side ? sides[0] : own;
  return reference === side ? undefined : reference;
}
