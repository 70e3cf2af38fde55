/**
 * What a switch holds against what it should (DELTA 3.1.001, 002): put right when it connects.
 */
import t, { type Test } from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowCommand } from '../../openflow/values/constants.ts';
import { Attack, flowMod, rule } from './attack.ts';

/** Somebody with other means changes what s3 holds, and it connects again. */
function meddle(t: Test, attack: Attack, ...mods: readonly ReturnType<typeof flowMod>[]): string {
  const { scene } = attack;
  attack.says(rule(matchOf(oxm('in_port', 1)), 2));
  const right = scene.holdings();
  for (const mod of mods) scene.switch('s3').meddle(mod);
  t.not(scene.holdings(), right, 'it holds something else now');
  scene.switch('s3').cut();
  scene.pass(5_000);
  return right;
}

t.test('3.1.001 Flow-rule inconsistency', async (t) => {
  const attack = new Attack(t);
  const foreign = { priority: 60_000, cookie: 0xbadn, match: matchOf(oxm('in_port', 1)) };
  const gone = { command: flowCommand.delete, tableId: 250 };
  const right = meddle(t, attack, flowMod(foreign), flowMod(gone));
  t.equal(attack.scene.holdings(), right, 'what was taken is back, what was added is gone');
  attack.isHarmless();
});

t.test('3.1.002 Flow-rule inconsistency of an output port', async (t) => {
  const attack = new Attack(t);
  const elsewhere = rule([], 4).instructions;
  const changed = { command: flowCommand.modify, tableId: 2, instructions: elsewhere };
  const right = meddle(t, attack, flowMod(changed));
  t.equal(attack.scene.holdings(), right, 'every rule does what it did');
  attack.isHarmless();
});
