/**
 * Events as they come to the page: cut anywhere, and behind a stream that breaks.
 */
import t from 'tap';
import {
  EventReader,
  follow,
  type ServerEvent,
  waitMs,
} from '../../hypervisor/page/event-stream.ts';

const text = [
  ': hello\n\n',
  'id: p-1\nevent: event\ndata: {"id":1}\n\n',
  'event: gap\r\ndata: {}\r\n\r\n',
  'id: p-2\ndata: two\ndata:lines\n\n',
].join('');

const events: readonly ServerEvent[] = [
  { id: 'p-1', name: 'event', data: '{"id":1}' },
  { id: '', name: 'gap', data: '{}' },
  { id: 'p-2', name: 'message', data: 'two\nlines' },
];

t.test('events are whole, wherever the text is cut', async (t) => {
  for (let cut = 0; cut <= text.length; cut += 1) {
    const reader = new EventReader();
    const found = [...reader.take(text.slice(0, cut)), ...reader.take(text.slice(cut))];
    t.strictSame(found, events, `cut at ${cut}`);
  }
});

t.test('a stream that breaks begins again behind the last event', async (t) => {
  const stop = new AbortController();
  const asked: (string | undefined)[] = [];
  const seen: string[] = [];
  const states: string[] = [];
  const waited: number[] = [];
  const answers = [
    () => new Response('id: a-1\ndata: one\n\nid: a-2\ndata: two\n\nid: a-3\ndata: ha'),
    () => new Response('no', { status: 503 }),
    (): Response => {
      throw new TypeError('connection refused');
    },
    () => new Response('id: a-3\ndata: three\n\n'),
  ];
  await follow(
    {
      async open(lastId) {
        asked.push(lastId);
        const answer = answers.shift();
        if (answer === undefined) throw new Error('no more');
        return answer();
      },
      event: ({ data }) => void seen.push(data),
      changed: (isOpen, why) => void states.push(isOpen ? 'open' : why),
      async wait(ms) {
        waited.push(ms);
        if (answers.length === 0) stop.abort();
      },
    },
    stop.signal,
  );
  t.strictSame(asked, [undefined, 'a-2', 'a-2', 'a-2']);
  t.strictSame(seen, ['one', 'two', 'three']);
  t.strictSame(states, [
    ...['open', 'the stream ended', 'status 503', 'connection refused'],
    ...['open', 'the stream ended'],
  ]);
  t.strictSame(waited, [250, 500, 1000, 250], 'longer each time, until something comes');
  t.equal(waitMs(100), 8_000);
});
