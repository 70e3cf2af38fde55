/**
 * The drivers of a process: the operator's program, Open vSwitch's, QEMU's, or a person.
 */
import type { Drivers as DriversConfig } from '../../slices/config/drivers.ts';
import { endText } from '../../slices/ids.ts';
import type { World } from '../world/world.ts';
import type { Drivers, DriverUser, RunCommand, Stop, Task } from './driver.ts';
import { moveInterface } from './netns.ts';
import { runProgram } from './program.ts';
import { migrateGuest } from './qemu.ts';

const missing: Readonly<Record<Task['driver'], (config: DriversConfig) => string | undefined>> = {
  manual: () => undefined,
  exec: ({ exec }) => unless(exec !== undefined, 'exec: [/path/to/program]'),
  netns: ({ netns }) => unless(netns !== undefined, 'netns: unix:/run/openvswitch/db.sock'),
  qemu: ({ qemu }) => unless(qemu !== undefined, 'qemu: { source: ..., target: ..., uri: ... }'),
};

function unless(isThere: boolean, line: string): string | undefined {
  return isThere ? undefined : `the file has no such driver; write drivers: { ${line} }`;
}

type DriverWorld = Pick<World, 'after' | 'ovsdb'>;

export function nodeDrivers(world: DriverWorld): Drivers {
  return {
    whyNot: (driver, config) => missing[driver](config),
    begin: (task, config, user) => begin(world, task, config, user),
  };
}

/** At the limit a command is told to stop, and then ended. */
export function nodeCommands(world: Pick<World, 'after'>): RunCommand {
  return (program, limitMs, user) => {
    const own: DriverUser = {
      said: (line) => user.said(line),
      ended(arrival) {
        cancel();
        user.ended(arrival);
      },
    };
    const stop = runProgram(world, program, own);
    const cancel = world.after(limitMs, () => stop(tooLong(limitMs)));
  };
}

function tooLong(limitMs: number): string {
  return `it took more than ${limitMs / 1000} s`;
}

/** At the limit it is told to stop, unless a person moves the host. */
function begin(world: DriverWorld, task: Task, config: DriversConfig, user: DriverUser): Stop {
  const { exec, netns, qemu, limitMs } = config;
  const { driver } = task;
  let stop: Stop = (why) => user.ended({ type: 'failed', why });
  if (driver === 'manual') return stop;
  const cancel = world.after(limitMs, () => stop(tooLong(limitMs)));
  const own: DriverUser = {
    said: (line) => user.said(line),
    ended(arrival) {
      cancel();
      user.ended(arrival);
    },
  };
  if (driver === 'exec' && exec !== undefined) {
    const argv = [...exec, ...argumentsOf(task)];
    stop = runProgram(world, { argv, env: envOf(task) }, own);
  } else if (driver === 'netns' && netns !== undefined) {
    stop = moveInterface(world, netns, task, own);
  } else if (driver === 'qemu' && qemu !== undefined) {
    stop = migrateGuest(world, qemu, task, own);
  }
  return (why) => stop(why);
}

/** Host, from, to, and the vport. */
function argumentsOf({ host, from, to, vswitch, vport }: Task): readonly string[] {
  return [host, endText(from), endText(to), `${vswitch}:${vport}`];
}

function envOf(task: Task): Readonly<Record<string, string>> {
  const [host = '', from = '', to = '', vport = ''] = argumentsOf(task);
  return {
    LIMEVISOR_HOST: host,
    LIMEVISOR_FROM: from,
    LIMEVISOR_TO: to,
    LIMEVISOR_VPORT: vport,
  };
}
