/**
 * A command that throws inside Limevisor is answered with that, and everything goes on (issue 10,
 * A2); one that would meet a vswitch in the middle of its reopening is refused.
 */
import { once } from 'node:events';
import { join } from 'node:path';
import t from 'tap';
import { serveControl } from '../../hypervisor/api/serving.ts';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { ask } from '../../hypervisor/operator/client.ts';
import type { MethodName } from '../../hypervisor/operator/resources.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { vswitchName } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { boom, patched, type Started, started, type Test } from './faults.ts';
import { shortDir } from './running.ts';

async function served(t: Test): Promise<Started & { readonly path: string }> {
  const scene = started();
  const path = join(shortDir(t), 'control.sock');
  const server = await serveControl(scene.network.hypervisor, path);
  t.teardown(async () => {
    server.close();
    await once(server, 'close');
  });
  return { ...scene, path };
}

/** For each command something that it needs, which throws. */
const needed: Partial<Record<MethodName, (hypervisor: Hypervisor, t: Test) => void>> = {
  status: (hypervisor, t) => patched(t, hypervisor, 'snapshot', boom),
  flows: (hypervisor, t) => patched(t, hypervisor, 'runtime', boom),
  migrate: (hypervisor, t) => patched(t, hypervisor, 'snapshot', boom),
  undo: ({ executor }, t) => patched(t, executor, 'all', boom),
  purge: ({ departures }, t) => patched(t, departures, 'all', boom),
  restore: ({ departures }, t) => patched(t, departures, 'restore', boom),
  drain: (hypervisor, t) => patched(t, hypervisor, 'snapshot', boom),
  undrain: (hypervisor, t) => patched(t, hypervisor, 'snapshot', boom),
  reopen: ({ reopening }, t) => patched(t, reopening, 'begin', boom),
};
const vswitch = 'red/v3';
const asked: Partial<Record<MethodName, object>> = {
  ...{ flows: { vswitch }, purge: { vswitch }, restore: { vswitch }, reopen: { vswitch } },
  ...{ migrate: { vswitch, to: 's4' }, undo: { migration: 1 } },
  ...{ drain: { datapath: 's4' }, undrain: { datapath: 's4' } },
};

/** How it was refused. */
async function refusal(path: string, method: MethodName, params: object): Promise<unknown> {
  return ask(path, method, params).then(
    (result) => ({ result }),
    (why: unknown) => why,
  );
}

for (const [name, breakIt] of Object.entries(needed)) {
  const method = name as MethodName;
  t.test(`${method}: it is answered, and all others are served`, async (t) => {
    const { network, path, faults } = await served(t);
    t.test('broken', async (t) => {
      breakIt(network.hypervisor, t);
      t.match(await refusal(path, method, asked[method] ?? {}), {
        code: 'failed',
        message: /^internal error: boom; see the log/,
      });
      t.match(faults, [[`the command ${method}`, { why: 'boom' }]]);
    });
    const next = await refusal(path, 'undo', { migration: 99 });
    t.match(next, { message: 'there is no migration 99' }, 'the next command is answered as ever');
    for (const one of network.hypervisor.runtimes()) t.notOk(one.isClosed, one.title);
  });
}

t.test('a long answer that cannot be finished is followed by the reason', async (t) => {
  const { network, path, runtime, peer } = await served(t);
  peer.says(flowMod({ match: matchOf(oxm('eth_dst', 7)), instructions: outputs(1) }));
  network.run();
  // Its ports are printed before its rules; these throw when the first is asked for.
  patched(t, runtime.rulebook, 'bySerial', boom);
  let why: unknown;
  void ask(path, 'flows', { vswitch: 'red/v3' }).catch((error: unknown) => {
    why = error;
  });
  for (let i = 0; i < 1_000 && why === undefined; i += 1) {
    network.run();
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  t.match(why, { code: 'failed', message: /internal error: boom/ });
});

t.test('a vswitch that is being reopened does not migrate, and no ways are led', async (t) => {
  const { network, path, runtime } = await served(t);
  const { hypervisor } = network;
  runtime.close({ why: 'the test', stack: '', message: '' });
  hypervisor.reopening.begin(vswitchName('red/v3'), () => undefined);
  // As it is when its books are read, and its bodies are not yet compared.
  Object.defineProperty(runtime, 'isClosed', { value: false });
  hypervisor.reopened(runtime);
  t.match(await refusal(path, 'migrate', { vswitch, to: 's4' }), {
    message: /red\/v3 is being reopened; ask again when/,
  });
  t.match(JSON.stringify(await refusal(path, 'drain', { datapath: 's4' })), /red\/v3 is being reo/);
});
