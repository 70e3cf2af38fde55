/**
 * The log says what happens, but not as often as a peer makes it happen.
 */

import t from 'tap';
import { type Log, patient, textLine } from '../../hypervisor/world/log.ts';
import { limits } from '../../slices/limits.ts';

function logging() {
  const lines: { about: Record<string, unknown>; what: string; level: string }[] = [];
  const at = (level: string) => (about: object, what: string) => {
    lines.push({ level, what, about: { ...about } });
  };
  const plain: Log = { info: at('info'), warn: at('warn'), error: at('error') };
  const clock = { nowMs: 0 };
  return { lines, clock, log: patient(plain, () => clock.nowMs) };
}

t.test('a peer that comes again and again is told a few times, then counted', async (t) => {
  const { log, lines, clock } = logging();
  for (let i = 0; i < 500; i++) {
    clock.nowMs += 100;
    log.warn({ peer: `10.0.0.7:${40_000 + i}`, why: `dpid ${i}` }, 'switch refused');
  }
  t.equal(lines.length, limits.logLinesPerWindowMax);
  t.match(lines.at(-1)?.about, { note: /only counted/ });
  clock.nowMs += limits.logWindowMs;
  log.warn({ peer: '10.0.0.7:1', why: 'dpid 1' }, 'switch refused');
  t.match(lines.at(-1)?.about, { passedOver: 500 - limits.logLinesPerWindowMax });
});

t.test('the end of a migration is told, however many ports moved before', async (t) => {
  const { log, lines } = logging();
  const about = { id: 1, vswitch: 'red/v' };
  for (let moved = 1; moved <= 40; moved++)
    log.info({ ...about, state: 'move', moved }, 'migration');
  t.equal(lines.length, limits.logLinesPerWindowMax);
  log.info({ ...about, state: 'done' }, 'migration');
  t.match(lines.at(-1)?.about, { state: 'done' });
});

t.test('others, and other things, are told meanwhile', async (t) => {
  const { log, lines } = logging();
  for (let i = 0; i < 20; i++) log.warn({ peer: '10.0.0.7:9' }, 'switch refused');
  const told = lines.length;
  log.warn({ peer: '10.0.0.8:9' }, 'switch refused');
  log.warn({ datapath: 's1', why: 'gone' }, 'datapath away');
  log.info({ datapath: 's1' }, 'datapath ready');
  log.error({ why: 'x' }, 'limevisor cannot serve');
  t.equal(lines.length, told + 4);
  t.equal(lines.at(-1)?.level, 'error');
});

t.test(
  'an unknown switch that dials for ever: said at once, then more and more seldom',
  async (t) => {
    const { log, lines, clock } = logging();
    const times: number[] = [];
    for (let i = 0; i < 6 * 450; i++) {
      clock.nowMs += 8_000;
      const before = lines.length;
      log.warn({ peer: `10.0.0.7:${i}`, why: 'no datapath has dpid 7' }, 'switch refused');
      if (lines.length > before) times.push(Math.round(clock.nowMs / 60_000));
    }
    t.strictSame(times, [0, 1, 3, 7, 15, 31, 63, 123, 183, 243, 303]);
    t.match(lines[2]?.about, { passedOver: 14 });
    log.warn({ peer: '10.0.0.7:1', why: 'its certificate has expired' }, 'switch refused');
    t.match(lines.at(-1)?.about, { why: /expired/ }, 'another reason is news');
  },
);

t.test('commands are all said', async (t) => {
  const { log, lines } = logging();
  for (let i = 0; i < 100; i++) log.info({ command: 'migrate', by: 'root' }, 'command');
  t.equal(lines.length, 100);
});

t.test('as text: a time, a level, what, and about whom', async (t) => {
  const line = { level: 'warn', time: '2026-11-28T07:43:05.123Z', peer: '10.0.0.7:41' };
  t.equal(
    textLine(JSON.stringify({ ...line, why: 'it is late', n: 3, msg: 'switch refused' })),
    '2026-11-28T07:43:05.123Z warn  switch refused: peer=10.0.0.7:41 why="it is late" n=3\n',
  );
  t.match(textLine(JSON.stringify({ ...line, list: ['a'], msg: 'x' })), / list=\["a"\]\n$/);
});
