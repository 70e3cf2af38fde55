/**
 * A host of two datapaths that moves, by drivers that do what the test says (host-moves.test.ts).
 */
import type {
  Arrival,
  Drivers,
  DriverUser,
  Task,
  Whereabouts,
} from '../../hypervisor/drivers/driver.ts';
import type { Store } from '../../hypervisor/world/world.ts';
import type { Message } from '../../openflow/values/values.ts';
import { endText } from '../../slices/ids.ts';
import { planHostMove } from '../../translation/migration/host-move-plan.ts';
import { twoDatapaths } from '../slices/networks.ts';
import { failing } from '../support/faults.ts';
import { memoryStore } from '../support/memory-store.ts';
import { FakeNetwork } from './fake-switches.ts';

/** Drivers that do what the test says. */
export class TestDrivers implements Drivers {
  users: DriverUser[] = [];
  stopped: string[] = [];
  /** Which of them were asked as again. */
  again: (boolean | undefined)[] = [];
  /** What it finds when it looks; the last one for good. */
  finds: Whereabouts[] = ['unknown'];
  /** Those that wait for it to be ready at their new places. */
  prepares: ((whyNot?: string) => void)[] | undefined;
  released: string[] = [];
  whyNot(): undefined {}
  prepare(_: unknown, __: unknown, done: (whyNot?: string) => void): void {
    if (this.prepares === undefined) done();
    else this.prepares.push(done);
  }
  release({ host }: Task): void {
    this.released.push(host);
  }
  look(_: unknown, __: unknown, told: (where: Whereabouts) => void): void {
    told((this.finds.length > 1 ? this.finds.shift() : this.finds[0]) ?? 'unknown');
  }
  begin({ isAgain }: Task, _: unknown, user: DriverUser) {
    this.users.push(user);
    this.again.push(isAgain);
    return (why: string): void => {
      this.stopped.push(why);
      user.ended({ type: 'failed', why });
    };
  }
  ends(arrival: Arrival): void {
    this.users.at(-1)?.ended(arrival);
  }
}

export function started(store: Store = memoryStore(), text = twoDatapaths()) {
  const drivers = new TestDrivers();
  const net = new FakeNetwork(text, store, failing, { drivers }).up();
  const { hypervisor } = net;
  const changes = (name: string): readonly Message[] => net.switch(name).changes();
  const move = (driver = 'exec', to = 's2:4', probe = false) => {
    const plan = planHostMove(
      hypervisor.snapshot(),
      { host: 'red/h1', to, driver },
      {
        isReady: (on) => hypervisor.datapath(on).isReady,
        tablesOf: (name) => hypervisor.runtime(name),
        whyNoDriver: () => undefined,
        underWay: () => undefined,
      },
    );
    if (plan.type === 'problems') throw new Error(plan.problems.join('; '));
    hypervisor.hostMoves.start(plan, { plan: plan.steps, ...(probe && { probe }) });
  };
  const state = () => hypervisor.hostMoves.all().at(-1)?.state;
  const until = (wanted: string): void => {
    for (let ms = 0; state()?.type !== wanted; ms += 20) {
      if (ms > 30_000) throw new Error(`${state()?.type} for ever, and never ${wanted}`);
      net.run(20);
    }
  };
  /** Where it is, by the configuration that runs. */
  const at = () => {
    const { config, moving } = hypervisor.snapshot();
    const host = config.hosts.find(({ name }) => name === 'red/h1');
    const also = moving.get('red/h1');
    return [host && endText(host.at), ...(also ? [endText(also)] : [])].join(' and ');
  };
  return { net, drivers, changes, move, state, until, at };
}
