/**
 * Hosts that move: both places while they do, one afterwards; whatever ends in between, it is the
 * old place or the new one, by what the driver says.
 */
import t from 'tap';
import { differenceTo } from '../../hypervisor/operator/control-apply.ts';
import { groupType } from '../../openflow/values/constants.ts';
import { endText, type Vport } from '../../slices/ids.ts';
import { noCounts } from '../../slices/port-counters.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import { datapath, twoDatapaths, vswitchName } from '../slices/networks.ts';
import { failing } from '../support/faults.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';
import { started } from './host-moves.ts';

t.test('a host moves: both places, then the driver, then the new one', async (t) => {
  const { drivers, changes, move, until, at } = started();
  move();
  until('run');
  t.equal(at(), 's1:1 and s2:4');
  const made = changes('s1');
  t.ok(
    made.some((one) => one.type === 'groupMod' && one.groupType === groupType.all),
    'a copy goes to both',
  );
  t.ok(changes('s2').some((one) => one.type === 'flowMod'));
  t.equal(drivers.users.length, 1);
  drivers.ends({ type: 'arrived' });
  until('done');
  t.equal(at(), 's2:4');
  t.ok(
    changes('s1').some((one) => one.type === 'flowMod' && one.command === 4),
    'the old one goes',
  );
});

t.test(
  'a driver that fails leaves it where it was, and what it was given is taken away',
  async (t) => {
    const { net, drivers, changes, move, state, until, at } = started();
    move();
    until('run');
    changes('s2');
    drivers.users.at(-1)?.said('no room there');
    drivers.ends({ type: 'failed', why: 'it ended with 3' });
    until('undone');
    t.match(state(), { why: 'it ended with 3' });
    t.strictSame(net.hypervisor.hostMoves.all().at(-1)?.said, ['no room there']);
    t.equal(at(), 's1:1');
    const left = changes('s2').flatMap((one) =>
      // Markers come and go meanwhile.
      one.type === 'flowMod' && readCookie(one.cookie)?.kind !== 'marker' ? one.command : [],
    );
    t.ok(left.length > 0 && left.every((command) => command === 4), 'all that was made goes');
  },
);

t.test('nothing is led to the new place before its driver is prepared for it', async (t) => {
  const { net, drivers, changes, move, state, until, at } = started();
  drivers.prepares = [];
  move();
  net.run(1_000);
  t.equal(at(), 's1:1');
  t.strictSame(changes('s2'), []);
  drivers.prepares.shift()?.();
  until('run');
  t.equal(at(), 's1:1 and s2:4');
  drivers.ends({ type: 'failed', why: 'the driver failed' });
  t.strictSame(drivers.released, []);
  until('undone');
  t.strictSame(drivers.released, ['red/h1'], 'when nothing is led there any more');
  move();
  net.run(20);
  drivers.prepares.shift()?.('nobody waits there');
  until('undone');
  t.match(state(), { why: 'nobody waits there' });
  t.equal(drivers.users.length, 1, 'it was not asked to move the host');
});

t.test('the interface that netns moves has its counters with it, a new one has none', async (t) => {
  for (const [driver, shown, counted] of [
    ['netns', 107n, 7n],
    ['exec', 7n, 7n],
  ] as const) {
    const { net, drivers, move, until } = started();
    const shows = (name: string, portNo: number, rxPackets: bigint): void => {
      const row = { ...noCounts, portNo, durationSec: 0, durationNsec: 0, rxPackets };
      net.switch(name).counters = { kind: 'portStats', ports: [row] };
    };
    const counters = net.hypervisor.runtime(vswitchName('red/v1'))?.portCounters;
    if (counters === undefined) throw new Error('red/v1 is not served');
    const read = (): bigint => {
      counters.read([1 as Vport], () => undefined);
      net.run(50);
      return counters.row(1 as Vport).rxPackets;
    };
    shows('s1', 1, 100n);
    const before = read();
    move(driver);
    until('run');
    net.switch('s1').counters = { kind: 'portStats', ports: [] };
    shows('s2', 4, shown);
    drivers.ends({ type: 'arrived' });
    until('done');
    t.equal(read() - before, counted, driver);
  }
});

t.test('a port that no such datapath can have is refused before anything begins', async (t) => {
  const { move, state } = started();
  t.throws(() => move('exec', 's2:65280'), /"s2:65280" is not a port .* with 1 to 65279/);
  t.equal(state(), undefined);
  move('exec', 's2:65279');
});

t.test('it is taken back by a person, until the driver has said that it is there', async (t) => {
  const { net, drivers, move, state, until, at } = started();
  const { hostMoves } = net.hypervisor;
  t.match(hostMoves.abort('red/h1', 'no'), /is not being moved/);
  move();
  until('run');
  t.equal(hostMoves.abort('red/h1', 'the operator asked for it'), undefined);
  until('undone');
  t.strictSame(drivers.stopped, ['the operator asked for it']);
  t.match(state(), { why: 'the operator asked for it' });
  t.equal(at(), 's1:1');
  move();
  t.equal(hostMoves.abort('red/h1', 'at once'), undefined, 'before the driver runs');
  until('undone');
  t.equal(drivers.users.length, 1, 'it never did');
  move('manual');
  until('run');
  t.equal(hostMoves.arrived('red/h1'), undefined);
  t.match(hostMoves.abort('red/h1', 'late'), /too late/);
  until('done');
  t.equal(at(), 's2:4');
});

t.test(
  'a datapath that goes away before both have it: the host stays, and no driver runs',
  async (t) => {
    const { net, drivers, move, state, until, at } = started();
    move();
    net.switch('s2').peer.user?.onClose('gone');
    until('undone');
    t.match(state(), { why: /s2 is away/ });
    t.equal(drivers.users.length, 0);
    t.equal(at(), 's1:1');
  },
);

for (const [wanted, answer, place] of [
  ['open', 'arrived', 's2:4'],
  ['run', 'arrived', 's2:4'],
  ['run', 'failed', 's1:1'],
  ['close', 'arrived', 's2:4'],
  ['undo', 'failed', 's1:1'],
  ['done', 'arrived', 's2:4'],
  ['undone', 'failed', 's1:1'],
] as const) {
  t.test(`a process that ends in "${wanted}", and a driver that says ${answer}`, async (t) => {
    const store = memoryStore();
    const first = started(store);
    first.move();
    if (wanted !== 'open') first.until('run');
    if (!['open', 'run'].includes(wanted)) {
      first.drivers.ends(
        answer === 'arrived' ? { type: answer } : { type: answer, why: 'it said so' },
      );
      first.until(wanted);
    }
    // What it had decided is on the disk, and nothing of what follows from it.
    first.net.world.pass(0);
    const { at, drivers, net, until } = started(store);
    const { hostMoves } = net.hypervisor;
    if (wanted === 'open' || wanted === 'run') {
      until('run');
      t.equal(drivers.users.length, 1, 'the driver is asked again');
      drivers.ends(answer === 'arrived' ? { type: answer } : { type: answer, why: 'it said so' });
    }
    until(answer === 'arrived' ? 'done' : 'undone');
    t.equal(at(), place);
    t.equal(hostMoves.all().length, 1);
    const { remedies } = started(store).net.hypervisor;
    const said = remedies.filter(({ type }) => type === 'moved').map(({ next }) => next);
    t.strictSame(said, answer === 'arrived' ? ['write "at: s2:4", or move it back'] : []);
  });
}

for (const [wanted, answer, place] of [
  ['close', { type: 'arrived' }, 's2:4'],
  ['undo', { type: 'failed', why: 'it said so' }, 's1:1'],
] as const) {
  t.test(
    `a process that ends in "${wanted}": both places, until nothing leads to one`,
    async (t) => {
      const store = memoryStore();
      const first = started(store);
      first.move();
      first.until('run');
      first.drivers.ends(answer);
      first.until(wanted);
      /** Where a process begins that is started now. */
      const begins = (): string => {
        first.net.world.pass(0);
        const { hypervisor } = new FakeNetwork(twoDatapaths(), store, failing, {});
        const { config, moving } = hypervisor.snapshot();
        const host = config.hosts.find(({ name }) => name === 'red/h1');
        const also = moving.get('red/h1');
        return [host && endText(host.at), ...(also ? [endText(also)] : [])].join(' and ');
      };
      t.equal(begins(), 's1:1 and s2:4');
      const isTurned = () => first.net.hypervisor.hostMoves.all().at(-1)?.isTurned === true;
      // By the answers of switches, one round after the other: nothing waits behind that.
      for (let rounds = 0; !isTurned() && rounds < 3_000; rounds += 1) {
        const answers = [...first.net.switches.values()].map((one) => one.answer());
        first.net.world.pass(answers.includes(true) ? 0 : 10);
      }
      t.equal(first.state()?.type, wanted, 'what is left has not gone yet');
      t.equal(begins(), place);
    },
  );
}

t.test('as many moves that are over are remembered as the file says', async (t) => {
  const store = memoryStore();
  const text = `${twoDatapaths()}migrations: { keep: 1 }\n`;
  const { net, drivers, move, until } = started(store, text);
  for (const i of [1, 2, 3]) {
    move();
    until('run');
    drivers.ends({ type: 'failed', why: `no room ${i}` });
    until('undone');
  }
  // One that begins has those forgotten that are too many by then.
  const ids = (of: typeof net) => of.hypervisor.hostMoves.all().map(({ id }) => id);
  t.strictSame(ids(net), [2, 3]);
  net.world.pass(0);
  t.strictSame(ids(started(store, text).net), [2, 3]);
});

t.test('no host moves while a vswitch of its tenant migrates', async (t) => {
  const { net, move, until } = started();
  const { executor, hostMoves } = net.hypervisor;
  const name = vswitchName('red/v1');
  const vswitch = net.hypervisor.snapshot().vswitches.get(name);
  if (vswitch === undefined) throw new Error('it is there');
  executor.start(vswitch, datapath('s1'), datapath('s2'), 'lime');
  const migration = () => executor.all().at(-1)?.state.type;
  const states = new Set<string>();
  for (let ms = 0; ms < 30_000 && migration() !== 'done'; ms += 20) {
    const state = migration();
    if (state !== undefined) {
      states.add(state);
      for (const ensemble of [undefined, 7]) {
        const why = hostMoves.underWay('red/h1', name, ensemble);
        t.match(why, /^red\/v1 is migrating \(migration 1\)/, `in ${state}`);
      }
    }
    net.run(20);
  }
  t.ok(states.size > 2, [...states].join());
  t.equal(migration(), 'done');
  t.equal(hostMoves.underWay('red/h1', name), undefined);
  move();
  until('run');
});

t.test('the file that is applied has the last word', async (t) => {
  const { net, move, until, at } = started();
  const { hostMoves } = net.hypervisor;
  move('manual');
  until('run');
  const elsewhere = twoDatapaths().replace('at: s1:1', 'at: s2:1');
  t.match(net.planned(elsewhere, differenceTo), {
    whyNot: [/red\/h1 is being moved to s2:4, and the file/],
  });
  const taken = twoDatapaths().replace('at: s1:2', 'at: s2:4');
  t.match(net.planned(taken, differenceTo), { whyNot: [/moved to s2:4, which the file uses/] });
  hostMoves.arrived('red/h1');
  until('done');
  const planned = net.planned(twoDatapaths(), differenceTo);
  t.match(planned, { following: { text: /host h1: at: s2:4 -> s1:1/ } });
  t.strictSame(net.apply(twoDatapaths()), { done: [], waits: [] });
  t.equal(at(), 's1:1');
});
