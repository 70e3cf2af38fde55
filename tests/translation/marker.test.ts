/**
 * Markers: the entry that takes them takes no tenant's frame, even of their ethertype.
 */
import t from 'tap';
import { ethernetFrame, matchesPacket, parsePacket } from '../../openflow/packet/packet.ts';
import type { Port } from '../../slices/ids.ts';
import { markerFlow, markerIn, markerOut } from '../../translation/entries/marker.ts';

const PORT = 3 as Port;
const { match } = markerFlow(PORT);
const isTaken = (frame: Uint8Array): boolean =>
  matchesPacket(match, parsePacket(frame), { inPort: PORT, metadata: 0n });

t.test('a marker is taken, and told by its nonce', async (t) => {
  const out = markerOut(PORT, 0xfedc_ba98);
  if (out.type !== 'packetOut') throw new Error('it is sent');
  t.ok(isTaken(out.data));
  t.equal(markerIn(out.data), 0xfedc_ba98);
});

t.test(
  'a tenant’s frame of that type, with our tag on a cable between flat datapaths',
  async (t) => {
    const parts = { dst: '02:00:00:00:00:01', src: '02:00:00:00:00:02', type: 0x88b5 };
    const payload = new Uint8Array(46);
    t.ok(isTaken(ethernetFrame({ ...parts, payload })), 'without a tag it would be');
    for (const vid of [1, 5, 4094]) {
      t.notOk(isTaken(ethernetFrame({ ...parts, payload, vlan: vid })), `${vid}`);
    }
  },
);
