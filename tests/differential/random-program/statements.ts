/**
 * Templates of statements, tabs for indentation. `<block>` is a nested block, `<loop int:j$>` the body of a loop that binds a variable of that
 * kind, `<try>` a block in which what raises is wanted, `<trace>` shows variables. `$` is a number of the statement's own.
 */
export const statements: readonly string[] = [
  // Numbers, kept from growing for ever.
  '<v.int> = (<int>) % <mod>', '<v.int> = (<int>) & <mask>', '<v.int> = <int>\nif not -<edge> <= <v.int> <= <edge>:\n\t<v.int> = <small>', '<t.int> = <int>\nif not -<edge> < <t.int> < <edge>:\n\t<t.int> = <t.int> % <mod> - <small>',
  '<t.int> += <int>\nif abs(<t.int>) > <edge>:\n\t<t.int> = <t.int> % <mod>', '<t.int> -= <int>\nif <t.int> < -<edge>:\n\t<t.int> = <small>', '<t.int> *= <small>\nif <t.int> > <edge> or <t.int> < -<edge>:\n\t<t.int> //= <edge>', '<t.int> ^= <int>\n<t.int> &= <mask>',
  '<t.int> = <t.int> * 6364136223846793005 + 1442695040888963407 & 0xFFFFFFFFFFFFFFFF', '<t.int> >>= 1', '<t.int> = <t.int> // -<small>', '<t.int> %= <mod>', '<v.float> = <float>', '<v.float> += <float>', '<v.float> *= 0.75', '<v.float> = <float>',
  '<t.float> = <float>\nif not -1e12 < <t.float> < 1e12:\n\t<t.float> = 1.25', '<t.num> = <num>\nif not -1e19 < <t.num> < 1e19:\n\t<t.num> = <small>', '<t.num> += <num>\nif not -1e16 < <t.num> < 1e16:\n\t<t.num> = 0.5', '<v.bool> = <bool>', '<v.num> = <small>',
  '<v.int>, <v.int> = <v.int>, <v.int>', '<v.int>, <v.float> = <small>, <float>',
  // Strings and containers, kept short.
  '<v.str> = (<str>)[-12:]', '<t.str> += <str>\n<t.str> = <t.str>[-12:]', '<v.any> = <any>\nif isinstance(<v.any>, (list, tuple, str)):\n\t<v.any> = <small>', '<t.any> = <any>\nif isinstance(<t.any>, (list, tuple, str)) or <t.any> and <t.any> != <t.any> % 100000:\n\t<t.any> = None',
  '<t.ints>.append((<int>) % <mod>)\nif len(<t.ints>) > 9:\n\tdel <t.ints>[:5]', '<t.ints>.insert(<int> & 3, <v.int>)\nif len(<t.ints>) > 9:\n\t<t.ints>.pop()', 'if <t.ints>:\n\t<t.ints>[<int> % len(<t.ints>)] = (<int>) & <mask>', 'if <t.ints>:\n\t<t.ints>[-1] += <small>\n\t<t.ints>[0] &= <mask>',
  '<v.ints> = (<ints>)[:9]', '<t.floats>.append(<float>)\nif len(<t.floats>) > 7:\n\t<t.floats>.pop(0)', 'if <t.floats>:\n\t<t.floats>[<int> % len(<t.floats>)] = <float>', '<v.floats> = (<floats>)[-7:]', '<t.list>.append(<any>)\nif len(<t.list>) > 6:\n\t<t.list> = [<small>, None]',
  '<v.list> = [<any>, <small>, <str>]', '<v.dict>[<int> & 7] = <v.int>', '<v.dict>.pop(<int> & 7, None)', '<v.dict>[<small> & 7] = <v.dict>.get(<int> & 7, 0) & <mask>', '<v.dict>.setdefault(<int> & 7, <small>)', '<t.bytearray>.append(<int> & 255)\nif len(<t.bytearray>) > 9:\n\tdel <t.bytearray>[2:8]',
  'if <t.bytearray>:\n\t<t.bytearray>[<int> % len(<t.bytearray>)] = <int> & 255', '<v.bytes> = (<bytes>)[:9]', '<v.tuple> = (<small>, <v.int>, <v.bool>)', '<v.set> = {e for e in list(<set>)[:6]}', '<v.set>.add(<int> & 7)', '<v.set>.discard(<int> & 7)', '<v.bytearray> = bytearray(b"xy") + <v.bytes>',
  '<v.ints>[1:2] = [<small>, <small>]', '<v.ints>.reverse()', 'if <t.ints>:\n\t<v.int> = <t.ints>.pop()',
  // Objects, globals, closures.
  '<v.obj>.x = (<int>) % <mod>', '<t.obj>.x += <small>', '<v.obj>.y = <float>', '<t.obj>.y *= 0.5', '<v.obj>.z = <num>', '<v.obj>.z = <v.any>', '<v.obj> = <obj>', '<v.obj>.put(<int> & <mask>)', 'if <v.int> % 601 == 0:\n\tPlain.level = <small>', 'if <v.int> % 401 == 0:\n\tChild.get = <method>',
  'if i % 613 == 599:\n\t<t.obj>.extra = <small>', 'bump(<small>)', 'toggle(<int>)', 'tally(<int> & <mask>)', 'append_to(<v.ints>)', 'if <v.int> & 511 == 77:\n\tglobals()["shared"] = <any-number>', '<v.int> = counter(<small>)', '<v.int> = peek()',
  'with Manager(<small>) as <v.int>:\n\t<block>', 'with Manager(<small>, swallow=True):\n\t<try>',
  // Control.
  'if <bool>:\n\t<block>', 'if <bool>:\n\t<block>\nelse:\n\t<block>', 'if <bool>:\n\t<block>\nelif <bool>:\n\t<block>\nelse:\n\t<block>', 'for j$ in range(<int> & 7):\n\t<loop int:j$>', 'for j$ in range(<small> % 5, 12, 3):\n\t<loop int:j$>\nelse:\n\t<block>', 'for j$ in range(6, <v.int> % 4, -1):\n\t<loop int:j$>',
  'w$ = <int> & 7\nwhile w$ > 0:\n\tw$ -= 1\n\t<loop int:w$>', 'w$ = 0\nwhile w$ < 5:\n\tw$ += 1\n\t<loop int:w$>\nelse:\n\t<block>', 'for e$ in <v.ints>[:5]:\n\t<loop int:e$>', 'for e$ in tuple(<v.ints>):\n\t<loop int:e$>', 'for e$ in <v.floats>[:4]:\n\t<loop float:e$>', 'for e$ in list(<v.list>):\n\t<loop any:e$>',
  'for k$, e$ in enumerate(<v.ints>[:4]):\n\t<loop int:e$>', 'for k$, e$ in zip(<v.ints>[:4], <v.floats>[:3]):\n\t<loop float:e$>', 'for k$, e$ in list(<v.dict>.items()):\n\t<loop int:e$>', 'for e$ in <v.str>[:5]:\n\t<loop str:e$>', 'for e$ in <v.bytes>[:5]:\n\t<loop int:e$>', 'for e$ in numbers(<int> & 3):\n\t<loop int:e$>',
  'c$ = 0\nfor e$ in <t.ints>:\n\tc$ += 1\n\tif c$ > 6:\n\t\tbreak\n\t<loop int:e$>', 'for e$ in sorted(<v.set>)[:4]:\n\t<loop int:e$>', 'for e$ in reversed(<v.tuple>):\n\t<loop any:e$>', 'w$ = 0\nwhile True:\n\tw$ += 1\n\tif w$ > 3:\n\t\tbreak\n\t<loop int:w$>', 'for e$ in map(half, <v.floats>[:3]):\n\t<loop float:e$>', 'for e$ in <v.bytearray>[:4]:\n\t<loop int:e$>',
  // Exceptions, unbound locals, what is seen.
  'try:\n\t<try>\nexcept Exception as error:\n\tcaught(error)', 'try:\n\t<try>\nexcept (ZeroDivisionError, IndexError, KeyError):\n\t<block>\nexcept Exception as error:\n\tcaught(error)\nelse:\n\t<block>', 'try:\n\t<try>\nexcept Exception as error:\n\tcaught(error)\nfinally:\n\t<block>',
  'try:\n\tif <bool>:\n\t\traise ValueError(<v.int>)\n\t<block>\nexcept ValueError as error:\n\tcaught(error)', 'try:\n\tdel <u.int>\n\tif <bool>:\n\t\t<u.int> = <small>\n\t<v.int> = <u.int> + 1\nexcept NameError as error:\n\tcaught(error)\n<u.int> = <small>',
  'if i % <period> == <small>:\n\t<trace>', 'if i % <period> == <small>:\n\t<trace>', 'if i == <period>:\n\t<v.int> = <edge>', 'if i == <period>:\n\t<v.float> = nan', 'if i % <period> == 5:\n\t<v.num> = <str>\n\t<trace>\n\t<v.num> = <small>', 'if i > <period>:\n\t<v.any> = <v.float>',
  'if i == <period>:\n\t<v.ints> = <v.ints> + [<edge>, <edge>]', 'if i == <period>:\n\t<v.ints> = [2.5, True]\n\t<trace>\n\t<v.ints> = [3]', 'assert i >= 0, <str>', 'pass',
];

/** Only in loops; `break` only in inner ones, so that the loop that is to get hot lasts. */
export const loopStatements: readonly string[] = ['if <bool>:\n\tcontinue', 'if <int> % 5 == 3:\n\tcontinue', 'if <bool>:\n\tbreak', 'if <int> % 97 == 13:\n\tbreak'];
