/**
 * The purpose of an entry of ours, in words: by its cookie, and its table.
 */
import type { FlowStats } from '../../openflow/values/values.ts';
import { vportText } from '../../slices/config/port-identity.ts';
import type { Vport } from '../../slices/ids.ts';
import { type CookieKind, type CookieParts, TENANT_TABLES, tables } from '../entries/pipeline.ts';
import { readSerial } from './egress.ts';

/** An entry of a way is what `wayText` says of its code. */
export function purposeOf(
  { kind, serial }: CookieParts,
  { tableId }: Pick<FlowStats, 'tableId'>,
  isFlat: boolean,
  wayText: (code: number) => string | undefined,
): string {
  switch (kind) {
    case 'rule':
    case 'tagged':
      return isFlat ? purposes[kind] : `a rule of table ${tenantTableOf(tableId)}`;
    case 'wiring':
      return isFlat ? `port ${portText(serial)}` : wiringPurpose(tableId, serial);
    case 'egress':
      return `out by port ${portText(readSerial(serial).vport)}, unless it came in there`;
    case 'way':
      return wayText(serial) ?? purposes[kind];
    default:
      return purposes[kind];
  }
}

/** The tenant's number of it; rules of the highest priority stand in the table before the first. */
function tenantTableOf(tableId: number): number {
  const id = tableId - tables.tenant;
  return id >= 0 && id < TENANT_TABLES ? id : 0;
}

function wiringPurpose(tableId: number, serial: number): string {
  if (tableId === tables.classifier) return `what enters by port ${portText(serial)}`;
  const words = ofTables.get(tableId) ?? purposes.wiring;
  return tableId === tables.meters ? `${words} ${portText(serial)}` : words;
}

const ofTables: ReadonlyMap<number, string> = new Map([
  [tables.guard, 'on to the first table of the tenant'],
  [tables.metered, 'what the bandwidth of a port lets pass'],
  [tables.meters, 'the bandwidth of port'],
  [tables.learning, 'learns where addresses are, for NORMAL'],
  [tables.crossing, 'how much may come from neighbours on this datapath'],
  [tables.egress, 'out by several ports, or back'],
  [tables.ports, 'ports that do not receive everything'],
  [tables.recirculation, 'to a neighbour on this datapath'],
]);

function portText(serial: number): string {
  return vportText(serial as Vport);
}

const purposes: Readonly<Record<CookieKind, string>> = {
  wiring: 'wiring of the vswitch',
  rule: 'a rule',
  tagged: 'a rule, for what comes with a tag of ours',
  guard: 'leads what enters to the other body',
  freeze: 'drops everything while rules are copied',
  egress: 'out by a port, unless it came in there',
  miss: 'what misses every rule',
  divert: 'held while another body becomes the primary',
  recount: 'met by no packet: has cached flows looked at',
  led: 'comes from the other body',
  marker: 'frames of ours that show what has arrived',
  heal: 'met by no packet: has cached flows looked at',
  stray: 'counts what no way is for',
  store: 'says whose the datapath is',
  way: 'a way',
  probe: 'probes of links',
  deaf: 'a port where too much looks like probes',
  canary: 'frames of ours that show when a change is in force',
  copy: 'to the mirror, too',
  learnt: 'where an address is, as NORMAL has learnt it',
  lossProbe: 'frames of ours that show what a migration loses',
  ledRule: 'counts which rule a packet would have met that is led',
};
