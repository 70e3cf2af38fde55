/**
 * The command line's commands that migrate; their implementation is loaded when one is given.
 */
import { Ending, exitCodes, type Options, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import type { DrainOptions } from './drain-commands.ts';
import type { EvacuateOptions } from './evacuate-commands.ts';
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
  migrate red/big --from s2                         to the best place; if there is none, it leaves
  migrate red/v1 --to s5 --strategy partial         a second body, for hosts that move there: it has
                                                    the rules that their packets may meet
  migrate red/v1 red/h1 --to s5 --strategy partial  the same with these hosts, as one migration
  migrate red/v1 --from s1                          the last host has left s1: red/v1 is on s5
  migrate red/v1 red/h2 --to s5 --driver netns      a vswitch and a host, to a port of our choice
  migrate red --hosts --to zone-b --driver exec     all that a tenant has, with its hosts
Several are one migration: none moves before all are cloned, none is given up before all have
arrived, and what goes wrong with one takes back all. "limevisor undo ID" does so, too. Hosts are
moved by drivers of the file (docs/GUIDE.md, "Moving a host"), and moved back by them in an undo.`;
const strategyHelp =
  'lime (loses nothing), freeze (freeze-and-copy), auto (freeze where idle or full)';
const partialHelp = `${strategyHelp}; partial (a second body, that stays, for some hosts)`;
const guardHelp =
  'of lime, what the old body does with what still enters there: redirect it (loses nothing), drop';
const probeHelp = 'send probes of ours through the vports meanwhile, and count those that are lost';
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
    const isMove = id.startsWith('move-');
    const hint = isMove
      ? '"limevisor abort HOST" takes the move of a host back'
      : '"limevisor status" lists them';
    throw new Ending(exitCodes.usage, `"${id}" is not a migration's number; ${hint}`);
  }
  const result = await ask<{ migration: number }>(socket, 'undo', { migration: Number(id) });
  say(json ? JSON.stringify(result) : `migration ${result.migration} is being undone`);
}

/** The two differ in the method only. */
function leading(method: 'drain' | 'undrain') {
  return async (datapath: string, options: DrainOptions): Promise<void> => {
    const { lead } = await import('./drain-commands.ts');
    await lead(method, datapath, options);
  };
}

/** Of a zone, or a datapath: with all that lives there. */
function leadingAll(method: 'drain' | 'undrain') {
  return async (zone: string, options: DrainOptions): Promise<void> => {
    await leading(method)(zone, { ...options, everything: true });
  };
}

export function addMigrationCommands(asking: Asking): void {
  asking('migrate <names...>', 'move vswitches, hosts, or all of a tenant, while traffic flows')
    .option('--to <target>', migrateTo, collected, [])
    .option('--from <datapath>', 'of a switch over several datapaths: the member that moves')
    .option('--hosts', 'of tenants that are named, move the hosts, too')
    .option('--driver <name>', driverHelp, collected, [])
    .option('--strategy <name>', partialHelp, 'lime')
    .option('--guard <kind>', guardHelp, 'redirect')
    .option('--probe', probeHelp)
    .option('--in-order', 'move in the order of the names, whatever flows between them')
    .option('--moves-at-once <number>', 'of several, how many move at once')
    .option('--ports-at-once <number>', "how many of a vswitch's ports move at once; if not: all")
    .option('--no-watch', 'do not wait for the report on the seconds after it')
    .option('--dry-run', 'print the plan and its cost, or what prevents it, and change nothing')
    .addHelpText('after', migrateHelp)
    .action(migrateIt);
  asking(
    'migrations [show] [id]',
    'those that are remembered; "migrations show 7", or of a host "show move-7": one of them',
  ).action(migrationsIt);
  asking('undo <migration>', 'undo a migration that is under way').action(undo);
  addDrainCommands(asking);
  addEvacuateCommands(asking);
}

const holdHelp = 'nothing is placed there until it is undrained, by no file either';
const vacateHelp = `
All that lives in a zone of the file (zones: { zone-a: [s1, s2] }), or on a datapath, is moved away
as one migration, then ways are led around it. "limevisor return zone-a" undrains it, and brings
back what still lives where it was moved. "limevisor idle" lists what carries nothing then.`;

const evacuateHelp = `
Each vswitch moves by itself: the most important tenants first ("importance" in the file), then
those that are quick; one that cloning would not have away in time is frozen and copied. What cannot
be away in time is said at once, and moves last. Nothing is placed there until "limevisor undrain".
Exit codes: 0 everything is away, 1 something stays.`;

async function evacuateIt(datapath: string, options: EvacuateOptions): Promise<void> {
  const { evacuate } = await import('./evacuate-commands.ts');
  await evacuate(datapath, options);
}

async function evacuationsIt(options: Options & { html?: boolean }): Promise<void> {
  const { evacuations } = await import('./evacuate-commands.ts');
  await evacuations(options);
}

function addEvacuateCommands(asking: Asking): void {
  asking('evacuate <datapath>', 'move what lives on a datapath, or zone, away before it fails')
    .option('--within <time>', 'how long it is expected to live: 30s, 5m', '30s')
    .option('--to <target>', migrateTo, collected, [])
    .option('--driver <name>', 'move the hosts that are plugged in there, too, by this driver')
    .option('--moves-at-once <number>', 'how many move at once')
    .option('--dry-run', 'print who would leave when, and what would be too late')
    .option('--html', 'print the report as a page with a chart')
    .addHelpText('after', evacuateHelp)
    .action(evacuateIt);
  asking('evacuations', 'those since the start, also by "evacuate-on" of the file')
    .option('--html', 'print the last one as a page with a chart')
    .action(evacuationsIt);
}

const idleHelp = `
A datapath may be switched off when it is drained and carries nothing, and its cables with it.
"on-idle" of the file names a command that is told of each, and when it is needed again
(docs/GUIDE.md, "Taking a zone down").`;

async function idleIt(options: Options): Promise<void> {
  const { idle } = await import('./idle-commands.ts');
  await idle(options);
}

function addDrainCommands(asking: Asking): void {
  asking('drain <datapath>', 'lead all ways around a datapath, so that its cables can be unplugged')
    .option('--and-hold', holdHelp)
    .option('--everything', 'first migrate all vswitches that live there, as one migration')
    .option('--hosts', 'with --everything: move the hosts that are plugged in there, too')
    .option('--driver <name>', `with --hosts: ${driverHelp}`, collected, [])
    .option('--to <target>', `with --everything: ${migrateTo}`, collected, [])
    .option('--strategy <name>', 'with --everything: lime, freeze or auto', 'lime')
    .option('--probe', `with --everything: ${probeHelp}`)
    .option('--moves-at-once <number>', 'with --everything: how many move at once')
    .option('--no-watch', 'with --everything: do not wait for the seconds after it')
    .option('--dry-run', 'with --everything: print the plan and its cost, and change nothing')
    .action(leading('drain'));
  asking('undrain <datapath>', 'let ways lead through a datapath again')
    .option('--everything', 'then bring back what the last drain with --everything moved away')
    .action(leading('undrain'));
  asking('vacate <zone>', 'move all that lives in a zone away, and lead all ways around it')
    .option('--and-hold', holdHelp)
    .option('--hosts', 'move the hosts that are plugged in there, too')
    .option('--driver <name>', `with --hosts: ${driverHelp}`, collected, [])
    .option('--to <target>', migrateTo, collected, [])
    .option('--strategy <name>', strategyHelp, 'lime')
    .option('--probe', probeHelp)
    .option('--moves-at-once <number>', 'how many move at once')
    .option('--no-watch', 'do not wait for the seconds after it')
    .option('--dry-run', 'print the plan and its cost, and change nothing')
    .addHelpText('after', vacateHelp)
    .action(leadingAll('drain'));
  asking('return <zone>', 'undrain a zone, and bring back what "vacate" moved away')
    .option('--no-watch', 'do not wait for the seconds after it')
    .option('--dry-run', 'print what would come back, and what it costs')
    .action(leadingAll('undrain'));
  asking('idle', 'datapaths and cables that carry nothing, and may be switched off')
    .addHelpText('after', idleHelp)
    .action(idleIt);
}
