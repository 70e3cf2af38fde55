/**
 * LIME 4.1: "LIME can still offer controller applications an API with soft timeouts"; LIME 4.2:
 * "deleting the rule in both switches if no traffic matches the rule in either switch for a period
 * of time". While a vswitch is cloned, moves and retires no rule ends early, and each ends within a
 * second, or a tenth of its time if that is more: rules with an idle time-out that hosts at both of
 * its bodies have used, and rules with a hard one that are used all the time.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowFlag, port as ofpp } from '../../openflow/values/constants.ts';
import type { App } from '../sim/apps.ts';
import { output, rule } from '../sim/controllers.ts';
import { play, READY_MS, type Scene } from '../sim/scene.ts';
import { FIRST_WALL_MS } from '../sim/world.ts';

const RULES = 100;
/** Times begin one after the other. */
const FIRST_MS = READY_MS + 200;
const APART_MS = 61;
const USED_EVERY_MS = 97;
/** From a switch to the controller by Limevisor, which asks for the last counters before. */
const TOLD_MS = 100;
const ADDRESS = 1_000;

/** A rule with a time-out that begins at a moment: of its last packet, or when it is added. */
interface Timed {
  readonly address: number;
  readonly isIdle: boolean;
  readonly fromMs: number;
}

const rules = Array.from({ length: RULES }, (_, i): Timed => {
  return { address: ADDRESS + i, isIdle: i % 2 === 0, fromMs: FIRST_MS + i * APART_MS };
});

function timing(sec: number): App {
  return {
    begins(own) {
      for (const { address, isIdle, fromMs } of rules) {
        own.world.after((isIdle ? READY_MS - 500 : fromMs) - own.world.now, () => {
          const match = matchOf(oxm('eth_dst', BigInt(address)));
          const made = rule(match, [output(ofpp.flood)], { cookie: BigInt(address) });
          const times = isIdle ? { idleTimeoutSec: sec } : { hardTimeoutSec: sec };
          own.change({ ...made, ...times, flags: flowFlag.sendFlowRem });
        });
      }
    },
  };
}

/** Both hosts use each rule in turn: until its time begins, or is over. */
const using = (sec: number) => (scene: Scene) => {
  for (const { address, isIdle, fromMs } of rules) {
    let sent = 0;
    const use = (): void => {
      sent += 1;
      scene.send(1 + (sent % 2), address);
    };
    scene.every(USED_EVERY_MS, isIdle ? fromMs : fromMs + sec * 1_000 + 2_000, use);
  }
};

/** Where a rule of these ended at another time than it may, in words. */
function wrongIn(scene: Scene, sec: number): readonly string[] {
  const lateMs = Math.max(sec * 100, 1_000) + TOLD_MS;
  const removed = scene.trace.switches.get('v')?.[0]?.removed ?? [];
  const frames = Map.groupBy(scene.trace.frames.values(), ({ dst }) => dst);
  return rules.flatMap(({ address, isIdle, fromMs }) => {
    const [end, more] = removed.filter(({ cookie }) => Number(cookie) === address);
    if (end === undefined || more !== undefined) return [`${address} ended never, or twice`];
    const arrived = (frames.get(address) ?? []).filter(({ arrivals }) => arrivals.length > 0);
    const last = isIdle ? (arrived.at(-1)?.atMs ?? Infinity) : fromMs;
    const afterMs = end.atMs - last - sec * 1_000;
    if (end.isIdle === isIdle && afterMs >= 0 && afterMs <= lateMs) return [];
    return [`${address} ${isIdle ? 'idle' : 'hard'}: ${afterMs.toFixed(0)} ms late`];
  });
}

/** What a migration did when times were over. */
function phasesIn({ migrations }: Scene, sec: number): ReadonlySet<string> {
  const phases = migrations.flatMap((one) => one.phases);
  const during = phases.filter(({ startedMs, endedMs }) =>
    rules.some(({ fromMs }) => {
      const overMs = FIRST_WALL_MS + fromMs + sec * 1_000;
      return startedMs <= overMs && overMs < endedMs;
    }),
  );
  return new Set(during.map(({ name }) => name));
}

const phases = new Set<string>();

for (const sec of [1, 5]) {
  t.test(`rules of ${sec} s, while they migrate`, async (t) => {
    const dueMs = FIRST_MS + sec * 1_000;
    const endMs = dueMs + RULES * APART_MS + 1_500;
    const how = { seed: 5, carrier: 'migrating', ack: 'proof /ctl', endMs } as const;
    const movesMs = [dueMs - 200, endMs] as const;
    const scene = play({ ...how, movesMs, app: timing(sec), script: using(sec) });
    const wrong = wrongIn(scene, sec).slice(0, 5);
    t.strictSame(wrong, [], 'none is early, none later than it may be');
    for (const one of phasesIn(scene, sec)) phases.add(one);
    const used = [...scene.trace.frames.values()].filter(({ arrivals }) => arrivals.length > 0);
    const senders = new Set(used.map(({ src }) => src));
    t.strictSame([...senders].sort(), [1, 2], 'hosts at both bodies used them');
  });
}

t.test('times were over in each phase', async (t) => {
  const all = ['tunnels', 'clone', 'handOver', 'move', 'drain', 'retire'];
  t.strictSame(
    all.filter((one) => !phases.has(one)),
    [],
  );
});
