/**
 * Heals datapaths whose Open vSwitch fails to update cached flows
 * (translation/datapath/stale-flows.ts). Whether packets still come the old way after a migration
 * is watched by stale-flow-watch.ts.
 *
 * Our own changes leave no such flow where there are several tables
 * (translation/entries/cache-eviction.ts). What is healed is what remains: a datapath that was made
 * right after a connection, and one with one table, when a body there is left.
 */

import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { forgetfulText, isForgetful } from '../../translation/datapath/stale-flows.ts';
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

export class StaleFlowHealing {
  readonly #context: DatapathContext;
  readonly #log: Log;
  readonly #natures = new Map<DatapathName, Nature>();
  /** How many heals each datapath has had. */
  readonly #scheduler = new Map<DatapathName, number>();
  /** What looks whether it was enough. */
  readonly staleFlowWatch: StaleFlowWatch;

  constructor(context: DatapathContext, log: Log) {
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
      this.#log.info({ datapath: datapath.name, what: forgets }, 'it forgets flows');
      if (corrections > 0) this.heal(datapath.name, 'its tables were corrected');
    });
  }

  /**
   * True when it is one that needs it; the entry goes when it was looked at. `healed` runs when no
   * cached flow is left of before, or at once.
   */
  heal(name: DatapathName, why: string, healed: () => void = () => undefined): boolean {
    const datapath = this.#context.datapath(name);
    if (this.natureOf(name).forgets === '' || !datapath.isReady) {
      healed();
      return false;
    }
    const turn = this.#scheduler.get(name) ?? 0;
    this.#scheduler.set(name, turn + 1);
    const speaks = datapath.version;
    this.#log.info({ datapath: name, why }, 'cached flows are being rebuilt');
    const heal = (isThere: boolean, waits: Waits, done?: () => void): void => {
      const owner = { type: 'heal', turn, speaks, isThere } as const;
      leadOwner(this.#context.snapshot(), datapath, owner, waits, done);
    };
    heal(true, 'full', () => {
      healed();
      this.#context.world.after(limits.healMs, () => heal(false, 'later'));
    });
    return true;
  }
}
