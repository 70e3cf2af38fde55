/**
 * The commands that migrate, as the command line has them; what they do is loaded when one is asked
 * for.
 */
import { Ending, exitCodes, type Options, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import { leading } from './drain-commands.ts';
import type { Asking } from './host-options.ts';
import type { MigrateOptions } from './migration-commands.ts';

const migrateTo =
  'a datapath or zone; NAME=TARGET for one vswitch, tenant or host (red/h1=s5:4); may be repeated';
const migrateHelp = `
  migrate red/v1 --to s5                            one vswitch
  migrate red/v1 red/v3 --to s5                     several, to one datapath
  migrate red --to red/v1=s5 --to zone-b            a tenant: one of its vswitches to s5, the rest
                                                    to datapaths of a zone of the file
  migrate red/v1                                    to whichever datapath suits it best
  migrate red/big --from s2 --to s5                 a member of a switch over several datapaths
  migrate red/v1 red/h2 --to s5 --driver netns      a vswitch and a host, to a port of our choice
  migrate red --hosts --to zone-b --driver exec     all that a tenant has, with its hosts
Several are one migration: none moves before all are cloned, none is given up before all have
arrived, and what goes wrong with one takes back all. "limevisor undo ID" does so, too. Hosts are
moved by drivers of the file (docs/GUIDE.md, "Moving a host"), and moved back by them in an undo.`;
const strategyHelp =
  'lime (loses nothing), freeze (freeze-and-copy), auto (freeze where nothing flows)';
const driverHelp = 'who moves hosts: exec, netns, qemu or manual; HOST=DRIVER for one of them';

/** Of an option that may be repeated. */
function collected(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

async function migrateIt(names: readonly string[], options: MigrateOptions): Promise<void> {
  const { migrate } = await import('./migration-commands.ts');
  await migrate(names, options);
}

async function migrationsIt(
  show: string | undefined,
  id: string | undefined,
  options: Options,
): Promise<void> {
  const { migrations } = await import('./history-commands.ts');
  await migrations(show, id, options);
}

async function undo(id: string, { socket, json }: Options): Promise<void> {
  if (!/^[0-9]+$/.test(id)) {
    const hint = '"limevisor status" lists them';
    throw new Ending(exitCodes.usage, `"${id}" is not a migration's number; ${hint}`);
  }
  const result = await ask<{ migration: number }>(socket, 'undo', { migration: Number(id) });
  say(json ? JSON.stringify(result) : `migration ${result.migration} is being undone`);
}

export function addMigrationCommands(asking: Asking): void {
  asking('migrate <names...>', 'move vswitches, hosts, or all of a tenant, while traffic flows')
    .option('--to <target>', migrateTo, collected, [])
    .option('--from <datapath>', 'of a switch over several datapaths: the member that moves')
    .option('--hosts', 'of tenants that are named, move the hosts, too')
    .option('--driver <name>', driverHelp, collected, [])
    .option('--strategy <name>', strategyHelp, 'lime')
    .option('--in-order', 'move in the order of the names, whatever flows between them')
    .option('--moves-at-once <number>', 'of several, how many move at once')
    .option('--ports-at-once <number>', "how many of a vswitch's ports move at once; if not: all")
    .option('--no-watch', 'do not wait for the report on the seconds after it')
    .option('--dry-run', 'print the plan and its cost, or what prevents it, and change nothing')
    .addHelpText('after', migrateHelp)
    .action(migrateIt);
  asking(
    'migrations [show] [id]',
    'those that are remembered; "migrations show 7": one of them',
  ).action(migrationsIt);
  asking('undo <migration>', 'undo a migration that is under way').action(undo);
  asking('drain <datapath>', 'lead all ways around a datapath, so that its cables can be unplugged')
    .option('--everything', 'first migrate all vswitches that live there, as one migration')
    .option('--hosts', 'with --everything: move the hosts that are plugged in there, too')
    .option('--driver <name>', `with --hosts: ${driverHelp}`, collected, [])
    .option('--to <target>', `with --everything: ${migrateTo}`, collected, [])
    .option('--strategy <name>', 'with --everything: lime, freeze or auto', 'lime')
    .option('--moves-at-once <number>', 'with --everything: how many move at once')
    .option('--no-watch', 'with --everything: do not wait for the seconds after it')
    .option('--dry-run', 'with --everything: print the plan and its cost, and change nothing')
    .action(leading('drain'));
  asking('undrain <datapath>', 'let ways lead through a datapath again')
    .option('--everything', 'then bring back what the last drain with --everything moved away')
    .action(leading('undrain'));
}
