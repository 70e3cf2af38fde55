/** As protecting.test.ts, on datapaths of OpenFlow 1.0: nothing of what is held differs. */
import t from 'tap';
import { mustJudge } from './protecting.ts';

const moves = Number(process.env['MOVES'] ?? 1);
const everyMs = Number(process.env['EVERY_MS'] ?? 25);

t.test('on datapaths of OpenFlow 1.0 nobody is misjudged, either', async (t) => {
  await mustJudge(t, moves, everyMs, 'OpenFlow10');
});
