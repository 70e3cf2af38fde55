/**
 * What looks like a probe of ours and enters by a host's port is the tenant's: the entry that sends
 * probes up never takes it, however a datapath is encoded; by a cable's port it does.
 */
import t from 'tap';
import { matchesPacket, parsePacket } from '../../openflow/packet/packet.ts';
import type { Port } from '../../slices/ids.ts';
import { isInfeasible, withEncoding, withMisses } from '../../slices/network/snapshot.ts';
import { linkProbeFlow, probeOut, SEAL_BYTES } from '../../translation/datapath/link-probe.ts';
import { wiringOf } from '../../translation/datapath/wiring.ts';
import type { PhysicalFlow } from '../../translation/entries/physical-tables.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import { exampleText, snapshotOf } from '../slices/networks.ts';

const out = probeOut({ number: 1, seal: new Uint8Array(SEAL_BYTES) }, 1, 60);
const frame = parsePacket(out.type === 'packetOut' ? out.data : new Uint8Array());

/** What the entry is for that takes it in the first table. */
function takenBy(flows: Iterable<PhysicalFlow>, inPort: Port): string | undefined {
  const first = [...flows].filter(({ tableId, match }) => {
    return tableId === 0 && matchesPacket(match, frame, { inPort, metadata: 0n });
  });
  first.sort((one, other) => other.priority - one.priority);
  return first[0] && readCookie(first[0].cookie)?.kind;
}

for (const encoding of ['pipeline', 'flat of 1.0', 'flat of 1.3'] as const) {
  for (const missesUp of [false, true]) {
    const taken = encoding !== 'pipeline' && missesUp ? 'miss' : 'wiring';
    t.test(`${encoding}${missesUp ? ', misses go up' : ''}`, async (t) => {
      let snapshot = snapshotOf(exampleText());
      for (const name of snapshot.datapaths.keys()) {
        const next = withEncoding(snapshot, name, encoding);
        if (isInfeasible(next)) throw new Error(next.why);
        snapshot = next;
      }
      for (const name of snapshot.vswitches.keys()) snapshot = withMisses(snapshot, name, missesUp);
      const flowsOn = (device: Parameters<typeof wiringOf>[1]) => [
        ...wiringOf(snapshot, device).flows.values(),
        linkProbeFlow,
      ];
      const { hosts, links } = snapshot.config;
      const byHosts = hosts.map(({ at }) => takenBy(flowsOn(at.device), at.port));
      const byCables = links.flat().map(({ device, port }) => takenBy(flowsOn(device), port));
      t.strictSame(byHosts, Array(4).fill(taken), 'by the ports of hosts');
      t.strictSame(byCables, Array(8).fill('probe'), 'by cables');
    });
  }
}
