/**
 * The command line's commands about packages and mirrors; their implementation is loaded when one
 * is given.
 */
import type { Options } from '../world/exit-codes.ts';
import type { Asking } from './host-options.ts';
import type { MirrorOptions } from './mirror-commands.ts';
import type { DeployOptions } from './package-commands.ts';

const exportHelp = `
  export red > red.lime                             its vswitches, hosts, links, limits, schedules,
                                                    and every rule, group and meter
Rule changes of its controllers wait for as long as it takes, so it is one moment of all of them.`;

const deployHelp = `
  deploy red.lime --as red2 --hosts h1=s1:5,h2=s2:5 placed where there is room, near its hosts
  deploy red.lime --as red2 --on s5 --hosts auto    on s5, hosts at ports of our choice
  deploy red.lime --as red2 --on v1=s1,zone-b ...   v1 on s1, the rest on datapaths of a zone
  deploy red.lime --as red2,red3,red4 ...           several copies, all or none
  deploy red.lime --as-it-was                       where it was, with the controllers that it had
All of it or nothing: rules are on the switches before the first controller is dialled. Counters
begin at zero. "limevisor show > FILE" writes the file that has it at the next start.
With --driver exec the program of the file starts its hosts (docs/GUIDE.md, "Packages").
Exit codes: 0 done, 1 a host was not started, 4 refused and nothing has changed, 5 begun and taken
back.`;

/** Of an option that may be repeated, and whose values may have commas between them. */
function listed(value: string, before: readonly string[]): readonly string[] {
  return [...before, ...value.split(',').filter((one) => one !== '')];
}

async function exportIt(tenant: string, options: Options): Promise<void> {
  const { exportTenant } = await import('./package-commands.ts');
  await exportTenant(tenant, options);
}

async function deployIt(file: string, options: DeployOptions): Promise<void> {
  const { deploy } = await import('./package-commands.ts');
  await deploy(file, options);
}

const mirrorHelp = `
  mirror red/v2 --to s9:4     a copy of red/v2 on s9: all that enters red/v2 enters the copy, too,
                              and what that sends leaves by s9:4, with a VLAN tag for each port
  mirror red --to s9:4        of each of its vswitches
  mirror red/v2 --off         it is gone
  mirror                      which there are, and which VLAN is which port
The tenant sees nothing of it. Rules are copied as they change. It ends with this limevisor.`;

async function mirrorIt(names: readonly string[], options: MirrorOptions): Promise<void> {
  const { mirror } = await import('./mirror-commands.ts');
  await mirror(names, options);
}

export function addPackageCommands(asking: Asking): void {
  asking('mirror [names...]', 'copy a vswitch, with its traffic, to a datapath for tests')
    .option('--to <port>', 'the datapath, and the port where all that the copy sends leaves')
    .option('--off', 'end it')
    .addHelpText('after', mirrorHelp)
    .action(mirrorIt);
  asking('export <tenant>', "print a tenant's whole network as a package, with all its rules")
    .addHelpText('after', exportHelp)
    .action(exportIt);
  asking('deploy <package>', 'bring a package up as a tenant, placed and complete with its rules')
    .option(
      '--as <names>',
      'the name of the tenant, or of several; if not: as in the package',
      listed,
      [],
    )
    .option('--on <targets>', 'datapaths and zones for all; v1=s1 for one vswitch', listed, [])
    .option('--hosts <ports>', 'where hosts are plugged in: h1=s1:3; or auto', listed, [])
    .option('--controller <targets>', 'its controllers, tcp:HOST:PORT; if not: none', listed, [])
    .option('--driver <name>', 'who starts its hosts when all else is there: exec; if not: nobody')
    .option('--as-it-was', 'where it was, with the controllers and the paths that it had')
    .option('--dry-run', 'print what would come, or what prevents it, and change nothing')
    .addHelpText('after', deployHelp)
    .action(deployIt);
}
