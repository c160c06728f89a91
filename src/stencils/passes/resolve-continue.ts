/** The next stencil follows directly: every jump to CONTINUE becomes a jump to the end of the stencil. */
import type { StencilPass } from './pass.ts';

export const resolveContinue: StencilPass = (instructions) => {
  const end = instructions.length;
  if (!instructions.some((i) => i.kind !== 'plain' && i.target === 'CONTINUE')) return instructions;
  return instructions.map((i) => (i.kind !== 'plain' && i.target === 'CONTINUE' ? { ...i, target: end } : i));
};
