/**
 * Random flow-mods to a bridge and to a virtual switch: the same errors, rules, counters, packets.
 *
 * MIRROR_SEED=n tries other ones, from n on; MIRROR_SEEDS=n says how many.
 */
import t from 'tap';
import { version } from '../../../openflow/values/constants.ts';
import { type Conversation, dump, flowMod, packets, send, talk } from './conversation.ts';
import { ether, tcp } from './frames.ts';
import { fewMods, oddMods } from './random-mods.ts';
import { run } from './run.ts';
import { startSides } from './sides.ts';
import { difference } from './transcript.ts';

const first = Number(process.env['MIRROR_SEED'] ?? 1);
const count = Number(process.env['MIRROR_SEEDS'] ?? 12);

/** Each tag and each of the addresses that `fewMods` names. */
const traffic = packets(
  ...[0, 1, 2, 3].flatMap((last) => {
    const dst = `00:00:00:00:00:0${last}`;
    return [
      [1, ether(0x88b6, { dst })] as const,
      [1, ether(0x0800, { dst, vlan: [{ vid: 1, pcp: 0 }], payload: tcp().subarray(14) })] as const,
      [2, ether(0x0800, { dst, payload: tcp().subarray(14) })] as const,
    ];
  }),
);

function conversations(seed: number): readonly Conversation[] {
  const few = (part: number) => fewMods(seed * 10 + part, 15);
  const clear = flowMod('delete', { tableId: 0xff });
  return [
    talk(`few rules, seed ${seed}`, /send/, send(...few(0), ...few(1)), dump, send(clear)),
    talk(
      `0.0.021 data plane, live: few rules and packets, seed ${seed}`,
      /send/,
      // Of rules that overlap nobody knows which one a packet meets.
      ...[0, 1, 2].flatMap((part) => [
        send(...few(part).map((mod) => ({ ...mod, flags: 2 | ('flags' in mod ? mod.flags : 0) }))),
        traffic,
        dump,
      ]),
    ),
    talk(`odd rules, seed ${seed}`, /error/, send(...oddMods(seed, 60)), dump),
  ];
}

const { plain, virtual, wires, stop } = await startSides(version.of13);
t.teardown(() => stop());

for (let seed = first; seed < first + count; seed++) {
  for (const talk of conversations(seed)) {
    t.test(talk.name, async (t) => {
      const [expected, seen] = await Promise.all([
        run(plain, wires, talk),
        run(virtual, wires, talk),
      ]);
      t.match(expected, talk.sees);
      t.equal(difference(expected, seen), '', 'and the virtual switch does the same');
    });
  }
}
