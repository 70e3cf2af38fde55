/**
 * Vswitches that leave the file while limevisor runs: their kept rules, when their numbers are free
 * again, and a person's decision about them (slices/config/departures.ts).
 */
import type { Config } from '../../slices/config/config.ts';
import type {
  Arrivals,
  Left,
  LeftReport,
  StoredVswitches,
} from '../../slices/config/departures.ts';
import { isCopyName } from '../../slices/config/mirrors.ts';
import { type Dpid, dpidText, type VswitchId, type VswitchName } from '../../slices/ids.ts';
import type { Remembered } from '../../slices/network/snapshot.ts';
import { type Contents, contentsText } from '../../slices/remedy.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import {
  contentOf,
  isOfFile,
  notKeptText,
  notLeftText,
  vswitchOf,
} from '../../translation/stored/stored-departures.ts';
import type { Journal } from './journal.ts';
import { textEntry } from './journal-entries.ts';
import { kept, perform } from './ready.ts';
import type { Recovered } from './recovered.ts';
import { contentsOf } from './starting.ts';

/** What was done, in words; or why not. */
export type Decided = { readonly done: string } | { readonly whyNot: string };

/** What a start has found out. */
export interface Found {
  readonly config: Config;
  readonly arrivals: Arrivals;
  /** The number of the departure that it is. */
  readonly departure: number;
  /** Numbers that vswitches of the file have. */
  readonly used: ReadonlySet<VswitchId>;
}

const nothing: Contents = { rules: 0, groups: 0, meters: 0 };

export class Departures {
  readonly #journal: Journal;
  readonly #recovered: Recovered;
  /** The number of the last departure: whoever is corrected now holds nothing of it. */
  #departure: number;
  readonly #left: Map<VswitchName, Left>;
  readonly #heirs: Map<VswitchName, string>;
  readonly #restored = new Set<VswitchName>();
  readonly #ids: Map<VswitchName, VswitchId>;
  #freed: readonly VswitchId[];
  readonly #cleaned: Map<string, number>;
  /** Whether entries were sent there, in this run or an earlier one. */
  readonly hasSentTo = (dpid: Dpid): boolean => this.#cleaned.has(dpidText(dpid));
  readonly #who: Map<VswitchName, string>;
  /** Of those that left since this process began. */
  readonly #contents = new Map<VswitchName, Contents>();

  /** Writes what this start has found. */
  constructor(journal: Journal, recovered: Recovered, found: Found) {
    const { config, arrivals, departure, used } = found;
    this.#journal = journal;
    this.#recovered = recovered;
    this.#departure = departure;
    this.#left = new Map(arrivals.left);
    this.#heirs = new Map(arrivals.heirs);
    const inFile = new Set(config.vswitches.map(({ name }) => name));
    const { ids, freedIds } = recovered.remembered;
    this.#ids = new Map([...ids].filter(([name]) => !inFile.has(name)));
    this.#freed = freedIds.filter((id) => !used.has(id));
    if (this.#freed.length !== freedIds.length) this.#text('freed', this.#freed);
    this.#cleaned = new Map(recovered.cleaned);
    this.#who = new Map(arrivals.who);
    // A store from before it was written down: whoever is in the file may hold anything.
    if (recovered.cleaned.size === 0 && ids.size > 0) {
      for (const { dpid } of config.datapaths) this.touches(dpid);
    }
    // The counters of its ports are the other one's, too.
    const { portCounters } = journal;
    journal.portCounters = new Map([...portCounters].filter(([name]) => !this.#heirs.has(name)));
    for (const [name, left] of this.#left) this.#text(`left/${name}`, left);
    for (const name of recovered.left.keys())
      if (!this.#left.has(name)) this.#text(`left/${name}`, undefined);
    for (const [name, who] of arrivals.who)
      if (recovered.who.get(name) !== who) this.#text(`who/${name}`, who);
    this.#free();
    // Mirrors end with the process that made them.
    for (const name of [...this.#left.keys()]) if (isCopyName(name)) this.purge(name);
  }

  /** Why a vswitch of the file waits for a person's word; undefined when it does not. */
  whyWaits(name: VswitchName): string | undefined {
    return this.#heirs.get(name);
  }

  /** What the one before it has made stays until somebody decides. */
  isHeir(name: VswitchName): boolean {
    return this.#heirs.has(name);
  }

  /** The file that was run or applied before this start. */
  get ran(): Recovered['ran'] {
    return this.#recovered.ran;
  }

  /** Before anything is sent to a datapath. */
  touches(dpid: Dpid): void {
    if (this.hasSentTo(dpid)) return;
    this.#cleaned.set(dpidText(dpid), 0);
    this.#text(`cleaned/${dpidText(dpid)}`, 0);
  }

  /** A datapath holds what it should, and so nothing of those that left. */
  cleaned(dpid: Dpid): void {
    const key = dpidText(dpid);
    if (this.#cleaned.get(key) === this.#departure) return;
    this.#cleaned.set(key, this.#departure);
    this.#text(`cleaned/${key}`, this.#departure);
    this.#free();
  }

  /** Numbers that those have that left, and those that are free. */
  get numbers(): Pick<Remembered, 'ids' | 'freedIds'> {
    return { ids: this.#ids, freedIds: this.#freed };
  }

  /** The number of the departure that another configuration would be. */
  get next(): number {
    return this.#departure + 1;
  }

  /** Another text when others left, or numbers are others. */
  get version(): string {
    const sizes = [this.#ids.size, this.#left.size, this.#heirs.size];
    return [this.#departure, ...sizes, ...this.#freed].join(' ');
  }

  /** What is known of vswitches while some of them run, of which `has` says what they have. */
  census(
    running: Iterable<VswitchName>,
    has: (name: VswitchName) => Contents | undefined = () => undefined,
  ): StoredVswitches {
    return {
      names: new Set([...running, ...this.#left.keys()]),
      left: this.#left,
      who: this.#who,
      contents: (name) => (this.#left.has(name) ? this.#kept(name) : has(name)) ?? nothing,
    };
  }

  /** Another configuration serves: what follows from it, and what those had made that went. */
  changed(
    { left, heirs, who }: Arrivals,
    gone: ReadonlyMap<VswitchName, { readonly id: VswitchId; readonly contents: Contents }>,
    used: ReadonlySet<VswitchId>,
  ): void {
    if (gone.size > 0) this.#departure += 1;
    for (const [name, { id, contents }] of gone) {
      this.#ids.set(name, id);
      if (!this.#left.has(name)) this.#contents.set(name, contents);
    }
    for (const name of [...this.#left.keys()]) {
      if (left.has(name)) continue;
      this.#left.delete(name);
      this.#ids.delete(name);
      this.#contents.delete(name);
      this.#text(`left/${name}`, undefined);
    }
    for (const [name, one] of left) {
      if (!this.#left.has(name)) this.#text(`left/${name}`, one);
      this.#left.set(name, one);
      if (heirs.has(name)) this.#ids.delete(name);
    }
    for (const name of [...this.#heirs.keys()]) if (!heirs.has(name)) this.#heirs.delete(name);
    for (const [name, why] of heirs) if (!this.#heirs.has(name)) this.#heirs.set(name, why);
    for (const [name, one] of who) {
      if (this.#who.get(name) === one) continue;
      this.#text(`who/${name}`, one);
      this.#who.set(name, one);
    }
    const freed = this.#freed.filter((id) => !used.has(id));
    if (freed.length !== this.#freed.length) this.#text('freed', freed);
    this.#freed = freed;
  }

  #kept(name: VswitchName): Contents {
    return this.#contents.get(name) ?? contentsOf(this.#recovered, name);
  }

  all(): readonly LeftReport[] {
    return [...this.#left].filter(isOfFile).map(([vswitch, { sinceMs }]) => ({
      vswitch,
      sinceMs,
      contents: this.#kept(vswitch),
      hasHeir: this.#heirs.has(vswitch),
      isRestored: this.#restored.has(vswitch),
    }));
  }

  /** Forgets what one that left has made; one of its name that waits begins with nothing. */
  purge(name: VswitchName): Decided {
    const left = this.#left.get(name);
    if (left === undefined) return { whyNot: notLeftText(name, this.#left.keys()) };
    const contents = contentsText(this.#kept(name));
    const isWaiting = this.#heirs.delete(name);
    this.#restored.delete(name);
    this.#forget([name], isWaiting ? contentOf : vswitchOf);
    this.#left.delete(name);
    this.#contents.delete(name);
    const then = isWaiting ? '; the one in the file begins without rules' : '';
    if (!isWaiting) this.#keepId(name, left);
    return { done: `${name}: ${contents} deleted${then}` };
  }

  /** Datapaths that are in no file any more are not waited for. */
  forgetDatapaths(inFile: ReadonlySet<string>): readonly string[] {
    const gone = [...this.#cleaned.keys()].filter((dpid) => !inFile.has(dpid));
    for (const dpid of gone) {
      this.#cleaned.delete(dpid);
      this.#text(`cleaned/${dpid}`, undefined);
    }
    this.#free();
    return gone;
  }

  /** One that waits is to have what the one before it has made: from the next start on. */
  restore(name: VswitchName): Decided {
    if (!this.#heirs.has(name)) return { whyNot: notKeptText(name, this.#heirs.keys()) };
    this.#text(`left/${name}`, undefined);
    this.#restored.add(name);
    const contents = contentsText(this.#kept(name));
    this.#heirs.set(name, `it gets ${contents} at the next start of limevisor; restart it`);
    return { done: `${name} has ${contents} from the next start on` };
  }

  /** Its rules are forgotten, its number is not while a datapath may hold entries of it. */
  #keepId(name: VswitchName, left: Left): void {
    const id = this.#ids.get(name);
    if (id === undefined || this.#isClean(left)) {
      this.#free();
      return;
    }
    perform(this.#journal, kept([{ type: 'id', vswitch: name, id }]));
    this.#text(`left/${name}`, left);
    this.#left.set(name, left);
  }

  #forget(names: readonly VswitchName[], whose: typeof vswitchOf): void {
    perform(this.#journal, kept([{ type: 'nothingOf', vswitches: new Set(names), whose }]));
  }

  #text(key: string, value: Parameters<typeof textEntry>[1]): void {
    perform(this.#journal, kept([textEntry(key, value)]));
  }

  #isClean({ departure }: Left): boolean {
    return [...this.#cleaned.values()].every((upTo) => upTo >= departure);
  }

  #free(): void {
    const freed: VswitchId[] = [];
    const forgotten: VswitchName[] = [];
    for (const [name, id] of this.#ids) {
      const left = this.#left.get(name);
      if (left !== undefined && !this.#isClean(left)) continue;
      freed.push(id);
      this.#ids.delete(name);
      this.#text(`id/${name}`, undefined);
      const { rules, groups, meters } = this.#kept(name);
      if (rules + groups + meters > 0) continue;
      this.#left.delete(name);
      forgotten.push(name);
    }
    if (forgotten.length > 0) this.#forget(forgotten, vswitchOf);
    if (freed.length === 0) return;
    this.#freed = [...this.#freed, ...freed];
    this.#text('freed', this.#freed);
  }
}

/** Who serves vswitches, and may have one that waited for this. */
interface Serving {
  readonly departures: Departures;
  readonly journal: Journal;
  runtime(name: VswitchName): { readonly rulebook: Rulebook; refresh(): void } | undefined;
}

/** What a vswitch that left has made is forgotten; one that waited for that is served. */
export function purgeOf(serving: Serving, name: VswitchName): Decided {
  const decided = serving.departures.purge(name);
  const runtime = serving.runtime(name);
  if ('done' in decided && runtime !== undefined) {
    serving.journal.keep(name, runtime.rulebook);
    runtime.refresh();
  }
  return decided;
}

/** Who has departures, and what becomes of them. */
export interface Purger {
  readonly departures: Departures;
  purge(name: VswitchName): Decided;
  datapaths(): readonly { readonly config: { readonly dpid: Dpid } }[];
}

/** One vswitch, all of a tenant, or with `isAll` all that have left, and datapaths that have. */
export function purgeAll(purger: Purger, name: string, isAll: boolean): readonly Decided[] {
  const { departures } = purger;
  const left = departures.all().map((one) => one.vswitch as VswitchName);
  const ofTenant = left.filter((one) => one.startsWith(`${name}/`));
  if (!isAll) {
    const names = ofTenant.length > 0 ? ofTenant : [name as VswitchName];
    return names.map((one) => purger.purge(one));
  }
  const inFile = new Set(purger.datapaths().map(({ config }) => dpidText(config.dpid)));
  const gone = departures.forgetDatapaths(inFile).map((dpid) => ({
    done: `datapath ${dpid} is no longer in the file and not waited for`,
  }));
  return [...gone, ...left.map((one) => purger.purge(one))];
}
