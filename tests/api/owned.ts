/**
 * A network whose operator offers ports to owners, with the API, and tokens of owners with a quota.
 */
import type { Store } from '../../hypervisor/world/world.ts';
import type { FakeNetwork } from '../hypervisor/fake-switches.ts';
import { FakeWorld, type Peer } from '../hypervisor/fake-world.ts';
import { memoryStore } from '../support/memory-store.ts';
import { type Served, servedNetwork } from './served.ts';

export const offering = `
listen: ptcp:6653
control: /tmp/qx-control.sock
store: /tmp/qx-store.db
datapaths:
  qx-alpha: { dpid: feedfacecafe0001 }
  qx-beta: { dpid: feedfacecafe0002 }
links: [ 'qx-alpha:4711 - qx-beta:4722' ]
zones: { qx-zone: [qx-alpha] }
offers:
  a: qx-alpha:4755
  b: qx-beta:4755
  c: { at: qx-beta:4766, vlan: 7 }
  d: { at: qx-beta:4766, vlan: 8 }
quotas:
  lab: { networks: 2, hosts: 4, rules: 1000, lifetime: 7d, offers: [a, b, c, d] }
  asks: { approval: required, on: qx-zone, offers: [a, b] }
tenants:
  red:
    controllers: [tcp:127.0.0.1:6661]
    vswitches: { v1: { dpid: 1, on: qx-alpha } }
    hosts: { h1: { port: v1:1, at: qx-alpha:4733 } }
`;

const ports = [4711, 4722, 4733, 4755, 4766];
/** What no owner may ever see. */
export const physical = /qx-|feed:?face|(?<![0-9])47(11|22|33|55|66)(?![0-9])/i;

export interface Owned {
  readonly lab: FakeNetwork;
  readonly served: Served;
  /** By the names of their owners. */
  readonly tokens: Readonly<Record<'ann' | 'bob' | 'cat', string>>;
  /** What an owner is answered: its status, and the value. */
  as(
    who: keyof Owned['tokens'] | 'operator',
    method: string,
    path: string,
    body?: object,
    headers?: Readonly<Record<string, string>>,
  ): Promise<{ readonly status: number; readonly value: Answer; readonly text: string }>;
}

export interface Answer {
  readonly name?: string;
  readonly detail?: string;
  readonly missing?: readonly string[];
  readonly life?: { readonly state: string; readonly endsMs?: number; readonly version: number };
}

interface Test {
  teardown(run: () => unknown): void;
}

/** With a store, what was in it is there; time goes on with every turn of the test's own clock. */
export async function owned(
  t: Test,
  { store = memoryStore(), text = offering, world = new FakeWorld() } = {} as {
    store?: Store;
    text?: string;
    world?: FakeWorld;
  },
): Promise<Owned> {
  const { lab, served } = await servedNetwork(t, { text, ports, store, world });
  const made = (name: string, quota: string): string => {
    const token = served.api.context.tokens.make({ name, role: 'owner', quota });
    if ('whyNot' in token) throw new Error(token.whyNot);
    return token.token;
  };
  const tokens = { ann: made('ann', 'lab'), bob: made('bob', 'lab'), cat: made('cat', 'asks') };
  const as: Owned['as'] = async (who, method, path, body, headers = {}) => {
    const answer = await served.ask(`/api/v1${path}`, {
      ...{ method, token: who === 'operator' ? served.tokens.operator : tokens[who] },
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, value: JSON.parse(text) as Answer, text };
  };
  return { lab, served, tokens, as };
}

/** A network of a common shape, as it is asked for. */
export function shaped(name: string, hosts: readonly string[], shape = 'big-switch'): object {
  const controllers = ['tcp:192.0.2.9:6653'];
  return { name, template: { shape, hosts, controllers } };
}

/** The controller that was dialled there last answers. */
export function greets({ lab }: Pick<Owned, 'lab'>, target: string): Peer {
  const peer = lab.world.dialled.filter((one) => one.peer.peer === target).at(-1)?.peer;
  if (peer === undefined) throw new Error(`nobody dialled ${target}`);
  peer.user?.onOpen();
  peer.hello();
  lab.run();
  return peer;
}
