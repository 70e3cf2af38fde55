/**
 * `limevisor doctor`: everything of a status that looks wrong, each with what to type next.
 */
import t from 'tap';
import { findingsOf, findingsText } from '../../hypervisor/operator/findings.ts';
import { type StatusReport, statusReport } from '../../hypervisor/operator/report.ts';
import { twoDatapaths } from '../slices/networks.ts';
import { FakeNetwork } from './fake-switches.ts';

/** These switches have no LOCAL port, which is said of each. */
function statusOf(network: FakeNetwork): StatusReport {
  const report = statusReport(network.hypervisor);
  return { ...report, datapaths: report.datapaths.map((one) => ({ ...one, warnings: [] })) };
}

function texts(status: StatusReport): readonly string[] {
  return findingsOf(status).map(({ object, what, next }) => `${object}: ${what} -> ${next}`);
}

t.test('nothing', async (t) => {
  const status = statusOf(FakeNetwork.started(twoDatapaths()));
  t.strictSame(texts(status), []);
  t.equal(findingsText([]), 'nothing looks wrong');
});

t.test('a port, a link, a controller, a datapath; what follows from it is not said', async (t) => {
  const network = FakeNetwork.started(twoDatapaths());
  network.switch('s1').setPort(1, false);
  network.switch('s1').setPort(3, false);
  network.run();
  t.match(texts(statusOf(network)), [
    /^link s1:3 - s2:3: down at s1:3 -> plug the cable in/,
    /^red\/v1 port 1: it is down: host red\/h1: no cable in s1:1.* -> plug its cable in/,
  ]);
  network.controller(7001).user?.onClose('gone');
  t.match(
    texts(statusOf(network)).at(-1),
    /^red\/v1: its controller tcp:127.0.0.1:7001 is waiting/,
  );
  network.switch('s1').peer.user?.onClose('pulled');
  t.match(texts(statusOf(network)), [
    /^datapath s1: away: pulled -> ovs-vsctl get-controller s1; /,
  ]);
});

t.test('what a status has besides', async (t) => {
  const status = statusOf(FakeNetwork.started(twoDatapaths()));
  const [first, ...more] = status.datapaths;
  if (first === undefined) return t.fail('there are datapaths');
  const type = 'in-band control is on: frames pass; type: ovs-vsctl set bridge s1 x=true';
  const wrong: StatusReport = {
    ...status,
    datapaths: [{ ...first, warnings: [type] }, ...more],
    store: { ...status.store, waits: 'there is no room' },
    refused: [{ peer: '10.0.0.7', why: 'its certificate has expired', count: 2, agoSec: 1 }],
    unknown: [{ dpid: '0000000000000007', peer: '10.0.0.8:1', version: '1.3' }],
    suspicions: [{ port: 's1:4', why: 'frames that look like our probes', count: 1, agoSec: 1 }],
    atLimits: [{ tenant: 'red', what: ['rules'] }],
    alarms: { 'a strange message': 3 },
    givenUp: { compaction: 'x' },
  };
  t.match(texts(wrong), [
    /^the store: there is no room -> df -h/,
    /^compaction: x -> limevisor events/,
    /^REFUSED: a switch at 10.0.0.7: it is refused: its certificate has expired \(2 times\) -> /,
    /^UNKNOWN: a switch at 10.0.0.8:1: dpid 0000000000000007 is not in the file -> limevisor disc/,
    /^datapath s1: in-band .* -> ovs-vsctl set bridge s1 x=true$/,
    /^port s1:4: frames that look like our probes \(1 time\) -> look what is plugged in at s1:4$/,
    /^tenant red: at its limit: rules -> limevisor top/,
    /^since the start: 3 x a strange message -> limevisor events/,
  ]);
  t.match(findingsText(findingsOf(wrong)), /^the store: .*\n {2}next: df -h(.*\n)+8 findings$/);
});
