/**
 * `limevisor reopen`: a vswitch that a fault of ours closed is served again, from what the store
 * has, while its switches go on and nobody else notices; and is closed again if it fails again.
 */
import t from 'tap';
import type { Reopened } from '../../hypervisor/tenant/reopening.ts';
import type { VswitchRuntime } from '../../hypervisor/tenant/vswitch.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { groupCommand } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import { datapath, vswitchName } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import { boom, patched, type Started, started, type Test } from './faults.ts';

const NAME = vswitchName('red/v3');
const match = matchOf(oxm('eth_dst', 7));

/** With some rules and a group, of which the store has everything; then it is closed. */
function closed(t: Test, store = memoryStore()): Started {
  const scene = started(store);
  const buckets = [{ weight: 0, watchPort: 0xffff_ffff, watchGroup: 0xffff_ffff, actions: [] }];
  const { add } = groupCommand;
  scene.peer.says({ type: 'groupMod', xid: 1, command: add, groupType: 0, groupId: 4, buckets });
  scene.peer.says(flowMod({ match, instructions: outputs(1), cookie: 5n }));
  scene.peer.says({ type: 'barrierRequest', xid: 9 });
  scene.network.run();
  patched(t, scene.runtime.changes, 'groupMod', boom);
  scene.peer.says({ type: 'groupMod', xid: 2, command: add, groupType: 0, groupId: 5, buckets });
  scene.network.run();
  t.ok(scene.runtime.isClosed);
  return scene;
}

/** A new log that is never finished. */
const idle = {
  add: () => undefined,
  isGivenUp: () => false,
  giveUp: () => undefined,
  pendingBytes: () => 0,
  finish: () => undefined,
};

function reopen({ network }: Started): { readonly result: () => Reopened | undefined } {
  let result: Reopened | undefined;
  network.hypervisor.reopening.begin(NAME, (one) => {
    result = one;
  });
  return { result: () => result };
}

const now = ({ network }: Started): VswitchRuntime =>
  network.hypervisor.runtime(NAME) as VswitchRuntime;

const kindOf = (one: Message): string | undefined =>
  one.type === 'flowMod' ? readCookie(one.cookie)?.kind : one.type;

t.test('it has what the store has, its bodies are rewritten, and it is served', async (t) => {
  const scene = closed(t);
  const { network } = scene;
  const on = now(scene).placement.primary;
  for (const one of network.switches.values()) one.changes();
  const dialled = network.world.dialled.length;
  const { result } = reopen(scene);
  network.run(2_000);
  t.match(result(), {
    done: [/1 rule, 1 group, 0 meters/, /is correct/, /served again/],
  });
  t.equal(now(scene).whyDown(), undefined);
  t.strictSame(
    now(scene)
      .rulebook.rules()
      .map(({ cookie }) => cookie),
    [5n],
  );
  t.ok(network.world.dialled.length > dialled, 'its controller is dialled');
  const said = network.switch(on).changes();
  t.ok(
    said.some((one) => kindOf(one) === 'rule'),
    'its rule is written',
  );
  const isDelete = (one: Message): boolean => one.type === 'flowMod' && one.command >= 3;
  t.notOk(
    said.some((one) => kindOf(one) === 'rule' && isDelete(one)),
    'over the one that stands',
  );
  for (const [name, peer] of scene.peers) {
    if (name !== NAME) t.notOk(peer.isClosed, `${name} has not noticed`);
  }
});

t.test('it takes changes afterwards, and may be closed and reopened again', async (t) => {
  const scene = closed(t);
  reopen(scene);
  scene.network.run(2_000);
  for (const round of [1, 2]) {
    const runtime = now(scene);
    patched(t, runtime, 'answerBarrier', boom);
    const peer = scene.network.world.dialled.at(-1)?.peer;
    scene.network.run(500);
    peer?.user?.onOpen();
    peer?.hello();
    scene.network.run();
    peer?.says(flowMod({ match: matchOf(oxm('eth_dst', 100 + round)) }));
    peer?.says({ type: 'barrierRequest', xid: 10 });
    scene.network.run();
    t.ok(runtime.isClosed, `${round}: closed`);
    const { result } = reopen(scene);
    scene.network.run(2_000);
    t.match(result(), { done: [/^red\/v3 has \d rules?, /, 's3 is correct', /is served again/] });
    t.equal(now(scene).rulebook.size, 1 + round, `${round}: with what it was told`);
  }
});

t.test('it is closed again when it fails again, with an alarm', async (t) => {
  const scene = closed(t);
  const { hypervisor } = scene.network;
  patched(t, hypervisor.executor, 'loaded', boom);
  const { result } = reopen(scene);
  scene.network.run(2_000);
  t.match(result(), { whyNot: /red\/v3 is closed again: boom/ });
  t.ok(now(scene).isClosed);
  t.match([...hypervisor.alarms.keys()].join('\n'), /red\/v3 could not be reopened: boom/);
});

t.test('the store may be made anew again, whatever came of it', async (t) => {
  for (const isRead of [true, false]) {
    const store = memoryStore();
    const scene = closed(t, store);
    let rewrites = 0;
    patched(t, store, 'size', () => 1e12);
    patched(t, store, 'rewrite', () => {
      rewrites += 1;
      return { ...idle };
    });
    if (!isRead) patched(t, store, 'scan', boom);
    const { result } = reopen(scene);
    t.equal(rewrites, 0);
    scene.network.run(2_000);
    if (isRead)
      t.match(result(), { done: [/^red\/v3 has \d rules?, /, 's3 is correct', /is served again/] });
    else t.match(result(), { whyNot: /boom/ });
    t.ok(rewrites > 0);
  }
});

t.test('a body that refuses it closes it again', async (t) => {
  const scene = closed(t);
  const { primary } = now(scene).placement;
  scene.network.switch(primary).refuse = (one) => {
    return kindOf(one) === 'rule' ? { errorType: 5, errorCode: 1 } : undefined;
  };
  const { result } = reopen(scene);
  scene.network.run(2_000);
  t.match(result(), { whyNot: /refused it: flowModFailed\/tableFull/ });
  t.ok(now(scene).isClosed);
});

t.test('a datapath that is away is corrected when it is back', async (t) => {
  const scene = closed(t);
  const { primary } = now(scene).placement;
  scene.network.hypervisor.datapath(datapath(primary)).channel?.close('the test');
  scene.network.run();
  const { result } = reopen(scene);
  scene.network.run(2_000);
  t.match(result(), { done: [/1 rule/, /it will be corrected when it is back/, /served again/] });
});

t.test('what is not closed is not reopened', async (t) => {
  const scene = started();
  t.match(reopen(scene).result(), { whyNot: /red\/v3 was not closed/ });
  let result: Reopened | undefined;
  scene.network.hypervisor.reopening.begin(vswitchName('no/body'), (one) => {
    result = one;
  });
  t.match(result, { whyNot: /there is no vswitch "no\/body"/ });
});
