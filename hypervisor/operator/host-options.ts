/**
 * The command line's commands about hosts; their implementation is in host-commands.ts, which is
 * loaded when one is given.
 */
import type { Command } from 'commander';
import type { Options } from '../world/exit-codes.ts';
import type { MoveOptions } from './host-commands.ts';

const moveHelp = `
While it moves both places get its frames, and what it sends at either enters by the same port of
its vswitch. Drivers other than manual are in the file, under "drivers" (docs/GUIDE.md).
Exit codes: 0 it is there, 4 refused, 5 begun, and the host is where it was.`;

async function moveIt(host: string, options: MoveOptions): Promise<void> {
  const { move } = await import('./host-commands.ts');
  await move(host, options);
}

function tellIt(method: 'moved' | 'abort') {
  return async (host: string, options: Options): Promise<void> => {
    const { telling } = await import('./host-commands.ts');
    await telling(method)(host, options);
  };
}

/** Adds a command that asks a limevisor that runs. */
export type Asking = (name: string, description: string) => Command;

export function addHostCommands(asking: Asking): void {
  asking('move <host>', 'move a host, such as red/h1, to another port while traffic flows')
    .requiredOption('--to <port>', 'where to, such as s5:4')
    .option('--driver <name>', 'who moves it: exec, netns, qemu, or manual', 'manual')
    .option('--probe', 'send probes of ours through its vport meanwhile, and count the lost')
    .option('--dry-run', 'print the plan, or what prevents it, and change nothing')
    .addHelpText('after', moveHelp)
    .action(moveIt);
  asking('moved <host>', 'say that a host runs at its new place (driver manual)').action(
    tellIt('moved'),
  );
  asking('abort <host>', 'take the move of a host back').action(tellIt('abort'));
}
