/**
 * The real ovs-ofctl on a virtual switch: the same commands on a bridge say the same.
 *
 * Each row is a few commands in their order, on a switch without rules; what each of them says is
 * compared, less xids, durations and what differences.ts lists (by the words that ovs-ofctl has
 * for it).
 */
import fs from 'node:fs';
import path from 'node:path';
import t from 'tap';
import type { Spoken } from '../../../examples/lab/lab.ts';
import { statusOf } from '../../../examples/lab/programs.ts';
import { until } from '../../../examples/lab/wait.ts';
import { version } from '../../../openflow/values/constants.ts';
import { plain as plainFrame } from './frames.ts';
import { normal, ofctlIn } from './ofctl.ts';
import { type Side, startSides } from './sides.ts';
import { difference } from './transcript.ts';

/** Name, what an Open vSwitch bridge must say, the commands; `$` is the switch. */
type Row = readonly [name: string, sees: RegExp, ...commands: string[]];

const rows: readonly Row[] = [
  ['show', /1\(plain-p1\): addr:/, 'show $'],
  ['dump-flows: none', /OFPST_FLOW reply/, 'dump-flows $'],
  [
    'add-flow, dump-flows',
    /priority=7,tcp,tp_dst=80 actions=output:2/,
    'add-flow $ cookie=0x5,priority=7,tcp,tp_dst=80,actions=output:2',
    'add-flow $ arp,idle_timeout=60,hard_timeout=600,send_flow_rem,actions=FLOOD,CONTROLLER:64',
    'add-flow $ in_port=1,dl_vlan=5,actions=strip_vlan,mod_dl_dst:00:00:00:00:00:09,IN_PORT',
    'dump-flows $',
    'dump-flows $ tcp',
    'dump-flows $ cookie=0x5/-1',
    'dump-flows $ out_port=2',
    'dump-aggregate $',
    'dump-aggregate $ tcp',
  ],
  [
    'add-flow: what is wrong is said by the switch',
    /OFPBAC_BAD_OUT_PORT|OFPFMFC_OVERLAP/,
    'add-flow $ ip,priority=5,actions=output:2',
    'add-flow $ tcp,priority=5,check_overlap,in_port=1,actions=output:2',
    'dump-flows $',
  ],
  [
    'mod-flows',
    /actions=output:3/,
    'add-flow $ cookie=0x5,priority=7,tcp,actions=output:2',
    'add-flow $ udp,actions=output:2',
    'mod-flows $ ip,actions=output:3',
    'dump-flows $',
    'mod-flows --strict $ udp,actions=drop',
    'mod-flows $ cookie=0x5/-1,actions=output:4',
    'dump-flows $',
  ],
  [
    'del-flows',
    /udp actions/,
    'add-flow $ cookie=0x5,priority=7,tcp,actions=output:2',
    'add-flow $ udp,actions=output:3',
    'add-flow $ arp,actions=output:3',
    'del-flows --strict $ tcp',
    'dump-flows $',
    'del-flows --strict $ priority=7,tcp',
    'del-flows $ arp,out_port=3',
    'dump-flows $',
    'del-flows $',
    'dump-flows $',
  ],
  ['get-config', /normal/, 'get-frags $'],
  ['dump-desc', /OFPST_DESC/, 'dump-desc $'],
  ['dump-ports-desc', /LOCAL\(plain\)/, 'dump-ports-desc $', 'dump-ports-desc $ 2'],
  ['dump-tables', /table 0/, 'add-flow $ tcp,actions=output:2', 'dump-tables $'],
  ['dump-ports-desc, one', /2\(plain-p2\)/, 'dump-ports-desc $ 2'],
  [
    'mod-port',
    /NO_FWD/,
    'mod-port $ 2 no-forward',
    'dump-ports-desc $',
    'mod-port $ 2 forward',
    'dump-ports-desc $',
  ],
  [
    'packet-out',
    /exit 0/,
    'packet-out $ in_port=controller,packet=00000000000200000000000188b60000,actions=output:2',
  ],
  [
    'add-meter, mod-meter, dump-meters, meter-stats, meter-features',
    /meter=8 pktps burst stats bands=/,
    'add-meter $ meter=7,kbps,bands=type=drop,rate=1000',
    'add-meter $ meter=8,pktps,burst,stats,bands=type=drop,rate=10,burst_size=5',
    'add-meter $ meter=7,kbps,bands=type=drop,rate=1000',
    'add-meter $ meter=9,kbps,bands=type=dscp_remark,rate=10,prec_level=1',
    'mod-meter $ meter=7,pktps,burst,stats,bands=type=drop,rate=9',
    'add-flow $ tcp,actions=meter:7,output:2',
    'dump-flows $',
    'dump-meters $',
    'dump-meter $ meter=8',
    'meter-stats $ meter=7',
    'meter-stats $ meter=77',
    'meter-features $',
    'del-meter $ meter=7',
    'dump-flows $',
    'del-meters $',
    'dump-meters $',
  ],
  [
    'queue-get-config, queue-stats',
    /port 2 queue 1: bytes=0/,
    'queue-get-config $ 2',
    'queue-get-config $ 3',
    'queue-get-config $ 99',
    'queue-stats $ 2 1',
    'queue-stats $ 2 99',
    'queue-stats $ 3',
    'add-flow $ tcp,actions=set_queue:1,output:2',
    'dump-flows $',
  ],
  [
    'add-meter, of what goes to the controller',
    /meter:controller flow_count:0/,
    'add-meter $ meter=controller,pktps,bands=type=drop,rate=10',
    'add-meter $ meter=slowpath,kbps,bands=type=drop,rate=10',
    'dump-meters $',
    'meter-stats $ meter=controller',
    'mod-meter $ meter=controller,pktps,bands=type=drop,rate=20',
    'dump-meter $ meter=controller',
    'del-meter $ meter=controller',
    'del-meters $',
    'dump-meters $',
  ],
  [
    'add-group, mod-group --may-create, dump-groups',
    /group_id=9,type=all,bucket=actions=output:3/,
    'add-group $ group_id=1,type=select,bucket=weight:5,output:2,bucket=weight:3,output:3',
    'mod-group $ group_id=9,type=all,bucket=output:3',
    'mod-group --may-create $ group_id=9,type=all,bucket=output:2',
    'mod-group --may-create $ group_id=9,type=all,bucket=output:3',
    'dump-groups $',
    'dump-groups $ 9',
    'dump-group-stats $',
    'add-flow $ tcp,actions=group:9',
    'dump-flows $ out_group=9',
    'dump-aggregate $ out_group=1',
    'del-flows $ out_group=9',
    'dump-flows $',
    'del-groups $',
  ],
  ['set-frags', /doesn't support/, 'set-frags $ reassemble', 'get-frags $', 'set-frags $ normal'],
  ['mod-table, probe', /exit 0/, 'mod-table $ 0 drop', 'mod-table $ ALL continue', 'probe $'],
  ['packet-out, what it has not', /INCONSISTENT/, `packet-out $ 1 strip_vlan,2 ${'0'.repeat(40)}`],
  ['barrier and ping', /56 bytes from/, 'ping $ 56'],
];

/** In OpenFlow 1.0, which ovs-ofctl takes when it is told nothing. */
const rows10: readonly Row[] = [
  ['dump-ports-desc', /LOCAL\(plain\): addr/, 'dump-ports-desc $', 'dump-ports-desc $ 2'],
  ['mod-port', /NO_FLOOD/, 'mod-port $ 2 no-flood', 'dump-ports-desc $ 2', 'mod-port $ 2 flood'],
  ['add-flow, what is wrong', /BAD_OUT_PORT/, 'add-flow $ actions=output:NONE'],
  ['queue-get-config, queue-stats', /port 2 queue 1: bytes=0/, 'queue-stats $ 2 1'],
  ['get-frags, ping, probe', /normal/, 'get-frags $', 'ping $ 9', 'probe $'],
  [
    'with Nicira’s match, and tables',
    /table=3, n_packets=0, n_bytes=0, age, priority=5,icmp6,icmp_type=135,nd_target=fe80::9/,
    'add-flow -F nxm $ cookie=0x5,tcp,tp_dst=0x50/0xf0,actions=2',
    'add-flow -F nxm $ dl_src=0a:00:00:00:00:00/0f:00:00:00:00:00,actions=2',
    'add-flow $ table=3,priority=5,icmp6,icmp_type=135,nd_target=fe80::9,actions=3',
    'add-flow $ table=4,ipv6,ipv6_src=2001:db8::/32,nw_ecn=1,actions=FLOOD',
    'dump-flows -F nxm $',
    'dump-flows $ table=3',
    'dump-flows -F nxm $ cookie=0x5/-1',
    'dump-aggregate -F nxm $ ipv6',
    'mod-flows -F nxm $ cookie=0x5/-1,actions=drop',
    'del-flows -F nxm+table_id $ table=3',
    'del-flows -F nxm --strict $ tcp,tp_dst=0x50/0xf0',
    'dump-flows -F nxm $',
  ],
];

const sides = await startSides(version.of13);
t.teardown(() => sides.stop());
const { lab, plain, virtual, wires } = sides;
/** Red's two controllers, and its keeper. */
const DIALLED = 3;

const { run, ofctl } = ofctlIn(lab);

for (const [spoken, all] of [['OpenFlow13', rows] as const, ['OpenFlow10', rows10] as const]) {
  for (const [name, sees, ...commands] of all) {
    t.test(`ovs-ofctl -O ${spoken} ${name}`, async (t) => {
      const [bridge = ''] = plain.vconns;
      const expected = await run(bridge, commands, spoken);
      t.match(expected, sees);
      for (const vconn of virtual.vconns) {
        t.equal(difference(expected, await run(vconn, commands, spoken)), '', vconn);
      }
    });
  }
}

t.test('ovs-ofctl dump-table-features: what it is, not more', async (t) => {
  const [vconn = ''] = virtual.vconns;
  const { code, stdout, stderr } = await ofctl(vconn, 'dump-table-features $');
  t.equal(code, 0, stderr);
  t.match(stdout, /metadata: match=0xffffffff write=0xffffffff/);
  t.match(stdout, /next tables: 1-239/);
  t.match(stdout, /actions: output group set_field strip_vlan push_vlan mod_nw_ttl dec_ttl/);
  t.match(stdout, /tables 1\.\.\.238: ditto/);
  t.notMatch(stdout, /tun_id|reg0|in_phy/);
});

let monitors = 0;

/** Two lines. A bridge tells them in Nicira's format if asked; a vswitch does not offer that. */
const packetIn = /(OFPT_PACKET_IN|NXT_PACKET_IN2) .*\n.*dl_type=.*\n/;

/** What `monitor` prints while a host's packet goes to the controller. */
async function monitored(side: Side, vconn: string): Promise<string> {
  await ofctl(vconn, 'del-flows $');
  await ofctl(vconn, 'add-flow $ cookie=0x7,in_port=1,actions=controller(max_len=30)');
  const log = path.join(lab.dir, `monitor-${side.name}-${monitors++}.log`);
  const own = `--unixctl=${log}.ctl`;
  const argv = ['ovs-ofctl', '-O', 'OpenFlow13', own, 'monitor', vconn, '65534'];
  const monitor = lab.inside.start(argv, log);
  const said = (): string => fs.readFileSync(log, 'utf8');
  // Its SET_CONFIG is on its way when it has started: packets until one is shown.
  await until('monitor showing a packet', 10_000, () => {
    wires.send(side.host(1), plainFrame);
    return packetIn.test(said()) ? true : undefined;
  });
  await monitor.end('SIGKILL');
  return normal(packetIn.exec(said())?.[0] ?? '', vconn).replace(
    'NXT_PACKET_IN2',
    'OFPT_PACKET_IN',
  );
}

t.test('ovs-ofctl monitor', async (t) => {
  const [bridge = ''] = plain.vconns;
  const expected = await monitored(plain, bridge);
  t.match(expected, /total_len=57 in_port=1/);
  for (const vconn of virtual.vconns) {
    t.equal(difference(expected, await monitored(virtual, vconn)), '', vconn);
  }
});

const FIRST = /event=ADDED table=0 cookie=0x5 tcp actions=output:2\n/;
const LAST = /event=DELETED reason=delete table=0 idle_timeout=60 cookie=0x6 udp/;

/** What `monitor watch:` prints while others change rules. */
async function watched(side: Side, vconn: string, spoken: Spoken): Promise<string> {
  await ofctl(vconn, 'del-flows $', spoken);
  await ofctl(vconn, 'add-flow $ cookie=0x5,tcp,actions=output:2', spoken);
  const log = path.join(lab.dir, `monitor-${side.name}-${monitors++}.log`);
  const own = `--unixctl=${log}.ctl`;
  const watches = ['watch:ip', 'watch:udp,!initial,!actions'];
  const argv = ['ovs-ofctl', '-O', spoken, own, 'monitor', vconn, ...watches];
  const monitor = lab.inside.start(argv, log);
  const says = (what: RegExp) => () => (what.test(fs.readFileSync(log, 'utf8')) ? true : undefined);
  await until('what is there at first', 10_000, says(FIRST));
  for (const command of [
    'add-flow $ cookie=0x6,udp,idle_timeout=60,actions=output:3',
    'mod-flows $ tcp,actions=output:4',
    'del-flows $ tcp',
    'del-flows $',
  ]) {
    await ofctl(vconn, command, spoken);
  }
  await until('what becomes of rules', 10_000, says(LAST));
  await monitor.end('SIGKILL');
  return normal(fs.readFileSync(log, 'utf8'), vconn);
}

for (const spoken of ['OpenFlow13', 'OpenFlow10'] as const) {
  t.test(`ovs-ofctl -O ${spoken} monitor watch:`, async (t) => {
    const [bridge = ''] = plain.vconns;
    const expected = await watched(plain, bridge, spoken);
    t.match(expected, /event=MODIFIED table=0 cookie=0(x5)? tcp actions=output:4/);
    const [vconn = ''] = virtual.vconns;
    t.equal(difference(expected, await watched(virtual, vconn, spoken)), '', vconn);
  });
}

t.test('commands leave nothing behind', async (t) => {
  const guests = async (): Promise<number> => {
    const { vswitches } = await statusOf(lab);
    const { controllers } = vswitches.find(({ name }) => name === 'red/v') ?? { controllers: [] };
    return controllers.length - DIALLED;
  };
  await until('the last command being forgotten', 5_000, async () =>
    (await guests()) === 0 ? true : undefined,
  );
  t.pass('nobody is left but who is dialled');
});
