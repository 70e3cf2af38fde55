/**
 * Heals datapaths whose Open vSwitch fails to update cached flows
 * (translation/datapath/stale-flows.ts). Whether packets still come the old way after a migration
 * is watched by stale-flow-watch.ts.
 *
 * Our own changes leave no such flow where there are several tables
 * (translation/entries/cache-eviction.ts). What is healed is what remains: a datapath that was made
 * right after a connection, one with one table when a body there is left, and what another file
 * leads elsewhere.
 *
 * One heal of a datapath after the other: what was cached while two entries stood would look at
 * both bits, and neither would evict it again.
 */

import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { forgetfulText, isForgetful } from '../../translation/datapath/stale-flows.ts';
import type { Boundary } from '../world/fault-boundary.ts';
import type { Log } from '../world/log.ts';
import type { DatapathContext } from './contributors.ts';
import { leadOwner } from './converge.ts';
import type { Datapath } from './datapath.ts';
import { StaleFlowWatch } from './stale-flow-watch.ts';
import type { Waits } from './writer.ts';

/** What a datapath says that it is. */
export interface Nature {
  readonly software: string;
  /** What the operator may want to know if it may forget cached flows; else empty. */
  readonly forgets: string;
}

interface HealingContext extends DatapathContext {
  readonly boundary: Boundary;
}

/** A heal that waits, and who hears of it. */
interface Waiting {
  readonly why: string;
  readonly healed: () => void;
}

export class StaleFlowHealing {
  readonly #context: HealingContext;
  readonly #log: Log;
  readonly #natures = new Map<DatapathName, Nature>();
  /** How many heals each datapath has had. */
  readonly #scheduler = new Map<DatapathName, number>();
  /** Where an entry stands, those that want one more. */
  readonly #waiting = new Map<DatapathName, Waiting[]>();
  /** What looks whether it was enough. */
  readonly staleFlowWatch: StaleFlowWatch;

  constructor(context: HealingContext, log: Log) {
    this.#context = context;
    this.#log = log;
    this.staleFlowWatch = new StaleFlowWatch(context, log, (name, why) => this.heal(name, why));
  }

  natureOf(name: DatapathName): Nature {
    return this.#natures.get(name) ?? { software: '', forgets: '' };
  }

  /** Asks what it is; heals it when its tables were changed and it may be one that forgets. */
  begin(datapath: Datapath, corrections: number): void {
    const { channel } = datapath;
    datapath.query({ kind: 'desc' }, (parts) => {
      if (datapath.channel !== channel) return;
      const found = parts?.find((one) => one.kind === 'desc');
      const description = found ?? { hardware: 'Open vSwitch', software: 'of unknown version' };
      const software = `${description.hardware} ${description.software}`;
      const forgets = isForgetful(description) ? forgetfulText(description) : '';
      this.#natures.set(datapath.name, { software, forgets });
      if (forgets === '') return;
      this.#log.info({ datapath: datapath.name, what: forgets }, 'it keeps outdated cached flows');
      if (corrections > 0) this.heal(datapath.name, 'its tables were corrected');
    });
  }

  /**
   * True when it is one that needs it; the entry goes when it was looked at. `healed` runs when no
   * cached flow is left of before, or at once.
   */
  heal(name: DatapathName, why: string, healed: () => void = () => undefined): boolean {
    if (!this.#needs(name)) {
      healed();
      return false;
    }
    const waiting = this.#waiting.get(name);
    const own = { why, healed: this.#context.boundary.bind(healed) };
    if (waiting === undefined) this.#heal(name, [own]);
    else waiting.push(own);
    return true;
  }

  #needs(name: DatapathName): boolean {
    return this.natureOf(name).forgets !== '' && this.#context.datapath(name).isReady;
  }

  #heal(name: DatapathName, all: readonly Waiting[]): void {
    const { boundary, world } = this.#context;
    this.#waiting.set(name, []);
    const datapath = this.#context.datapath(name);
    const turn = this.#scheduler.get(name) ?? 0;
    this.#scheduler.set(name, turn + 1);
    const speaks = datapath.version;
    const why = [...new Set(all.map((one) => one.why))].join('; ');
    this.#log.info({ datapath: name, why }, 'cached flows are being rebuilt');
    const lead = (isThere: boolean, waits: Waits, done: () => void): void => {
      const owner = { type: 'heal', turn, speaks, isThere } as const;
      leadOwner(this.#context.snapshot(), datapath, owner, waits, done);
    };
    // Nobody's: others wait for it.
    boundary.run(undefined, () => {
      lead(true, 'full', () => {
        for (const { healed } of all) healed();
        world.after(limits.healMs, () => lead(false, 'barrier', () => this.#goOn(name)));
      });
    });
  }

  #goOn(name: DatapathName): void {
    const all = this.#waiting.get(name) ?? [];
    this.#waiting.delete(name);
    if (all.length === 0) return;
    if (this.#needs(name)) this.#heal(name, all);
    else for (const { healed } of all) healed();
  }
}
