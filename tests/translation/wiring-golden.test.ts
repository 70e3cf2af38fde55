/**
 * What datapaths are to hold, as files to read: tests/golden/translation/ (see golden.ts).
 */

import t from 'tap';
import { oxm } from '../../openflow/match/match.ts';
import { portConfig } from '../../openflow/values/constants.ts';
import type { FlowMod } from '../../openflow/values/values.ts';
import { type PortConfigs, withPortConfig } from '../../slices/network/port-configs.ts';
import { placementOf, type Snapshot } from '../../slices/network/snapshot.ts';
import { Rulebook } from '../../slices/rules/rulebook.ts';
import { wiringOf } from '../../translation/datapath/wiring.ts';
import { tablesOf } from '../../translation/entries/physical-tables.ts';
import { pipelineEncoding } from '../../translation/pipeline/encoding.ts';
import {
  clonedOn,
  datapath,
  exampleText,
  snapshotOf,
  vport,
  vswitchName,
  vswitchOf,
} from '../slices/networks.ts';
import { applied, applying, flowMod, output, outputs, toController } from '../slices/rules.ts';
import { goldenOf, printTables } from './golden.ts';

function wiring(snapshot: Snapshot): string {
  const names = [...snapshot.datapaths.keys()];
  return names.map((name) => printTables(name, wiringOf(snapshot, name))).join('\n\n');
}

const example = snapshotOf(exampleText());
const during = clonedOn(example, 'red/v3', ['s3', 's4']);

/** Both vswitches of the tenant are on s1, and their link never leaves it. */
const together = `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: ['s1:9 - s2:9']
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1 }, v2: { dpid: 2, on: s1 } }
    hosts: { h1: { port: 'v1:1', at: 's1:1' }, h2: { port: 'v2:1', at: 's2:1' } }
    links: ['v1:2 - v2:2']
`;

/** A host with queues on another datapath than its neighbour, and both have a body. */
const queued = `
datapaths: { s1: { dpid: 1 }, s2: { dpid: 2 } }
links: ['s1:9 - s2:9']
tenants:
  red:
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts:
      h1: { port: 'v1:1', at: 's1:1' }
      h2: { port: 'v1:2', at: 's2:1', queues: { 0: 3, 7: 4 } }
`;

/** Spanning tree's bits, a port that is down, and one that sends nothing (port-wiring.ts). */
function configured(): Snapshot {
  const { noRecv, noRecvStp, noFlood, noFwd, portDown } = portConfig;
  const wanted = [
    ['red/v1', 1, noRecv | noFlood],
    ['red/v1', 2, portDown],
    ['red/v2', 1, noRecvStp | noFwd],
  ] as const;
  const before = snapshotOf(together);
  const portConfigs = wanted.reduce<PortConfigs>(
    (configs, [name, port, bits]) => withPortConfig(configs, vswitchName(name), vport(port), bits),
    before.portConfigs,
  );
  return { ...before, portConfigs };
}

const shown: Readonly<Record<string, () => string>> = {
  'example-before': () => wiring(example),
  'example-cloned': () => wiring(during),
  'example-one-moved': () => wiring(clonedOn(example, 'red/v3', ['s3', 's4'], { 1: 's4' })),
  'example-moved': () => wiring(clonedOn(example, 'red/v3', ['s3', 's4'], { 1: 's4', 2: 's4' })),
  'example-after': () => wiring(clonedOn(clonedOn(during, 'red/v3', ['s4']), 'red/v3', ['s4'])),
  'hosts-cloned': () => wiring(clonedOn(example, 'red/v1', ['s1', 's3'])),
  'same-datapath': () => wiring(snapshotOf(together)),
  'ports-configured': () => wiring(configured()),
  queues: () => wiring(clonedOn(snapshotOf(queued), 'red/v1', ['s1', 's2'])),
  encoding: () => encodings(),
};

const controllerAndOut = applying(toController, output(2));
/** A tenant's rules of every kind that there is an encoding for. */
const rules: readonly Partial<FlowMod>[] = [
  { priority: 0, instructions: applying(toController), cookie: 0xfn },
  { priority: 10, match: [oxm('in_port', 1)], instructions: outputs(2) },
  { priority: 11, match: [oxm('eth_dst', '00:00:00:00:00:02')], instructions: outputs(2, 1) },
  { priority: 12, match: [oxm('vlan_vid', 0x1005)], instructions: outputs(0xfffffffb) },
  { priority: 13, match: [oxm('vlan_vid', 0)], instructions: outputs(0xfffffffc) },
  { priority: 14, match: [oxm('eth_type', 0x806)], instructions: outputs(0xfffffff8) },
  { priority: 15, match: [oxm('eth_type', 0x88cc)], instructions: controllerAndOut },
  { priority: 16, match: [oxm('eth_type', 0x800)], instructions: [] },
  {
    priority: 17,
    flags: 1,
    match: [oxm('in_port', 2)],
    instructions: applying(
      { type: 'pushVlan', ethertype: 0x8100 },
      { type: 'setField', oxm: oxm('vlan_vid', 0x1007) },
      output(1),
      { type: 'popVlan' },
      output(2),
    ),
  },
];

function encodings(): string {
  const book = new Rulebook();
  for (const rule of rules) applied(book, flowMod(rule));
  const vswitch = vswitchOf(example, 'red/v1');
  const flows = book.rules().flatMap((rule) => pipelineEncoding.encode(vswitch, rule));
  return printTables('any body', tablesOf(flows, []));
}

for (const [file, show] of Object.entries(shown)) {
  t.test(file, async (t) => {
    const { want, have } = goldenOf(file, show());
    t.equal(have, want, 'UPDATE_GOLDEN=1 rewrites it; read the difference');
    t.notMatch(have, 'Say here what this shows', 'a person said what it shows');
  });
}

/** Around two bits that say what an address is, those of a label. */
const labels = new RegExp(
  [
    'dl_dst=[0-9a-f:]+/ff:ff:ff:00:00:00',
    '(load:0x[0-9a-f]+->NXM_OF_ETH_DST\\[[0-9.]+\\],?)+',
    'set_field:0x[0-9a-f]+->reg5',
  ].join('|'),
  'g',
);

t.test(
  'the end of a migration is what a fresh start on s4 would be, but for labels and looks',
  async (t) => {
    const fresh = snapshotOf(exampleText().replace(/(v3: .*on: )s3/, '$1s4'));
    const migrated = clonedOn(during, 'red/v3', ['s4']);
    t.strictSame(placementOf(migrated, vswitchOf(migrated, 'red/v3').name).bodies, ['s4']);
    const shape = (snapshot: Snapshot, name: string) =>
      printTables(name, wiringOf(snapshot, datapath(name)))
        .replaceAll(labels, 'LABEL')
        .replaceAll(/reg5=0x[0-9a-f]+/g, 'LABEL')
        .replaceAll(/move:pkt_mark\[\d+\]/g, 'LOOK')
        .replaceAll(/cookie=0x4c11[0-9a-f]{12}/g, 'WIRE')
        .split('\n')
        .sort()
        .join('\n');
    for (const name of ['s1', 's2', 's3', 's4']) {
      t.equal(shape(migrated, name), shape(fresh, name), name);
    }
  },
);
