/**
 * A datapath that comes is led to its intent over many turns. Whatever becomes another in the
 * meantime, it holds in the end what it should, and is told of nothing twice that it would refuse.
 */

import t from 'tap';
import { flowCommand, groupCommand } from '../../openflow/values/constants.ts';
import type { Message } from '../../openflow/values/values.ts';
import type { Port } from '../../slices/ids.ts';
import { contribution, type Owner, ownerKey } from '../../translation/datapath/contribution.ts';
import {
  flowKey,
  noTables,
  type PhysicalFlow,
  sameFlow,
} from '../../translation/entries/physical-tables.ts';
import { GrowthNetwork } from '../bench/growth-network.ts';
import { GrowthWorld } from '../bench/growth-world.ts';
import { Random } from '../openflow/random.ts';

/** A clock that goes on with each look: a turn has a few steps. */
const PER_LOOK_MS = 0.5;
const NAME = 's4';

/** What a switch holds that was told only this. */
class Held {
  readonly flows = new Map<string, PhysicalFlow>();
  readonly groups = new Set<number>();
  readonly refused: string[] = [];

  readonly take = (message: Message): void => {
    if (message.type === 'flowMod') {
      const key = flowKey(message);
      if (message.command >= flowCommand.delete) this.flows.delete(key);
      else if (message.command === flowCommand.add || this.flows.has(key)) {
        this.flows.set(key, message);
      }
    }
    if (message.type !== 'groupMod') return;
    const { groupId, command } = message;
    const isThere = this.groups.has(groupId);
    if (command === groupCommand.add && isThere) this.refused.push(`${groupId} exists`);
    if (command === groupCommand.modify && !isThere) this.refused.push(`${groupId} is not there`);
    if (command === groupCommand.delete) this.groups.delete(groupId);
    else this.groups.add(groupId);
  };
}

/** Something that somebody wants of the datapath, or wants no more. */
function randomChange(network: GrowthNetwork, random: Random): void {
  const { hypervisor } = network;
  const s4 = hypervisor.datapaths().find(({ name }) => name === NAME);
  if (s4 === undefined) throw new Error(`no ${NAME}`);
  const snapshot = hypervisor.snapshot();
  const vswitch = random.pick([...snapshot.vswitches.values()]);
  const port = (1 + random.number(2)) as Port;
  const owner: Owner = random.pick<Owner>([
    { type: 'wiring', vswitch },
    { type: 'wiring', vswitch },
    { type: 'marker', port, isThere: true },
  ]);
  const isWanted = random.number(2) === 0;
  const tables = isWanted ? contribution(snapshot, owner, s4.name) : noTables;
  const change = { owner: ownerKey(owner), vswitch: undefined, tables };
  s4.writer.lead([change], 'later', () => undefined);
}

t.test('whatever changes meanwhile', async (t) => {
  let during = 0;
  for (let seed = 1; seed <= 8; seed++) {
    const random = new Random(seed);
    const size = { tenants: 20, datapaths: 4, hosts: 2 };
    const network = new GrowthNetwork(size, true, new GrowthWorld(PER_LOOK_MS));
    const { world, hypervisor } = network;
    network.switch(NAME).hangUp();
    world.pass(100);
    const held = new Held();
    network.connect(NAME, held.take);
    const s4 = hypervisor.datapaths().find(({ name }) => name === NAME);
    let turns = 0;
    world.runUntil(() => {
      turns += 1;
      if (held.flows.size === 0 || turns % (1 + random.number(6)) !== 0)
        return s4?.isReady === true;
      if (s4?.writer.takesChanges === false) during += 1;
      randomChange(network, random);
      return s4?.isReady === true;
    });
    // Its canary is over then, too, whose entry changes all the time.
    world.pass(5_000);
    t.same(held.refused, [], `seed ${seed}`);
    const wanted = new Map(
      [...(s4?.intent.flows.entries() ?? [])].map(([key, flow]) => [key, flow]),
    );
    t.same([...held.flows.keys()].sort(), [...wanted.keys()].sort(), `seed ${seed}: entries`);
    const others = [...held.flows].filter(([key, flow]) => {
      const want = wanted.get(key);
      return want !== undefined && !(want.cookie === flow.cookie && sameFlow(want, flow));
    });
    t.same(others, [], `seed ${seed}: what they do`);
    const groups = [...(s4?.intent.groups.keys() ?? [])];
    t.same([...held.groups].sort(), groups.sort(), `seed ${seed}: groups`);
  }
  t.ok(during > 50, `${during} changes while it was compared`);
});
