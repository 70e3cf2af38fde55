/**
 * Changes over the API: only of what was looked at, tried without doing anything, and noted.
 */
import t from 'tap';
import { until } from '../../examples/lab/wait.ts';
import { refusalIn } from '../../hypervisor/api/problems.ts';
import { exampleText } from '../slices/networks.ts';
import { jsonOf, served } from './served.ts';

const json = { 'content-type': 'application/json' };

t.test('a change of what has become another meanwhile is not made', async (t) => {
  const { ask, operated } = await served(t);
  const looked = await ask('/api/v1/configuration');
  const tag = looked.headers.get('etag') ?? '';
  t.match(tag, /^"[0-9a-f]{24}"$/);
  const undo = (ifMatch: string) =>
    ask('/api/v1/migrations/7/undo', { method: 'POST', headers: { 'if-match': ifMatch } });
  for (const good of [tag, '*', `"x", ${tag}`]) t.equal((await undo(good)).status, 409, good);
  const stale = await undo('"000000000000000000000000"');
  t.equal(stale.status, 412);
  t.match(await stale.json(), { detail: new RegExp(`it is ${tag} now; look at it`) });
  t.match(operated.log.events?.since(0) ?? [], [{}, {}, {}, {}, {}, {}], 'three were tried');
  t.equal(operated.log.events?.last, 6);
});

t.test('a file as a text, tried by the query: what differs, and nothing is done', async (t) => {
  const { ask, api } = await served(t);
  const text = exampleText()
    .replace(/^listen:.*$/m, '')
    .concat('\nzones: { z: [s1] }\n');
  const answer = await ask('/api/v1/configuration?dryRun=true', {
    method: 'PUT',
    headers: json,
    body: JSON.stringify({ text }),
  });
  t.equal(answer.status, 409, 'it names another store and socket than what runs');
  t.match(await answer.json(), { problems: [/^"(control|store)" would be/] });
  const wrong = await ask('/api/v1/configuration', {
    method: 'PUT',
    headers: json,
    body: JSON.stringify({ text: 'datapaths: { s1: { dpid: x } }' }),
  });
  // On a busy machine a thread takes longer to read it than an answer waits.
  t.ok([409, 202].includes(wrong.status), `${wrong.status}`);
  if (wrong.status === 409) {
    t.match(await wrong.json(), { status: 409, problems: [/line 1: datapaths/] });
  }
  const [asked] = api.context.operations.all();
  await until('the refusal', 30_000, async () => asked?.isOver || undefined);
  t.match(asked?.report(), { state: 'refused', why: /line 1: datapaths/ });
  t.equal(api.context.operations.all().length, 1);
});

t.test('a request that does not fit is told of in words', async (t) => {
  const { ask } = await served(t);
  const detailOf = async (body: unknown): Promise<string> => {
    const asked = { method: 'POST', headers: json, body: JSON.stringify(body) };
    const answer = await ask('/api/v1/tokens', asked);
    t.equal(answer.status, 400);
    return (await jsonOf<{ detail: string }>(answer)).detail;
  };
  const king = { name: 'x', role: 'king' };
  t.equal(await detailOf(king), '"role" must be operator or viewer or owner');
  t.equal(await detailOf({ name: 'x' }), 'the body lacks "role"');
  t.equal(
    await detailOf({ name: 'x', role: 'viewer', colour: 'red' }),
    'the body has "colour", which is unknown',
  );
  t.equal(
    await detailOf({ name: 7, role: 'owner', tenant: [] }),
    '"name" must be string; "tenant" must be string',
  );
  t.equal(await detailOf([]), 'the body must be object');
  t.match(await (await ask('/api/v1/traffic?windowMs=x')).json(), {
    detail: /^"windowMs" must be/,
  });
});

t.test('what was refused inside an answer is a refusal, too', async (t) => {
  const refused = { outcome: { type: 'refused', whyNot: ['red/h1 is being moved'] }, mirrors: [] };
  t.match(refusalIn('mirror', refused), {
    ...{ status: 409, problems: ['red/h1 is being moved'], result: refused },
    detail: 'cannot mirror:\n  red/h1 is being moved',
  });
  t.equal(refusalIn('mirror', { outcome: { type: 'applied', said: [] }, mirrors: [] }), undefined);
});

t.test('what was asked for is in the audit log, whatever became of it', async (t) => {
  const { ask, tokens } = await served(t);
  await ask('/api/v1/migrations', {
    method: 'POST',
    headers: json,
    body: JSON.stringify({ vswitch: 'red/v3', to: 's4' }),
  });
  const wanted = { name: 'ann', role: 'owner', tenant: 'red' };
  const made = await ask('/api/v1/tokens', {
    method: 'POST',
    headers: json,
    body: JSON.stringify(wanted),
  });
  t.equal(made.status, 201);
  const { token } = await jsonOf<{ token: string }>(made);
  t.equal((await ask('/api/v1/self', { token })).status, 200);
  t.equal((await ask('/api/v1/tokens/ann', { method: 'DELETE' })).status, 200);
  t.equal((await ask('/api/v1/self', { token })).status, 401);
  const audit = await (await ask('/api/v1/audit')).text();
  t.notMatch(audit, token);
  t.match(JSON.parse(audit), [
    {
      ...{ by: 'the operator', role: 'operator', did: 'migrate', outcome: 'refused' },
      ...{ asked: { vswitch: 'red/v3', to: 's4' }, why: /datapath s3 is not connected/ },
    },
    { did: 'makeToken', outcome: 'done', changed: [{ what: 'token ann', after: 'owner' }] },
    { did: 'revokeToken', changed: [{ what: 'token ann', before: 'owner', after: '' }] },
  ]);
  t.match(await jsonOf(ask('/api/v1/audit?did=migrate')), [{ did: 'migrate' }]);
  t.strictSame(await jsonOf(ask('/api/v1/audit?text=nowhere')), []);
  t.equal((await ask('/api/v1/audit', { token: tokens.viewer })).status, 403);
});
