/**
 * What a flow-mod costs in one process, with a switch and a store in memory that only take bytes:
 * CPU of each, from a controller's bytes until it is in the store and written to the switch. Two
 * tenants, in turn: one whose flow-mods stay bytes, and one for whom values are made of them.
 *
 * `node --expose-gc tests/bench/flow-mods.ts`; takes a minute. RULES: of the vswitch while they are
 * measured (1000). BURST: how many come in one chunk (1000). TURNS: of each (15); the table has
 * medians, and the fastest. MANY: rules that are deleted at once, and one by one (32000; 0: not).
 * SPEAKS: the tenants' version (4, or 1 for OpenFlow 1.0). BELOW: what their datapath is (tables;
 * flat: of one table; 1.0: of OpenFlow 1.0).
 */
import type { VswitchRuntime } from '../../hypervisor/tenant/vswitch.ts';
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { encode } from '../../openflow/messages/codec.ts';
import { header, messages, messages10 } from '../../openflow/messages/messages.ts';
import { flowCommand, type Version, version } from '../../openflow/values/constants.ts';
import type { FlowMod, Message } from '../../openflow/values/values.ts';
import { type Below, firstTenant, networkOn } from '../hypervisor/bytes-and-values.ts';
import type { FakeNetwork } from '../hypervisor/fake-switches.ts';
import type { Peer } from '../hypervisor/fake-world.ts';
import { exampleText } from '../slices/networks.ts';
import { flowMod, outputs } from '../slices/rules.ts';
import { memoryStore } from '../support/memory-store.ts';
import { median } from './load.ts';

const numberOf = (name: string, usual: number): number => Number(process.env[name] ?? usual);
const RULES = numberOf('RULES', 1_000);
const BURST = numberOf('BURST', 1_000);
const TURNS = numberOf('TURNS', 15);
const MANY = numberOf('MANY', 32_000);
const SPEAKS = numberOf('SPEAKS', version.of13) as Version;
const BELOW = (process.env['BELOW'] ?? 'tables') as Below;

/** Of each turn. */
const COUNT = 1_000;
const BARRIER = (BELOW === '1.0' ? messages10 : messages).barrierRequest.number;

/** A tenant of one network, whose flow-mods stay bytes or do not. */
class Tenant {
  readonly #net: FakeNetwork;
  readonly #peer: Peer;
  readonly runtime: VswitchRuntime;
  /** What its switches were sent, and have not answered. */
  readonly #sent: { readonly by: Peer; readonly bytes: Uint8Array }[] = [];

  constructor(staysBytes: boolean) {
    const store = memoryStore();
    store.append = (_entries, done) => done();
    this.#net = networkOn(BELOW, exampleText(), store);
    this.#net.world.roundsPerTurnMax = 500;
    for (const name of this.#net.switches.keys()) this.#net.connect(name);
    const { peer: controller, runtime } = firstTenant(this.#net, SPEAKS, staysBytes);
    this.#peer = controller;
    this.runtime = runtime;
    for (const { peer } of this.#net.switches.values()) {
      peer.write = (bytes, free) => {
        this.#sent.push({ by: peer, bytes: bytes.slice() });
        free?.();
      };
    }
    this.#peer.write = (_bytes, free) => free?.();
  }

  /** Takes chunks, each when all that the one before has led to is written; answers follow. */
  take(chunks: readonly Uint8Array[]): void {
    for (const chunk of chunks) {
      this.#peer.user?.onBytes(chunk);
      do this.#net.world.turn();
      while (!this.runtime.admission.isOpen);
    }
  }

  /** All is answered. */
  settle(): void {
    for (let i = 0; i < 4; i++) {
      this.#net.world.pass(60);
      for (const { by, bytes } of this.#sent.splice(0)) {
        const dv = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
        for (let at = 0; at < dv.byteLength; at += header.get.length(dv, at)) {
          if (header.get.type(dv, at) !== BARRIER) continue;
          by.says({ type: 'barrierReply', xid: header.get.xid(dv, at) });
        }
      }
    }
    if (!this.runtime.unanswered.isEmpty) throw new Error('not all is answered');
  }
}

function chunksOf(all: readonly Message[], burst = BURST): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let i = 0; i < all.length; i += burst) {
    chunks.push(Buffer.concat(all.slice(i, i + burst).map((one) => encode(SPEAKS, one))));
  }
  return chunks;
}

function modsOf(count: number, parts: Partial<FlowMod>, from = 0): readonly FlowMod[] {
  return Array.from({ length: count }, (_, i) => {
    const match = matchOf(oxm('in_port', 1), oxm('eth_dst', from + i));
    return flowMod({ priority: 10, match, instructions: outputs(2), version: SPEAKS, ...parts });
  });
}

/** CPU, in microseconds. */
function cpuOf(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

const collect = (): void => global.gc?.();
const { add, modify, modifyStrict, delete: deletes, deleteStrict } = flowCommand;
const other = { instructions: outputs(1) };
const kinds = {
  add: modsOf(COUNT, { command: add }),
  'modify, strict': modsOf(COUNT, { command: modifyStrict, ...other }),
  'modify, loose': modsOf(COUNT, { command: modify }),
  'delete, strict': modsOf(COUNT, { command: deleteStrict }),
  'add again': modsOf(COUNT, { command: add }),
  'delete, loose': modsOf(COUNT, { command: deletes }),
  'delete, loose, of nothing': modsOf(COUNT, { command: deletes }),
} as const;

const tenants = [new Tenant(false), new Tenant(true)] as const;
const took = tenants.map(() => new Map<string, number[]>());

for (const one of tenants) {
  one.take(chunksOf(modsOf(RULES - COUNT, { command: add }, 1_000_000), 1_000));
  one.settle();
}
for (let turn = 0; turn < TURNS; turn++) {
  for (const [name, mods] of Object.entries(kinds)) {
    for (const [i, tenant] of tenants.entries()) {
      const chunks = chunksOf(mods);
      collect();
      const us = cpuOf(() => tenant.take(chunks)) / COUNT;
      tenant.settle();
      const own = took[i] as Map<string, number[]>;
      own.set(name, [...(own.get(name) ?? []), us]);
    }
  }
}

const shown = (samples: readonly number[]): string =>
  `${median(samples).toFixed(1).padStart(8)} (${Math.min(...samples).toFixed(1)})`;
console.log(`CPU us of each, of ${RULES} rules, ${BURST} in a chunk: median (fastest) of ${TURNS}`);
console.log(`${''.padEnd(28)}${'as values'.padEnd(20)}as bytes`);
for (const name of Object.keys(kinds)) {
  const [values, bytes] = took.map((one) => shown(one.get(name) ?? []));
  console.log(`${name.padEnd(28)}${(values ?? '').padEnd(20)}${bytes ?? ''}`);
}

if (MANY > 0) {
  const rules = chunksOf(modsOf(MANY, { command: add }, 2_000_000), 1_000);
  const requests: Readonly<Record<string, readonly FlowMod[]>> = {
    'delete all at once': [flowMod({ command: deletes, tableId: 0, version: SPEAKS })],
    'delete each, strict': modsOf(MANY, { command: deleteStrict }, 2_000_000),
    'delete each, loose': modsOf(MANY, { command: deletes }, 2_000_000),
  };
  console.log(`\nCPU ms, of ${MANY} rules, 100 in a chunk and answered after each thousand`);
  for (const [name, mods] of Object.entries(requests)) {
    const row = tenants.map((tenant) => {
      tenant.take(rules);
      tenant.settle();
      // Values look at all rules for each: a hundredth of them says how long all would take.
      const part = mods.length > 1 && tenant === tenants[0] ? 0.01 : 1;
      const chunks = chunksOf(mods.slice(0, Math.ceil(mods.length * part)), 100);
      let us = 0;
      collect();
      for (let i = 0; i < chunks.length; i += 10) {
        us += cpuOf(() => tenant.take(chunks.slice(i, i + 10)));
        tenant.settle();
      }
      if (part === 1 && tenant.runtime.rulebook.size >= MANY) throw new Error('they are not gone');
      return (us / part / 1_000).toFixed(0);
    });
    console.log(`${name.padEnd(28)}${(row[0] ?? '').padStart(8).padEnd(20)}${row[1]?.padStart(8)}`);
  }
}
process.exit(0);
