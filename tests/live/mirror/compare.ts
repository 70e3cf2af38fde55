/**
 * Holds conversations with both switches, and asserts that nobody could tell which is which.
 *
 * MIRROR=word holds those with that word in their name only, and prints what they were.
 */
import type t from 'tap';
import type { Conversation } from './conversation.ts';
import { plain as broadcast } from './frames.ts';
import { run } from './run.ts';
import { ports, type Sides } from './sides.ts';
import { difference } from './transcript.ts';

type Tap = typeof t;
const only = process.env['MIRROR'] ?? '';

export function compare(t: Tap, sides: Sides, conversations: readonly Conversation[]): void {
  const { plain, virtual, wires } = sides;
  t.test('conversations have names of their own', async (t) => {
    const names = new Set(conversations.map(({ name }) => name));
    t.equal(names.size, conversations.length);
  });
  for (const talk of conversations.filter(({ name }) => name.includes(only))) {
    t.test(talk.name, async (t) => {
      const held = [run(plain, wires, talk), run(virtual, wires, talk)] as const;
      const [expected, seen] = await Promise.all(held);
      if (only !== '') t.comment(expected);
      t.match(expected, talk.sees, 'an Open vSwitch bridge does what the conversation is about');
      t.equal(difference(expected, seen), '', 'and the virtual switch does the same');
    });
  }
}

/** After conversations: the other tenants of the virtual switch's bridge noticed nothing. */
export function compareNeighbours(t: Tap, { neighbours, wires, virtual }: Sides): void {
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
}
