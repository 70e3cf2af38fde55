/**
 * An ensemble whose hosts move to a clone of a part: the body joins before any of them moves, stays
 * when all are there, and leaves when all are back; what cannot be done is said.
 */
import t from 'tap';
import type { Port } from '../../slices/ids.ts';
import {
  advance,
  beginEnsemble,
  type Ensemble,
  isEnded,
} from '../../translation/migration/ensemble.ts';
import { whyNotMeanwhile } from '../../translation/migration/ensemble-apply.ts';
import type { HostsMove, Order } from '../../translation/migration/ensemble-members.ts';
import {
  beginHostMove,
  type HostEvent,
  type HostMove,
  isHostMoveOver,
  stepHostMove,
} from '../../translation/migration/host-move.ts';
import { Random } from '../openflow/random.ts';
import { configOf, datapath, vport, vswitchName } from '../slices/networks.ts';

const ID = 1;
const joins = { vswitch: vswitchName('red/v1'), on: datapath('s3') };
const hosts = [1, 2, 3].map(
  (number): HostsMove => ({
    ...{ type: 'host', host: `red/h${number}`, vswitch: joins.vswitch, vport: vport(number) },
    from: { device: datapath('s1'), port: number as Port },
    to: { device: joins.on, port: number as Port },
    driver: 'exec',
  }),
);

/** What may go wrong. */
interface Troubles {
  /** The body cannot join, or cannot leave. */
  readonly join?: string;
  readonly leave?: string;
  /** The driver of this host fails. */
  readonly failing?: string;
  /** The operator wants it back at this turn. */
  readonly undoneAt?: number;
}

/** Runs one to its end, by chance; with the states that it was in. */
function lived(random: Random, troubles: Troubles): { ensemble: Ensemble; seen: string[] } {
  const members = hosts.map((move, i) => ({ move, group: random.number(i + 1) }));
  let ensemble = beginEnsemble(ID, 'red/v1', { members, plan: [], joins }, 0);
  let moves: readonly HostMove[] = [];
  let acted: { readonly trouble?: string } | undefined;
  let undo: string | undefined;
  const seen: string[] = [ensemble.state.type];
  const put = (move: HostMove): void => {
    moves = [...moves.filter(({ id }) => id !== move.id), move].sort((a, b) => a.id - b.id);
  };
  const obey = (order: Order): void => {
    if (!('host' in order)) throw new Error('no vswitch moves');
    const { host, from, to } = order.host;
    const own = moves.find((one) => one.host === host && !isHostMoveOver(one));
    if (order.type === 'abortHost') {
      if (own !== undefined) put(stepHostMove(own, { type: 'undo', why: 'all' }, 0));
    } else if (own === undefined) {
      const ends = order.type === 'returnHost' ? { from: to, to: from } : {};
      put(beginHostMove(moves.length + 1, { ...order.host, ...ends }, 0, { ensemble: ID }));
    }
  };
  for (let turn = 0; turn < 1_000 && !isEnded(ensemble); turn += 1) {
    if (turn === troubles.undoneAt) undo = 'for the test';
    const wanted = { ...(undo !== undefined && { undo }), ...(acted && { acted }) };
    const next = advance(ensemble, { migrations: new Map(), hostMoves: moves }, wanted, 0);
    if (next.ensemble !== ensemble) {
      seen.push(next.ensemble.state.type);
      acted = undefined;
    }
    ensemble = next.ensemble;
    for (const order of next.orders) if (random.number(3) > 0) obey(order);
    const { type } = ensemble.state;
    if ((type === 'join' || type === 'leave') && random.number(3) === 0) {
      const trouble = troubles[type];
      acted = trouble === undefined ? {} : { trouble };
    }
    const going = moves.filter((one) => !isHostMoveOver(one));
    if (going.length === 0) continue;
    const one = random.pick(going);
    const isFailing = one.host === troubles.failing && one.state.type === 'run';
    const event: HostEvent = isFailing ? { type: 'failed', why: 'full' } : { type: 'acted' };
    put(stepHostMove(one, event, 0));
  }
  return { ensemble, seen };
}

function each(troubles: Troubles, look: (life: ReturnType<typeof lived>) => void): void {
  for (let seed = 0; seed < 40; seed += 1) look(lived(new Random(seed), troubles));
}

t.test('the body joins first, and stays', async (t) => {
  each({}, ({ ensemble, seen }) => {
    t.equal(ensemble.state.type, 'done');
    t.strictSame(seen.slice(0, 3), ['join', 'clone', 'move']);
    t.notOk(seen.includes('leave'));
  });
});

t.test('one that cannot join leaves all as it was: nothing has moved', async (t) => {
  each({ join: 's3 is full' }, ({ ensemble, seen }) => {
    t.strictSame(seen, ['join', 'undone']);
    t.match(ensemble.state, { why: 's3 is full' });
  });
});

t.test('when all are taken back it leaves, at whatever moment that is', async (t) => {
  each({ failing: 'red/h2' }, ({ ensemble, seen }) => {
    t.strictSame(seen.slice(-2), ['leave', 'undone']);
    t.strictSame(ensemble.state, { type: 'undone', why: 'red/h2: full' });
  });
  for (let undoneAt = 0; undoneAt < 30; undoneAt += 1) {
    each({ undoneAt }, ({ ensemble: { state }, seen }) => {
      t.match(state.type, /^(done|undone)$/);
      t.equal(seen.includes('leave'), state.type === 'undone');
    });
  }
});

t.test('one that cannot leave is an exception', async (t) => {
  each({ failing: 'red/h1', leave: 's1 is away' }, ({ ensemble: { state } }) => {
    t.match(state, { exceptions: ['red/v1 keeps its body on s3: s1 is away'] });
  });
});

const file = (on: string) =>
  configOf(`
datapaths: { s1: { dpid: 1 }, s3: { dpid: 3 } }
links: [s1:30 - s3:30]
tenants:
  red:
    vswitches: { v1: { dpid: 1, ${on} } }
    hosts: { h1: { port: v1:1, at: s1:1 } }
`);

t.test('a file that takes the body away meanwhile is refused', async (t) => {
  const plain = file('on: s1');
  const both = file('on: [s1, s3], consistency: eventual, partial: [s3]');
  const members = hosts.slice(0, 1).map((move) => ({ move, group: 0 }));
  const begun = beginEnsemble(ID, 'red/v1', { members, plan: [], joins }, 0);
  const during = { ...begun, state: { type: 'move', group: 0 } } as const;
  const [why, ...more] = whyNotMeanwhile([during], both, plain);
  t.match(why, /^red\/v1 has a body on s3 for hosts that move there, and the file has none/);
  t.match(why, /\(migration 1\); apply again when that has ended, or "limevisor undo 1" first/);
  t.strictSame(more, []);
  t.strictSame(whyNotMeanwhile([during], both, both), []);
  t.strictSame(whyNotMeanwhile([begun], plain, both), [], 'until it is there');
  const going = { ...begun, state: { type: 'leave', why: 'no' } } as const;
  t.strictSame(whyNotMeanwhile([going], both, plain), [], 'when it goes');
});
