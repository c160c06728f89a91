/** Which function translates which instruction. */
import { arithmetic } from './arithmetic.ts';
import { attributes } from './attributes.ts';
import { calls } from './calls.ts';
import { containers } from './containers.ts';
import { control } from './control.ts';
import type { Handler } from './frame.ts';
import { functions } from './functions.ts';
import { iteration } from './iteration.ts';
import { locals } from './locals.ts';
import { match } from './match.ts';
import { names } from './names.ts';
import { text } from './text.ts';
import { withBlocks } from './with-blocks.ts';

/** An instruction that is not translated ends compiled code: the interpreter executes it. */
export function createDispatch(): Handler {
  const dispatch: Handler = (f, i) => {
    const handler = handlers.get(i.name);
    if (handler) handler(f, i);
    else f.leave(`unsupported-opcode:${i.name}`);
  };
  const families = [arithmetic(dispatch), attributes, calls(dispatch), containers(dispatch), control, functions, iteration, locals, match, names, text, withBlocks];
  const handlers = new Map<string, Handler>(families.flatMap((family) => Object.entries(family)));
  return dispatch;
}
