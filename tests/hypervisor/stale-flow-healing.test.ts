/**
 * Healing of stale flows: a datapath that may forget cached flows gets an entry that makes it look
 * at one more bit, for a while, when its tables were corrected; one that is repaired is left alone.
 */

import t from 'tap';
import type { DatapathContext } from '../../hypervisor/datapath/contributors.ts';
import type { Datapath } from '../../hypervisor/datapath/datapath.ts';
import { StaleFlowHealing } from '../../hypervisor/datapath/stale-flow-healing.ts';
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
    datapath: () => one,
    snapshot: () => nothing,
  } as unknown as DatapathContext;
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
  const { sent, one, heals } = scene('Open vSwitch', '3.1.0');
  heals.begin(one, 0);
  t.strictSame(sent, [], 'nothing was wrong');
  t.ok(heals.heal(s1, 'the test'));
  t.ok(heals.heal(s1, 'the test'));
  const [first, second] = sent.map((message) => JSON.stringify({ ...message, xid: 0 }, plain));
  t.not(first, second);
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
