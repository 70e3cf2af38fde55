/**
 * Nobody can tell a virtual switch from a real one: each conversation is held with both.
 *
 * Issue 3: "the two transcripts (every message and every packet) must be equal but for xids, times
 * and what the policy table lists as different". MIRROR=word runs the conversations with that word
 * in their name only, and prints what they were.
 */
import t from 'tap';
import { version } from '../../../openflow/constants.ts';
import { actions } from './conversations/actions.ts';
import { additions } from './conversations/adding.ts';
import { changes } from './conversations/changing.ts';
import { errors } from './conversations/errors.ts';
import { matches } from './conversations/matches.ts';
import { smallMessages } from './conversations/messages.ts';
import { portTalks } from './conversations/ports.ts';
import { statistics } from './conversations/statistics.ts';
import { tables } from './conversations/tables.ts';
import { plain as broadcast } from './frames.ts';
import { run } from './run.ts';
import { ports, startSides } from './sides.ts';
import { difference } from './transcript.ts';

const conversations = [
  ...matches,
  ...actions,
  ...additions,
  ...changes,
  ...statistics,
  ...tables,
  ...smallMessages,
  ...errors,
  ...portTalks,
];

const only = process.env['MIRROR'] ?? '';
const sides = await startSides(version.of13);
t.teardown(() => sides.stop());
const { plain, virtual, neighbours, wires } = sides;

t.test('conversations have names of their own', async (t) => {
  t.strictSame(new Set(conversations.map(({ name }) => name)).size, conversations.length);
});

for (const talk of conversations.filter(({ name }) => name.includes(only))) {
  t.test(talk.name, async (t) => {
    const [expected, seen] = await Promise.all([
      run(plain, wires, talk),
      run(virtual, wires, talk),
    ]);
    if (only !== '') t.comment(expected);
    t.match(expected, talk.sees, 'an Open vSwitch bridge does what the conversation is about');
    t.equal(difference(expected, seen), '', 'and the virtual switch does the same');
  });
}

t.test('nothing of all this reached another tenant', async (t) => {
  for (const { controller, hosts } of neighbours) {
    await controller.barrier();
    t.strictSame(controller.take(), [], 'its controller was told nothing');
    for (const host of hosts) t.strictSame(wires.take(host), [], `${host} received nothing`);
  }
});

t.test('and another tenant still has its rule, and its traffic to itself', async (t) => {
  const [green] = neighbours;
  if (green === undefined) throw new Error('there are two neighbours');
  wires.send('green1', broadcast);
  await wires.arrival('green2', broadcast);
  await green.controller.until('its packet-in', () => green.controller.count('packetIn') === 1);
  t.strictSame(wires.take('blue1'), []);
  for (const port of ports) t.strictSame(wires.take(virtual.host(port)), [], `port ${port}`);
});
