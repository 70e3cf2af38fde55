/**
 * NORMAL's entries (translation/wiring/normal.ts): what every datapath has of it, what a vswitch
 * has where it learns, and that nothing of what it has learnt outlives it.
 */
import t from 'tap';
import { printFlow } from '../../openflow/print/print.ts';
import { port as ofpp } from '../../openflow/values/constants.ts';
import { limits } from '../../slices/limits.ts';
import { placementOf } from '../../slices/network/snapshot.ts';
import { constantFlows } from '../../translation/datapath/constants.ts';
import { wiringOf } from '../../translation/datapath/wiring.ts';
import type { PhysicalFlow } from '../../translation/entries/physical-tables.ts';
import { readCookie, tables } from '../../translation/entries/pipeline.ts';
import { packetOutAt } from '../../translation/requests/packet-out.ts';
import {
  isLearnt,
  isReserved,
  learningFlows,
  learntCookie,
  learntFlows,
} from '../../translation/wiring/normal.ts';
import { clonedOn, datapath, exampleText, snapshotOf, vswitchOf } from '../slices/networks.ts';
import { output } from '../slices/rules.ts';

const example = snapshotOf(exampleText());

function text(flow: PhysicalFlow): string {
  const counts = { packetCount: 0n, byteCount: 0n, durationSec: 0, durationNsec: 0 };
  const timeouts = { idleTimeoutSec: 0, hardTimeoutSec: 0, flags: 0 };
  const said = printFlow({ ...flow, ...counts, ...timeouts });
  return said
    .slice(said.indexOf('table=') + 'table='.length)
    .replace(/, n_packets=0, n_bytes=0/, '');
}

t.test('the same on every datapath', async (t) => {
  const own = constantFlows(example, datapath('s1')).filter(({ tableId, match }) => {
    return tableId === tables.normal || (tableId === tables.egress && match.length === 1);
  });
  const lookUp = (address: string, unknown: string) => {
    const parts = `move:${address}[0..31]->reg8[0..31],move:${address}[32..47]->reg9[0..15]`;
    return `${parts},set_field:${unknown}->reg0,resubmit(,243)`;
  };
  const send = `${lookUp('0x206', '0x10002')},resubmit(,250)`;
  const anew = 'encap(nsh(md_type=2)),decap(),resubmit(,244)';
  t.strictSame(
    own.map(text).filter((one) => !one.includes('priority=50')),
    [
      '250, priority=10,reg0=0x10004 actions=resubmit(,244)',
      `244, priority=45,in_port=CONTROLLER actions=clone(set_field:65535->in_port,${anew})`,
      '244, priority=40,dl_vlan=0,dl_vlan_pcp=0 actions=clone(pop_vlan,resubmit(,244))',
      `244, priority=30,dl_src=01:00:00:00:00:00/01:00:00:00:00:00 actions=${send}`,
      `244, priority=30,metadata=0xfffd00000000/0xfffd00000000 actions=${send}`,
      `244, priority=10 actions=${lookUp('0x406', '0x0')},resubmit(,242),${send}`,
    ],
  );
});

t.test('reserved addresses', async (t) => {
  const all = [0x0180_c200_0000n, 0x0180_c200_000fn, 0x0100_0ccc_ccccn, 0x0100_0ccc_ccc7n];
  for (const dst of all) t.ok(isReserved({ dst }), dst.toString(16));
  const others = [0x0180_c200_0010n, 0x0100_0ccc_ccc8n, 0x00e0_2b00_0005n, 0xffff_ffff_ffffn];
  for (const dst of others) t.notOk(isReserved({ dst }), dst.toString(16));
});

const learners = (snapshot: typeof example, name: string) =>
  [...wiringOf(snapshot, datapath(name)).flows.values()].filter(
    ({ tableId }) => tableId === tables.learning,
  );

t.test('where packets are processed, and nowhere else', async (t) => {
  const v3 = vswitchOf(example, 'red/v3');
  const { primary } = placementOf(example, v3.name);
  const isOf = ({ cookie }: PhysicalFlow) => readCookie(cookie)?.id === v3.id;
  t.equal(learners(example, primary).filter(isOf).length, 2);
  const during = clonedOn(example, 'red/v3', ['s3', 's4']);
  const counts = ['s3', 's4'].map((name) => learners(during, name).filter(isOf).length);
  t.strictSame(counts, primary === 's3' ? [2, 0] : [0, 2], 'its clone does not learn');
});

t.test('so many, and no more', async (t) => {
  const texts = learningFlows(vswitchOf(example, 'red/v3')).map(text);
  t.match(texts[0], `limit=${limits.learntPerVswitchMax},`);
  t.match(texts[0], /^242, priority=20,reg0=0x0,metadata=.*delete_learned/);
  t.notMatch(texts[1], 'limit=', 'one that is known may move');
  t.match(texts[1], /^242, priority=10,metadata=.*hard_timeout=300.*delete_learned/);
});

t.test('a cookie says whose it is, and with which vports', async (t) => {
  const v3 = vswitchOf(example, 'red/v3');
  const cookie = learntCookie(v3);
  t.same(readCookie(cookie)?.kind, 'learnt');
  t.equal(readCookie(cookie)?.id, v3.id);
  t.ok(isLearnt({ tableId: tables.learnt, cookie }));
  t.notOk(isLearnt({ tableId: tables.egress, cookie }));
  t.equal(cookie & learntFlows.cookieMask, learntFlows.cookie);
  const others = [
    { ...v3, name: vswitchOf(example, 'red/v1').name },
    { ...v3, ports: new Map([...v3.ports].slice(1)) },
  ];
  for (const other of others) t.not(learntCookie(other), cookie);
});

t.test('a packet-out that entered by no port of the vswitch', async (t) => {
  const v3 = vswitchOf(example, 'red/v3');
  const count = (inPort: number) =>
    packetOutAt(v3, inPort, [output(ofpp.normal), output(2)], new Uint8Array(60)).actions.length;
  t.equal(count(77), count(1) - 2, 'NORMAL is left out');
  for (const inPort of [ofpp.controller, ofpp.local, ofpp.any]) t.equal(count(inPort), count(1));
});
