/**
 * Modifies and deletes that name one rule stay bytes. Random conversations of both versions, with
 * what datapaths refuse: whoever has them become values hears, sends, holds and keeps the same.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowCommand, version } from '../../openflow/values/constants.ts';
import type { FlowMod } from '../../openflow/values/values.ts';
import { exampleText } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { live, refusesAlways, Side, said } from './bytes-and-values.ts';
import { textOf } from './moved-members.ts';

const { modifyStrict, deleteStrict } = flowCommand;

for (const speaks of [version.of13, version.of10]) {
  t.test(`version ${speaks}: bytes and values are the same`, async (t) => {
    let [one, other] = [0, 0];
    for (let seed = 1; seed <= 4; seed++) {
      const text = seed % 4 === 0 ? textOf('[s1, s2]') : exampleText();
      const life = {
        text,
        speaks,
        seed,
        isAtOnce: seed % 2 === 0,
        draw: said,
        pauseMs: 0,
        refusing: refusesAlways,
      };
      const [bytes, values] = live(t, life);
      one += bytes.values;
      other += values.values;
    }
    t.comment(`${one} of ${other} are values`);
    t.ok(one < 0.95 * other, `${one} of ${other} are values`);
  });
}

/** The lists that a store has of what may be refused. */
function listsIn(store: Side['store']): readonly string[] {
  const all = Buffer.concat(store.load()).toString('latin1');
  return [...all.matchAll(/change\/[\w/]+?(\[\{.*?\}\])/g)].map(([, list]) => list ?? '');
}

t.test('what was open when its datapath went is in the store as it was before', async (t) => {
  const rule = (command: number, port: number, priority = 5): FlowMod =>
    flowMod({ command, priority, match: matchOf(oxm('eth_dst', 7)), instructions: outputs(port) });
  const found = [true, false].map((staysBytes) => {
    const side = new Side(exampleText(), version.of13, staysBytes);
    // Forms are made of what comes again.
    for (let i = 0; i < 3; i++) {
      side.say([rule(0, 2), rule(0, 2, 6), rule(modifyStrict, 1), rule(deleteStrict, 1, 6)], false);
    }
    side.say([rule(0, 2), rule(0, 2, 6), { type: 'barrierRequest', xid: 9 }], false);
    side.values = 0;
    side.hear(rule(modifyStrict, 1), rule(deleteStrict, 1, 6));
    const { peer } = side.net.switch(side.runtime.placement.primary);
    peer.user?.onClose('it is gone');
    // Memory that the lot has given back is somebody else's by now.
    side.hear(...Array.from({ length: 9 }, () => rule(modifyStrict, 1)));
    side.net.world.pass(50);
    return { list: listsIn(side.store).at(-1), values: side.values };
  });
  const [bytes, values] = found;
  t.match(bytes?.list, /"rule":/);
  t.equal(bytes?.list, values?.list);
  t.ok((bytes?.values ?? 0) < (values?.values ?? 0), 'they were bytes');
});
