/**
 * Flow-removed while a vswitch migrates, in simulation: one for each rule, and soon.
 *
 * A body that has not been filled yet has nothing to report; to wait for it would make the message
 * a second late, behind those of rules that were deleted after. Nor must it wait for one
 * that left before the rule was sent anywhere.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { flowCommand, flowFlag } from '../../openflow/values/constants.ts';
import { limits } from '../../slices/limits.ts';
import { type Behaviour, rule, type Session } from './controllers.ts';
import { allOver, run } from './scenario.ts';

const EVERY_MS = 40;
/**
 * On switches of 1.0 a rule that goes in the very moment in which a body comes or leaves may have
 * been sent there or not, and nobody can tell: it is waited for. A run has four such moments.
 */
const lateMax = { none: 0, all: 2 } as const;
const WATCHED_DPID = 3n;

interface Told {
  readonly cookie: bigint;
  /** From the deletion to the message. */
  readonly afterMs: number;
}

/** Rules come and go on one switch, each for a while. */
function comingAndGoing(told: Told[]): Behaviour {
  const deletedMs = new Map<bigint, number>();
  const next = (session: Session, cookie: bigint): void => {
    const match = matchOf(oxm('eth_dst', cookie));
    const rest = { cookie, flags: flowFlag.sendFlowRem };
    session.send({ ...rule(match, [], {}), ...rest });
    session.world.after(EVERY_MS, () => {
      deletedMs.set(cookie, session.world.now);
      session.send({ ...rule(match, [], { command: flowCommand.deleteStrict }), ...rest });
      next(session, cookie + 1n);
    });
  };
  return (session, message) => {
    if (session.dpid !== WATCHED_DPID) return;
    if (message.type === 'featuresReply') next(session, 1n);
    if (message.type !== 'flowRemoved') return;
    const { cookie } = message;
    told.push({ cookie, afterMs: session.world.now - (deletedMs.get(cookie) ?? 0) });
  };
}

const runs = [
  { seed: 1, old: 'none' },
  { seed: 2, old: 'none' },
  { seed: 2, old: 'all' },
  { seed: 3, old: 'all' },
] as const;

for (const { seed, old } of runs) {
  t.test(`seed ${seed}, of 1.0: ${old}`, async (t) => {
    const told: Told[] = [];
    const result = run({ seed, old, red: comingAndGoing(told) });
    t.ok(allOver(result), 'migrations began and ended');
    t.ok(told.length > 100, `rules went (${told.length})`);
    const cookies = told.map(({ cookie }) => cookie);
    t.equal(new Set(cookies).size, cookies.length, 'each once');
    const late = told.filter(({ afterMs }) => afterMs >= limits.removalWaitMs);
    t.ok(late.length <= lateMax[old], `${late.length} waited for a body in vain`);
    const longest = Math.max(...told.map(({ afterMs }) => afterMs));
    t.ok(longest < 2 * limits.removalWaitMs, `the longest waited ${longest} ms`);
  });
}
