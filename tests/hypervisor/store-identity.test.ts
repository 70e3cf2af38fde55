/**
 * A store and the datapaths that are its own: another store, an older one, or none at all, must not
 * take away what it has written there.
 */
import t from 'tap';
import type { TakeOver } from '../../hypervisor/datapath/identity.ts';
import type { Store } from '../../hypervisor/world/world.ts';
import { oxm } from '../../openflow/match/match.ts';
import { flowCommand } from '../../openflow/values/constants.ts';
import type { FlowStats, Message } from '../../openflow/values/values.ts';
import { flowKey } from '../../translation/entries/physical-tables.ts';
import { cookieOf, readCookie } from '../../translation/entries/pipeline.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import { vswitchIn } from './edited.ts';
import { FakeNetwork } from './fake-switches.ts';
import { FakeWorld } from './fake-world.ts';

const network = (encoding: string) => `
datapaths: { s1: { dpid: 1, ack: barrier, encoding: ${encoding} } }
tenants:
  red:
    controllers: [tcp:127.0.0.1:7001]
    vswitches: { v1: { dpid: 1, on: s1 } }
    hosts: { h1: { port: v1:1, at: s1:1 }, h2: { port: v1:2, at: s1:2 } }
`;
const text = network('pipeline');

/** The entries of a switch, which outlives whoever is connected to it. */
type Table = Map<string, FlowStats>;

const counts = { durationSec: 0, durationNsec: 0, packetCount: 0n, byteCount: 0n };

function applied(table: Table, message: Message): void {
  if (message.type !== 'flowMod') return;
  const isMeant = (row: FlowStats): boolean =>
    ((row.cookie ^ message.cookie) & message.cookieMask) === 0n &&
    (message.tableId === 0xff || row.tableId === message.tableId);
  const key = flowKey(message);
  if (message.command === flowCommand.add) table.set(key, { ...message, ...counts });
  else if (message.command === flowCommand.modifyStrict) {
    const old = table.get(key);
    if (old !== undefined) table.set(key, { ...old, instructions: message.instructions });
  } else if (message.command === flowCommand.deleteStrict) {
    const old = table.get(key);
    if (old !== undefined && isMeant(old)) table.delete(key);
  } else for (const [one, row] of table) if (isMeant(row)) table.delete(one);
}

class World extends FakeWorld {
  readonly #random: number;

  constructor(random: number) {
    super();
    this.#random = random;
  }

  override random(): number {
    return this.#random;
  }
}

interface Run {
  readonly file?: string;
  readonly store: Store;
  readonly table: Table;
  readonly random?: number;
  readonly takeOver?: TakeOver;
}

function run({ file = text, store, table, random = 0.5, takeOver = 'none' }: Run): FakeNetwork {
  const net = new FakeNetwork(file, store, undefined, { world: new World(random), takeOver });
  const s1 = net.switch('s1');
  s1.refuse = (message) => {
    applied(table, message);
    s1.flows = { kind: 'flow', flows: [...table.values()] };
    return undefined;
  };
  s1.flows = { kind: 'flow', flows: [...table.values()] };
  net.connect('s1');
  for (const { peer } of net.world.dialled) {
    peer.user?.onOpen();
    peer.hello();
  }
  net.run();
  return net;
}

const stateOf = (net: FakeNetwork) => net.hypervisor.datapath('s1' as never).state;
const rulesIn = (table: Table) =>
  [...table.values()].filter((row) => readCookie(row.cookie)?.kind === 'rule').length;

/** A store whose tenant has made a rule, and the switch that holds it. */
function served(file = text): { readonly store: Store; readonly table: Table } {
  const store = memoryStore();
  const table: Table = new Map();
  const net = run({ file, store, table });
  net.controller(7001).says(flowMod({ priority: 1, instructions: outputs(2) as never }));
  net.run(200);
  return { store, table };
}

const copyOf = (store: Store): Store => {
  const copy = memoryStore();
  for (const { bytes: group } of store.scan()) copy.append(group, () => undefined);
  return copy;
};

for (const encoding of ['pipeline', 'flat']) {
  const file = network(encoding);
  t.test(`${encoding}: the right store is never asked, however often it starts`, async (t) => {
    const { store, table } = served(file);
    for (let i = 0; i < 3; i++) {
      const before = [...table.keys()].sort();
      const net = run({ file, store, table, random: 0.1 * i });
      t.equal(stateOf(net).type, 'ready');
      t.strictSame([...table.keys()].sort(), before, 'and the switch holds what it held');
    }
  });

  t.test(`${encoding}: an empty store does not touch a switch of another`, async (t) => {
    const { table } = served(file);
    const before = [...table];
    const store = memoryStore();
    for (let i = 0; i < 3; i++) {
      const net = run({ file, store, table, random: 0.25 });
      t.match(stateOf(net), {
        type: 'refused',
        why: /it holds the rules of store [0-9a-f]{16} \(/,
      });
      t.match(stateOf(net), { why: /generation 1.*run FILE --(new-store|adopt)/ });
      t.match(vswitchIn(net, 'red/v1')?.whyDown(), /datapath s1 is refused/);
      t.strictSame([...table], before, `start ${i}`);
    }
  });

  t.test(`${encoding}: --new-store takes it over, and is its owner from then on`, async (t) => {
    const { store: old, table } = served(file);
    const store = memoryStore();
    const net = run({ file, store, table, random: 0.25, takeOver: 'newStore' });
    t.equal(stateOf(net).type, 'ready');
    t.equal(rulesIn(table), 0);
    t.equal(stateOf(run({ file, store, table, random: 0.3 })).type, 'ready', 'no word any more');
    t.equal(
      stateOf(run({ file, store: old, table })).type,
      'refused',
      'now the old one is refused',
    );
  });
}

t.test(
  'entries of a limevisor that say nothing of a store: from before there were any',
  async (t) => {
    const { store, table } = served();
    const strip = (): void => {
      for (const [key, row] of table)
        if (readCookie(row.cookie)?.kind === 'store') table.delete(key);
    };
    strip();
    const before = [...table];
    t.match(stateOf(run({ store: memoryStore(), table, random: 0.25 })), {
      type: 'refused',
      why: /do not say of which store/,
    });
    t.strictSame([...table], before, 'an empty store does not touch them');
    t.equal(stateOf(run({ store, table })).type, 'ready', 'the store that wrote them does');
  },
);

t.test('a backup that is older than what the switch holds says so, and needs a word', async (t) => {
  const { store, table } = served();
  const backup = copyOf(store);
  const net = run({ store, table, random: 0.1 });
  net.controller(7001).says(flowMod({ priority: 2, instructions: outputs(2) as never }));
  net.run(100);
  t.equal(rulesIn(table), 2);
  const old = run({ store: copyOf(backup), table, random: 0.7 });
  t.match(stateOf(old), { type: 'refused', why: /a later state of this store: generation 2/ });
  t.equal(rulesIn(table), 2);
  const adopted = run({ store: backup, table, random: 0.7, takeOver: 'adopt' });
  t.equal(stateOf(adopted).type, 'ready');
  t.equal(rulesIn(table), 1, 'what came later is gone');
});

t.test('the generation grows while things change, and only then', async (t) => {
  const { store, table } = served();
  const net = run({ store, table });
  const generation = (): number => net.hypervisor.identity.generation;
  net.run(31_000);
  const quiet = generation();
  net.run(200_000);
  t.equal(generation(), quiet, 'nothing was written');
  net.controller(7001).says(flowMod({ priority: 3, instructions: outputs(2) as never }));
  net.run(31_000);
  t.equal(generation(), quiet + 1);
  const said = [...table.values()].flatMap((row) => readCookie(row.cookie) ?? []);
  t.equal(said.find((one) => one.kind === 'store')?.serial, quiet + 1, 'the switch says so');
});

t.test('two that come to a new switch at once: neither has it', async (t) => {
  const table: Table = new Map();
  const store = memoryStore();
  const net = new FakeNetwork(text, store, undefined, { world: new World(0.25) });
  const s1 = net.switch('s1');
  s1.refuse = (message) => {
    if (message.type !== 'flowMod') return undefined;
    applied(table, message);
    const cookie = cookieOf('store', 1, 1);
    const match = [oxm('metadata', 0xbadn)];
    const other = { ...message, cookie, match, ...counts };
    s1.flows = { kind: 'flow', flows: [...table.values(), other] };
    return undefined;
  };
  net.connect('s1');
  net.run();
  t.equal(stateOf(net).type, 'refused');
  t.equal(table.size, 0, 'what it had said is taken back');
});
