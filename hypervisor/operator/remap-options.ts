/**
 * The commands about what passes and where it would pass better, as the command line has them; what
 * they do is loaded when one is asked for.
 */
import type { Asking } from './host-options.ts';
import type { OptimizeOptions } from './optimize-commands.ts';
import type { TrafficOptions } from './traffic-commands.ts';

const trafficHelp = `
Who asks has these tenants measured every 10 s from then on, until nobody has asked for 10 min; the
first answer takes a second. A day is kept in steps of 10 s, a month in steps of 10 min.`;

async function trafficIt(tenants: readonly string[], options: TrafficOptions): Promise<void> {
  const { traffic } = await import('./traffic-commands.ts');
  await traffic(tenants, options);
}

const optimizeHelp = `
  latency  what a byte waits on its way       load    how far the busiest cables are used
  energy   datapaths and cables in use        spread  vswitches that share a datapath
What passes is measured ("limevisor traffic"). Only vswitches of these tenants would move, while
there is room for both their places. --apply has them migrate as one, by LIME; without, nothing is
changed.`;

async function optimizeIt(tenants: readonly string[], options: OptimizeOptions): Promise<void> {
  const { optimize } = await import('./optimize-commands.ts');
  await optimize(tenants, options);
}

export function addRemapCommands(asking: Asking): void {
  asking('traffic [tenants...]', 'what passes between hosts and vswitches, by cables and datapaths')
    .option('--over <time>', 'means and peaks of this time back: 30s, 5m, 12h, 7d', '5m')
    .option('--points', 'with --json, each step that was measured, too')
    .addHelpText('after', trafficHelp)
    .action(trafficIt);
  asking('optimize [tenants...]', 'which vswitches would be better elsewhere, by what passes')
    .option('--for <objective>', 'latency, load, energy or spread', 'latency')
    .option('--over <time>', 'by what passed in this time back: 30s, 5m, 12h, 7d', '5m')
    .option('--budget <time>', 'how long to look for it, at most 1m', '2s')
    .option('--apply', 'move them, while traffic flows')
    .addHelpText('after', optimizeHelp)
    .action(optimizeIt);
}
