/**
 * Events as they happen: all of them, from where somebody was; who reads slowly is told what it has
 * missed, and costs nothing.
 */
import t from 'tap';
import { EventFeed } from '../../hypervisor/api/event-feed.ts';
import { EventLog } from '../../hypervisor/world/event-log.ts';
import { Scheduler } from '../../hypervisor/world/scheduler.ts';
import { limits } from '../../slices/limits.ts';
import { FakeWorld, fakeLog } from '../hypervisor/fake-world.ts';
import { served } from './served.ts';

/** Reads until `count` events with data are there. */
async function eventsOf(answer: Response, count: number): Promise<readonly string[]> {
  let text = '';
  const found = (): readonly string[] => {
    return text.split('\n\n').filter((one) => one.includes('data: '));
  };
  for await (const chunk of answer.body ?? []) {
    text += new TextDecoder().decode(chunk);
    if (found().length >= count) break;
  }
  return found();
}

t.test('over HTTP: from now on, and from where one was', async (t) => {
  const { ask, log } = await served(t);
  log.info({ n: 0 }, 'before');
  const stream = (headers: Readonly<Record<string, string>> = {}) =>
    ask('/api/v1/events', { headers: { accept: 'text/event-stream', ...headers } });
  const first = await stream();
  t.equal(first.headers.get('content-type'), 'text/event-stream');
  log.warn({ n: 1 }, 'one');
  const [one = ''] = await eventsOf(first, 1);
  t.match(one, /"what":"one","about":\{"n":1\}/);
  const [, id = ''] = /^id: (.*)$/m.exec(one) ?? [];
  log.info({}, 'two');
  log.info({}, 'three');
  const seen = await eventsOf(await stream({ 'last-event-id': id }), 2);
  t.match(seen.join(), /"two".*"three"/s);
  t.notMatch(seen.join(), '"one"');
  const other = await eventsOf(await stream({ 'last-event-id': 'otherprocess-5' }), 1);
  t.match(other[0], /^: hello|event: gap/, 'of another process: it is said that there is a gap');
  const list = await (await ask('/api/v1/events?since=1&limit=2')).json();
  t.match(list, [{ what: 'one' }, { what: 'two' }]);
});

function scene() {
  const world = new FakeWorld();
  const log = new EventLog(fakeLog(), () => 5);
  const feed = new EventFeed({ world, scheduler: new Scheduler(world) }, log);
  const listener = () => {
    const peer = { text: '', pending: 0, isClosed: false };
    const stop = feed.listen(
      {
        write: (text) => {
          peer.text += text;
        },
        pendingBytes: () => peer.pending,
        end: () => undefined,
        close: () => {
          peer.isClosed = true;
        },
      },
      '',
      (event) => event,
    );
    return { peer, stop };
  };
  const says = (count: number): void => {
    for (let i = 0; i < count; i++) {
      log.info({ i }, 'something');
      if (i % 50 === 0) world.pass(1_000);
    }
    world.pass(5_000);
  };
  return { world, feed, listener, says };
}

t.test('who does not read gets nothing, and then a gap and what is kept', async (t) => {
  const { listener, says } = scene();
  const [slow, fast] = [listener().peer, listener().peer];
  slow.pending = limits.listenerUnreadBytesMax + 1;
  says(limits.eventsKept + 500);
  t.equal(slow.text, ': hello\n\n');
  t.equal(fast.text.split('event: event').length - 1, limits.eventsKept + 500);
  t.notMatch(fast.text, 'gap');
  slow.pending = 0;
  says(1);
  t.match(slow.text, /event: gap\ndata: \{"missed":501\}/);
  t.match(slow.text, new RegExp(`id: [0-9a-z]+-${limits.eventsKept + 501}\n`));
});

t.test(
  'no more than so many listen; one who is gone is forgotten, a dead one let go',
  async (t) => {
    const { world, feed, listener } = scene();
    const all = Array.from({ length: limits.eventListenersMax }, listener);
    t.equal(listener().stop, undefined);
    for (const { stop } of all.slice(1)) stop?.();
    t.equal(feed.count, 1);
    const [only] = all;
    world.pass(limits.heartbeatMs * 2);
    t.match(only?.peer.text, /: still here/);
    if (only !== undefined) only.peer.pending = 1;
    world.pass(limits.listenerStuckMs + limits.heartbeatMs * 2);
    t.ok(only?.peer.isClosed);
  },
);
