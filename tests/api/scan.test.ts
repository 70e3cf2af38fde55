/**
 * The API is scanned with requests from its own document (scan.ts), seeded: whatever comes in, none
 * is answered with a fault of ours, each answer is JSON, and nothing is kept without end.
 */
import t from 'tap';
import { limits } from '../../slices/limits.ts';
import { Random } from '../openflow/random.ts';
import { type Document, describedIn, randomRequest, type Scanned } from './scan.ts';
import { jsonOf, type Served, served } from './served.ts';

const RUNS = 300;

/** What no scan may do: it would ask this machine for files, or wait for switches. */
const apart = ['/api/v1/discoveries', '/api/v1/configuration'];

const pageTypes = /^(text\/(html|css|javascript)|image\/svg\+xml)\b/;

async function answerOf({ ask, world }: Served, { url, ...rest }: Scanned, token: string) {
  const { headers, ...more } = rest;
  // As slowly as one may ask.
  world.pass(100);
  const answer = await ask(url, { ...more, headers: { ...headers }, token });
  // What is listened to goes on until the listener has gone.
  if (isStream(answer)) await answer.body?.cancel();
  return { answer, text: isStream(answer) ? '' : await answer.text() };
}

function isStream({ headers }: Response): boolean {
  return headers.get('content-type')?.startsWith('text/event-stream') === true;
}

t.test('no fault of ours, no answer that is no JSON', async (t) => {
  const scene = await served(t);
  const { api, tokens } = scene;
  const document = await jsonOf<Document>(scene.ask('/api/v1/openapi.json'));
  const described = describedIn(document).filter(
    ({ method, path }) => method === 'GET' || !apart.includes(path),
  );
  t.ok(described.length > 20);
  for (let seed = 0; seed < RUNS; seed++) {
    const random = new Random(seed);
    const request = randomRequest(random, described);
    const who = random.pick(['operator', 'operator', 'viewer', 'owner'] as const);
    const { answer, text } = await answerOf(scene, request, tokens[who]);
    const about = `seed ${seed}: ${who} ${request.method} ${request.url} ${request.body}: ${text}`;
    const type = answer.headers.get('content-type') ?? '';
    // The page is what a browser gets; it is there when it was bundled.
    const isPage = !request.url.startsWith('/api/') && pageTypes.test(type);
    const isPlain = type.startsWith('text/plain') || isPage || isStream(answer);
    const isFine = answer.status < 500 && (isPlain || isJson(text));
    if (!isFine) t.fail(about.slice(0, 2_000));
    if (answer.status >= 400) {
      const { status, detail, title } = JSON.parse(text);
      if (status !== answer.status || typeof detail !== 'string' || title === 'Error')
        t.fail(about);
    }
  }
  t.ok(api.context.operations.all().length <= limits.operationsKept);
  t.equal(api.context.feed.count, 0);
  t.equal((await scene.ask('/api/v1/status')).status, 200, 'and it lives');
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false; // Said by the caller.
  }
}
