/**
 * Networks of owners as the page shows them: in words, as bars, and with what may be done, which
 * is what the API lets somebody do.
 */
import t from 'tap';
import type { ListedDocument, QuotaDocument } from '../../hypervisor/page/documents.ts';
import {
  type Action,
  actionsOf,
  commandOf,
  endsText,
  inOrder,
  quotaBars,
  shapes,
  spanIn,
  stateOf,
  whyOf,
  wordsIn,
} from '../../hypervisor/page/networks.ts';
import { lifetimeText, parseLifetime } from '../../slices/config/quotas.ts';
import { templateNames } from '../../slices/config/templates.ts';
import { type Owned, owned, shaped } from '../api/owned.ts';

const lab: ListedDocument = {
  ...{ name: 'lab@ann', vswitches: 1, hosts: 2, owner: 'ann', quota: 'lab', state: 'running' },
  ...{ endsMs: 90_000_000, endsSoon: false, missing: [] },
};

t.test('a state is said in words, and why it is so', async (t) => {
  const says = (some: Partial<ListedDocument>) => stateOf({ ...lab, ...some }).says;
  t.equal(says({}), 'serves');
  t.equal(says({ missing: ['lab@ann/sw has no controller'] }), 'not ready');
  t.equal(says({ state: 'pending' }), 'waits for approval');
  t.equal(says({ state: 'rejected' }), 'not approved');
  t.equal(says({ state: 'paused' }), 'paused');
  t.equal(says({ state: 'paused', frozen: 'it floods' }), 'frozen');
  t.equal(stateOf({ name: 'red', vswitches: 3, hosts: 1 }).says, 'of the file');
  const frozen = { ...lab, frozen: 'it floods', missing: ['it is paused'] };
  t.strictSame(whyOf(frozen), ['it is paused', 'the operator has frozen it: it floods']);
  t.strictSame(whyOf({ ...frozen, missing: ['the operator has frozen it: it floods'] }), [
    'the operator has frozen it: it floods',
  ]);
  t.equal(endsText(lab, 0), 'ends in 1d (1970-01-02 01:00 UTC)');
  const soon = endsText({ ...lab, endsSoon: true }, 89_000_000);
  t.equal(soon, 'ends soon, in 16m (1970-01-02 01:00 UTC)');
  t.equal(endsText(lab, 90_000_001), 'ends now (1970-01-02 01:00 UTC)');
  t.equal(endsText({ name: 'red', vswitches: 3, hosts: 1 }, 0), '');
  const waiting = { ...lab, name: 'z@ann', state: 'pending' };
  t.strictSame(
    inOrder([lab, { ...lab, name: 'a@bob' }, waiting]).map(({ name }) => name),
    ['z@ann', 'a@bob', 'lab@ann'],
  );
  const numbered = ['t10', 't9', 't100'].map((name) => ({ ...lab, name }));
  t.strictSame(
    inOrder(numbered).map(({ name }) => name),
    ['t9', 't10', 't100'],
  );
});

t.test('times and shapes are those of the command line', async (t) => {
  t.strictSame(shapes, templateNames);
  for (let seconds = 1; seconds < 90_000; seconds += 577) {
    const text = lifetimeText(seconds * 1_000);
    const read = parseLifetime(text);
    t.equal(spanIn(text), read.ok ? read.value : undefined, text);
  }
  for (const text of ['', '3', '0d', '1.5h', '-1d', 'd', '3 d', '1000000s']) {
    t.equal(spanIn(text), undefined, text);
    t.notOk(parseLifetime(text).ok, text);
  }
  const wanted = { name: 'lab', shape: 'ring', hosts: ['b', 'a'], controllers: ['tcp:1.2.3.4:5'] };
  t.equal(
    commandOf(wanted),
    'limevisor network template ring --hosts b,a --controller tcp:1.2.3.4:5 --name lab',
  );
  t.strictSame(wordsIn(' tcp:a:1, tcp:b:2 '), ['tcp:a:1', 'tcp:b:2']);
});

const roles = { ann: 'owner', bob: 'owner', cat: 'owner', operator: 'operator' } as const;

/** What somebody is offered for a network now. */
async function offered({ as }: Owned, who: keyof typeof roles, name: string) {
  const { value } = await as(who, 'GET', '/networks');
  const one = (value as unknown as readonly ListedDocument[]).find((each) => each.name === name);
  if (one === undefined) throw new Error(`${who} has no ${name}`);
  return actionsOf(one, roles[who]);
}

async function does(of: Owned, who: keyof typeof roles, name: string, what: string, text = '') {
  const action = (await offered(of, who, name)).find((one: Action) => one.name === what);
  if (action === undefined) throw new Error(`${who} is not offered to ${what} ${name}`);
  const { method, path, field, body } = action;
  const asked = field?.body(text) ?? body;
  if (typeof asked === 'string') return asked;
  const whole = `/networks/${encodeURIComponent(name)}${path}`;
  const { status, value } = await of.as(who, method, whole, asked);
  return status === 200 ? 'done' : `${status}: ${value.detail}`;
}

t.test('what is offered is what the API does', async (t) => {
  const of = await owned(t);
  const names = async (who: keyof typeof roles, name: string) =>
    (await offered(of, who, name)).map((one) => one.name);
  await of.as('ann', 'POST', '/networks', shaped('lab', ['a', 'b']));
  const running = ['pause', 'controllers', 'extend', 'delete'];
  t.strictSame(await names('ann', 'lab@ann'), running);
  const other = 'tcp:192.0.2.10:6653, tcp:192.0.2.11:6653';
  t.equal(await does(of, 'ann', 'lab@ann', 'controllers', other), 'done');
  t.equal(await does(of, 'ann', 'lab@ann', 'extend', '2d'), 'done');
  t.match(await does(of, 'ann', 'lab@ann', 'extend', '1y'), /not a time; write 12h/);
  t.match(await does(of, 'ann', 'lab@ann', 'extend', '9d'), /409: .*your quota is 7d/);
  t.equal(await does(of, 'ann', 'lab@ann', 'pause'), 'done');
  t.strictSame(await names('ann', 'lab@ann'), ['resume', 'extend', 'delete']);
  t.equal(await does(of, 'ann', 'lab@ann', 'resume'), 'done');
  t.match(await does(of, 'operator', 'lab@ann', 'freeze'), /say why/);
  t.equal(await does(of, 'operator', 'lab@ann', 'freeze', 'it floods'), 'done');
  t.strictSame(await names('ann', 'lab@ann'), [], 'nothing that would be refused');
  t.equal(await does(of, 'operator', 'lab@ann', 'unfreeze'), 'done');
  t.strictSame(await names('operator', 'red'), ['freeze'], 'a tenant of the file');
  t.strictSame(actionsOf(lab, 'viewer'), []);
  t.equal(await does(of, 'ann', 'lab@ann', 'delete'), 'done');
});

t.test('an operator says yes or no to who waits', async (t) => {
  const of = await owned(t);
  const asking = await of.as('cat', 'POST', '/networks', shaped('lab', ['a']));
  t.match(asking, { status: 201, value: { life: { state: 'pending' } } });
  t.notOk((await offered(of, 'cat', 'lab@cat')).some(({ name }) => name === 'approve'));
  t.equal(await does(of, 'operator', 'lab@cat', 'approve'), 'done');
  t.equal(await does(of, 'operator', 'lab@cat', 'delete'), 'done');
  await of.as('cat', 'POST', '/networks', shaped('lab', ['a']));
  t.equal(await does(of, 'operator', 'lab@cat', 'reject', 'no room'), 'done');
  t.strictSame(
    (await offered(of, 'cat', 'lab@cat')).map(({ name }) => name),
    ['delete'],
  );
});

t.test('a quota as bars', async (t) => {
  const { as } = await owned(t);
  await as('ann', 'POST', '/networks', shaped('lab', ['a', 'b']));
  const { value } = await as('ann', 'GET', '/quota');
  const bars = quotaBars(value as unknown as QuotaDocument);
  const bar = (title: string) => bars.find((one) => one.title === title);
  t.strictSame(bar('networks'), { title: 'networks', used: 1, unit: '', limit: 2, part: 0.5 });
  t.strictSame(bar('hosts'), { title: 'hosts', used: 2, unit: '', limit: 4, part: 0.5 });
  t.strictSame(bar('rules'), { title: 'rules', used: 500, unit: '', limit: 1000, part: 0.5 });
});
