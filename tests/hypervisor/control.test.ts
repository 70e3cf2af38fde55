/**
 * The operator's socket: whatever comes in, there is an answer or an end, with the words that the
 * command line prints.
 */

import { once } from 'node:events';
import { join } from 'node:path';
import t from 'tap';
import { serveControl } from '../../hypervisor/api/serving.ts';
import { limits } from '../../slices/limits.ts';
import { hypervisor, request, shortDir } from './running.ts';

/** Serves in a folder of its own; closed when the test is over. */
async function served(
  t: { teardown(run: () => unknown): void },
  serving = hypervisor(),
): Promise<string> {
  const path = join(shortDir(t), 'control.sock');
  const server = await serveControl(serving, path);
  t.teardown(async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
  });
  return path;
}

t.test('status: every datapath and vswitch', async (t) => {
  const { status, value } = await request(await served(t), 'GET', '/api/v1/status');
  t.equal(status, 200);
  t.match(value, { datapaths: [{ name: 's1', state: 'away' }] });
  t.equal((value['vswitches'] as readonly object[]).length, 6);
});

const garbage = ['', '{', 'hello', '[1', '5', 'null', '"status"', '\u0000\u0001', '}{', '[]'];

t.test('garbage is a usage error, and the next request is answered', async (t) => {
  const path = await served(t);
  for (const text of garbage) {
    const answer = await request(path, 'POST', '/api/v1/migrations', text);
    t.match(answer, { status: 400, value: { code: 'usage' } }, JSON.stringify(text));
    t.equal((await request(path, 'GET', '/api/v1/status')).status, 200);
  }
});

t.test('what is not there is said, and where all that is can be read', async (t) => {
  const path = await served(t);
  for (const [verb, url] of [
    ['GET', '/api/v1/stauts'],
    ['GET', '/nothing'],
    ['POST', '/api/v1/__proto__'],
  ] as const) {
    const { status, value } = await request(path, verb, url);
    t.match({ status, value }, { status: 404, value: { detail: /nothing is at .*openapi\.json/ } });
  }
});

t.test('what the request asks for and is not there is rejected', async (t) => {
  const path = await served(t);
  t.match(await request(path, 'GET', '/api/v1/flows?vswitch=red/v9'), {
    status: 409,
    value: { code: 'rejected', detail: /no vswitch "red\/v9"; known: red\/v1, red\/v2/ },
  });
  t.match(await request(path, 'POST', '/api/v1/migrations/5/undo'), {
    status: 409,
    value: { code: 'rejected', detail: 'there is no migration 5' },
  });
  t.equal((await request(path, 'POST', '/api/v1/migrations//undo')).status, 409);
  const strategy = { vswitch: 'red/v3', to: 's4', strategy: 'teleport' };
  t.match(await request(path, 'POST', '/api/v1/migrations', strategy), {
    status: 400,
    value: { code: 'usage', detail: '"teleport" is not a strategy; known: lime, freeze, auto' },
  });
});

t.test('a migration that cannot be says all that stands against it', async (t) => {
  const path = await served(t);
  const problems = async (body: object) => {
    const { status, value } = await request(path, 'POST', '/api/v1/migrations', body);
    t.equal(status, 409);
    const { detail, result } = value;
    const all = value['problems'] as readonly string[];
    t.equal(detail, `cannot migrate:\n  ${all.join('\n  ')}`);
    t.strictSame(result, { plan: { type: 'problems', problems: all } });
    return all;
  };
  t.strictSame(await problems({ vswitch: 'red/v9', to: 's9' }), [
    'there is no vswitch or host "red/v9"; ' +
      'known: red/v1, red/v2, red/v3, blue/v1, blue/v2, blue/v3, red/h1, red/h2, blue/h1, blue/h2',
    'there is no datapath "s9"; known: s1, s2, s3, s4',
  ]);
  t.equal((await problems({ vswitch: 'red/v3', to: 's3' }))[0], 'red/v3 lives on s3 already');
  t.strictSame(await problems({ vswitch: 'red/v3', to: 's4', dryRun: true }), [
    'datapath s3 is not connected and ready',
    'datapath s4 is not connected and ready',
  ]);
});

t.test('while the disk is full nothing begins to move, and status says so', async (t) => {
  const full = hypervisor();
  full.storeWaits = 'nothing is acknowledged: no room';
  const path = await served(t, full);
  const body = { vswitch: 'red/v3', to: 's4' };
  t.match(await request(path, 'POST', '/api/v1/migrations', body), {
    status: 409,
    value: { problems: [/no room/] },
  });
  t.match(await request(path, 'GET', '/api/v1/status'), { value: { store: { waits: /no room/ } } });
});

t.test('a body that is too long is cut off; others go on being served', async (t) => {
  const path = await served(t);
  const huge = JSON.stringify({ vswitch: 'a'.repeat(limits.apiBodyBytesMax) });
  const answer = await request(path, 'POST', '/api/v1/migrations', huge).catch(() => undefined);
  t.ok(answer === undefined || answer.status === 413);
  t.equal((await request(path, 'GET', '/api/v1/status')).status, 200);
});

t.test('the log has who gave which command, and why it was refused', async (t) => {
  const serving = hypervisor();
  const path = await served(t, serving);
  const by = 'alice (sudo: bob), process 7';
  const headers = { 'limevisor-by': encodeURIComponent(by) };
  await request(path, 'POST', '/api/v1/migrations/9/undo', undefined, headers);
  await request(path, 'GET', '/api/v1/status', undefined, headers);
  const { lines } = serving.log as unknown as { lines: readonly string[] };
  const about = `"command":"undo","by":"${by}"`;
  t.ok(lines.some((one) => one.includes(`${about},"params":{"migration":"9"}},"command"]`)));
  t.ok(
    lines.some((one) =>
      one.includes(`${about},"why":"there is no migration 9; none is remembered"`),
    ),
  );
  t.notOk(
    lines.some((one) => one.includes('status')),
    'who only asks is not in the log',
  );
});
