/**
 * A stateful firewall and an intrusion detection misjudge nobody while their vswitches move
 * together (protecting.ts). protecting-flat.test.ts has datapaths of OpenFlow 1.0, and
 * tests/soak/protecting.soak.ts moves them more often, in faster traffic.
 */
import t from 'tap';
import { mustJudge } from './protecting.ts';

const moves = Number(process.env['MOVES'] ?? 2);
const everyMs = Number(process.env['EVERY_MS'] ?? 25);

t.test('a stateful firewall and an intrusion detection misjudge nobody', async (t) => {
  await mustJudge(t, moves, everyMs, 'OpenFlow13');
});
