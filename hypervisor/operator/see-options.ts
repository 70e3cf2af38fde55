/**
 * The command line's commands for observation; their implementation is loaded when one is given.
 */
import { logLevels, logModules } from '../world/log-levels.ts';
import type { Asking } from './host-options.ts';
import type { LogOptions } from './log-commands.ts';
import type { SnoopOptions } from './snoop-commands.ts';
import type { TraceOptions } from './trace-commands.ts';

const traceHelp = `
  limevisor trace red/v1 in_port=1,tcp,nw_dst=10.0.0.2,tp_dst=80
First the tenant's tables, groups and meters, from switch to switch; then the entries of the
datapaths that carry it, hop by hop, as they should be. Words are those of ovs-ofctl(8) and
ofproto/trace; what is not said is zero. --verify asks each Open vSwitch on this machine the same.
Exit codes: 0 all of it agrees, 1 something differs.`;

async function traceIt(
  vswitch: string,
  packet: readonly string[],
  options: TraceOptions,
): Promise<void> {
  const { trace } = await import('./trace-commands.ts');
  await trace(vswitch, packet, options);
}

const snoopHelp = `
  limevisor snoop red/v1                       until interrupted; both sides of the vswitch
  limevisor snoop red/v1 --pcap v1.pcap        also as a capture: tshark -r v1.pcap
  limevisor snoop red/v1 --pcap - | tshark -r -
Of its datapaths' connections only what is about this vswitch is shown. Addresses and ports of a
capture are made up. Who reads too slowly is told how much was left out, and slows nobody.`;

async function snoopIt(vswitch: string, options: SnoopOptions): Promise<void> {
  const { snoop } = await import('./snoop-commands.ts');
  await snoop(vswitch, options);
}

const logHelp = `
  limevisor log                                the levels as they are
  limevisor log datapath migration --level warn
Modules: ${logModules.join(', ')}. Until the next start, which begins with "run --log".
What the log passes over is an event all the same ("limevisor events").`;

async function logIt(modules: readonly string[], options: LogOptions): Promise<void> {
  const { log } = await import('./log-commands.ts');
  await log(modules, options);
}

export function addSeeCommands(asking: Asking): void {
  asking('trace <vswitch> <packet...>', 'what becomes of a packet, and why')
    .option('--verify', 'also ask Open vSwitch (ofproto/trace), where it runs on this machine')
    .addHelpText('after', traceHelp)
    .action(traceIt);
  asking('snoop <vswitch>', "a vswitch's OpenFlow messages as they pass, on both its sides")
    .option('--pcap <file>', 'also write a capture that tshark reads; "-" is stdout')
    .option('--all', 'also what its datapaths say that is not about this vswitch')
    .addHelpText('after', snoopHelp)
    .action(snoopIt);
  asking('log [modules...]', 'how much each part of limevisor says in its log')
    .option('--level <level>', `from now on: ${logLevels.join(', ')}; of all, or of these modules`)
    .addHelpText('after', logHelp)
    .action(logIt);
}
