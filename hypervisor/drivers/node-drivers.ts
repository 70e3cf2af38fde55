/**
 * The drivers of a process: the operator's program, Open vSwitch's, QEMU's, or a person.
 */
import type { Drivers as DriversConfig } from '../../slices/config/drivers.ts';
import { endText } from '../../slices/ids.ts';
import type { World } from '../world/world.ts';
import type {
  Drivers,
  DriverUser,
  Program,
  RunCommand,
  Stop,
  Task,
  Whereabouts,
} from './driver.ts';
import { lookForInterface, moveInterface } from './netns.ts';
import { awaitOlderProgram } from './older-program.ts';
import { runProgram } from './program.ts';
import { lookForGuest, migrateGuest, prepareGuest, releaseGuest } from './qemu.ts';

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
    prepare(task, { qemu }, done) {
      if (task.driver === 'qemu' && qemu !== undefined) prepareGuest(world, qemu, task, done);
      else done();
    },
    begin: (task, config, user) => begin(world, task, config, user),
    release(task, { qemu }) {
      if (task.driver === 'qemu' && qemu !== undefined) releaseGuest(world, qemu, task);
    },
    look: (task, config, told) => look(world, task, config, told),
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
  if (driver === 'exec' && exec !== undefined && task.isAgain === true) {
    return runAgain(world, programOf(exec, task), task, limitMs, user);
  }
  const cancel = world.after(limitMs, () => stop(tooLong(limitMs)));
  const own: DriverUser = {
    said: (line) => user.said(line),
    ended(arrival) {
      cancel();
      user.ended(arrival);
    },
  };
  if (driver === 'exec' && exec !== undefined) {
    stop = runProgram(world, programOf(exec, task), own);
  } else if (driver === 'netns' && netns !== undefined) {
    stop = moveInterface(world, netns, task, own);
  } else if (driver === 'qemu' && qemu !== undefined) {
    stop = migrateGuest(world, qemu, task, own);
  }
  return (why) => stop(why);
}

/**
 * It is asked where the host is by then, and says so: the one that was begun before the restart has
 * ended, and nobody but the limit stops this one, or nobody would know.
 */
function runAgain(
  world: DriverWorld,
  program: Program,
  task: Task,
  limitMs: number,
  user: DriverUser,
): Stop {
  const said = (line: string): void => user.said(line);
  const begun = { args: argumentsOf(task), mark: `LIMEVISOR_MOVE=${moveOf(task)}` };
  awaitOlderProgram(world, begun, limitMs, said, () => {
    nodeCommands(world)(program, limitMs, user);
  });
  return (why) => said(`not stopped (${why}): it is asked where the host is`);
}

function programOf(exec: readonly string[], task: Task): Program {
  return { argv: [...exec, ...argumentsOf(task)], env: envOf(task) };
}

/** Where the host is, whatever its driver has said; nobody knows that of a program but itself. */
function look(
  world: DriverWorld,
  task: Task,
  { netns, qemu }: DriversConfig,
  told: (where: Whereabouts) => void,
): void {
  if (task.driver === 'netns' && netns !== undefined) lookForInterface(world, netns, task, told);
  else if (task.driver === 'qemu' && qemu !== undefined) lookForGuest(world, qemu, task, told);
  else told('unknown');
}

/** What names a move, and is another one's nowhere on the machine. */
function moveOf({ id, startedMs }: Task): string {
  return `${id}@${startedMs}`;
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
    LIMEVISOR_MOVE: moveOf(task),
  };
}
