/**
 * What packets follow never changes without a bit that its cached flows do not look at
 * (cache-eviction.ts).
 *
 * A flow's mask has the bits that its translation looked at when it was made. So after any number
 * of placements, an entrance must look at a bit that it did not look at before its home changed.
 */
import t from 'tap';
import { printActions } from '../../openflow/print/print-actions.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import { placementOf } from '../../slices/network/snapshot.ts';
import { isForgetful } from '../../translation/datapath/stale-flows.ts';
import {
  entranceMaskBit,
  guardMaskBit,
  passMaskBit,
  stopMaskBit,
} from '../../translation/entries/cache-eviction.ts';
import { markerIn, markerOut } from '../../translation/entries/marker.ts';
import { Random } from '../openflow/random.ts';
import { clonedOn, exampleText, snapshotOf, vswitchOf } from '../slices/networks.ts';

function looksOf(snapshot: Snapshot, name: string): readonly string[] {
  const vswitch = vswitchOf(snapshot, name);
  return [...vswitch.ports.keys()].map((vport) =>
    printActions([entranceMaskBit(snapshot, vswitch, vport)]),
  );
}

t.test(
  'a hundred migrations: another bit with every new home, the same with the same',
  async (t) => {
    const random = new Random(5);
    let snapshot = snapshotOf(exampleText());
    const { name } = vswitchOf(snapshot, 'red/v3');
    for (let i = 0; i < 100; i += 1) {
      const [from = ''] = placementOf(snapshot, name).bodies;
      const to = random.pick(['s1', 's2', 's3', 's4'].filter((one) => one !== from));
      const [first] = looksOf(snapshot, name);
      const cloned = clonedOn(snapshot, name, [from, to]);
      t.equal(looksOf(cloned, name)[0], first, 'a clone changes nothing');
      const moved = clonedOn(cloned, name, [from, to], { 1: to });
      t.not(looksOf(moved, name)[0], first, `from ${from} to ${to}`);
      const isUndone = random.number(3) === 0;
      snapshot = clonedOn(isUndone ? cloned : moved, name, [isUndone ? from : to]);
      t.equal(looksOf(snapshot, name)[0] === first, isUndone, 'as the last move left it');
    }
  },
);

t.test('what one packet may meet looks at different bits', async (t) => {
  const snapshot = snapshotOf(exampleText());
  const v3 = vswitchOf(snapshot, 'red/v3');
  const links = [...looksOf(snapshot, 'red/v3'), looksOf(snapshot, 'red/v1')[1]];
  const moved = clonedOn(clonedOn(snapshot, 'red/v3', ['s3', 's4']), 'red/v3', ['s4']);
  const all = [
    ...links,
    ...looksOf(moved, 'red/v3'),
    looksOf(snapshot, 'red/v1')[0],
    ...[guardMaskBit(v3.id), passMaskBit(v3.id), stopMaskBit].map((one) => printActions([one])),
  ];
  t.equal(new Set(all).size, all.length);
});

t.test('which Open vSwitch forgets: by its version, and if it says none', async (t) => {
  const forgets = (software: string, hardware = 'Open vSwitch') =>
    isForgetful({ hardware, software });
  for (const one of [
    '2.9.2',
    '2.17.7',
    '3.0.4',
    '3.1.0',
    '3.1.2',
    '3.2.0',
    '2.18.0',
    'what?',
    '',
  ]) {
    t.ok(forgets(one), one);
  }
  for (const one of ['2.17.8', '3.0.5', '3.1.3', '3.2.1', '3.3.0', '3.10.1', '4.0.0']) {
    t.notOk(forgets(one), one);
  }
  t.notOk(forgets('3.1.0', 'a switch of hardware'));
});

t.test('a marker is known again, and nothing else is one', async (t) => {
  const out = markerOut(3 as Parameters<typeof markerOut>[0], 0xfedc_ba98);
  const data = 'data' in out ? out.data : undefined;
  if (!(data instanceof Uint8Array)) throw new Error('a packet-out without a packet');
  t.equal(markerIn(data), 0xfedc_ba98);
  t.equal(markerIn(data.subarray(0, 20)), undefined, 'too short');
  t.equal(markerIn(new Uint8Array(60)), undefined, 'another packet');
});
