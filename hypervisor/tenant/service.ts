/**
 * The service state of a vswitch: whether it serves its controllers, and the reason that they and
 * the operator get if it does not.
 */
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import type { Guests } from '../controller/guests.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import type { Fault } from '../world/fault-boundary.ts';
import type { Log } from '../world/log.ts';

export interface ServiceContext extends Datapaths {
  /** Why a vswitch serves nobody, whatever its datapaths do; undefined when it may. */
  whyHeld(name: VswitchName): string | undefined;
}

export interface Served {
  readonly name: VswitchName;
  /** The bodies without which it is no switch. */
  readonly needed: ReadonlySet<DatapathName>;
  /** A fault of ours, until it is reopened. */
  readonly closed: Fault | undefined;
  /** What a datapath lacks of it. */
  readonly missing: { why(): string | undefined };
}

/** Undefined when all is there. */
export function whyDown(context: ServiceContext, served: Served): string | undefined {
  const { name, closed } = served;
  if (closed !== undefined) {
    const next = `limevisor reopen ${name}`;
    return `closed by an internal error: ${closed.why}; its rules stay; see the log, then ${next}`;
  }
  const held = context.whyHeld(name);
  if (held !== undefined) return held;
  for (const body of served.needed) {
    const { state } = context.datapath(body);
    if (state.type === 'away') return `datapath ${body} is away: ${state.why}`;
    if (state.type === 'refused') return `datapath ${body} is refused: ${state.why}`;
    if (state.type !== 'ready') return `datapath ${body} is ${state.type}`;
  }
  return served.missing.why();
}

/** Who is told when something goes wrong, and where ports are counted. */
interface ServingContext {
  datapaths(): readonly { readonly name: DatapathName }[];
  alarm(what: string): void;
}

/** A vswitch with all that it needs. */
interface Serving {
  readonly name: VswitchName;
  readonly guests: Pick<Guests, 'open'>;
  readonly ports: { refresh(): void };
  readonly portCounters: { begin(datapath: DatapathName): void };
  refresh(): void;
}

/** One that came, or is back, is served. */
export function serve(context: ServingContext, log: Log, runtime: Serving): void {
  runtime.guests.open(log, (why) => context.alarm(`${runtime.name}: ${why}`));
  runtime.refresh();
  runtime.ports.refresh();
  for (const { name } of context.datapaths()) runtime.portCounters.begin(name);
}
