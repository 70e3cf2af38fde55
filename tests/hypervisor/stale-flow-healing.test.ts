/**
 * Healing of stale flows: a datapath that may forget cached flows gets an entry that makes it look
 * at one more bit, for a while, when its tables were corrected; one that is repaired is left alone.
 */

import t from 'tap';
import type { Datapath } from '../../hypervisor/datapath/datapath.ts';
import { StaleFlowHealing } from '../../hypervisor/datapath/stale-flow-healing.ts';
import { unbounded } from '../../hypervisor/world/fault-boundary.ts';
import type { Message, MultipartReplyBody } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { Intent } from '../../translation/intent/intent.ts';
import type { Change } from '../../translation/intent/plans.ts';
import { nothing } from '../bench/middle.ts';
import { datapath } from '../slices/networks.ts';
import { FakeWorld, fakeLog } from './fake-world.ts';

const s1 = datapath('s1');

/** A datapath that says what it is, and what it was sent. */
function scene(hardware: string, software: string) {
  const world = new FakeWorld();
  const sent: Message[] = [];
  const intent = new Intent();
  const said = { manufacturer: '', hardware, software, serial: '', datapath: '' };
  const one = {
    name: s1,
    version: 4,
    channel: {},
    isReady: true,
    query: (_: unknown, done: (parts: readonly MultipartReplyBody[]) => void) => {
      done([{ kind: 'desc', ...said }]);
    },
    writer: {
      lead: (changes: readonly Change[], _: unknown, done: () => void) => {
        sent.push(...intent.lead(changes));
        done();
      },
    },
  } as unknown as Datapath;
  const context = {
    world,
    boundary: unbounded,
    datapath: () => one,
    snapshot: () => nothing,
  } as unknown as ConstructorParameters<typeof StaleFlowHealing>[0];
  return { world, sent, one, heals: new StaleFlowHealing(context, fakeLog()) };
}

const commands = (sent: readonly Message[]): readonly number[] =>
  sent.flatMap((message) => (message.type === 'flowMod' ? [message.command] : []));

t.test('one that forgets is healed when its tables were corrected', async (t) => {
  const { world, sent, one, heals } = scene('Open vSwitch', '3.1.0');
  heals.begin(one, 3);
  t.match(heals.natureOf(s1), { software: 'Open vSwitch 3.1.0', forgets: /./ });
  t.strictSame(commands(sent), [0], 'an entry');
  world.pass(limits.healMs + 1);
  t.equal(commands(sent).length, 2, 'which goes again');
  t.match(sent[1], { type: 'flowMod', command: 4, match: (sent[0] as { match?: unknown }).match });
});

t.test('each heal looks at another bit than the one before', async (t) => {
  const { world, sent, one, heals } = scene('Open vSwitch', '3.1.0');
  heals.begin(one, 0);
  t.strictSame(sent, [], 'nothing was wrong');
  t.ok(heals.heal(s1, 'the test'));
  world.pass(limits.healMs + 1);
  t.ok(heals.heal(s1, 'the test'));
  t.strictSame(commands(sent), [0, 4, 0]);
  const [first, , second] = sent.map((message) => JSON.stringify({ ...message, xid: 0 }, plain));
  t.not(first, second);
});

t.test('no two entries stand at a time: what is cached then would look at both bits', async (t) => {
  const { world, sent, one, heals } = scene('Open vSwitch', '3.1.0');
  heals.begin(one, 0);
  const healed: string[] = [];
  for (const who of ['first', 'second', 'third']) heals.heal(s1, who, () => healed.push(who));
  t.strictSame(commands(sent), [0]);
  t.strictSame(healed, ['first']);
  world.pass(limits.healMs + 1);
  t.strictSame(commands(sent), [0, 4, 0], 'one more for both');
  t.strictSame(healed, ['first', 'second', 'third']);
  world.pass(limits.healMs + 1);
  t.strictSame(commands(sent), [0, 4, 0, 4]);
});

t.test('who waits for a datapath that goes meanwhile hears of it', async (t) => {
  const { world, one, heals } = scene('Open vSwitch', '3.1.0');
  heals.begin(one, 0);
  let isHealed = false;
  heals.heal(s1, 'the first');
  heals.heal(s1, 'the second', () => {
    isHealed = true;
  });
  (one as { isReady: boolean }).isReady = false;
  world.pass(limits.healMs + 1);
  t.ok(isHealed);
});

t.test('one that is repaired, or no Open vSwitch, is left alone', async (t) => {
  for (const [hardware, software] of [
    ['Open vSwitch', '3.3.1'],
    ['something else', '1.0'],
  ] as const) {
    const { sent, one, heals } = scene(hardware, software);
    heals.begin(one, 3);
    t.equal(heals.natureOf(s1).forgets, '');
    t.notOk(heals.heal(s1, 'the test'));
    t.strictSame(sent, []);
  }
});

function plain(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? `${value}n` : value;
}
