/**
 * Moves a host that is a network namespace: its interface is taken from one bridge of an Open
 * vSwitch and given to another, in one transaction of its database. For labs and tests, where all
 * bridges are one machine's, and have the datapaths' names.
 */
import { endText, isSameEnd, type Port } from '../../slices/ids.ts';
import type { World } from '../world/world.ts';
import type { DriverUser, Stop, Task, Whereabouts } from './driver.ts';

type Ask = (args: readonly string[], then: (text: string) => void) => void;

/** Told to stop, it changes nothing that it has not begun to change. */
export function moveInterface(
  world: Pick<World, 'ovsdb'>,
  database: string,
  { host, from, to }: Task,
  user: DriverUser,
): Stop {
  let stopped: string | undefined;
  const fail = (why: string): void => user.ended({ type: 'failed', why });
  const ask: Ask = (args, then) => {
    if (stopped !== undefined) {
      fail(stopped);
      return;
    }
    world.ovsdb(database, args, (answer) => {
      if ('text' in answer) then(answer.text);
      else fail(`the OVSDB at ${database}: ${answer.why}`);
    });
  };
  interfaceAt(ask, to, (there) => {
    interfaceAt(ask, from, (here) => {
      // An earlier process moved it, and did not live to say so.
      if (here === undefined && there !== undefined) user.ended({ type: 'arrived' });
      else if (here === undefined) fail(`${host} is not at ${endText(from)}: no port ${from.port}`);
      else if (there !== undefined) fail(`${endText(to)} has the interface ${there}`);
      else {
        const args = [
          ...['--', 'del-port', from.device, here, '--', 'add-port', to.device, here],
          ...['--', 'set', 'Interface', here, `ofport_request=${to.port}`],
        ];
        ask(args, () => user.ended({ type: 'arrived' }));
      }
    });
  });
  return (why) => {
    stopped ??= why;
  };
}

/**
 * Where the interface is now: what was not answered may have been done. Where it has no number yet,
 * it is about to get one.
 */
export function lookForInterface(
  world: Pick<World, 'ovsdb'>,
  database: string,
  { from, to }: Task,
  told: (where: Whereabouts) => void,
): void {
  const ask: Ask = (args, then) => {
    world.ovsdb(database, args, (answer) => {
      if ('text' in answer) then(answer.text);
      else told('later');
    });
  };
  interfaceAt(ask, from, (here) => {
    if (here !== undefined) told('from');
    else interfaceAt(ask, to, (there) => told(there === undefined ? 'later' : 'to'));
  });
}

/** The name of a bridge's port of this number. */
function interfaceAt(ask: Ask, at: Task['from'], then: (name: string | undefined) => void): void {
  ask(['list-ports', at.device], (out) => {
    const names = out.split('\n').filter((line) => line !== '');
    const gets = names.flatMap((name) => ['--', 'get', 'Interface', name, 'ofport']);
    if (names.length === 0) {
      then(undefined);
      return;
    }
    ask(gets.slice(1), (numbers) => {
      const ports = numbers.trim().split('\n').map(Number);
      const place = ports.findIndex((port) => {
        return isSameEnd(at, { device: at.device, port: port as Port });
      });
      then(names[place]);
    });
  });
}
