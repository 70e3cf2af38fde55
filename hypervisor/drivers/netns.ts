/**
 * Moves a host that is a network namespace: its interface is taken from one bridge of an Open
 * vSwitch and given to another, in one transaction of its database. For labs and tests, where all
 * bridges are one machine's, and have the datapaths' names.
 */
import { execFile } from 'node:child_process';
import { endText, isSameEnd, type Port } from '../../slices/ids.ts';
import type { World } from '../world/world.ts';
import type { DriverUser, Stop, Task } from './driver.ts';
import { runProgram } from './program.ts';

type Vsctl = (args: readonly string[], then: (out: string) => void) => void;

export function moveInterface(
  world: Pick<World, 'after'>,
  database: string,
  limitMs: number,
  { host, from, to }: Task,
  user: DriverUser,
): Stop {
  const own = ['ovs-vsctl', `--db=${database}`, '--timeout=10'];
  let stop: Stop = () => undefined;
  const fail = (why: string): void => user.ended({ type: 'failed', why });
  const vsctl: Vsctl = (args, then) => {
    const [file = '', ...first] = own;
    execFile(file, [...first, ...args], (error, out, said) => {
      if (error === null) then(out);
      else fail(said.trim() || error.message);
    });
  };
  interfaceAt(vsctl, to, (there) => {
    interfaceAt(vsctl, from, (here) => {
      // An earlier process moved it, and did not live to say so.
      if (here === undefined && there !== undefined) user.ended({ type: 'arrived' });
      else if (here === undefined) fail(`${host} is not at ${endText(from)}: no port ${from.port}`);
      else if (there !== undefined) fail(`${endText(to)} has the interface ${there}`);
      else {
        const argv = [
          ...own,
          ...['--', 'del-port', from.device, here, '--', 'add-port', to.device, here],
          ...['--', 'set', 'Interface', here, `ofport_request=${to.port}`],
        ];
        stop = runProgram(world, { argv, env: {}, limitMs }, user);
      }
    });
  });
  return (why) => stop(why);
}

/** The name of a bridge's port of this number. */
function interfaceAt(
  vsctl: Vsctl,
  at: Task['from'],
  then: (name: string | undefined) => void,
): void {
  vsctl(['list-ports', at.device], (out) => {
    const names = out.split('\n').filter((line) => line !== '');
    const gets = names.flatMap((name) => ['--', 'get', 'Interface', name, 'ofport']);
    if (names.length === 0) {
      then(undefined);
      return;
    }
    vsctl(gets.slice(1), (numbers) => {
      const ports = numbers.trim().split('\n').map(Number);
      const place = ports.findIndex((port) => {
        return isSameEnd(at, { device: at.device, port: port as Port });
      });
      then(names[place]);
    });
  });
}
