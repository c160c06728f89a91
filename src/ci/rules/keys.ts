import type { Contexts } from '#ci/model/expressions.ts';
import { evaluateExpression, templateParts } from '#ci/model/expressions.ts';

/** A text with what is known put in, and a mark for what only the running job knows: two legs with equal ones clash. */
export function knownText(text: string, contexts: Contexts): string {
  return templateParts(text).map((part) => {
    if (!part.expression) return part.text;
    const value = evaluateExpression(part.text, contexts);
    return value.known ? String(value.value ?? '') : `\u0000${part.text.trim()}\u0000`;
  }).join('');
}
