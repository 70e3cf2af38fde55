/**
 * Entries of ours that come for a while (markers, counters of strays) stand among all others. Of
 * two entries of one priority that a packet could meet, a switch may choose either (OF1.3.5
 * section 6.4): so they share a priority with nothing that they overlap, unless both do the same.
 */

import t from 'tap';
import { overlaps } from '../../openflow/match/match.ts';
import { printInstructions } from '../../openflow/print/print.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import { withMisses } from '../../slices/network/snapshot.ts';
import { Rulebook } from '../../slices/rules/rulebook.ts';
import { strayFlow } from '../../translation/datapath/stale-flows.ts';
import { wiringOf } from '../../translation/datapath/wiring.ts';
import { markerFlow } from '../../translation/entries/marker.ts';
import type { PhysicalFlow } from '../../translation/entries/physical-tables.ts';
import { FlatDatapath } from '../../translation/flat/datapath.ts';
import { dropFlow, flatWiring } from '../../translation/flat/wiring.ts';
import { clonedOn, datapath, exampleText, snapshotOf } from '../slices/networks.ts';
import { change, flowMod, outputs } from '../slices/rules.ts';
import { flowsOf } from '../support/flat-flows.ts';
import { flatSnapshot } from './flat-networks.ts';

const names = ['s1', 's2', 's3', 's4'].map(datapath);
const passing = [1, 2, 3, 4].flatMap((port) => [
  markerFlow(port as never),
  strayFlow(port as never),
]);

/** With all vswitches' misses going up, the first of them cloned, and its misses, too. */
function busy(snapshot: Snapshot): Snapshot {
  const up = [...snapshot.vswitches.keys()].reduce(
    (now, name) => withMisses(now, name, true),
    snapshot,
  );
  return clonedOn(up, 'red/v3', ['s3', 's4'], { 1: 's4' });
}

function flatFlows(snapshot: Snapshot, name: (typeof names)[number]): readonly PhysicalFlow[] {
  const on = new FlatDatapath(snapshot, name);
  const book = new Rulebook();
  // The lowest, the highest, and one between.
  const changes = [0, 1, 2, 100, 0xfffe, 0xffff].map((priority) =>
    change(book, flowMod({ priority, instructions: outputs(1) })),
  );
  const { vswitches } = snapshot;
  for (const vswitch of vswitches.values())
    for (const one of changes) on.bodyOf(vswitch).change(one);
  return [dropFlow, ...flatWiring(on.site(), [...vswitches.values()]), ...flowsOf(on)];
}

function clashes(flows: readonly PhysicalFlow[]): readonly string[] {
  return passing.flatMap((ours) =>
    flows
      .filter((one) => one.tableId === ours.tableId && one.priority === ours.priority)
      .filter((one) => overlaps(one.match, ours.match))
      .map((one) => `${printInstructions(one.instructions)} at ${one.priority}`),
  );
}

for (const encoding of ['pipeline', 'flat of 1.0', 'flat of 1.3'] as const) {
  t.test(encoding, async (t) => {
    const isFlat = encoding !== 'pipeline';
    const snapshot = busy(isFlat ? flatSnapshot(encoding) : snapshotOf(exampleText()));
    for (const name of names) {
      const flows = isFlat
        ? flatFlows(snapshot, name)
        : [...wiringOf(snapshot, name).flows.values()];
      t.ok(flows.length > 5, `${name}: ${flows.length} entries`);
      t.strictSame(clashes(flows), [], name);
    }
  });
}
