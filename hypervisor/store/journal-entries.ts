/**
 * The entries of the store as values (journal.ts has their keys). Handlers return them (ready.ts);
 * only the journal knows how each is written.
 */
import type { Group } from '../../slices/groups-meters/groups.ts';
import type { Meter } from '../../slices/groups-meters/meters.ts';
import type { Vport, VswitchId, VswitchName } from '../../slices/ids.ts';
import { type Avoiding, avoidingText } from '../../slices/network/drained-datapaths.ts';
import { type Failures, failuresText } from '../../slices/network/failures.ts';
import type { Placement } from '../../slices/network/snapshot.ts';
import type { PortCounter } from '../../slices/port-counters.ts';
import type { Rule } from '../../slices/rules/rulebook.ts';
import type { Change } from '../../translation/entries/body.ts';
import type { Ensemble } from '../../translation/migration/ensemble.ts';
import type { Migration } from '../../translation/migration/migration.ts';
import { groupText } from '../../translation/stored/stored-groups.ts';
import { meterText } from '../../translation/stored/stored-meters.ts';
import { changesText } from '../../translation/stored/stored-open.ts';
import { placementText } from '../../translation/stored/stored-places.ts';
import type { Ways, WayTexts } from '../../translation/stored/stored-ways.ts';
import type { Rules, RuleValues } from './rule-source.ts';
import type { TextValue } from './text-entries.ts';

interface Of {
  readonly vswitch: VswitchName;
}

export type Entry =
  | (Of & { readonly type: 'id'; readonly id: VswitchId })
  | (Of & { readonly type: 'placement'; readonly placement: Placement })
  | (Of & { readonly type: 'portConfigs'; readonly configs: ReadonlyMap<Vport, number> })
  | (Of & { readonly type: 'portTally'; readonly vport: Vport; readonly counter: PortCounter })
  | (Of & { readonly type: 'rule'; readonly rule: Rule })
  | (Of & { readonly type: 'noRule'; readonly serial: number })
  /** Datapaths have acknowledged every rule below this serial. */
  | (Of & { readonly type: 'accepted'; readonly serial: number })
  /** Changes that no datapath has acknowledged, and the end of such a list. */
  | (Of & {
      readonly type: 'changes';
      readonly number: number;
      readonly changes: readonly Change[];
    })
  | (Of & { readonly type: 'noChanges'; readonly number: number })
  | (Of & { readonly type: 'group'; readonly group: Group })
  | (Of & { readonly type: 'noGroup'; readonly groupId: number })
  | (Of & { readonly type: 'meter'; readonly meter: Meter })
  | (Of & { readonly type: 'noMeter'; readonly meterId: number })
  /** Texts, and all rules, of vswitches that no tables are for. */
  | {
      readonly type: 'nothingOf';
      readonly vswitches: ReadonlySet<VswitchName>;
      /** Of a text, by its key: whose it is. */
      readonly whose: (key: string) => VswitchName | undefined;
    }
  /** A rule as it stands in its book. */
  | { readonly type: 'ruleAt'; storedRules: RuleValues; rules: Rules; slot: number }
  /** Where ways lead, as far as it differs from `before`, or from what is stored. */
  | { readonly type: 'ways'; readonly after: Ways; readonly before?: Ways }
  /** The same as texts, which were made before (stored-ways.ts, `changedTexts`). */
  | ({ readonly type: 'wayTexts' } & WayTexts)
  | { readonly type: 'avoiding'; readonly avoiding: Avoiding }
  | { readonly type: 'failures'; readonly failures: Failures }
  | { readonly type: 'migration'; readonly migration: Migration }
  | { readonly type: 'noMigration'; readonly id: number }
  | { readonly type: 'ensemble'; readonly ensemble: Ensemble }
  | { readonly type: 'noEnsemble'; readonly id: number }
  /** A text of whoever knows what it means; undefined deletes it. */
  | {
      readonly type: 'text';
      readonly key: string;
      readonly value: object | string | number | undefined;
    };

type Type = Entry['type'];

export function textEntry(key: string, value: EntryOf<'text'>['value']): Entry {
  return { type: 'text', key, value };
}

export type EntryOf<T extends Type> = Extract<Entry, { readonly type: T }>;

/** What entries are written with. */
export interface EntryWriter {
  /** The wall clock's value at the world's moment 0. */
  readonly epochMs: number;
  text(key: string, value: TextValue): void;
  rule(entry: EntryOf<'rule'>): void;
  ruleAt(entry: EntryOf<'ruleAt'>): void;
  noRule(entry: EntryOf<'noRule'>): void;
  ways(entry: EntryOf<'ways'>): void;
  wayTexts(texts: WayTexts): void;
  nothingOf(entry: EntryOf<'nothingOf'>): void;
}

type Write<T extends Type> = (to: EntryWriter, entry: EntryOf<T>) => void;

// Keys that every vswitch has are joined: a template's parts would be kept beside the whole.
const writes: { readonly [T in Type]: Write<T> } = {
  id: (to, { vswitch, id }) => to.text(`id/${vswitch}`, JSON.stringify(id)),
  placement: (to, { vswitch, placement }) =>
    to.text(['placement', vswitch].join('/'), placementText(placement)),
  portConfigs: (to, { vswitch, configs }) =>
    to.text(`ports/${vswitch}`, JSON.stringify([...configs])),
  portTally: (to, { vswitch, vport, counter }) =>
    to.text(['counts', vswitch, vport].join('/'), () => JSON.stringify(counter)),
  rule: (to, entry) => to.rule(entry),
  ruleAt: (to, entry) => to.ruleAt(entry),
  noRule: (to, entry) => to.noRule(entry),
  accepted: (to, { vswitch, serial }) => to.text(`accepted/${vswitch}`, JSON.stringify(serial)),
  // Changes may be made values when they are written, if they are to be.
  changes: (to, entry) =>
    to.text(`change/${entry.vswitch}/${entry.number}`, () =>
      changesText(entry.changes, to.epochMs),
    ),
  noChanges: (to, { vswitch, number }) => to.text(`change/${vswitch}/${number}`, undefined),
  group: (to, { vswitch, group }) =>
    to.text(`group/${vswitch}/${group.groupId}`, () => groupText(group, to.epochMs)),
  noGroup: (to, { vswitch, groupId }) => to.text(`group/${vswitch}/${groupId}`, undefined),
  meter: (to, { vswitch, meter }) =>
    to.text(`meter/${vswitch}/${meter.meterId}`, () => meterText(meter, to.epochMs)),
  noMeter: (to, { vswitch, meterId }) => to.text(`meter/${vswitch}/${meterId}`, undefined),
  nothingOf: (to, entry) => to.nothingOf(entry),
  ways: (to, entry) => to.ways(entry),
  wayTexts: (to, entry) => to.wayTexts(entry),
  avoiding: (to, { avoiding }) => to.text('avoiding', avoidingText(avoiding)),
  failures: (to, { failures }) => to.text('failures', failuresText(failures)),
  migration: (to, { migration }) => to.text(`migration/${migration.id}`, JSON.stringify(migration)),
  noMigration: (to, { id }) => to.text(`migration/${id}`, undefined),
  ensemble: (to, { ensemble }) => to.text(`ensemble/${ensemble.id}`, JSON.stringify(ensemble)),
  noEnsemble: (to, { id }) => to.text(`ensemble/${id}`, undefined),
  text: (to, { key, value }) =>
    to.text(key, value === undefined ? undefined : JSON.stringify(value)),
};

export function writeEntry<T extends Type>(to: EntryWriter, entry: EntryOf<T>): void {
  (writes[entry.type] as Write<T>)(to, entry);
}
