"""Runs a Python script until a function or loop is hot, then writes the compile request an agent would send.

A development tool: it makes fixtures for the compiler's tests without the agent. Needs the version it describes
(CPython 3.11 or 3.14, 64 bit).

    python3.11 tools/dump-request.py --target NAME [--kind osr|entry] [--line N] [--after SECONDS] --out FILE script.py

NAME is a qualified name or '<module>'. For osr, --line picks the loop by the line of its header; without it the first
loop sampled is taken.
"""
import argparse
import builtins
import ctypes
import dis
import marshal
import opcode
import signal
import sys
import types

VERSION = sys.version_info[0] * 100 + sys.version_info[1]
WORD = ctypes.sizeof(ctypes.c_void_p)
MAX_STR, MAX_CODES = 4096, 100
# Offsets of one build of each version, checked by the tool's user, not by the agent's means.
FRAME_OF_FRAME_OBJECT = 24
LOCALSPLUS = {311: 72, 314: 80}[VERSION]
FUNC_VERSION = {311: 128, 314: 144}[VERSION]
TYPE_VERSION = 384


def read(kind, address):
    return kind.from_address(address).value


def pointer(address):
    return read(ctypes.c_size_t, address)


def object_at(address):
    return ctypes.cast(address, ctypes.py_object).value


class DictKeys:
    """The entries of a dict's key table, in their order."""

    def __init__(self, d):
        self.address = pointer(id(d) + 32)
        log2_index_bytes = read(ctypes.c_uint8, self.address + 9)
        self.kind = read(ctypes.c_uint8, self.address + 10)
        self.version = read(ctypes.c_uint32, self.address + 12)
        self.count = read(ctypes.c_ssize_t, self.address + 24)
        self.entries = self.address + 32 + (1 << log2_index_bytes)

    def names(self):
        size, key_at = (24, 8) if self.kind == 0 else (16, 0)
        for i in range(self.count):
            key = pointer(self.entries + i * size + key_at)
            if key:
                yield i, object_at(key)


class Request:
    def __init__(self, script_globals):
        self.objects = []
        self.index = {}
        self.kept = []
        self.codes = []
        self.code_index = {}
        self.entries = {}
        self.globals = script_globals
        for constant in (None, False, True):
            self.add(constant)

    # ---- objects -----------------------------------------------------------------------------------------------
    def add(self, value):
        if id(value) in self.index:
            return self.index[id(value)]
        index = self.index[id(value)] = len(self.objects)
        self.kept.append(value)
        self.objects.append(None)
        self.objects[index] = self.describe(value)
        return index

    def optional(self, value):
        return -1 if value is None else self.add(value)

    def describe(self, value):
        kind = type(value)
        if value is None:
            return ('none', -1, id(value))
        if kind in (bool, int, float):
            return (kind.__name__, -1, id(value), value)
        if kind is str and len(value) <= MAX_STR:
            return ('str', -1, id(value), value)
        if kind is bytes:
            return ('bytes', -1, id(value), len(value))
        return self.describe_structured(value, kind)

    def describe_structured(self, value, kind):
        t, address = (-1 if kind is type else self.add(kind)), id(value)
        if isinstance(value, type):
            version = read(ctypes.c_uint32, address + TYPE_VERSION)
            return ('type', t, address, value.__name__, version, value.__flags__, value.__basicsize__)
        if kind is types.FunctionType:
            return self.describe_function(value, t)
        if kind is types.BuiltinFunctionType:
            owner = value.__self__
            simple = owner is None or isinstance(owner, (type, types.ModuleType))
            flags = read(ctypes.c_int, pointer(address + 16) + 16)
            return ('builtin', t, address, value.__name__, getattr(value, '__module__', '') or '', self.add(owner) if not simple else -1, flags)
        if kind is types.MethodDescriptorType:
            flags = read(ctypes.c_int, pointer(address + 40) + 16)
            return ('method_descriptor', t, address, value.__name__, self.add(value.__objclass__), flags)
        if kind is types.ModuleType:
            return ('module', t, address, value.__name__, self.add(value.__dict__))
        if kind is dict:
            keys = DictKeys(value)
            return ('dict', t, address, keys.address, keys.version, len(value))
        if kind is tuple:
            return ('tuple', t, address, tuple([self.add(item) for item in value]))
        if kind is types.CellType:
            return ('cell', t, address, self.contents(value))
        return ('object', t, address)

    def contents(self, cell):
        try:
            return self.add(cell.cell_contents)
        except ValueError:
            return -1

    def describe_function(self, f, t):
        version = read(ctypes.c_uint32, id(f) + FUNC_VERSION)
        return ('function', t, id(f), self.add_code(f.__code__, f.__globals__, f.__builtins__), version, self.add(f.__globals__),
                self.optional(f.__closure__), self.optional(f.__defaults__), self.optional(f.__kwdefaults__),
                self.add(f.__code__))

    # ---- code objects ------------------------------------------------------------------------------------------
    def add_code(self, code, globals_, builtins_):
        key = (id(code), id(globals_))
        if key not in self.code_index:
            if len(self.codes) >= MAX_CODES or not isinstance(globals_, dict):
                return -1
            self.code_index[key] = len(self.codes)
            self.codes.append(None)
            self.codes[self.code_index[key]] = self.describe_code(code, globals_, builtins_)
        return self.code_index[key]

    def describe_code(self, code, globals_, builtins_):
        self.kept.append(code)
        adaptive = code._co_code_adaptive
        names = tuple(code.co_names)
        values = tuple(self.name_value(i, n, globals_, builtins_) for i, n in enumerate(names))
        localsplus = localsplus_of(code)
        attributes = []
        return {
            'name': code.co_name, 'qualname': code.co_qualname, 'filename': code.co_filename,
            'firstlineno': code.co_firstlineno, 'flags': code.co_flags, 'argcount': code.co_argcount,
            'posonly': code.co_posonlyargcount, 'kwonly': code.co_kwonlyargcount, 'nlocals': code.co_nlocals,
            'stacksize': code.co_stacksize, 'localsplusnames': tuple(n for n, _ in localsplus),
            'localspluskinds': bytes(k for _, k in localsplus), 'names': names,
            'consts': tuple([self.add(c) for c in code.co_consts]), 'code': adaptive,
            'exceptiontable': code.co_exceptiontable, 'linetable': code.co_linetable,
            'globals': self.add(globals_), 'builtins': self.add(builtins_), 'names_values': values,
            'cache_objects': tuple(self.cache_objects(code, adaptive, globals_, builtins_, attributes)),
            'module_attributes': tuple(attributes),
        }

    def name_value(self, i, name, globals_, builtins_):
        self.add(sys.intern(name))
        for where, d in (('g', globals_), ('b', builtins_)):
            if name in d:
                return (i, where, self.entry(d, name), self.add(d[name]))
        return (i, '', -1, -1)

    def entry(self, d, name):
        if id(d) not in self.entries:
            self.entries[id(d)] = {n: i for i, n in DictKeys(d).names()}
        return self.entries[id(d)].get(name, -1)

    def cache_objects(self, code, adaptive, globals_, builtins_, attributes):
        previous = None
        for at, form, arg in instructions(adaptive):
            base = BASE.get(form, form)
            words = [int.from_bytes(adaptive[2 * k:2 * k + 2], 'little') for k in range(at + 1, at + 1 + CACHES.get(base, 0))]
            if form in ('LOAD_ATTR_MODULE', 'LOAD_METHOD_MODULE') and previous and previous[0] in ('LOAD_GLOBAL', 'LOAD_NAME'):
                # Low bits of the argument that are flags, not part of the name index, differ by version and instruction.
                name = code.co_names[previous[1] >> 1 if previous[0] == 'LOAD_GLOBAL' else previous[1]]
                module = globals_.get(name, builtins_.get(name))
                attribute = code.co_names[arg >> 1 if base == 'LOAD_ATTR' and VERSION == 314 else arg]
                if isinstance(module, types.ModuleType) and attribute in module.__dict__:
                    self.add(sys.intern(attribute))
                    names = module.__dict__
                    attributes.append((at, self.add(names), self.entry(names, attribute), self.add(names[attribute])))
                    yield at, self.add(names[attribute])
            elif form in DESCRIPTOR_FORMS:
                first = len(words) - 4
                address = sum(w << 16 * k for k, w in enumerate(words[first:]))
                if address:
                    yield at, self.add(object_at(address))
            previous = (base, arg)


# ---- bytecode ----------------------------------------------------------------------------------------------------
def opcode_tables():
    if VERSION == 311:
        numbers = dict(opcode.opmap)
        used = set(numbers.values())
        free = (n for n in range(1, 255) if n not in used)
        numbers.update((name, next(free)) for name in opcode._specialized_instructions)
        base = {form: name for name, forms in opcode._specializations.items() for form in forms}
        caches = {name: opcode._inline_cache_entries[number] for name, number in opcode.opmap.items()}
        forms = {'LOAD_METHOD_CLASS', 'LOAD_METHOD_NO_DICT', 'LOAD_METHOD_WITH_DICT', 'LOAD_METHOD_WITH_VALUES'}
    else:
        import _opcode_metadata as metadata
        numbers = {**metadata.opmap, **metadata._specialized_opmap}
        base = {form: name for name, forms in metadata._specializations.items() for form in forms}
        caches = opcode._inline_cache_entries
        forms = {f for f in metadata._specialized_opmap if f.startswith('LOAD_ATTR_') and f.split('_')[2] in ('METHOD', 'CLASS', 'NONDESCRIPTOR', 'PROPERTY')}
    return {v: k for k, v in numbers.items()}, base, caches, forms


NAMES, BASE, CACHES, DESCRIPTOR_FORMS = opcode_tables()


def instructions(code):
    extended = at = 0
    while 2 * at < len(code):
        form = NAMES[code[2 * at]]
        arg = extended << 8 | code[2 * at + 1]
        if BASE.get(form, form) == 'EXTENDED_ARG':
            extended, at = arg, at + 1
            continue
        yield at, form, arg
        extended, at = 0, at + 1 + CACHES.get(BASE.get(form, form), 0)


def localsplus_of(code):
    """Name and kind of every slot; CPython keeps arguments and locals, then cells that are not arguments, then free variables."""
    cells = set(code.co_cellvars)
    slots = [(n, 0x20 | (0x40 if n in cells else 0)) for n in code.co_varnames]
    slots += [(n, 0x40) for n in code.co_cellvars if n not in code.co_varnames]
    return slots + [(n, 0x80) for n in code.co_freevars]


def stack_depths(code):
    """Operand-stack depth before each code unit, from the compiler's own stack effects."""
    by_offset = {i.offset: i for i in dis.get_instructions(code)}
    order = sorted(by_offset)
    following = dict(zip(order, order[1:]))
    depths, work = {}, [(0, 0)]
    while work:
        at, depth = work.pop()
        while at is not None and at not in depths:
            depths[at] = depth
            i = by_offset[at]
            arg = i.arg if i.opcode >= dis.HAVE_ARGUMENT or i.arg else None
            if i.opcode in dis.hasjrel or i.opcode in dis.hasjabs:
                target = i.argval + (2 if i.opname == 'FOR_ITER' and VERSION == 314 else 0)
                work.append((target, depth + (0 if i.opname == 'FOR_ITER' and VERSION == 314 else dis.stack_effect(i.opcode, arg, jump=True))))
            if i.opname in ('RETURN_VALUE', 'RAISE_VARARGS', 'RERAISE', 'JUMP_FORWARD', 'JUMP_BACKWARD', 'JUMP_BACKWARD_NO_INTERRUPT'):
                break
            depth += dis.stack_effect(i.opcode, arg, jump=False)
            at = following.get(at)
    return depths


# ---- sampling ----------------------------------------------------------------------------------------------------
class Captured(BaseException):
    pass


class Sampler:
    def __init__(self, options, script_globals):
        self.options = options
        self.globals = script_globals
        self.request = None

    def __call__(self, _signal, frame):
        if self.options.kind == 'entry':
            while frame is not None and frame.f_code.co_qualname != self.options.target:
                frame = frame.f_back
            if frame is not None:
                self.capture(frame, None)
        elif frame is not None and frame.f_code.co_qualname == self.options.target:
            header = self.loop_header(frame)
            if header is not None:
                self.capture(frame, header)

    def loop_header(self, frame):
        """Target of the backward jump the frame stands at."""
        code = list(dis.get_instructions(frame.f_code))
        at = next((n for n, i in enumerate(code) if i.offset == frame.f_lasti), None)
        if at is None:
            return None
        # 3.11 compares and jumps in one specialised instruction, which keeps the offset of the comparison.
        jump = code[at + 1] if code[at].opname == 'COMPARE_OP' and VERSION == 311 else code[at]
        if 'JUMP_BACKWARD' not in jump.opname:
            return None
        lines = {i.offset: i.positions.lineno for i in code}
        return jump.argval if self.options.line in (None, lines[jump.argval]) else None

    def capture(self, frame, header):
        code = frame.f_code
        request = Request(self.globals)
        request.add_code(code, frame.f_globals, frame.f_builtins)
        slots = len(localsplus_of(code))
        base = pointer(id(frame) + FRAME_OF_FRAME_OBJECT) + LOCALSPLUS
        local_values = [self.slot(request, base + WORD * i) for i in range(slots)]
        depth = stack_depths(code)[header] if header is not None else 0
        if header is None:
            local_values[code.co_argcount + code.co_kwonlyargcount:] = [-1] * (slots - code.co_argcount - code.co_kwonlyargcount)
            resume = next(at for at, form, _ in instructions(code._co_code_adaptive) if BASE.get(form, form) == 'RESUME')
        self.request = {
            'request': 1, 'kind': self.options.kind, 'code': 0,
            'offset': header // 2 if header is not None else resume + 1, 'codes': request.codes,
            'objects': None, 'locals': tuple(local_values),
            'stack': tuple([self.slot(request, base + WORD * (slots + i)) for i in range(depth)]),
            'feedback': (), 'disable': (),
        }
        self.request['objects'] = request.objects
        raise Captured

    @staticmethod
    def slot(request, address):
        bits = pointer(address) & ~3
        return request.add(object_at(bits)) if bits else -1


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('script')
    parser.add_argument('--target', required=True)
    parser.add_argument('--kind', choices=('osr', 'entry'), default='osr')
    parser.add_argument('--line', type=int)
    parser.add_argument('--after', type=float, default=0.2)
    parser.add_argument('--out', required=True)
    options = parser.parse_args()
    with open(options.script, encoding='utf-8') as f:
        code = compile(f.read(), options.script.rsplit('/', 1)[-1], 'exec')
    script_globals = {'__name__': '__main__', '__builtins__': builtins}
    sampler = Sampler(options, script_globals)
    signal.signal(signal.SIGALRM, sampler)
    signal.setitimer(signal.ITIMER_REAL, options.after, 0.001)
    try:
        exec(code, script_globals)
    except Captured:
        pass
    signal.setitimer(signal.ITIMER_REAL, 0)
    if sampler.request is None:
        sys.exit('the target was never sampled')
    with open(options.out, 'wb') as f:
        f.write(marshal.dumps(sampler.request, 2))


main()
