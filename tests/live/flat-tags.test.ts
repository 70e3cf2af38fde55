/**
 * Tenants' own tags where a way knows one only, on real switches: what a rule does to a frame is
 * what a bridge does, and over a link it does that or nothing. What certainly could not cross is
 * refused.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import t from 'tap';
import { type Spoken, startLab } from '../../examples/lab/lab.ts';
import { revalidated, startLimevisor, statusOf, untilReady } from '../../examples/lab/programs.ts';
import { toHex } from '../openflow/hex.ts';
import { ether } from './mirror/frames.ts';
import { openWires } from './mirror/wires.ts';

interface Network {
  /** The two datapaths, in the file. */
  readonly file: readonly [string, string];
  /** What they speak, where that is not 1.3. */
  readonly speaks: readonly (Spoken | undefined)[];
  /** What the tenant's controller speaks. */
  readonly tenant: 'OpenFlow10' | 'OpenFlow13';
  /** Rules, and the frames that they carry to the other datapath. */
  readonly rules: Readonly<Record<string, readonly string[]>>;
  readonly refused: readonly string[];
}

const old = 'OpenFlow10';
const [C, S] = [0x8100, 0x88a8];
const frames: Readonly<Record<string, readonly (readonly [number, number])[]>> = {
  'no tag': [],
  'vlan 0': [[C, 0]],
  'vlan 5': [[C, 5]],
  's-vlan 5': [[S, 5]],
  'vlan 5, 79': [
    [C, 5],
    [C, 79],
  ],
  's-vlan 5, vlan 79': [
    [S, 5],
    [C, 79],
  ],
  'three tags': [
    [S, 5],
    [S, 6],
    [C, 7],
  ],
};
const oneTag = ['vlan 0', 'vlan 5', 's-vlan 5'];

const of10: Pick<Network, 'tenant' | 'rules' | 'refused'> = {
  tenant: 'OpenFlow10',
  rules: {
    'actions=flood': ['no tag'],
    'actions=strip_vlan,flood': ['no tag', ...oneTag],
    'dl_vlan=5,actions=strip_vlan,flood': ['vlan 5', 's-vlan 5'],
    'dl_vlan=5,dl_type=0x8100,actions=strip_vlan,strip_vlan,flood': [],
  },
  refused: [
    'dl_vlan=5,actions=flood',
    'dl_vlan_pcp=0,actions=output:2',
    'actions=mod_vlan_vid:7,flood',
    'dl_vlan=5,dl_type=0x8100,actions=strip_vlan,output:2',
  ],
};
const of13: Pick<Network, 'tenant' | 'rules' | 'refused'> = {
  tenant: 'OpenFlow13',
  rules: {
    'actions=flood': ['no tag'],
    'vlan_tci=0x1000/0x1000,actions=pop_vlan,flood': oneTag,
    'dl_vlan=5,actions=pop_vlan,flood': ['vlan 5', 's-vlan 5'],
  },
  refused: [
    'dl_vlan=5,actions=flood',
    'vlan_tci=0x1000/0x1000,actions=output:2',
    'actions=push_vlan:0x8100,set_field:4103->vlan_vid,flood',
    'dl_vlan=5,dl_type=0x8100,actions=pop_vlan,output:2',
  ],
};

const [plain, flat] = ['', ', encoding: flat'];
const networks: Readonly<Record<string, Network>> = {
  '1.0': { file: [plain, plain], speaks: [old, old], ...of10 },
  '1.3 with one table': { file: [flat, flat], speaks: [], ...of13 },
  'from tables to 1.0, a tenant of 1.3': {
    file: [plain, plain],
    speaks: [undefined, old],
    ...of13,
  },
  'from tables to 1.0, a tenant of 1.0': {
    file: [plain, plain],
    speaks: [undefined, old],
    ...of10,
  },
};
/** Names of what a network has: its switches and hosts end with its number. */
const all = Object.entries(networks).map(([name, network], i) => ({ name, network, no: i + 1 }));
const pairs = all.map(({ no }) => [`s${no}`, `t${no}`] as const);

const lab = await startLab({
  switches: pairs.flat(),
  links: pairs.map(([one, other]) => [`${one}:20`, `${other}:20`]),
  hosts: all.flatMap(({ no }) =>
    [`s${no}:1`, `t${no}:1`, `s${no}:3`].map((at, i) => ({
      name: `${'abc'[i]}${no}`,
      at,
      ip: `10.0.${no}.${i + 1}/24`,
      mac: `02:00:00:00:0${no}:0${i + 1}`,
    })),
  ),
  speaks: Object.fromEntries(
    all.flatMap(({ network: { speaks }, no }) =>
      ['s', 't'].flatMap((name, i) => {
        const spoken = speaks[i];
        return spoken === undefined ? [] : [[`${name}${no}`, spoken]];
      }),
    ),
  ),
  controller: 'tcp:127.0.0.1:6653',
});
t.teardown(() => lab.stop());

function datapathsOf({ network, no }: (typeof all)[number]): string {
  const [s, t] = network.file;
  return `  s${no}: { dpid: ${2 * no - 1}${s} }\n  t${no}: { dpid: ${2 * no}${t} }`;
}

const file = path.join(lab.dir, 'tags.yaml');
writeFileSync(
  file,
  `
control: here
datapaths:
${all.map(datapathsOf).join('\n')}
links: [${pairs.map(([one, other]) => `'${one}:20 - ${other}:20'`).join(', ')}]
tenants:
${all
  .map(
    ({ no }) => `  red${no}:
    vswitches:
      v: { dpid: 1, on: s${no}, listen: ['ptcp:67${no}1:127.0.0.1'] }
      w: { dpid: 2, on: t${no}, listen: ['ptcp:67${no}2:127.0.0.1'] }
    hosts:
      a: { port: v:1, at: s${no}:1 }
      b: { port: w:1, at: t${no}:1 }
      c: { port: v:3, at: s${no}:3 }
    links: ['v:2 - w:2']`,
  )
  .join('\n')}
`,
);
await startLimevisor(lab, file);
await untilReady(lab);
const wires = await openWires(
  lab,
  lab.spec.hosts.map(({ name }) => name),
);
let sent = 0;

for (const { name, network, no } of all) {
  const { tenant, rules, refused } = network;
  t.test(name, async (t) => {
    const ofctl = (command: string, vswitch: 1 | 2, ...flow: readonly string[]) => {
      const to = `tcp:127.0.0.1:67${no}${vswitch}`;
      return lab.inside.attempt(['ovs-ofctl', '-O', tenant, command, to, ...flow]);
    };
    const passed = async (tags: readonly (readonly [number, number])[]) => {
      const vlan = tags.map(([tpid, vid]) => ({ tpid, vid }));
      wires.send(`a${no}`, ether(0x88b6, { vlan }));
      sent += 1;
      const last = ether(0x88b7, { payload: new Uint8Array(50).fill(sent) });
      wires.send(`a${no}`, last);
      for (const host of ['b', 'c']) await wires.arrival(`${host}${no}`, last);
      return { across: wires.take(`b${no}`), here: wires.take(`c${no}`) };
    };
    await ofctl('add-flow', 2, 'actions=flood');
    await ofctl('add-flow', 1, 'priority=40000,dl_type=0x88b7,actions=flood');
    // Below the rule: what meets that meets no other.
    await ofctl('add-flow', 1, 'priority=7,dl_type=0x88b6,actions=drop');
    // Each above the one before it, so nothing has to go.
    for (const [i, [rule, crossing]] of Object.entries(rules).toReversed().entries()) {
      t.match(await ofctl('add-flow', 1, `priority=${100 + i},${rule}`), { code: 0 }, rule);
      await revalidated(lab);
      for (const [what, tags] of Object.entries(frames)) {
        const { across, here } = await passed(tags);
        const isCarried = crossing.includes(what);
        t.strictSame(across, isCarried ? here : [], `${rule}: ${what}`);
        if (isCarried) t.equal(here.length, 1, `${rule}: ${what} arrives`);
      }
    }
    for (const rule of refused) {
      const { stderr } = await ofctl('add-flow', 1, rule);
      t.match(stderr, /OFPBAC_UNSUPPORTED_ORDER|OFPFMFC_UNSUPPORTED/, rule);
    }
    const { alarms } = await statusOf(lab);
    t.strictSame(alarms, {});
  });
}

/** What Limevisor has for itself: its marks, markers, probes, tags and service headers. */
const ours: Readonly<Record<string, Uint8Array>> = {
  'the mark of a hand-over': ether(0x88b6, { vlan: 4095 }),
  'the mark, with the priority of our tags’': ether(0x88b6, { vlan: { vid: 4095, pcp: 7 } }),
  'a marker': ether(0x88b5, { dst: '0a:4c:49:4d:45:4d', src: '0a:4c:49:4d:45:4d' }),
  'a probe': ether(0x88b5, { dst: '01:80:c2:00:00:0f' }),
  'a service header': ether(0x894f, { payload: new Uint8Array(60).fill(1) }),
  ...Object.fromEntries(
    [1, 2, 3, 4].map((vid) => [`our tag ${vid}`, ether(0x88b6, { vlan: { vid, pcp: 7 } })]),
  ),
};

for (const { name, network, no } of all) {
  t.test(`${name}: what is ours, sent by a host, is a frame like others`, async (t) => {
    const add = (flow: string) => {
      const to = `tcp:127.0.0.1:67${no}1`;
      return lab.inside.attempt(['ovs-ofctl', '-O', network.tenant, 'add-flow', to, flow]);
    };
    // Each meets its rule, goes to the host beside it, and to a controller.
    t.match(await add('priority=50000,in_port=1,actions=output:3,CONTROLLER'), { code: 0 });
    const last = ether(0x88b7, { payload: new Uint8Array(50).fill(0xfe) });
    // What Limevisor might send in answer is there before what is sent when it has answered others.
    const passed = async (...frames: readonly Uint8Array[]) => {
      for (const frame of frames) wires.send(`a${no}`, frame);
      for (let i = 0; i < 2; i += 1) {
        await statusOf(lab);
        wires.send(`a${no}`, last);
        await wires.arrival(`c${no}`, last);
      }
      t.strictSame(wires.take(`b${no}`), [], 'nowhere else');
      return wires.take(`c${no}`).toSorted();
    };
    await revalidated(lab);
    const frames = Object.values(ours);
    t.strictSame(await passed(...frames), frames.map(toHex).toSorted(), 'each once, as it is');
    const isOld = network.tenant === old;
    const push = isOld ? 'mod_vlan_vid:4095' : 'push_vlan:0x8100,set_field:8191->vlan_vid';
    const untagged = isOld ? 'dl_vlan=0xffff' : 'vlan_tci=0/0x1fff';
    const match = `priority=50001,in_port=1,dl_type=0x88b6,${untagged}`;
    t.match(await add(`${match},actions=${push},output:3,CONTROLLER`), { code: 0 });
    const marked = toHex(ether(0x88b6, { vlan: 4095 }));
    t.strictSame(await passed(ether(0x88b6)), [marked], 'no loop');
    const { alarms } = await statusOf(lab);
    t.strictSame(alarms, {});
  });
}
