/**
 * Acknowledgements by a canary (hypervisor/datapath/canary.ts), message by message: nothing is sent
 * when nobody waits, all who wait share it, and what cannot be proved is said.
 */
import t from 'tap';
import type { Outcome } from '../../hypervisor/datapath/acknowledgements.ts';
import { port as ofpp } from '../../openflow/values/constants.ts';
import { limits } from '../../slices/limits.ts';
import { canaryIn } from '../../translation/datapath/canary.ts';
import { datapath as named, twoDatapaths, vswitchName } from '../slices/networks.ts';
import { FakeNetwork, portOf } from './fake-switches.ts';

const S1 = named('s1');
const ports = Array.from({ length: 50 }, (_, i) => i + 1);

/** What s2, the neighbour, sends into its cable goes by `filter`. */
function started(
  filter: (data: Uint8Array, n: number) => readonly Uint8Array[] = (data) => [data],
  text = twoDatapaths('canary'),
) {
  const network = new FakeNetwork(text, undefined, undefined, { ports }).up();
  const { hypervisor } = network;
  const s2 = network.switch('s2');
  const { send } = s2;
  let frames = 0;
  s2.send = (port, data) => {
    const isAsking = canaryIn(data) !== undefined;
    if (isAsking) frames += 1;
    for (const one of isAsking ? filter(data, frames) : [data]) send(port, one);
  };
  const told: string[] = [];
  const ask = (name = ''): void => {
    const say = ({ type }: Outcome): void => void told.push(`${name}${type}`);
    hypervisor.datapath(S1).writer.send('intent', [], 'full', say);
  };
  const level = () => hypervisor.inForce.of(hypervisor.datapath(S1));
  return { network, hypervisor, told, ask, level, frames: () => frames };
}

t.test(
  'its entry is there while somebody waits, and a moment more; no frame without',
  async (t) => {
    const { network, told, ask, level, frames } = started();
    const { canaries } = network.switch('s1');
    network.run(1_000);
    t.equal(frames(), 0, 'nobody waits: nothing is sent');
    t.equal(canaries.size, 0);
    ask();
    network.run(100);
    t.strictSame(told, ['acked']);
    t.strictSame(level(), { level: 'canary', why: '' });
    t.ok(frames() >= limits.canaryFlips, `it took ${frames()} frames`);
    t.equal(canaries.size, 1, 'it stays for whoever waits next');
    const before = frames();
    ask();
    ask();
    ask();
    network.run(100);
    t.equal(told.length, 4);
    t.ok(frames() - before <= before + 2, 'those who wait at once share one');
    const after = frames();
    network.run(limits.canaryIdleMs);
    t.equal(frames(), after, 'nobody waits: nothing is sent');
    t.equal(canaries.size, 0, 'and the entry is gone');
  },
);

t.test('frames that are lost are sent again, copies count once', async (t) => {
  const { network, told, ask, level } = started((data, n) => (n % 2 === 0 ? [data, data] : []));
  ask();
  network.run(1_000);
  t.strictSame(told, ['acked']);
  t.equal(level().why, '');
});

t.test('frames that are slow prove nothing: a multiple of what they take', async (t) => {
  for (const [slowMs, settleMs] of [
    [15, 300],
    [40, 800],
  ] as const) {
    const { network, told, ask, level } = started();
    const s2 = network.switch('s2');
    const { send } = s2;
    // By the time that one is looked up, cached flows have been looked at.
    const { canaries } = network.switch('s1');
    const arrive = (port: number, data: Uint8Array): void => {
      for (const [at, { from }] of canaries) canaries.set(at, { from, shown: from });
      send(port, data);
    };
    s2.send = (port, data) => void network.world.after(slowMs, () => arrive(port, data));
    ask();
    for (let i = 0; i < 1_000 && level().level === 'canary'; i += 1) network.run(10);
    t.match(level(), { level: `settle ${settleMs}ms`, why: 'canary frames take too long to it' });
    network.run(settleMs - 20);
    t.strictSame(told, [], 'it waits');
    network.run(30);
    t.strictSame(told, ['acked']);
  }
});

t.test('one by which nothing is proved any more: that may take long', async (t) => {
  let isSilent = false;
  const { network, told, ask, level } = started((data) => (isSilent ? [] : [data]));
  ask();
  network.run(200);
  t.strictSame(told, ['acked']);
  isSilent = true;
  network.run(limits.canaryIdleMs + 100);
  ask();
  network.run(limits.canarySilentMs + 200);
  t.match(level(), { level: 'settle 1500ms', why: /no canary frame comes back/ });
  t.strictSame(told, ['acked'], 'it waits');
  network.run(limits.settleBusyMs);
  t.equal(told.length, 2);
});

t.test('a cable that carries nothing: some time, and that is said', async (t) => {
  const { network, told, ask, level } = started(() => []);
  ask();
  network.run(limits.canarySilentMs);
  network.run(100);
  t.strictSame(told, ['acked']);
  t.match(level(), { level: 'settle 60ms', why: 'no canary frame comes back to s2:3' });
  t.equal(network.switch('s1').canaries.size, 0, 'no entry is left');
  ask();
  network.run(80);
  t.equal(told.length, 2, 'it is not tried again at once');
});

/** Cables between s1 and s2. */
const withCables = (count: number): string => {
  const cables = Array.from({ length: count }, (_, i) => `s1:${i + 3} - s2:${i + 3}`);
  return twoDatapaths('canary').replace('links: [s1:3 - s2:3]', `links: [${cables.join(', ')}]`);
};

t.test('however many cables carry nothing, it ends soon', async (t) => {
  for (const count of [2, 3, 40]) {
    const { network, told, ask, level } = started(() => [], withCables(count));
    const tries = Math.min(count, limits.canaryCablesMax);
    ask();
    network.run(tries * limits.canarySilentMs - 100);
    t.strictSame(told, [], `${count} cables`);
    network.run(300);
    t.strictSame(told, ['acked'], `${count} cables`);
    t.match(level(), { level: 'settle 60ms', why: /no canary frame comes back/ });
    ask();
    network.run(80);
    t.equal(told.length, 2, 'the others are not tried at once');
    network.run(limits.canaryAvoidMs);
    t.equal(level().level, 'canary', 'they are in a while');
  }
});

t.test(
  'a datapath that never follows: who waits is told, however long each cable takes',
  async (t) => {
    const first = new Map<number, Uint8Array>();
    const { network, told, ask, hypervisor } = started((data) => {
      const { canaries } = network.switch('s1');
      for (const [port, { from }] of canaries) {
        const shown = first.get(port) ?? from;
        first.set(port, shown);
        canaries.set(port, { from, shown });
      }
      return [data];
    }, withCables(3));
    ask();
    const tries = limits.canaryCablesMax;
    network.run(tries * Math.max(limits.canaryFlipMs, limits.canarySilentMs) + 1_000);
    t.strictSame(told, [], 'who is so slow may be slow with cached flows');
    network.run(limits.settleBusyMs);
    t.strictSame(told, ['acked']);
    const whyNot = hypervisor.inForce.unprovedSince(0, [S1]);
    t.strictSame(whyNot, ['s1: a flip of its canary took more than 5 s']);
  },
);

t.test('without a link that is up: some time, and that is said', async (t) => {
  const { network, told, ask, level } = started();
  network.switch('s2').setPort(3, false);
  network.run();
  ask();
  network.run(100);
  t.strictSame(told, ['acked']);
  t.match(level(), { level: 'settle 60ms', why: /no link/ });
});

t.test('a link that goes down meanwhile, a neighbour that goes', async (t) => {
  for (const fail of ['link', 'neighbour']) {
    const { network, told, ask, level } = started((data, n) => (n < 3 ? [data] : []));
    ask();
    network.run(10);
    t.strictSame(told, [], fail);
    if (fail === 'link') network.switch('s2').setPort(3, false);
    else network.switch('s2').peer.user?.onClose('gone');
    network.run(200);
    t.strictSame(told, ['acked'], fail);
    t.match(level(), { level: /^settle/ }, fail);
  }
});

t.test('an entry that is refused', async (t) => {
  const { network, told, ask, level } = started();
  network.switch('s1').refuse = () => ({ errorType: 5, errorCode: 1 });
  ask();
  network.run(100);
  t.strictSame(told, ['acked']);
  t.match(level(), { why: "it refused the canary's entry" });
});

t.test('the datapath goes: those who wait hear of it', async (t) => {
  const { network, told, ask, hypervisor } = started(() => []);
  ask();
  network.run(10);
  network.switch('s1').peer.user?.onClose('gone');
  network.run(100);
  t.strictSame(told, ['lost']);
  const { intent } = hypervisor.datapath(S1);
  t.notOk(intent.has('canary 3'), 'when it is back it is to have no entry of that');
});

t.test('a frame that nobody sent shows nothing, and is suspicious', async (t) => {
  const { network, told, ask, hypervisor } = started((data) => {
    const forged = data.slice();
    forged[20] = (forged[20] ?? 0) ^ 1;
    return [forged];
  });
  ask();
  network.run(limits.canarySilentMs - 100);
  t.strictSame(told, [], 'it does not count');
  t.match(hypervisor.probing.probes.suspicions(), [{ at: { device: 's2', port: 3 } }]);
});

t.test('the default: a canary; without a link the switch itself, where it runs here', async (t) => {
  const { network, told, ask, level } = started(undefined, twoDatapaths('automatic'));
  ask();
  network.run(100);
  t.strictSame(told, ['acked']);
  t.strictSame(level(), { level: 'canary', why: '' });
  const bridge = { ...portOf(ofpp.local, 0), name: 'br0' };
  network.switch('s1').peer.says({ type: 'portStatus', xid: 0, reason: 0, desc: bridge });
  network.switch('s2').setPort(3, false);
  network.world.unixctl = '/run/vswitchd.ctl';
  network.run();
  t.match(level(), { level: 'settle 120ms', why: /no link/ }, '1.5 times what the canary took');
  ask();
  network.run(100);
  const { proofs } = network.world;
  for (let rounds = 0; proofs.length > 0; rounds += 1) {
    t.equal(told.length, 1, `it waits for the proof, ${rounds} rounds are over`);
    proofs.shift()?.(true);
    network.run(10);
  }
  t.equal(told.length, 2);
  t.match(level(), { level: 'proof /run/vswitchd.ctl', why: /no link/ });
  ask();
  network.run(10);
  network.world.proofs.shift()?.(false);
  // The entry that made its revalidators look at everything goes first.
  network.run(130 + 20);
  t.equal(told.length, 3, 'one that proves nothing is not trusted: some time');
  t.match(level(), { level: 'settle 120ms' });
});

t.test('a migration says where it was only a time, and nothing otherwise', async (t) => {
  for (const isSilent of [false, true]) {
    const { network, hypervisor } = started(
      (data) => (isSilent ? [] : [data]),
      twoDatapaths('automatic'),
    );
    const runtime = hypervisor.runtime(vswitchName('red/v1'));
    if (runtime === undefined) throw new Error('there is no red/v1');
    hypervisor.executor.start(runtime.vswitch, S1, named('s2'), 'lime');
    network.run(5_000);
    const [migration] = hypervisor.executor.all();
    t.equal(migration?.state.type, 'done');
    const unproved = [
      's1: no canary frame comes back to s2:3',
      's2: no canary frame comes back to s1:3',
    ];
    t.strictSame(migration?.unproved, isSilent ? unproved : undefined);
  }
});
