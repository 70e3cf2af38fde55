/**
 * The log says what happens, but not as often as a peer makes it happen.
 */

import t from 'tap';
import { type Log, patient } from '../../hypervisor/world/log.ts';
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
