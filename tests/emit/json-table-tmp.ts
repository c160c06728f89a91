import { readFileSync } from 'node:fs';
import type { StencilTable } from '#stencils/table.ts';
export function jsonTable(arch: 'x86_64' | 'aarch64'): StencilTable {
  const data = JSON.parse(readFileSync(`/tmp/emit/table-${arch}.json`, 'utf8'));
  const families = new Map<string, any>();
  for (const [name, f] of Object.entries<any>(data)) {
    const single = f.form === 'single';
    const variants = f.variants.map((v: any) => ({ code: new Uint8Array(Buffer.from(v.code, 'hex')), holes: v.holes }));
    families.set(name, { name, operands: f.operands, fixed: single ? f.fixed : f.operands.map(() => undefined), clobbers: f.clobbers,
      variant: (r: number[]) => { const v = variants[single ? 0 : r.reduce((a, x) => a * 8 + x, 0)]; if (!v) throw new Error(name + r); return v; } });
  }
  return { target: `${arch}-linux`, layout: 311, digest: '', family: (n) => families.get(n), calleeSaved: arch === 'x86_64' ? 3 : 8 };
}
