/**
 * What one switch keeps in order, in simulation: packet-outs of one connection, and packet-ins of
 * one flow, while the switch migrates.
 *
 *   packet-outs   v3's controller sends numbered frames to v2, whose rule sends them up
 *   packet-ins    v1's controller sends numbered frames to v3, whose rule sends them up
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { NO_BUFFER, port as ofpp } from '../../openflow/values/constants.ts';
import { type Behaviour, output, rule, type Session } from './controllers.ts';
import { bytesOf, frameOf } from './frames.ts';
import { allOver, type Options, run } from './scenario.ts';

const OUT = 0x0200_0000_00aa;
const IN = 0x0200_0000_00bb;
/** Port 2 of v1 leads to v3, and so does that of v2; v3's leads to v2. */
const OUTWARD = 2;
/** Of the migration of v3: the second one may be of a neighbour, whose path becomes another. */
const [FROM_MS, TO_MS] = [1_600, 4_000];

function streams(outs: number[], ins: number[], between: { out: number; in: number }): Behaviour {
  const pace = (session: Session, dst: number, everyMs: number): void => {
    let id = 0;
    const next = (): void => {
      const { now } = session.world;
      if (now > TO_MS) return;
      session.world.after(everyMs, next);
      if (now <= FROM_MS) return;
      const data = bytesOf({ dst, src: 1, id, tags: [] });
      const actions = [output(OUTWARD)];
      const head = { type: 'packetOut', xid: 0, bufferId: NO_BUFFER } as const;
      session.send({ ...head, inPort: ofpp.controller, actions, data });
      // Rules among them, so that some wait for others.
      if (dst === OUT && id % 3 === 0) {
        session.send(rule(matchOf(oxm('eth_dst', 1 + (id % 5))), [], { priority: 9 }));
      }
      id += 1;
    };
    next();
  };
  return (session, message) => {
    if (message.type === 'featuresReply') {
      for (const dst of [OUT, IN]) {
        const match = matchOf(oxm('eth_dst', BigInt(dst)));
        session.send(rule(match, [output(ofpp.controller)], { priority: 20 }));
      }
      if (session.dpid === 3n) pace(session, OUT, between.out);
      if (session.dpid === 1n) pace(session, IN, between.in);
    }
    if (message.type !== 'packetIn') return;
    const { id, dst } = frameOf(message.data);
    if (session.dpid === 2n && dst === OUT) outs.push(id);
    if (session.dpid === 3n && dst === IN) ins.push(id);
  };
}

/** Frames are apart by more than the ways' lengths differ, so only packet-ins can overtake. */
const pace = { out: 1, in: 12 };

function observe(options: Options) {
  const [outs, ins]: [number[], number[]] = [[], []];
  const result = run({ ...options, red: streams(outs, ins, pace) });
  return { result, outs, ins };
}

const late = (ids: readonly number[]) => ids.filter((id, i) => id < (ids[i - 1] ?? -1)).length;

const runs: readonly Options[] = [{ seed: 1 }, { seed: 2, old: 'some' }, { seed: 3, old: 'some' }];

for (const options of runs) {
  t.test(JSON.stringify(options), async (t) => {
    const { result, outs, ins } = observe(options);
    t.ok(allOver(result), 'migrations began and ended');
    t.ok(outs.length > 500 && ins.length > 100, `${outs.length} sent, ${ins.length} came up`);
    t.equal(late(outs), 0, 'packet-outs in their order');
    t.equal(late(ins), 0, 'packet-ins in theirs');
    t.equal(new Set(outs).size, outs.length, 'each once');
  });
}
