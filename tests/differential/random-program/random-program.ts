/**
 * Random Python programs, the same for the same seed: a few scenarios, each of them a loop over random statements, and small functions
 * that they call. They end, whatever happens in them, and print checksums on the way.
 */
import { seededRandom } from '../random.ts';
import { Dice } from './dice.ts';
import { helperFunctions } from './helper-functions.ts';
import { globalCounter, prelude } from './prelude.ts';
import { Scenario } from './scenario.ts';

export function randomProgram(seed: number): string {
  const dice = new Dice(seededRandom(seed));
  const helpers = helperFunctions(dice, dice.pick([0, 2, 4]));
  const scenarios = Array.from({ length: dice.between(1, 2) }, (_, n) => new Scenario(dice, n, helpers.calls).text());
  return [prelude, globalCounter, helpers.text, ...scenarios, 'show("end", shared, flag, cell, Prop.writes)'].filter((part) => part !== '').join('\n\n');
}
