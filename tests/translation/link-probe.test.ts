/**
 * Probes: the entry that sends them up takes no tenant's frame, what they say is nothing to a
 * stranger, and what their seal speaks for is all that was sent.
 */
import t from 'tap';
import { ethernetFrame, matchesPacket, parsePacket } from '../../openflow/packet/packet.ts';
import type { Dpid, Port } from '../../slices/ids.ts';
import {
  linkProbeFlow,
  probeBytes,
  probeIn,
  probeOut,
  SEAL_BYTES,
  type Sending,
  sealedBytes,
} from '../../translation/datapath/link-probe.ts';
import { levels } from '../../translation/flat/priority-map.ts';

const seal = Uint8Array.from({ length: SEAL_BYTES }, (_, i) => i + 1);
const isTaken = (frame: Uint8Array): boolean =>
  matchesPacket(linkProbeFlow.match, parsePacket(frame), { inPort: 3, metadata: 0n });

function frameOf(bytes: number): Uint8Array {
  const out = probeOut({ number: 0xfedc_ba98, seal }, 7, bytes);
  if (out.type !== 'packetOut') throw new Error('it is sent');
  return out.data;
}

t.test('a probe is taken, small and full, and says its number and its seal', async (t) => {
  for (const bytes of [probeBytes('small', true), probeBytes('full', true)]) {
    const frame = frameOf(bytes);
    t.equal(frame.length, bytes);
    t.ok(isTaken(frame));
    t.strictSame(probeIn(frame), { number: 0xfedc_ba98, seal });
  }
  t.equal(probeBytes('full', true), 1_536, 'a full-size frame, wrapped');
  t.equal(probeBytes('full', false), 1_514, 'a full-size frame; a tag has room besides');
});

t.test('nothing else is one', async (t) => {
  t.equal(probeIn(frameOf(60).subarray(0, 59)), undefined, 'it is cut');
  for (const at of [0, 6, 12, 13]) {
    const frame = frameOf(60).slice();
    frame[at] = 0x55;
    t.equal(probeIn(frame), undefined, `byte ${at}`);
  }
});

t.test('it is below every rule of a tenant, on flat datapaths too', async (t) => {
  t.ok(linkProbeFlow.priority < levels.lowest);
  t.ok(linkProbeFlow.priority < levels.noProbe, 'and below what keeps hosts from it there');
});

t.test('a tenant’s frame of that kind with our tag, between flat datapaths, is none', async (t) => {
  const parts = { dst: '03:00:00:00:00:00', src: '02:00:00:00:00:00', type: 0x88b6 };
  const payload = new Uint8Array(46);
  t.ok(isTaken(ethernetFrame({ ...parts, payload })), 'without a tag it would be');
  for (const vid of [1, 5, 4094]) {
    t.notOk(isTaken(ethernetFrame({ ...parts, payload, vlan: vid })), `${vid}`);
  }
});

t.test('the seal speaks for number, port, size and moment', async (t) => {
  const sent: Sending = {
    ...{ number: 1, dpid: 2n as Dpid, port: 3 as Port, size: 'small', sentMs: 4.5 },
  };
  const others: readonly Sending[] = [
    ...[
      { ...sent, number: 2 },
      { ...sent, dpid: 3n as Dpid },
      { ...sent, port: 4 as Port },
    ],
    ...[
      { ...sent, size: 'full' as const },
      { ...sent, sentMs: 4.6 },
    ],
  ];
  const texts = [sent, ...others].map((one) => sealedBytes(one).join(' '));
  t.equal(new Set(texts).size, texts.length);
});
