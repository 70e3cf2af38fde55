/**
 * Rules of OpenFlow 1.0 in the store's words and back: whatever the actions.
 */

import t from 'tap';
import { decode, encode } from '../../openflow/messages/codec.ts';
import { version } from '../../openflow/values/constants.ts';
import type { Instruction } from '../../openflow/values/values.ts';
import { unwrapped, wrapped } from '../../slices/rules/kept-actions.ts';
import { viewOf } from '../openflow/hex.ts';
import { Random, randomInstructions } from '../openflow/random.ts';
import { randomAction10 } from '../openflow/random10.ts';
import { flowMod } from '../slices/rules.ts';

t.test('300 lists of 1.0’s actions, through bytes of 1.3', async (t) => {
  for (let seed = 0; seed < 300; seed++) {
    const random = new Random(seed);
    const actions = random.some(6, () => randomAction10(random));
    const instructions: Instruction[] = [{ type: 'applyActions', actions }];
    const mod = flowMod({ instructions: wrapped(instructions) });
    const frame = encode(version.of13, mod);
    const back = decode(version.of13, viewOf(frame), 0, frame.length);
    const kept = back.type === 'flowMod' ? unwrapped(back.instructions) : back;
    t.strictSame(kept, instructions, `seed ${seed}`);
  }
});

t.test('a group keeps the number that it has below', async (t) => {
  const group = { type: 'group', groupId: 5, below: 0xff00_0007 } as const;
  const instructions: Instruction[] = [{ type: 'writeActions', actions: [group] }];
  const frame = encode(version.of13, flowMod({ instructions: wrapped(instructions) }));
  const back = decode(version.of13, viewOf(frame), 0, frame.length);
  t.strictSame(back.type === 'flowMod' && unwrapped(back.instructions), instructions);
});

t.test('and so does a meter', async (t) => {
  const instructions: Instruction[] = [{ type: 'meter', meterId: 0xffff_0000, below: 7 }];
  const frame = encode(version.of13, flowMod({ instructions: wrapped(instructions) }));
  const back = decode(version.of13, viewOf(frame), 0, frame.length);
  t.strictSame(back.type === 'flowMod' && unwrapped(back.instructions), instructions);
});

t.test('what 1.3 has stays as it is', async (t) => {
  const instructions = randomInstructions(new Random(3));
  t.strictSame(wrapped(instructions), instructions);
  t.strictSame(unwrapped(instructions), instructions);
});
