/**
 * The command line's commands about traffic and better placements; their implementation is loaded
 * when one is given.
 */
import type { Options } from '../world/exit-codes.ts';
import type { Asking } from './host-options.ts';
import type { OptimizeOptions } from './optimize-commands.ts';
import type { MtdOptions } from './schedule-commands.ts';
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

async function schedulesIt(options: Options): Promise<void> {
  const { schedules } = await import('./schedule-commands.ts');
  await schedules(options);
}

async function mtdIt(what: string, tenants: readonly string[], options: MtdOptions): Promise<void> {
  const { mtd } = await import('./schedule-commands.ts');
  await mtd(what, tenants, options);
}

const mtdHelp = `
Where vswitches of these tenants were, with whom and for how long, and how well three simple
adversaries would have guessed each next place: "last" that it goes back, "frequent" that it goes
where it was most often, "markov" that it goes where it went most often from there. Of migrations
that are remembered (docs/GUIDE.md, "migrations"). Without tenants: those under "schedules".`;

export function addRemapCommands(asking: Asking): void {
  asking('traffic [tenants...]', 'what passes between hosts and vswitches, by cables and datapaths')
    .option('--over <time>', 'means and peaks of this time back: 30s, 5m, 12h, 7d', '5m')
    .option('--points', 'with --json, each step that was measured, too')
    .option('--html', 'print a page with a chart of each')
    .addHelpText('after', trafficHelp)
    .action(trafficIt);
  asking('optimize [tenants...]', 'which vswitches would be better elsewhere, by what passes')
    .option('--for <objective>', 'latency, load, energy or spread', 'latency')
    .option('--over <time>', 'by what passed in this time back: 30s, 5m, 12h, 7d', '5m')
    .option('--budget <time>', 'how long to look for it, at most 1m', '2s')
    .option('--apply', 'move them, while traffic flows')
    .option('--html', 'print the proposal as a page with a chart')
    .addHelpText('after', optimizeHelp)
    .action(optimizeIt);
  asking('schedules', 'what moves by itself: when, and what came of it last').action(schedulesIt);
  asking('mtd <report> [tenants...]', 'how hard it is to know where vswitches are: mtd report red')
    .option('--over <time>', 'of this time back: 30s, 5m, 12h, 7d', '7d')
    .option('--html', 'print a page with charts')
    .option('--csv', 'print where each was and when, a line each')
    .addHelpText('after', mtdHelp)
    .action(mtdIt);
}
