/**
 * The control socket over a real Unix socket: whatever comes in, there is an answer or an end.
 */

import { once } from 'node:events';
import { join } from 'node:path';
import t from 'tap';
import { serveControl } from '../../hypervisor/operator/control.ts';
import { limits } from '../../slices/limits.ts';
import { hypervisor, line, shortDir, talk } from './running.ts';

/** Serves in a folder of its own; closed when the test is over. */
async function served(
  t: { teardown(run: () => unknown): void },
  serving = hypervisor(),
): Promise<string> {
  const path = join(shortDir(t), 'control.sock');
  const server = await serveControl(serving, path);
  t.teardown(async () => {
    server.close();
    await once(server, 'close');
  });
  return path;
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly error?: { readonly code: string; readonly message: string };
}

async function answers(path: string, text: string, count = 1): Promise<Answer[]> {
  return (await talk(path, text, count)).map((one) => JSON.parse(one) as Answer);
}

t.test('status: every datapath and vswitch', async (t) => {
  const [answer] = await answers(await served(t), line('status'));
  t.match(answer, { id: 1, result: { datapaths: [{ name: 's1', state: 'away' }] } });
  const result = answer?.result as { vswitches: { name: string }[] } | undefined;
  t.equal(result?.vswitches.length, 6);
});

t.test('the id comes back, requests are answered in order, also in one chunk', async (t) => {
  const text = line('status', {}, 7) + line('nonsense', {}, 8) + line('status', {}, 9);
  const all = await answers(await served(t), text, 3);
  t.strictSame(
    all.map(({ id }) => id),
    [7, 8, 9],
  );
});

const garbage = ['', '{', 'hello', '[1', '5', 'null', '"status"', '\u0000\u0001', '}{'];

t.test('a garbage line is a usage error, and the connection goes on', async (t) => {
  const path = await served(t);
  for (const text of garbage) {
    const all = await answers(path, `${text}\n${line('status', {}, 2)}`, 2);
    t.match(all, [{ error: { code: 'usage' } }, { id: 2, result: {} }], JSON.stringify(text));
  }
});

t.test('an unknown method is named, with those that are known', async (t) => {
  const path = await served(t);
  t.match(await answers(path, line('stauts')), [
    {
      error: {
        code: 'usage',
        message: 'there is no method "stauts"; known: status, top, flows, migrate, undo',
      },
    },
  ]);
  for (const method of [5, null, undefined, {}, []]) {
    t.match(await answers(path, line(method)), [{ error: { code: 'usage' } }]);
  }
});

t.test('what the request asks for and is not there is rejected', async (t) => {
  const path = await served(t);
  t.match(await answers(path, line('flows', { vswitch: 'red/v9' })), [
    { error: { code: 'rejected', message: /no vswitch "red\/v9"; known: red\/v1, red\/v2/ } },
  ]);
  t.match(await answers(path, line('undo', { migration: 5 })), [
    { error: { code: 'rejected', message: 'there is no migration 5' } },
  ]);
  t.match(await answers(path, line('undo')), [{ error: { code: 'rejected' } }]);
  const strategy = { vswitch: 'red/v3', to: 's4', strategy: 'teleport' };
  t.match(await answers(path, line('migrate', strategy)), [
    { error: { code: 'usage', message: '"teleport" is not a strategy; known: lime, freeze' } },
  ]);
});

t.test('a migration that cannot be says all that stands against it', async (t) => {
  const path = await served(t);
  const problems = async (params: object) => {
    const [answer] = await answers(path, line('migrate', params));
    const result = answer?.result as { plan: { problems: string[] } } | undefined;
    return result?.plan.problems;
  };
  t.strictSame(await problems({ vswitch: 'red/v9', to: 's9' }), [
    'there is no vswitch "red/v9"; ' + 'known: red/v1, red/v2, red/v3, blue/v1, blue/v2, blue/v3',
    'there is no datapath "s9"; known: s1, s2, s3, s4',
  ]);
  t.equal((await problems({ vswitch: 'red/v3', to: 's3' }))?.[0], 'red/v3 lives on s3 already');
  t.strictSame(await problems({ vswitch: 'red/v3', to: 's4', dryRun: true }), [
    'datapath s3 is not connected and ready',
    'datapath s4 is not connected and ready',
  ]);
});

t.test('while the disk is full nothing begins to move, and status says so', async (t) => {
  const full = hypervisor();
  full.storeWaits = 'nothing is acknowledged: no room';
  const path = await served(t, full);
  const move = line('migrate', { vswitch: 'red/v3', to: 's4' }, 5);
  const [answer, status] = await answers(path, move + line('status', {}, 6), 2);
  t.match(answer, { result: { plan: { type: 'problems', problems: [/no room/] } } });
  t.match(status, { result: { store: { waits: /no room/ } } });
});

t.test('a line without an end is cut off; others go on being served', async (t) => {
  const path = await served(t);
  const huge = new Uint8Array(limits.controlLineBytesMax + 100).fill(0x61);
  t.strictSame(await talk(path, huge, 1), []);
  t.match(await answers(path, line('status')), [{ result: {} }]);
});

t.test('the log has who gave which command, and why it was refused', async (t) => {
  const serving = hypervisor();
  const path = await served(t, serving);
  const by = 'alice (sudo: bob), process 7';
  const asked = { id: 1, method: 'undo', params: { migration: 9 }, by };
  await answers(path, `${JSON.stringify(asked)}\n${line('status')}`, 2);
  const { lines } = serving.log as unknown as { lines: readonly string[] };
  const about = `"command":"undo","by":"${by}"`;
  t.ok(lines.some((one) => one.includes(`${about},"params":{"migration":9}},"command"]`)));
  t.ok(lines.some((one) => one.includes(`${about},"why":"there is no migration 9"`)));
  t.notOk(
    lines.some((one) => one.includes('status')),
    'who only asks is not in the log',
  );
});
