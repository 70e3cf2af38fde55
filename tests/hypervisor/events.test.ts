/**
 * Events: the last of what the log said, and each as it happens; who reads too slowly misses some,
 * is told how many, and costs no memory.
 */
import t from 'tap';
import { events, type Followed } from '../../hypervisor/operator/control-events.ts';
import { eventText } from '../../hypervisor/operator/event-commands.ts';
import { type Event, EventLog } from '../../hypervisor/world/event-log.ts';
import { patient } from '../../hypervisor/world/log.ts';
import { limits } from '../../slices/limits.ts';

function scene() {
  const lines: string[] = [];
  const put = (_: object, what: string) => void lines.push(what);
  const plain = { lines, info: put, warn: put, error: put };
  const log = new EventLog(plain, () => 1_764_315_785_123);
  const said: unknown[] = [];
  const gone: (() => void)[] = [];
  const peer = { pending: 0 };
  const reply = {
    result: (value: unknown) => void said.push(value),
    error: (_: string, why: string) => void said.push(why),
    event: (value: unknown) => void said.push(value),
    onGone: (run: () => void) => void gone.push(run),
    pendingBytes: () => peer.pending,
  };
  const told = () => said.splice(0) as Followed[];
  return { plain, log, reply, told, gone, peer };
}

t.test('the last are kept, with numbers, whatever they are about becomes', async (t) => {
  const { plain, log, reply, told } = scene();
  const about = { datapath: 's1', dpid: 7n };
  log.info(about, 'datapath ready');
  about.datapath = 's2';
  log.error({ why: 'x' }, 'limevisor cannot serve');
  events({ log: patient(log, () => 0) }, {}, reply);
  t.match(told(), [
    {
      events: [
        { id: 1, level: 'info', what: 'datapath ready', about: { datapath: 's1', dpid: '7' } },
        { id: 2, level: 'error', what: 'limevisor cannot serve', atMs: 1_764_315_785_123 },
      ],
    },
  ]);
  t.equal(plain.lines.length, 2, 'and the log has them');
  for (let i = 0; i < limits.eventsKept; i++) log.warn({ i }, 'switch refused');
  const kept = log.since(0);
  t.equal(kept.length, limits.eventsKept);
  t.equal(kept[0]?.id, 3);
  t.strictSame(
    log.since(limits.eventsKept + 1).map(({ id }) => id),
    [limits.eventsKept + 2],
  );
});

t.test('who follows gets those that it does not have, then each, until it goes', async (t) => {
  const { log, reply, told, gone } = scene();
  for (const what of ['one', 'two', 'three']) log.info({}, what);
  events({ log }, { follow: true, since: 2 }, reply);
  log.info({}, 'four');
  t.strictSame(
    told().map((one) => (one as Event).what),
    ['three', 'four'],
  );
  for (const run of gone) run();
  log.info({}, 'five');
  t.strictSame(told(), []);
});

t.test('who does not read is told how many it has missed, when it reads again', async (t) => {
  const { log, reply, told, peer } = scene();
  events({ log }, { follow: true }, reply);
  peer.pending = limits.unreadBytesMax + 1;
  for (let i = 0; i < 1_000; i++) log.info({}, 'lost');
  t.strictSame(told(), []);
  peer.pending = 0;
  log.info({}, 'seen');
  t.match(told(), [{ missed: 1_000 }, { what: 'seen', id: 1_001 }]);
});

t.test('no more than so many follow; a limevisor without events says so', async (t) => {
  const { log, reply, told } = scene();
  for (let i = 0; i < limits.followersMax; i++) log.follow(() => undefined);
  events({ log }, { follow: true }, reply);
  t.match(told(), [/^256 follow events already; end one of them/]);
  events({ log: {} }, {}, reply);
  t.match(told(), ['this limevisor keeps no events']);
});

t.test('as text', async (t) => {
  const about = { datapath: 's1', why: 'it is late' };
  t.equal(
    eventText({ id: 1, atMs: 0, level: 'warn', what: 'datapath away', about }),
    '1970-01-01T00:00:00.000Z warn  datapath away: datapath=s1 why="it is late"',
  );
  t.match(eventText({ missed: 3 }), /^\(3 events were left out/);
});
