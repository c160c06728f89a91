/**
 * Templates of expressions by kind. `<int>` is another expression of that kind, `<v.int>` a variable of it, `<small>` and `<edge>` are
 * literals. A template that begins with `!` often raises: it stands where something catches, and now and then where nothing does.
 */
export const kinds = ['int', 'float', 'num', 'bool', 'str', 'any', 'ints', 'floats', 'list', 'dict', 'bytes', 'bytearray', 'tuple', 'set', 'obj'] as const;
export type Kind = (typeof kinds)[number];

/** What an expression is when it may not be nested deeper, besides variables. */
export const literals: Readonly<Record<Kind, readonly string[]>> = {
  int: ['<small>', '<small>', '-<small>', '<edge>'],
  float: ['0.5', '-0.0', '1.5', '-2.25', '1e10', '0.1', '3.0', '1e308', '1e-310', 'inf', 'nan', '-inf'],
  num: ['<small>', '0.25', 'True', '-7', '2.0', '<edge>', '-0.0', '0', '-<edge>', 'nan', 'Whole(<small>)', 'Real(1.5)'],
  bool: ['True', 'False'],
  str: ["''", "'a'", "'xyz'", "'Az09'", "'é€'", "'ab cd'"],
  any: ['None', '<small>', '1.5', "'q'", 'True', '()', '(1, 2.5)', '<edge>', 'False', '0', '-1', '-0.0', 'Odd(<small>)', 'Whole(<small>)', 'Real(0.5)', "Text('q')", '[1]', '...', 'int'],
  ints: ['[1, 2, 3]', '[]', '[-5, 70000, 3]', '[0, -1, <edge>]', '[True, 2]'],
  floats: ['[0.5, -1.5, 2.0]', '[nan, 1.0]'],
  list: ["[1, 2.5, 'x', None]", '[True, 7]'],
  dict: ['{1: 2, 3: 4}', "{'a': 1}"],
  bytes: ["b'abc\\xff'", "b''", "b'0123456789'"],
  bytearray: ["bytearray(b'hello')"],
  tuple: ['(1, 2, 3)', "(0.5, 'x')", '()'],
  set: ['{1, 2, 3}', 'set()'],
  obj: ['Plain(<small>, 0.5)', 'Slotted(<small>, 1.5)', 'Child(<small>, 2.5)', 'Prop(<small>, 3.5)'],
};

export const expressions: Readonly<Record<Kind, readonly string[]>> = {
  int: [
    '<int> + <int>', '<int> - <int>', '<int> * <int>', '<int> + <small>', '<int> - <small>', '<int> * <small>', '<int> // <small>', '<int> % <small>',
    '<int> // -<small>', '<int> % -<small>', '<int> << (<int> & 7)', '<int> >> (<int> & 63)', '<int> & <int>', '<int> | <int>', '<int> ^ <int>', '~<int>', '-<int>', '+<int>',
    'abs(<int>)', '<int> ** 2', '<v.int> ** (<int> & 3)', 'min(<int>, <int>)', 'max(<int>, <int>, <int>)', 'len(<ints>)', 'len(<str>)', 'len(<v.dict>)',
    '<int> if <bool> else <int>', '<int> & 0xFFFF', '<int> * 31 + <int> & 0xFFFFFFFF', '(<int> * 1103515245 + 12345) % 2147483648', '<int> // (<int> | 1)', '<int> % (<int> | 1)',
    '<v.obj>.x', '<v.obj>.get(<int>)', 'add(<int>, <int>)', 'clamp(<int>)', 'clamp(<int>, high=<small>)', '<v.dict>.get(<int> & 7, <int>)', 'sum(<v.ints>)', 'weigh(*<v.ints>[:3])',
    'int(<bool>)', '<bool> + <int>', '<bool> * <int>', 'fib(<int> & 7)', 'sum([e + 1 for e in <v.ints>])', 'sum(e * 2 for e in <v.ints>)', 'total(<v.ints>)', '(lambda p, q=3: p * q)(<int>)',
    'math.gcd(<int>, <int>)', 'divmod(<int>, <small>)[<bool>]', 'round(<int>)', 'isqrt(abs(<int>))', '<v.bytes>[<int> % len(<v.bytes>)] if <v.bytes> else 0', 'ord(<str>[:1] or "z")',
    '<v.ints>[<int> % len(<v.ints>)] if <v.ints> else 5', '<v.ints>[-1] if <v.ints> else 6', 'bump(<int> & 15)', 'meddle(<int> * 5)', 'shared + <int>', 'hash(<int>)', '<v.tuple>.count(1)', 'pick(<int>, <int>)', 'int(str(<int>))',
    'int(<float>) if -1e18 < (guess := <v.float>) < 1e18 else 4', 'math.floor(<v.float>) if abs(<v.float>) < 1e17 else 1', '<v.bytearray>[-1] if <v.bytearray> else 9', '<v.obj>.level',
    '-<int> // <small>', '-(<int> % <mod>)', '<int> - <edge>', '<edge> - <int>', '<int> + <edge>', '<int> * -1', '(-<int>) >> <small>', '1 << (<int> & 63)', '-1 << (<int> & 62)', '(<int> & 0xFF) << 56', '0 - <int>', '<int> // -1', '<int> % -1', '<int> if <int> < <int> else <int>',
    '<int> if not <bool> else -<int>', '<int> or <int>', '<int> and <int>', '(<bool> or <bool>) + <int>', 'int.__add__(<int>, <small>)', '(<int>).bit_length()', '(<int> & 7).__index__()', 'pow(<int> & 15, 3, 7)', 'len({<int>, <int>})', 'len([<any>, <any>])', 'len((<any>, <int>))', '[<int>, <int>][<bool>]', '(<int>, <int>)[<bool>]', '{1: <int>, 2: <int>}[1 + <bool>]',
    'sum([k * <v.int> for k in range(4)]) % <mod>', 'sum(k for k, v in pairs(3))', 'max([<int>, <int>])', 'sorted([<int>, <int>, <int>])[1]', 'next(numbered(3), <int>)', 'int(<v.float> > 0.5)', '<int> - <bool>', 'abs(<int> - <int>)', 'min(<int>, <small>)', '(<v.int> := <int> & 0xFFF)', 'len(f"{<v.int>}")', 'len(range(<int> & 31, 40, 3))',
    '!<v.str>.index("a")', '!<v.dict>[<any>]', '!{}[<int>]', '![].pop()', '!<v.list>[<any>]', '!int(<any>)', '!<any> // <int>', '!<int> // (<int> - <int>)', '!<int> % (<int> & 3)', '!<int> << (<int> - <int>)', '!<v.tuple>[<int>]', '!<v.tuple>.index(<int>)', '!(<any>).n', '!range(5)[<int>]',
    '!<int> // <int>', '!<int> % <int>', '!<int> << <int>', '!<int> >> <int>', '!<v.ints>[<int> & 7]', '!<v.ints>[<int>]', '!<v.dict>[<int> & 7]', '!<v.bytes>[<int> & 15]', '!int(<float>)', '!ord(<str>)', '!<v.ints>.index(<small>)',
    '!<v.obj>.missing', '!<v.any> + <int>', '!len(<any>)', '!<v.tuple>[<int> & 3]', '!divmod(<int>, <int>)[0]', '!int(<str>)', '!round(<float>)', '!min(<v.ints>)', '!math.isqrt(<int>)', '!fail(<int>)', '!meddle(<int>)', '!meddle(<int>)', '!add(<int>)',
  ],
  float: [
    '<float> + <float>', '<float> - <float>', '<float> * <float>', '<float> / 3.0', '<float> * <int>', '<int> * <float>', '<float> + <small>', '<small> - <float>', '<int> / <small>', '-<float>', 'abs(<float>)',
    'float(<int> % 1000003)', 'min(<float>, <float>)', 'max(<float>, <float>)', '<float> if <bool> else <float>', '<v.obj>.y', '<float> ** 2', '<float> % 1.5', '<float> // 0.75', '<float> % -2.0', 'math.sqrt(abs(<float>))',
    'math.copysign(<float>, <float>)', 'math.fabs(<float>)', 'half(<float>)', '<v.floats>[<int> % len(<v.floats>)] if <v.floats> else 0.0', '<bool> * <float>', '<bool> - <float>', '+<float>', 'math.atan2(<float>, <float>)',
    'float(<bool>)', 'complex(<float>, 1.0).real', 'sum(<v.floats>, 0.0)', 'average(<v.floats>)', 'round(<v.float>, 2)', '(<v.float> - <v.float>) * (<v.float> + 1.0)', 'math.tanh(<float>)', 'float(repr(<float>))', '<float> * 1e200',
    '<float> if <float> < <float> else <float>', '<float> or <float>', '0.0 * <float>', '<float> * -1.0', '-0.0 + <float>', '<float> - <float> - <float>', '<float> + <edge>', '<float> / -1', '(<float>) // 1', '(<float>) % 1', '<int> % 2.5', '<int> // 0.5', '<bool> / 2', '<int> / 1', 'float(<int> & <mask>)', 'float("inf") * <float>',
    'max(<float>, <int>)', 'min(<int>, <float>)', 'abs(-<float>)', 'math.hypot(<float>, <float>)', 'math.floor(2.5) * <float>', '(<float>).real', '[<float>, <float>][<bool>]', '(<int>, <float>)[1]', 'sum([k * 0.5 for k in range(3)], <float>)', 'sum(v for k, v in pairs(3))', '(<v.float> := <float>)', '<float> ** 0.5 if <float> > 0 else 1.0',
    '!<float> / (<float> - <float>)', '!<float> % (<int> & 1)', '!<float> // (<bool> * 1.0)', '!<any> / <float>', '!<float> + <any>', '!math.sqrt(-<float>)', '!math.acos(<float>)', '!(<int> - <int>) ** -1.0', '!math.cosh(<float>)', '!float(<any>)', '!math.floor(<float>) * 1.0', '!math.fsum(<v.floats>)',
    '!<float> / <float>', '!<int> / <int>', '!<float> // <float>', '!<float> % <float>', '!math.sqrt(<float>)', '!<float> ** <float>', '!math.exp(<float>)', '!math.log(<float>)', '!math.fmod(<float>, <float>)', '!<v.floats>[<int> & 7]',
    '!math.sin(<float>)', '!float(<int>)', '!float(<str>)', '!<int> + <float>', '!math.pow(<float>, <float>)', '!<any> * 1.5', '!math.ldexp(<float>, <int> & 2047)',
  ],
  num: [
    '<num> + <num>', '<num> - <num>', '<num> * <small>', '<num> * 0.5', '-<num>', 'abs(<num>)', '<int>', '<float>', '<bool>', '<num> if <bool> else <num>', '<num> + <int>', '<float> - <num>', 'min(<num>, <num>)', 'max(<num>, <small>)',
    'add(<num>, <num>)', '<num> // 7', '<num> % 11', '<num> / 3', 'half(<num>)', '<v.obj>.z', 'pick(<num>, <num>)', '+<num>', '<num> or <num>', '<num> and <num>', '<num> if <num> < <num> else <num>', '<num> - <bool>', '<bool> * <num>', '<num> - 0.0', '0 - <num>', '<num> + True', 'max(<num>, <num>, 3)', '[<num>, <num>][<bool>]', '(<num>, <num>)[0]', '<v.num> * <v.num> if -1e6 < <v.num> < 1e6 else 2', 'identity(<num>)', 'abs(<num> - <num>)', '<num> % 2.5', '<num> // 2', 'sum([<num>, <num>])',
    '!<num> << 1', '!<num> | 1', '!<num> / (<num> - <num>)', '!<num> % (<bool> and <num>)', '!-<any>', '!<any> + <num>', '!<num> - <any>', '!round(<num>)', '!int(<num>)', '!math.sqrt(<num>)', '!<v.ints>[<num>]',
    '!<num> // <num>', '!<num> % <num>', '!<num> / <num>', '!<num> ** 2', '!<num> & <int>', '!~<num>',
  ],
  bool: [
    '<int> < <int>', '<int> <= <int>', '<int> == <int>', '<int> != <small>', '<int> > <small>', '<float> < <float>', '<float> >= <float>', '<float> == <float>', '<float> != <float>', '<small> < <int> < <int>', '<int> <= <int> < <int> != <small>',
    'not <bool>', '<bool> and <bool>', '<bool> or <bool>', '<bool> & <bool>', '<bool> ^ <bool>', '<int> in <v.ints>', '<int> not in <v.set>', '<small> in <v.dict>', '<str> in <str>', 'isinstance(<any>, int)', 'isinstance(<num>, (float, str))',
    '<v.any> is None', '<v.any> is not None', '<any> == <any>', '<any> != <num>', '<num> < <num>', '<num> == <int>', '<num> >= <float>', '<int> < <float>', '<str> < <str>', '<str> == <str>', '<tuple> == <tuple>', '<ints> == <ints>', 'bool(<any>)',
    'bool(<int>)', '<v.obj> is <v.obj>', '<v.obj> == <v.obj>', '<int> % 2 == 0', '<int> & 1', '<int> % 3 != 0', 'not <int>', 'not <v.ints>', 'not <float>', 'type(<num>) is int', 'any(<v.ints>)', 'all(e > 0 for e in <v.ints>)', 'hasattr(<v.obj>, "w")',
    'math.isnan(<float>)', '<v.any> is <v.any>', '<bool> is True', '<bool> == <int>', '<v.list> is <v.list>', 'callable(<any>)', '<int> < <int> < <int> < <int>', '<float> <= <float> != <float>', '<int> == <int> == <int>', '<bool> == <bool>', '<bool> < <bool>', '<bool> | <bool>', '<bool> is not <bool>', 'not (<bool> and <bool>)', '<int> in (1, 2, <int>)', '<int> in {1, 2, 3}', '<str> in ("a", "xyz")', '<float> in <v.floats>', '<num> in <v.list>', '<any> in (1, 2.5, None)', '<any> == <int>', '<num> == <float>',
    '<float> is None', '<int> is not None', '<any> == None', '(not <any>)', '<bool> if <any> else <bool>', 'isinstance(<any>, (int, str))', 'isinstance(<obj>, Plain)', 'type(<any>) is float', '<obj> == <obj>', '<any> in {None: 1, 3: 2}', 'True if <num> else False', '<edge> > <int>', '<int> < <float> < <num>', '<ints> < <ints>', '<int> in range(2, 90, 3)', '<str>.isdigit()', '<str>.startswith("a")',
    'any(k > <v.int> for k in range(3))', 'bool(<v.str>)', 'bool(<v.dict>)', '<num> != <num>', '<int> & 1 == 0',
    '!<any> <= <num> < <any>', '!<any> in <int>', '!<any> not in <any>', '!<float> in <any>', '!<str> > <any>',
    '!<any> < <any>', '!<any> in <v.list>', '!<any> > <num>', '!<v.obj> < <v.obj>', '!<any> in <str>',
  ],
  str: [
    '<str> + <str>', '<v.str>[1:]', '<v.str>[<int> % 5:]', '<v.str>[:<small>]', '<v.str>[::-1]', 'str(<int>)', 'str(<bool>)', 'repr(<float>)', 'chr(97 + <int> % 26)', '<str>.upper()', '<v.str> * (<int> & 3)', '"%d:%s" % (<int> % 1000, <str>)',
    'f"{<v.int>}{<v.str>}"', 'f"{<v.float>:.3f}|{<v.int>:x}"', 'f"{<v.any>!r:>5}"', '"-".join([<str>, <str>])', '<v.str>.replace("a", "bc")', '<str> if <bool> else <str>', '<v.str>[<int> % len(<v.str>)] if <v.str> else "e"', '<str>.strip()', 'type(<any>).__name__',
    '"".join(sorted(<str>))', 'str(<v.bytes>[:2])', '<str>.title()', '<v.str>[-1:]', 'pick(<str>, <str>)', '<str>.zfill(3)', '"{}/{}".format(<any>, <small>)', '<v.obj>.name()', '<str> or "empty"', 'f"{<v.int>:05d}"', 'f"{<v.float>!r}{<v.bool>}"', 'f"<{<v.num>}>"', 'f"{<v.str>:>6}|{<v.any>}"', 'f"{<v.int>:,}{<v.int>=}"', '"ab" * (<int> & 3)', '<v.str>[-3:-1]', '<v.str>[<int> & 7:<int> & 3]', '<v.str>[::2]', 'str(<num>)', 'repr(<any>)', '(<str>, <str>)[<bool>]', '"".join([<str>, str(<int>)])', '"%s" % (<any>,)', '<str>[0:1]', 'format(<int>, "x")', 'str(<tuple>)', 'str(<ints>)',
    '<str> and <str>', '"x" if <str> == <str> else <str>', '"".join(e for e in <v.str> if e != "a")', '!f"{<v.any>:d}"', '!f"{<v.str>:.2f}"', '!<v.str>[-<int>]', '!<str> + <int>', '!"".join(<v.list>)',
    '!<str>[<int> & 7]', '!<str> + <any>', '!chr(<int>)', '!<str> * <any>',
    '!<str>.split("a")[1]', '!"%d" % <any>', '!<v.str>[<int>]',
  ],
  any: [
    '<int>', '<float>', '<str>', '<bool>', '<num>', '<tuple>', '<v.any>', '<any> if <bool> else <any>', '<v.any> or <any>', '<v.any> and <any>', 'pick(<any>, <any>)', '<v.list>[<int> % len(<v.list>)] if <v.list> else None', '<v.obj>.z', 'identity(<any>)',
    '[<any>, <int>]', '<v.dict>.get(<int> & 7)', '(<int>, <any>)', '[<int>][0]', '<any> if <num> else <any>', 'Odd(<int> & 7)', '[e for e in <v.list>]', '(<num>, <str>)[<bool>]', 'max(<num>, <num>)', '[<any>][-1]', '<obj>', 'not <any>', '!<any> + <any>', '!<any>[<any>]', '!<any>[-1]', '!<any> ** 2', '!<any> // <any>', '!<any> % <any>', '!<any> & <any>', '!<any> >> 1', '!<any>(<int>)', '!max(<any>, <any>)', '!sorted([<any>, <any>])', '!+<any>', '!~<any>',
    '!<any> * 2', '!<v.any> + <v.any>', '!<any>[0]', '!<v.list>[<int> & 7]', '!-<any>', '!<any> - <any>', '!abs(<any>)', '!<any>.x', '!<any>()', '!iter(<any>) and 1',
  ],
  ints: ['<v.ints>', '<v.ints>', '<v.ints>[-2:]', '<v.ints>[:-1]', '[*<v.ints>, <int>]', '[<int> for e in range(<int> & 3)]', '<v.ints>[<int> & 3:<int> & 7]', '[a_ * b_ for a_ in <v.ints>[:2] for b_ in (1, 2)]', 'list({<int>: 1, <int>: 2})', '[k for k, v in pairs(<int> & 3)]', 'list(reversed(<v.ints>))', '<v.ints>.copy()', '<v.ints>[1:]', '<v.ints>[::2]', '<v.ints> + [<int>]', '[<int>, <int>]', '[e ^ 1 for e in <v.ints>]', 'sorted(<v.ints>)', '[<int>] * (<int> & 3)', '<v.ints>[::-1]', 'list(range(<int> & 7))', 'list(<v.bytes>)', '[e for e in <v.ints> if e > <v.int>]', 'list(numbers(<int> & 7))'],
  floats: ['<v.floats>', '<v.floats>', '<v.floats>[:2]', '[<float>, <float>]', '[e * 0.5 for e in <v.floats>]', '<v.floats> + [<float>]'],
  list: ['<v.list>', '<v.list>', '[<any>, <any>]', '<v.list>[1:]', 'list(<v.dict>)', '[<int>, <str>, <float>]', '<v.list> + [<any>]', 'list(zip(<v.ints>, <v.str>))', 'list(map(add, <v.ints>, <v.ints>))', 'list(enumerate(<v.str>))'],
  dict: ['<v.dict>', 'dict(a=<int>)', '{k: v for k, v in zip(<v.ints>, range(3))}', '{<small>: <int>, <small>: <int>}', 'dict(<v.dict>)', '{<int> & 7: <int>}', '{e: e + 1 for e in <v.ints>}', '{**<v.dict>, <small>: <int>}'],
  bytes: ['<v.bytes>', '<v.bytes>[1:]', 'bytes(<v.bytearray>)', 'bytes([<int> & 255, <int> % 256])', '(<v.bytes> + b"x")[-9:]', '<str>.encode()'],
  bytearray: ['<v.bytearray>', 'bytearray(<v.bytes>)', '<v.bytearray>[1:]'],
  tuple: ['<v.tuple>', '(<float>, <bool>)', '(<num>,)', '(*<v.tuple>, <small>)[:4]', '<v.tuple>[::-1]', '(<any>, <int>)', '(<int>, <int>, <int>)', '<v.tuple>[1:]', 'tuple(<v.ints>)', 'divmod(<int>, <small>)', '(<v.tuple> + (<int>,))[-4:]'],
  set: ['<v.set>', '<v.set> | {<int>}', '{e % 5 for e in <v.ints>}', '<v.set> - {<small>}', 'set(<v.ints>)', '<v.set> & {1, 2, 3, <int>}'],
  obj: ['<v.obj>', '<v.obj>', 'Plain(<int>, <float>)', 'Slotted(<int>, <float>)', 'Child(<int>, <float>)', 'Prop(<int>, <float>)', '<v.obj> if <bool> else <v.obj>', 'identity(<v.obj>)', 'Noisy(<small>, <float>)'],
};
