/**
 * Frames with a host's own tag that could be taken for our mark
 * (translation/flat/packet-in-mark.ts), all the time and while the vswitch of that host moves
 * between datapaths of OpenFlow 1.0: each comes up with its tag, or is dropped. None goes on
 * without it.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { port as ofpp } from '../../openflow/values/constants.ts';
import { type Behaviour, output, rule } from './controllers.ts';
import { frameOf } from './frames.ts';
import { randomNetwork } from './networks.ts';
import { allOver, run } from './scenario.ts';
import { ways } from './ways.ts';
import { randomFrom } from './world.ts';

const HOSTS_DPID = 1n;
const MARK = 0xfff;

/** In which its host is plugged in where the vswitch is processed until it moves. */
function isBesideItsHost(seed: number): boolean {
  const network = randomNetwork(randomFrom(seed), 0);
  const { vswitches = [], hosts = [] } = network.places['red'] ?? {};
  return vswitches[0] !== undefined && vswitches[0] === hosts[0];
}

for (const seed of [16, 35]) {
  t.test(`seed ${seed}`, async (t) => {
    t.ok(isBesideItsHost(seed));
    const seen: { readonly id: number; readonly tags: readonly number[] }[] = [];
    const red: Behaviour = (session, message) => {
      if (message.type === 'featuresReply') {
        const up = session.dpid === HOSTS_DPID ? [output(ofpp.controller)] : [];
        for (const [address, port] of ways.get(session.dpid) ?? []) {
          const match = matchOf(oxm('eth_dst', BigInt(address)));
          session.send(rule(match, [...up, output(port)], { priority: 10 }));
        }
        if (session.dpid === 3n) session.send(rule([], [output(ofpp.flood)], { priority: 10 }));
      }
      if (message.type === 'packetIn') seen.push(frameOf(message.data));
    };
    const result = run({ seed, old: 'all', red, first: 'red/v1', tags: [[], [MARK]] });
    t.ok(allOver(result), 'migrations began and ended');
    const { held = 0 } = result.migrations[0]?.handOver ?? {};
    t.ok(held > 0, `packets were held (${held})`);
    const asked = result.journal.sent.flatMap((one, id) =>
      one.tenant === 'red' && !one.isAnswer ? [{ ...one, id }] : [],
    );
    const [plain, tagged] = [0, 1].map((i) => asked.filter((_, at) => at % 2 === i));
    t.equal(plain?.filter(({ arrivals }) => arrivals !== 1).length, 0, 'others arrive, once');
    t.equal(tagged?.filter(({ arrivals }) => arrivals > 0).length, 0, 'none without its tag');
    const ids = new Set(tagged?.map(({ id }) => id));
    const theirs = seen.filter(({ id }) => ids.has(id));
    t.ok(theirs.length > 100, `they came up (${theirs.length})`);
    t.equal(new Set(theirs.map(({ id }) => id)).size, theirs.length, 'each once');
    t.ok(theirs.every(({ tags }) => tags.length === 1 && (tags[0] ?? 0) % 0x1000 === MARK));
    t.ok(
      seen.every(({ id, tags }) => ids.has(id) || tags.length === 0),
      'and no other has it',
    );
  });
}
