/**
 * What entries of a datapath with one table have counted when they go is their vport's, whether
 * their rule went as bytes or as a value: a shared port is counted by nothing else.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowCommand, port as ofpp, version } from '../../openflow/values/constants.ts';
import type { FlowMod, Message } from '../../openflow/values/values.ts';
import { exampleText } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { Side } from './bytes-and-values.ts';

const text = exampleText().replace('at: s1:1 }', 'at: s1:1, vlan: 5 }');
const RULES = 20;

const rules = (command: number, port: number): readonly FlowMod[] =>
  Array.from({ length: RULES }, (_, i) => {
    const match = matchOf(oxm('eth_dst', i));
    return flowMod({ priority: 20, command, match, instructions: outputs(port) });
  });

/** Of each entry that was deleted: it has seen three packets. */
function reports(sent: readonly (readonly object[])[]): readonly Message[] {
  const mods = sent.flat() as readonly FlowMod[];
  return mods
    .filter(({ command }) => command === flowCommand.deleteStrict)
    .map(({ cookie, priority, match }) => ({
      ...({ type: 'flowRemoved', xid: 0, reason: 2, tableId: 0, cookie, priority, match } as const),
      ...{ durationSec: 1, durationNsec: 0, idleTimeoutSec: 0, hardTimeoutSec: 0 },
      ...{ packetCount: 3n, byteCount: 300n },
    }));
}

t.test('modified and deleted as bytes, and as values', async (t) => {
  const anchor = flowMod({ priority: 20, instructions: outputs(2) });
  const ask: Message = {
    type: 'multipartRequest',
    xid: 9,
    flags: 0,
    request: { kind: 'portStats', portNo: ofpp.any },
  };
  const [bytes, values] = [true, false].map((staysBytes) => {
    const side = new Side(text, version.of13, staysBytes, 'flat');
    const { peer } = side.net.switch(side.runtime.placement.primary);
    let count = 0;
    for (let round = 0; round < 4; round++) {
      side.say([anchor, ...rules(flowCommand.add, 2)], true);
      for (const some of [rules(flowCommand.modifyStrict, 1), rules(flowCommand.deleteStrict, 1)]) {
        const said = reports(side.say(some, true).sent);
        count += said.length;
        peer.says(...said);
        side.net.run();
      }
    }
    return { told: side.say([ask], false).told, count, values: side.values };
  });
  t.strictSame(bytes?.told, values?.told);
  t.ok((bytes?.values ?? 0) < (values?.values ?? 0) / 2, `${bytes?.values} were values`);
  const [reply] = bytes?.told ?? [];
  const ports = reply?.type === 'multipartReply' && 'ports' in reply.reply ? reply.reply.ports : [];
  const received = ports.map((one) => ('rxPackets' in one ? one.rxPackets : 0n));
  t.ok(
    received.some((one) => one >= 3n * BigInt(RULES)),
    `${received}, of ${bytes?.count} reports`,
  );
});
