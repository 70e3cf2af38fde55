/** Drivers that say what a test wants, when it wants. */
import type { Arrival, Drivers, DriverUser, Stop, Task } from '../../hypervisor/drivers/driver.ts';
import { endText } from '../../slices/ids.ts';

/** Moves hosts in its own world: what it says is where they are. */
export class TestDrivers implements Drivers {
  /** Where hosts are, whichever process asks. */
  readonly places: Map<string, string>;
  readonly asked: { readonly task: Task; readonly user: DriverUser }[] = [];
  /** How many of those have come to an end. */
  ended = 0;

  constructor(places: Map<string, string>) {
    this.places = places;
  }

  whyNot(): undefined {}

  look(_: unknown, __: unknown, told: (where: 'unknown') => void): void {
    told('unknown');
  }

  begin(task: Task, _: unknown, user: DriverUser): Stop {
    this.asked.push({ task, user });
    return (why) => {
      this.ended = this.asked.length;
      user.ended({ type: 'failed', why });
    };
  }

  /** What was asked for last comes to its end. */
  ends(type: Arrival['type'] = 'arrived'): void {
    const { task, user } = this.asked.at(-1) ?? {};
    if (task === undefined || user === undefined) throw new Error('nothing was asked for');
    this.ended = this.asked.length;
    if (type === 'arrived') this.places.set(task.host, endText(task.to));
    user.ended(type === 'arrived' ? { type } : { type, why: 'the driver failed' });
  }
}
