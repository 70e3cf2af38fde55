/**
 * The table that a controller keeps by what its flow monitor tells is the vswitch's, whatever
 * happens: refusals, bundles, groups that go, time-outs, pauses, migrations.
 */

import t from 'tap';
import { flowCommand, groupCommand } from '../../openflow/values/constants.ts';
import type { FlowMod, Message } from '../../openflow/values/values.ts';
import { limits } from '../../slices/limits.ts';
import { bundleOf } from '../openflow/bundled.ts';
import { keyOf, MonitoredTable, monitor, monitoring, saidBy } from '../openflow/monitored.ts';
import { Random } from '../openflow/random.ts';
import { datapath } from '../slices/networks.ts';
import { applying, flowMod, outputs } from '../slices/rules.ts';
import { add, FULL, group, on, started } from './monitored-rules.ts';

/** From here on addresses are refused by both switches. */
const REFUSED = 256;

function refusesSome(message: Message): typeof FULL | undefined {
  if (message.type !== 'flowMod' || message.command >= flowCommand.delete) return undefined;
  const isOne = message.match.some(({ value }) => value.length === 6 && (value[4] ?? 0) > 0);
  return isOne ? FULL : undefined;
}

/** What may happen, drawn from a seed. */
class Happenings {
  readonly random: Random;
  readonly scene = started();
  readonly table = new MonitoredTable();
  isOn = false;
  #refused = REFUSED;

  constructor(seed: number) {
    this.random = new Random(seed);
    for (const name of ['s1', 's2']) this.scene.net.switch(name).refuse = refusesSome;
  }

  read(): void {
    const { red, other } = this.scene;
    for (const one of other.received()) this.table.take(one);
    const data = new Uint8Array(0);
    for (const one of [red, other]) one.says({ type: 'echoReply', xid: 0, data });
  }

  begin(): void {
    if (!this.isOn) this.scene.other.says(monitoring(8, [monitor(1)]));
    this.isOn = true;
  }

  next(): void {
    const { random, scene } = this;
    const { net, red, other } = scene;
    const some = (): FlowMod => this.#some();
    switch (random.number(14)) {
      case 0:
        net.run(500);
        break;
      case 1:
        red.says(group(random.pick([0, groupCommand.delete]), 1 + random.number(2)));
        break;
      case 2:
        red.says(...bundleOf(random.some(6, some)));
        break;
      case 3:
        if (!this.isOn) break;
        other.reads = false;
        other.unread = limits.monitorWaitBytesMax;
        break;
      case 4:
        other.reads = true;
        other.unread = 0;
        break;
      case 5:
        this.begin();
        break;
      case 6:
        this.#move();
        break;
      default:
        red.says(...random.some(8, some));
    }
    if (random.number(3) === 0) net.run(random.number(120));
    this.read();
  }

  #move(): void {
    const { net, runtime } = this.scene;
    const { executor } = net.hypervisor;
    const [from, to] = runtime.placement.primary === 's1' ? ['s1', 's2'] : ['s2', 's1'];
    const isIdle = executor.all().every(({ state }) => state.type === 'done');
    if (isIdle) executor.start(runtime.vswitch, datapath(from), datapath(to), 'lime');
  }

  #some(): FlowMod {
    const { random } = this;
    if (random.number(10) === 0) return add(this.#refused++);
    const command = random.pick([0, 0, 0, 1, 2, 3, 4]);
    const isDelete = command >= flowCommand.delete;
    const uses = random.number(5) === 0;
    const doing = uses
      ? applying({ type: 'group', groupId: 1 + random.number(2) })
      : outputs(1 + random.number(2));
    return flowMod({
      command,
      ...(random.number(8) === 0 ? {} : on(random.number(40))),
      tableId: isDelete && random.number(3) === 0 ? 0xff : random.number(2),
      cookie: BigInt(random.number(3)),
      hardTimeoutSec: random.number(6) === 0 ? 1 : 0,
      instructions: isDelete ? [] : doing,
    });
  }
}

t.test('whatever happens, the table that is kept by it is the vswitch’s', async (t) => {
  let pauses = 0;
  for (let seed = 1; seed <= 12; seed++) {
    const happenings = new Happenings(seed);
    const { scene, table } = happenings;
    const { net, runtime, other } = scene;
    for (let i = 0; i < 60; i++) happenings.next();
    happenings.begin();
    other.reads = true;
    for (let second = 0; second < 9; second++) {
      net.run(1_000);
      happenings.read();
    }
    t.notOk(other.isClosed);
    t.strictSame(table.faults, [], `seed ${seed}`);
    t.notOk(table.isPaused);
    const wanted = runtime.rulebook.rules().map((rule) => [keyOf(rule), saidBy(rule)]);
    t.strictSame([...table.rules].sort(), wanted.sort(), `seed ${seed}`);
    pauses += table.pauses;
  }
  t.ok(pauses > 3);
});
