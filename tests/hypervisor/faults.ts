/**
 * The example's network, in which our own code throws: what must be closed then, and what goes on.
 */
import type t from 'tap';
import type { VswitchRuntime } from '../../hypervisor/tenant/vswitch.ts';
import type { Fault, Party } from '../../hypervisor/world/fault-boundary.ts';
import { exampleText } from '../slices/networks.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';
import type { Peer } from './fake-world.ts';

export type Test = Pick<typeof t, 'equal' | 'match' | 'ok' | 'notOk' | 'teardown'>;

export const boom = (): never => {
  throw new Error('boom');
};

/** Puts something in an object's place until the test is over. */
export function patched<T extends object, K extends keyof T>(
  t: Test,
  of: T,
  key: K,
  instead: T[K],
): void {
  const own = Object.getOwnPropertyDescriptor(of, key);
  Object.defineProperty(of, key, { value: instead, configurable: true, writable: true });
  t.teardown(() => {
    if (own === undefined) Reflect.deleteProperty(of, key);
    else Object.defineProperty(of, key, own);
  });
}

/** The example's network with faults allowed; red/v3 is the victim. */
export function started(store = memoryStore()) {
  const faults: (readonly [title: string, fault: Fault])[] = [];
  const note = ({ title }: Party, fault: Fault): void => void faults.push([title, fault]);
  const network = FakeNetwork.started(exampleText(), store, note);
  const runtimes = network.hypervisor.runtimes();
  const peers = new Map<string, Peer>();
  // As they were dialled, and greeted.
  const up = network.log.lines.filter((line) => line.includes('"controller up"'));
  for (const [i, line] of up.entries()) {
    const dialled = network.world.dialled[i];
    const name = /"vswitch":"([^"]+)"/.exec(line)?.[1];
    if (dialled !== undefined && name !== undefined) peers.set(name, dialled.peer);
  }
  const runtime = runtimes.find((one) => one.vswitch.name === 'red/v3') as VswitchRuntime;
  const peer = peers.get('red/v3') as Peer;
  return { network, faults, runtimes, runtime, peers, peer };
}

export type Started = ReturnType<typeof started>;

/** The victim is closed and stays so, with the reason; the others are served. */
export function expectClosed(t: Test, { network, faults, runtime, peers, peer }: Started): void {
  t.equal(runtime.closed?.why, 'boom');
  t.match(faults[0], ['vswitch red/v3', { why: 'boom', stack: /Error: boom/ }]);
  t.match(runtime.whyDown(), /closed by an internal error: boom; its rules stay/);
  t.ok(peer.isClosed, 'its controller is away');
  t.match(network.log.lines.join('\n'), /"party":"vswitch red\/v3","why":"boom".*internal error/);
  const dialled = network.world.dialled.length;
  network.run(4_000);
  t.equal(network.world.dialled.length, dialled, 'and is not dialled again');
  expectServed(t, network, peers);
}

export function expectServed(t: Test, network: FakeNetwork, peers: Started['peers']): void {
  for (const [name, one] of peers) {
    if (name === 'red/v3') continue;
    one.received();
    one.says({ type: 'barrierRequest', xid: 77 });
    network.run();
    t.match(one.received(), [{ type: 'barrierReply', xid: 77 }], `${name} is served`);
  }
  for (const one of network.hypervisor.datapaths()) t.ok(one.isReady, `${one.name} is ready`);
}
