/**
 * An exception of ours in what runs later: each callback of the world, of the turns, of datapaths
 * and of the disk runs for whom it was registered.
 */
import t from 'tap';
import { Boundary, type Party } from '../../hypervisor/world/fault-boundary.ts';
import type { World } from '../../hypervisor/world/world.ts';
import { boom, expectServed, type Started, started } from './faults.ts';

/** Callbacks of the world, by what registers them: all that it has, and nothing else. */
const callbacks: Readonly<
  Record<keyof World, ((world: World, said: Record<string, () => void>) => void) | 'none'>
> = {
  nowMs: 'none',
  wallClockMs: 'none',
  random: 'none',
  after: (world) => void world.after(1, boom),
  soon: (world) => world.soon(boom),
  dial: (world) => {
    const at = { host: '127.0.0.1', port: 1 };
    void world.dial(at, { onOpen: boom, onBytes: boom, onClose: boom });
  },
  listen: (world) => {
    const at = { host: '127.0.0.1', port: 1 };
    void world.listen(at, { accept: boom, refused: boom, failed: boom });
  },
  proveRevalidated: (world) => world.proveRevalidated('path', boom),
  ovsdb: (world) => world.ovsdb('unix:/db', [], boom),
  findUnixctl: (world) => world.findUnixctl('bridge', 'flow', 'shows', boom),
  askUnixctl: (world) => world.askUnixctl('path', 'method', [], boom),
};

t.test('each callback of the world runs for whom it was registered', async (t) => {
  for (const [name, register] of Object.entries(callbacks)) {
    if (register === 'none') continue;
    const run: (() => void)[] = [];
    const raw = recording(run);
    const closed: string[] = [];
    const boundary = new Boundary(() => undefined);
    const party = (title: string): Party => ({
      title,
      isClosed: false,
      close: () => void closed.push(title),
    });
    const [red, blue] = [party('red'), party('blue')];
    boundary.run(red, () => register(boundary.world(raw), {}));
    t.ok(run.length > 0, name);
    // Whoever is being served when it is called: it was red's.
    for (const one of run) boundary.run(blue, one);
    t.same(
      closed,
      run.map(() => 'red'),
      `${name}: ${run.length} callbacks`,
    );
    const before = run.length;
    register(boundary.worldOf(blue, raw), {});
    for (const one of run.slice(before)) one();
    t.same(
      closed.slice(before),
      run.slice(before).map(() => 'blue'),
      'or for whom the world is',
    );
  }
});

/** A world that only notes the callbacks that it is given. */
function recording(run: (() => void)[]): World {
  const nothing = new Uint8Array(0);
  const connection = { peer: 'peer', write: boom, pendingBytes: () => 0, read: boom, close: boom };
  return {
    nowMs: () => 0,
    wallClockMs: () => 0,
    random: () => 0,
    after: (_, one) => {
      run.push(one);
      return () => undefined;
    },
    soon: (one) => void run.push(one),
    dial: (_, use) => {
      run.push(
        () => use.onOpen(),
        () => use.onBytes(nothing),
        () => use.onClose('why'),
      );
      return connection;
    },
    listen: (_, use) => {
      run.push(
        () => void use.accept(connection),
        () => use.refused('peer', 'why'),
        () => use.failed('why'),
      );
      return { close: () => undefined };
    },
    proveRevalidated: (_, done) => void run.push(() => done(true)),
    ovsdb: (_, __, done) => void run.push(() => done({ text: '' })),
    findUnixctl: (_, __, ___, done) => void run.push(() => done(undefined)),
    askUnixctl: (_, __, ___, done) => void run.push(() => done(undefined)),
  };
}

const setConfig = { type: 'setConfig', xid: 0, flags: 0, missSendLen: 0xffff } as const;

t.test('work in turns, acknowledgements, statistics, the disk', async (t) => {
  const ways: Readonly<Record<string, (scene: Started) => void>> = {
    step: ({ network }) => network.hypervisor.scheduler.run({ step: boom }),
    done: ({ network }) => network.hypervisor.scheduler.run({ step: () => false }, boom),
    mayGo: ({ network }) => network.hypervisor.scheduler.run({ step: () => true, mayGo: boom }),
    whenAnswered: ({ network }) => network.hypervisor.datapaths()[0]?.writer.whenAnswered(boom),
    send: ({ network }) =>
      network.hypervisor.datapaths()[0]?.writer.send('tables', [], 'full', boom),
    later: ({ network }) =>
      network.hypervisor.datapaths()[0]?.writer.send('tables', [setConfig], 'later', boom),
    query: ({ network }) => network.hypervisor.datapaths()[0]?.query({ kind: 'desc' }, boom),
    sync: ({ network }) => network.hypervisor.journal.sync(boom),
    text: ({ network, runtime }) => {
      network.hypervisor.journal.put({
        type: 'portTally',
        vswitch: runtime.vswitch.name,
        vport: 1 as never,
        counter: {
          toJSON: boom,
        } as never,
      });
    },
  };
  for (const [name, way] of Object.entries(ways)) {
    const scene = started();
    scene.network.hypervisor.boundary.run(scene.runtime, () => way(scene));
    scene.network.run();
    t.equal(scene.runtime.closed?.why, 'boom', name);
    expectServed(t, scene.network, scene.peers);
  }
});

t.test('what runs for nobody is thrown', async (t) => {
  const boundary = new Boundary(() => undefined);
  t.throws(() => boundary.run(undefined, boom), /boom/);
  t.equal(boundary.serving, undefined);
});

t.test('closing that throws is told, too', async (t) => {
  const told: string[] = [];
  const boundary = new Boundary((_, { why }) => void told.push(why));
  boundary.run({ title: 'x', isClosed: false, close: boom }, boom);
  t.same(told, ['boom', 'while it was closed: boom']);
});
