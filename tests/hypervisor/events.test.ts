/**
 * Events: the last of what the log said, with numbers. Those who listen to them are tested in
 * tests/api/events.test.ts.
 */
import t from 'tap';
import { eventText } from '../../hypervisor/operator/event-commands.ts';
import { EventLog } from '../../hypervisor/world/event-log.ts';
import { patient } from '../../hypervisor/world/log.ts';
import { limits } from '../../slices/limits.ts';

function scene() {
  const lines: string[] = [];
  const put = (_: object, what: string) => void lines.push(what);
  const plain = { lines, info: put, warn: put, error: put };
  return { plain, log: new EventLog(plain, () => 1_764_315_785_123) };
}

t.test('the last are kept, with numbers, whatever they are about becomes', async (t) => {
  const { plain, log } = scene();
  t.strictSame([log.first, log.last, log.since(0)], [1, 0, []]);
  const about = { datapath: 's1', dpid: 7n };
  log.info(about, 'datapath ready');
  about.datapath = 's2';
  log.error({ why: 'x' }, 'limevisor cannot serve');
  t.match(patient(log, () => 0).events?.since(0), [
    { id: 1, level: 'info', what: 'datapath ready', about: { datapath: 's1', dpid: '7' } },
    { id: 2, level: 'error', what: 'limevisor cannot serve', atMs: 1_764_315_785_123 },
  ]);
  t.equal(plain.lines.length, 2, 'and the log has them');
  for (let i = 0; i < limits.eventsKept; i++) log.warn({ i }, 'switch refused');
  const kept = log.since(0);
  t.equal(kept.length, limits.eventsKept);
  t.strictSame([kept[0]?.id, log.first, log.last], [3, 3, limits.eventsKept + 2]);
  t.strictSame(
    log.since(limits.eventsKept + 1).map(({ id }) => id),
    [limits.eventsKept + 2],
  );
  t.strictSame(
    log.since(10, 3).map(({ id }) => id),
    [11, 12, 13],
  );
});

t.test('no more than so many follow', async (t) => {
  const { log } = scene();
  const seen: number[] = [];
  const stop = log.follow(({ id }) => void seen.push(id));
  for (let i = 1; i < limits.followersMax; i++) log.follow(() => undefined);
  t.equal(
    log.follow(() => undefined),
    undefined,
  );
  log.info({}, 'one');
  stop?.();
  log.info({}, 'two');
  t.strictSame(seen, [1]);
});

t.test('as text', async (t) => {
  const about = { datapath: 's1', why: 'it is late' };
  t.equal(
    eventText({ id: 1, atMs: 0, level: 'warn', what: 'datapath away', about }),
    '1970-01-01T00:00:00.000Z warn  datapath away: datapath=s1 why="it is late"',
  );
  t.match(eventText({ missed: 3 }), /^\(3 events were left out/);
});
