/**
 * The reference model itself, on traces by hand: what one switch each could have shown, and what
 * not; and what a kill may take back.
 */
import t from 'tap';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { output, rule } from './controllers.ts';
import { impossibleIn } from './reference-restart.ts';
import { Wiring } from './reference-wiring.ts';
import { Trace } from './trace.ts';

/** A host, two vswitches, a host: v1:1, v1:2 - v2:2, v2:1. */
const ports = new Map([
  ['v1', [1, 2]],
  ['v2', [1, 2]],
]);
const at = (vswitch: string, port: number) => ({ vswitch, port });
const wiring = new Wiring(ports, [[at('v1', 2), at('v2', 2)]]);
const found = (trace: Trace): readonly string[] => impossibleIn(trace, { wiring, lieMs: 0 });

const [HERE, THERE] = [1, 2];
const STAMPED = 100;

class Story {
  readonly trace = new Trace();
  #id = 0;

  /** A vswitch connects, and is told of what it does with all frames. */
  begins(vswitch: string, ...changes: readonly (readonly [number, number, number?])[]): void {
    const own = this.trace.begin(vswitch);
    for (const [atMs, ackedMs, stamp] of changes) {
      const set = {
        type: 'setField',
        oxm: oxm('eth_src', BigInt(STAMPED + (stamp ?? 0))),
      } as const;
      const actions = [...(stamp === undefined ? [] : [set]), output(0xffff_fffb)];
      own.changes.push({ atMs, ackedMs, mod: rule(matchOf(), actions, { cookie: 1n }) });
    }
  }

  /** A frame from one host to the other, which comes as it is, with a stamp, or not at all. */
  sends(atMs: number, came: 'plain' | 'lost' | number): void {
    this.#id += 1;
    const src = typeof came === 'number' ? STAMPED + came : HERE;
    const arrival = { atMs: atMs + 5, ...at('v2', 1), src, dst: THERE };
    const arrivals = came === 'lost' ? [] : [arrival];
    this.trace.frames.set(this.#id, { atMs, ...at('v1', 1), src: HERE, dst: THERE, arrivals });
  }
}

/** v2 forwards from the beginning, and so does v1, with a stamp that changes. */
function told(...changes: Parameters<Story['begins']>[1][]): Story {
  const story = new Story();
  story.begins('v1', [0, 10, 1], ...changes);
  story.begins('v2', [0, 10]);
  return story;
}

t.test('a packet is the work of a version of each switch', async (t) => {
  const story = told([100, 200, 2]);
  story.sends(50, 1);
  story.sends(120, 1);
  story.sends(150, 2);
  story.sends(250, 2);
  t.strictSame(found(story.trace), []);
});

t.test('an older rule after a newer one', async (t) => {
  const story = told([100, 300, 2]);
  story.sends(120, 2);
  story.sends(150, 1);
  t.match(found(story.trace), [/frame 2 .*by rules that were not there/]);
});

t.test('an older rule after a barrier', async (t) => {
  const story = told([100, 140, 2]);
  story.sends(150, 1);
  t.match(found(story.trace), [/frame 1 .*by rules that a barrier had ended/]);
});

t.test('what no rules do, and what is lost', async (t) => {
  const story = told();
  story.sends(50, 'plain');
  story.sends(60, 'lost');
  t.match(found(story.trace), [/no rules do "v2:1:1:2"/, /by rules that a barrier had ended/]);
});

/** v1 has a second stamp when it is killed; then comes back with none of its own. */
function killed(ackedMs: number, before: (story: Story) => void = () => undefined): Story {
  const story = told([1_000, ackedMs, 2]);
  story.sends(500, 1);
  before(story);
  story.trace.killed(1_200);
  // Of the switch that forwards only it is asked what it has been asked for before.
  story.begins('v2', [1_400, 1_500]);
  const again = story.trace.begin('v1');
  const other = rule(matchOf(oxm('eth_dst', 9n)), [output(1)], { cookie: 2n });
  again.changes.push({ atMs: 1_400, ackedMs: 1_500, mod: other });
  return story;
}

t.test('a kill takes back what no barrier has acknowledged, or does not', async (t) => {
  for (const stamp of [1, 2]) {
    const story = killed(Infinity);
    story.sends(1_600, stamp);
    story.sends(1_700, stamp);
    t.strictSame(found(story.trace), [], `the stamp is ${stamp}`);
  }
});

t.test('but not now this, now that', async (t) => {
  const story = killed(Infinity);
  story.sends(1_600, 1);
  story.sends(1_700, 2);
  t.match(found(story.trace), [/after the kill/]);
});

t.test('it takes back nothing that a barrier has acknowledged', async (t) => {
  const story = killed(1_050);
  story.sends(1_250, 2);
  story.sends(1_300, 'lost');
  story.sends(1_600, 2);
  t.strictSame(found(story.trace), [], 'in between packets may be lost');
  const other = killed(1_050);
  other.sends(1_250, 1);
  other.sends(1_600, 1);
  t.match(found(other.trace), [/around the kill: .*older than what was/, /after the kill/]);
});

t.test('it takes along the packets that the process has, and no others', async (t) => {
  const lost = (had: 'yes' | 'and passed on' | 'later' | 'no'): readonly string[] => {
    const story = killed(1_050, (own) => {
      own.sends(900, 'lost');
      if (had === 'yes' || had === 'and passed on') own.trace.handed(2);
      if (had === 'and passed on') own.trace.passedOn(2);
    });
    if (had === 'later') story.trace.handed(2);
    story.sends(1_600, 2);
    return found(story.trace);
  };
  t.strictSame(lost('yes'), []);
  t.strictSame(lost('later'), [], 'nobody hears of it');
  for (const other of ['and passed on', 'no'] as const) {
    t.match(lost(other), [/before the kill: frame 2 .*: lost, or dropped by rules/], other);
  }
});

t.test('nor any that it gets later', async (t) => {
  const story = killed(1_050);
  story.sends(1_600, 'lost');
  story.trace.handed(2);
  story.sends(1_700, 2);
  t.match(found(story.trace), [/after the kill: frame 2 .*lost/]);
});

t.test('a vswitch that connects anew without a kill, and one that does not after it', async (t) => {
  const story = told();
  story.begins('v1', [100, 200, 1]);
  t.match(found(story.trace), [/the controller of v1 was hung up on/]);
  const gone = told();
  gone.trace.killed(100);
  gone.begins('v1', [200, 300, 1]);
  t.match(found(gone.trace), [/v2 has not come back/]);
});
