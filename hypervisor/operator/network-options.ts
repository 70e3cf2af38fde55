/**
 * The command line of `limevisor network`; its implementation is loaded when it is given.
 */
import { templateNames } from '../../slices/config/templates.ts';
import { Ending, exitCodes } from '../world/exit-codes.ts';
import type { Asking } from './host-options.ts';
import type { NetworkOptions } from './network-commands.ts';

const help = `
Of who has a token with a quota ("limevisor login URL"):
  network quota                                 what you may have, and where hosts may be plugged in
  network template big-switch --hosts a,b,c --controller tcp:192.0.2.7:6653 --wait
                                                a network of a common shape:
                                                ${templateNames.join(', ')}
  network template tree --hosts a,b --print     what would be asked for, to be edited
  network create -f my.yaml [--name lab]        any network
  network list | show lab | wait lab            which there are; one; until it serves
  network flows lab/sw | events lab             its rules, and what has happened to it
  network errors lab                            what its controllers were sent, and what for
  network controllers lab tcp:192.0.2.8:6653    other controllers, while it runs
  network pause lab | resume lab                its controllers and frames stop; and go on
  network extend lab --for 3d                   it ends so long from now
  network delete lab                            it ends now, with all that it has made
Of operators:
  network list                                  who has what, until when, and what waits
  network approve lab@ann | reject lab@ann --why TEXT
  network freeze red --why TEXT | unfreeze red  its controllers change nothing; its frames go on
Exit codes: 0 done, 1 not in time, 2 usage, 4 refused and nothing has changed.`;

/** Of an option that may be repeated, and whose values may have commas between them. */
function listed(value: string, before: readonly string[]): readonly string[] {
  return [...before, ...value.split(',').filter((one) => one !== '')];
}

/** What each option is for; `--timeout` has a value always. */
const takers: readonly (readonly [keyof NetworkOptions, string, readonly string[]])[] = [
  ['file', '--file', ['create']],
  ['name', '--name', ['create', 'template']],
  ['hosts', '--hosts', ['template']],
  ['controller', '--controller', ['template']],
  ['print', '--print', ['template']],
  ['for', '--for', ['create', 'template', 'extend']],
  ['why', '--why', ['reject', 'freeze']],
  ['wait', '--wait', ['create', 'template', 'controllers', 'resume', 'approve', 'unfreeze']],
  [
    ...(['dryRun', '--dry-run'] as const),
    ['create', 'template', 'controllers', 'pause', 'resume', 'delete', 'approve'],
  ],
];

/** An option that would be passed over is a mistake: nobody thinks that it did nothing. */
function checkOptions(what: string, options: NetworkOptions): void {
  for (const [key, option, all] of takers) {
    const value = options[key];
    const isGiven = Array.isArray(value) ? value.length > 0 : value !== undefined;
    if (!isGiven || all.includes(what)) continue;
    const why = `"network ${what}" takes no ${option}; it is for ${all.join(', ')}`;
    throw new Ending(exitCodes.usage, why);
  }
}

async function networkIt(
  what: string,
  names: readonly string[],
  options: NetworkOptions,
): Promise<void> {
  const { networkCommands } = await import('./network-commands.ts');
  const command = networkCommands.get(what);
  if (command !== undefined) {
    checkOptions(what, options);
    await command(names, options);
  } else {
    const known = `write one of ${[...networkCommands.keys()].join(', ')}`;
    throw new Ending(exitCodes.usage, `"network ${what}" is nothing that there is; ${known}`);
  }
}

export function addNetworkCommands(asking: Asking): void {
  asking('network <do> [names...]', 'virtual networks that their owners make for themselves')
    .option('-f, --file <file>', 'the network that is to be made')
    .option('--name <name>', 'what to call it; if not: as the file, or the template')
    .option('--hosts <names>', 'of a template: what the quota offers', listed, [])
    .option('--controller <targets>', 'of a template: tcp:ADDRESS:PORT', listed, [])
    .option('--for <time>', 'it ends so long from now: 12h, 7d')
    .option('--wait', 'until it serves')
    .option('--timeout <seconds>', 'wait no longer than that', '60')
    .option('--why <text>', 'what its owner is told')
    .option('--print', 'print the network of a template, and make none')
    .option('--dry-run', 'say what prevents it, and change nothing')
    .addHelpText('after', help)
    .action(networkIt);
}
