/**
 * A move of a host as a driver of this machine carries it out, and what comes of it.
 */
import type { Arrival, Stop, Task } from '../../hypervisor/drivers/driver.ts';
import { nodeDrivers } from '../../hypervisor/drivers/node-drivers.ts';
import { nodeWorld } from '../../hypervisor/world/node-world.ts';
import type { Drivers } from '../../slices/config/drivers.ts';
import type { DatapathName, Port, VswitchName } from '../../slices/ids.ts';

export const world = nodeWorld();

const end = (device: string, port: number) => {
  return { device: device as DatapathName, port: port as Port };
};

export const task = {
  id: 7,
  // No other test's move: programs are known by it.
  startedMs: Date.now(),
  host: 'red/h1',
  vswitch: 'red/v1' as VswitchName,
  vport: 7,
  from: end('s1', 1),
  to: end('s2', 4),
} as const;

interface Outcome {
  readonly arrival: Arrival;
  readonly said: readonly string[];
}

/** red/h1 moves from s1:1 to s2:4; `first` runs when the driver has said something. */
export function driven(
  driver: Task['driver'],
  config: Drivers,
  first: (stop: Stop) => void = () => undefined,
  isAgain = false,
): Promise<Outcome> {
  const said: string[] = [];
  return new Promise((resolve) => {
    const stop = nodeDrivers(world).begin({ ...task, driver, isAgain }, config, {
      said(line) {
        said.push(line);
        if (said.length === 1) first(stop);
      },
      ended: (arrival) => resolve({ arrival, said }),
    });
  });
}
