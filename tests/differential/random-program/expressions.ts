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
  num: ['<small>', '0.25', 'True', '-7', '2.0', '<edge>'],
  bool: ['True', 'False'],
  str: ["''", "'a'", "'xyz'", "'Az09'", "'é€'", "'ab cd'"],
  any: ['None', '<small>', '1.5', "'q'", 'True', '()', '(1, 2.5)', '<edge>'],
  ints: ['[1, 2, 3]', '[]', '[-5, 70000, 3]'],
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
    '<v.ints>[<int> % len(<v.ints>)] if <v.ints> else 5', '<v.ints>[-1] if <v.ints> else 6', 'bump(<int> & 15)', 'shared + <int>', 'hash(<int>)', '<v.tuple>.count(1)', 'pick(<int>, <int>)', 'int(str(<int>))',
    'int(<float>) if -1e18 < (guess := <v.float>) < 1e18 else 4', 'math.floor(<v.float>) if abs(<v.float>) < 1e17 else 1', '<v.bytearray>[-1] if <v.bytearray> else 9', 'sys.getrefcount(<v.obj>)', '<v.obj>.level',
    '!<int> // <int>', '!<int> % <int>', '!<int> << <int>', '!<int> >> <int>', '!<v.ints>[<int> & 7]', '!<v.ints>[<int>]', '!<v.dict>[<int> & 7]', '!<v.bytes>[<int> & 15]', '!int(<float>)', '!ord(<str>)', '!<v.ints>.index(<small>)',
    '!<v.obj>.missing', '!<v.any> + <int>', '!len(<any>)', '!<v.tuple>[<int> & 3]', '!divmod(<int>, <int>)[0]', '!int(<str>)', '!round(<float>)', '!min(<v.ints>)', '!math.isqrt(<int>)', '!fail(<int>)', '!add(<int>)',
  ],
  float: [
    '<float> + <float>', '<float> - <float>', '<float> * <float>', '<float> / 3.0', '<float> * <int>', '<int> * <float>', '<float> + <small>', '<small> - <float>', '<int> / <small>', '-<float>', 'abs(<float>)',
    'float(<int> % 1000003)', 'min(<float>, <float>)', 'max(<float>, <float>)', '<float> if <bool> else <float>', '<v.obj>.y', '<float> ** 2', '<float> % 1.5', '<float> // 0.75', '<float> % -2.0', 'math.sqrt(abs(<float>))',
    'math.copysign(<float>, <float>)', 'math.fabs(<float>)', 'half(<float>)', '<v.floats>[<int> % len(<v.floats>)] if <v.floats> else 0.0', '<bool> * <float>', '<bool> - <float>', '+<float>', 'math.atan2(<float>, <float>)',
    'float(<bool>)', 'complex(<float>, 1.0).real', 'sum(<v.floats>, 0.0)', 'average(<v.floats>)', 'round(<v.float>, 2)', '(<v.float> - <v.float>) * (<v.float> + 1.0)', 'math.tanh(<float>)', 'float(repr(<float>))', '<float> * 1e200',
    '!<float> / <float>', '!<int> / <int>', '!<float> // <float>', '!<float> % <float>', '!math.sqrt(<float>)', '!<float> ** <float>', '!math.exp(<float>)', '!math.log(<float>)', '!math.fmod(<float>, <float>)', '!<v.floats>[<int> & 7]',
    '!math.sin(<float>)', '!float(<int>)', '!float(<str>)', '!<int> + <float>', '!math.pow(<float>, <float>)', '!<any> * 1.5', '!math.ldexp(<float>, <int> & 2047)',
  ],
  num: [
    '<num> + <num>', '<num> - <num>', '<num> * <small>', '<num> * 0.5', '-<num>', 'abs(<num>)', '<int>', '<float>', '<bool>', '<num> if <bool> else <num>', '<num> + <int>', '<float> - <num>', 'min(<num>, <num>)', 'max(<num>, <small>)',
    'add(<num>, <num>)', '<num> // 7', '<num> % 11', '<num> / 3', 'half(<num>)', '<v.obj>.z', 'pick(<num>, <num>)', '+<num>', '<num> or <num>', '<num> and <num>', '!<num> // <num>', '!<num> % <num>', '!<num> / <num>', '!<num> ** 2', '!<num> & <int>', '!~<num>',
  ],
  bool: [
    '<int> < <int>', '<int> <= <int>', '<int> == <int>', '<int> != <small>', '<int> > <small>', '<float> < <float>', '<float> >= <float>', '<float> == <float>', '<float> != <float>', '<small> < <int> < <int>', '<int> <= <int> < <int> != <small>',
    'not <bool>', '<bool> and <bool>', '<bool> or <bool>', '<bool> & <bool>', '<bool> ^ <bool>', '<int> in <v.ints>', '<int> not in <v.set>', '<small> in <v.dict>', '<str> in <str>', 'isinstance(<any>, int)', 'isinstance(<num>, (float, str))',
    '<v.any> is None', '<v.any> is not None', '<any> == <any>', '<any> != <num>', '<num> < <num>', '<num> == <int>', '<num> >= <float>', '<int> < <float>', '<str> < <str>', '<str> == <str>', '<tuple> == <tuple>', '<ints> == <ints>', 'bool(<any>)',
    'bool(<int>)', '<v.obj> is <v.obj>', '<v.obj> == <v.obj>', '<int> % 2 == 0', '<int> & 1', '<int> % 3 != 0', 'not <int>', 'not <v.ints>', 'not <float>', 'type(<num>) is int', 'any(<v.ints>)', 'all(e > 0 for e in <v.ints>)', 'hasattr(<v.obj>, "w")',
    'math.isnan(<float>)', '<v.any> is <v.any>', '<bool> is True', '<bool> == <int>', '<v.list> is <v.list>', 'callable(<any>)', '!<any> < <any>', '!<any> in <v.list>', '!<any> > <num>', '!<v.obj> < <v.obj>', '!<any> in <str>',
  ],
  str: [
    '<str> + <str>', '<v.str>[1:]', '<v.str>[<int> % 5:]', '<v.str>[:<small>]', '<v.str>[::-1]', 'str(<int>)', 'str(<bool>)', 'repr(<float>)', 'chr(97 + <int> % 26)', '<str>.upper()', '<v.str> * (<int> & 3)', '"%d:%s" % (<int> % 1000, <str>)',
    'f"{<v.int>}{<v.str>}"', 'f"{<v.float>:.3f}|{<v.int>:x}"', 'f"{<v.any>!r:>5}"', '"-".join([<str>, <str>])', '<v.str>.replace("a", "bc")', '<str> if <bool> else <str>', '<v.str>[<int> % len(<v.str>)] if <v.str> else "e"', '<str>.strip()', 'type(<any>).__name__',
    '"".join(sorted(<str>))', 'str(<v.bytes>[:2])', '<str>.title()', '<v.str>[-1:]', 'pick(<str>, <str>)', '<str>.zfill(3)', '"{}/{}".format(<any>, <small>)', '<v.obj>.name()', '<str> or "empty"', '!<str>[<int> & 7]', '!<str> + <any>', '!chr(<int>)', '!<str> * <any>',
    '!<str>.split("a")[1]', '!"%d" % <any>', '!<v.str>[<int>]',
  ],
  any: [
    '<int>', '<float>', '<str>', '<bool>', '<num>', '<tuple>', '<v.any>', '<any> if <bool> else <any>', '<v.any> or <any>', '<v.any> and <any>', 'pick(<any>, <any>)', '<v.list>[<int> % len(<v.list>)] if <v.list> else None', '<v.obj>.z', 'identity(<any>)',
    '[<any>, <int>]', '<v.dict>.get(<int> & 7)', '(<int>, <any>)', '!<any> * 2', '!<v.any> + <v.any>', '!<any>[0]', '!<v.list>[<int> & 7]', '!-<any>', '!<any> - <any>', '!abs(<any>)', '!<any>.x', '!<any>()', '!iter(<any>) and 1',
  ],
  ints: ['<v.ints>', '<v.ints>', '<v.ints>[1:]', '<v.ints>[::2]', '<v.ints> + [<int>]', '[<int>, <int>]', '[e ^ 1 for e in <v.ints>]', 'sorted(<v.ints>)', '[<int>] * (<int> & 3)', '<v.ints>[::-1]', 'list(range(<int> & 7))', 'list(<v.bytes>)', '[e for e in <v.ints> if e > <v.int>]', 'list(numbers(<int> & 7))'],
  floats: ['<v.floats>', '<v.floats>', '<v.floats>[:2]', '[<float>, <float>]', '[e * 0.5 for e in <v.floats>]', '<v.floats> + [<float>]'],
  list: ['<v.list>', '<v.list>', '[<any>, <any>]', '<v.list>[1:]', 'list(<v.dict>)', '[<int>, <str>, <float>]', '<v.list> + [<any>]', 'list(zip(<v.ints>, <v.str>))', 'list(map(add, <v.ints>, <v.ints>))', 'list(enumerate(<v.str>))'],
  dict: ['<v.dict>', 'dict(<v.dict>)', '{<int> & 7: <int>}', '{e: e + 1 for e in <v.ints>}', '{**<v.dict>, <small>: <int>}'],
  bytes: ['<v.bytes>', '<v.bytes>[1:]', 'bytes(<v.bytearray>)', 'bytes([<int> & 255, <int> % 256])', '(<v.bytes> + b"x")[-9:]', '<str>.encode()'],
  bytearray: ['<v.bytearray>', 'bytearray(<v.bytes>)', '<v.bytearray>[1:]'],
  tuple: ['<v.tuple>', '(<any>, <int>)', '(<int>, <int>, <int>)', '<v.tuple>[1:]', 'tuple(<v.ints>)', 'divmod(<int>, <small>)', '(<v.tuple> + (<int>,))[-4:]'],
  set: ['<v.set>', '<v.set> | {<int>}', '{e % 5 for e in <v.ints>}', '<v.set> - {<small>}', 'set(<v.ints>)', '<v.set> & {1, 2, 3, <int>}'],
  obj: ['<v.obj>', '<v.obj>', 'Plain(<int>, <float>)', 'Slotted(<int>, <float>)', 'Child(<int>, <float>)', 'Prop(<int>, <float>)', '<v.obj> if <bool> else <v.obj>', 'identity(<v.obj>)', 'Noisy(<small>, <float>)'],
};
