/**
 * `bodies: 2`: a datapath that stays away has another in its place, after a while that the file
 * says; which is remembered, within what is reserved, and never where the file names the body.
 */
import t from 'tap';
import { memoryStore } from '../support/memory-store.ts';
import { vswitchIn } from './edited.ts';
import { FakeNetwork } from './fake-switches.ts';

const PATIENCE_MS = 20_000;

/** A ring of four; of the hosts of hot one is at s1, and one at s2. */
const network = (hot: string, more = 'failover: { replace: 20s }', s4 = 'rules: 100') => `
${more}
datapaths:
  s1: { dpid: 1, ack: barrier }
  s2: { dpid: 2, ack: barrier }
  s3: { dpid: 3, ack: barrier, capacity: { rules: 5 } }
  s4: { dpid: 4, ack: barrier, capacity: { ${s4} } }
links: [s1:9 - s2:9, s2:8 - s3:8, s3:9 - s4:9, s4:8 - s1:8]
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001]
    vswitches: { hot: { dpid: 1, reserve: { rules: 10 }, ${hot} } }
    hosts: { h1: { port: hot:1, at: s1:1 }, h2: { port: hot:2, at: s2:1 } }`;

function membersOf(net: FakeNetwork): string {
  return [...(vswitchIn(net, 'red/hot')?.vswitch.members ?? [])].sort().join(' ');
}

t.test(
  'it is replaced when it has been away for so long, and its tenant hears nothing',
  async (t) => {
    const store = memoryStore();
    const net = FakeNetwork.started(network('bodies: 2'), store);
    t.equal(membersOf(net), 's1 s2', 'where its hosts are');
    net.switch('s2').peer.user?.onClose('gone');
    net.run(PATIENCE_MS - 5_000);
    t.equal(membersOf(net), 's1 s2', 'it may come back');
    const peer = net.controller(7001);
    peer.received();
    net.run(10_000);
    t.equal(membersOf(net), 's1 s4', 'on s3 is no room');
    t.strictSame(
      peer.received().filter(({ type }) => type !== 'echoRequest'),
      [],
      'its tenant hears nothing of it',
    );
    const ports = vswitchIn(net, 'red/hot');
    t.equal(ports?.whyDown(), undefined);
    net.connect('s2');
    net.run(5_000);
    t.equal(membersOf(net), 's1 s4', 'it is back, and not brought back');
    const again = FakeNetwork.started(network('bodies: 2'), store);
    t.equal(membersOf(again), 's1 s4', 'a restart keeps it');
    t.strictSame([...again.hypervisor.boundary.givenUp], []);
  },
);

t.test(
  'it stays: it is back soon, the file names it, or says never; there is no room',
  async (t) => {
    const away = (text: string, ms = 25_000): FakeNetwork => {
      const net = FakeNetwork.started(text);
      net.switch('s2').peer.user?.onClose('gone');
      net.run(ms);
      return net;
    };
    const soon = away(network('bodies: 2'), PATIENCE_MS - 5_000);
    soon.connect('s2');
    soon.run(20_000);
    t.equal(membersOf(soon), 's1 s2');
    t.equal(membersOf(away(network('bodies: 2, on: [s2]'))), 's1 s2', 'the file names it');
    t.equal(membersOf(away(network('bodies: 2', 'failover: { replace: never }'))), 's1 s2');
    t.equal(membersOf(away(network('bodies: 2', ''))), 's1 s2', 'five minutes, if not said');
    t.equal(membersOf(away(network('on: [s1, s2], consistency: eventual'))), 's1 s2');
    const full = away(network('bodies: 2', 'failover: { replace: 20s }', 'rules: 5'));
    t.equal(membersOf(full), 's1 s2', 'no room');
    full.apply(network('bodies: 2'));
    full.run(5_000);
    t.equal(membersOf(full), 's1 s4', 'there is room now');
  },
);
