import { readdirSync, readFileSync } from 'node:fs';
import { readRequest } from '#protocol/read-request.ts';
import { compileToIr } from '#compiler/pipeline.ts';
import { defaultOptions } from '#compiler/options.ts';
import { print } from '#ir/print.ts';
const want = process.argv[2];
for (const dir of ['tests/build/requests', '/tmp/rq']) for (const f of readdirSync(dir).sort()) {
  if (!f.endsWith('.req') || (want && !f.includes(want))) continue;
  const layout = f.includes('.311.') ? 311 : 314;
  try {
    const request = readRequest(readFileSync(`${dir}/${f}`), { layout, arch: 'x86_64' });
    const dumps: Record<string,string> = {};
    const fn = compileToIr(request, { ...defaultOptions, verify: true, dump: (s, t) => { dumps[s] = t; } }, process.argv[3]);
    const text = print(fn);
    const count = (re: RegExp) => (text.match(re) ?? []).length;
    const unsup = [...new Set([...text.matchAll(/exit unsupported "([^"]*)"/g)].map(m => m[1]))];
    console.log(f.padEnd(40), `blocks ${fn.blocks.size} ops ${text.split('\n').length} opaque ${count(/frame\.position/g)} box ${count(/ box\./g)} incref ${count(/ incref/g)} unsup ${unsup.join(' ')}`);
    if (want) { if (process.argv[4]) console.log(dumps[process.argv[4]]); console.log(text); }
  } catch (e) { console.log(f.padEnd(40), 'ERR', (e as Error).name, ((e as any).code ?? '') , (e as Error).message.slice(0, 260)); if (want) console.log((e as Error).stack); }
}
