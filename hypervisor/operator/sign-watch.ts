/**
 * Looks for signs that a datapath is about to fail, as `evacuate-on:` of the file says
 * (slices/traffic/signs.ts), and has its vswitches moved away.
 *
 *   calm --a sign that lasts--> evacuated --no sign for as long, and some time--> calm
 *
 * Nothing is read where the file does not ask for it.
 */

import { port as ofpp } from '../../openflow/values/constants.ts';
import type { PortStats } from '../../openflow/values/values.ts';
import type { EvacuateOn } from '../../slices/config/remaps.ts';
import type { PhysicalEnd } from '../../slices/config/values.ts';
import type { DatapathName, Port } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { type PortErrors, type Sign, Signs } from '../../slices/traffic/signs.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { Log } from '../world/log.ts';
import type { Cancel, World } from '../world/world.ts';
import { type EvacuationSources, type Evacuations, nobody } from './evacuations.ts';

export interface SignSources extends EvacuationSources {
  readonly log: Log;
  isNamed(datapath: Datapath, port: number): boolean;
}

interface Watched {
  readonly signs: Signs;
  /** Since when it has been asked and has not answered. */
  askedMs: number | undefined;
  /** When it was evacuated last. */
  leftMs: number | undefined;
  /** Since when there has been no sign, behind an evacuation. */
  calmSinceMs: number | undefined;
}

export class SignWatch {
  readonly #world: World;
  readonly #context: SignSources;
  readonly #evacuations: Evacuations;
  readonly #all = new Map<DatapathName, Watched>();
  #cancel: Cancel | undefined;

  /** The world is one for what may be given up. */
  constructor(world: World, context: SignSources, evacuations: Evacuations) {
    this.#world = world;
    this.#context = context;
    this.#evacuations = evacuations;
  }

  /** The file may say something else than before. */
  follow(): void {
    const isWanted = this.#on !== undefined;
    if (isWanted && this.#cancel === undefined) this.#run();
    if (isWanted) return;
    this.#cancel?.();
    this.#cancel = undefined;
    this.#all.clear();
  }

  wentDown({ device, port }: PhysicalEnd): void {
    const on = this.#on;
    if (on === undefined || !this.#isLookedAt(on, device)) return;
    this.#of(device).signs.wentDown(port, this.#world.nowMs(), on.flaps?.count ?? 0);
  }

  get #on(): EvacuateOn | undefined {
    return this.#context.snapshot().config.evacuateOn;
  }

  #isLookedAt({ among }: EvacuateOn, name: DatapathName): boolean {
    return among.length === 0 || among.includes(name);
  }

  #of(name: DatapathName): Watched {
    const known = this.#all.get(name);
    if (known !== undefined) return known;
    const made = {
      signs: new Signs(name),
      askedMs: undefined,
      leftMs: undefined,
      calmSinceMs: undefined,
    };
    this.#all.set(name, made);
    return made;
  }

  #run(): void {
    this.#cancel = this.#world.after(limits.evacuateLookMs, () => {
      this.#cancel = undefined;
      const on = this.#on;
      if (on === undefined) return;
      const all = this.#context.datapaths().filter(({ name }) => this.#isLookedAt(on, name));
      for (const datapath of all) this.#look(datapath);
      const now = this.#world.nowMs();
      const signsOf = ({ name }: Datapath) => this.#of(name).signs.lasting(on, now);
      const signs = new Map(all.map((one) => [one, signsOf(one)]));
      // Of a cable's two ends the one is the cause that has more of them.
      const inOrder = [...signs].toSorted(([, a], [, b]) => b.length - a.length);
      for (const [{ name }, lasting] of inOrder) this.#judge(on, name, lasting);
      this.#run();
    });
  }

  #look(datapath: Datapath): void {
    const { name, isReady } = datapath;
    const watched = this.#of(name);
    const now = this.#world.nowMs();
    if (!isReady) {
      watched.signs.forget();
      watched.askedMs = undefined;
      return;
    }
    if (watched.askedMs !== undefined) watched.signs.answered(now - watched.askedMs);
    else this.#ask(datapath, watched, now);
  }

  #ask(datapath: Datapath, watched: Watched, now: number): void {
    watched.askedMs = now;
    datapath.query({ kind: 'portStats', portNo: ofpp.any }, (parts) => {
      const answeredMs = this.#world.nowMs();
      if (watched.askedMs === now) watched.askedMs = undefined;
      if (parts === undefined) return;
      watched.signs.answered(answeredMs - now);
      const rows = parts.flatMap((one) => (one.kind === 'portStats' ? one.ports : []));
      const own = rows.filter(({ portNo }) => this.#context.isNamed(datapath, portNo));
      watched.signs.sawErrors(own.map(errorsOf), answeredMs);
    });
  }

  #judge(on: EvacuateOn, name: DatapathName, lasting: readonly Sign[]): void {
    const watched = this.#of(name);
    const { signs, leftMs } = watched;
    const now = this.#world.nowMs();
    if (leftMs !== undefined) {
      // Until it has been well for a while, the same sign is no news.
      if (signs.present(on, now).length > 0) watched.calmSinceMs = undefined;
      else watched.calmSinceMs ??= now;
      const isCalm = watched.calmSinceMs !== undefined && now - watched.calmSinceMs >= on.forMs;
      if (!isCalm || now - leftMs < on.againMs) return;
      watched.leftMs = undefined;
      this.#context.log.info({ datapath: name }, 'no sign of failure any more');
      return;
    }
    const sign = lasting.find((one) => !this.#isOthers(name, one));
    if (sign === undefined || this.#evacuations.leaving([name]) !== undefined) return;
    watched.leftMs = now;
    watched.calmSinceMs = undefined;
    const { withinMs } = on;
    const how = { what: name, datapaths: [name], withinMs, to: [], atOnce: limits.movesAtOnce };
    const slow = sign.port === undefined ? { answerMs: signs.answerMs } : {};
    this.#evacuations.begin({ ...how, ...slow, cause: sign.why }, nobody);
  }

  /** What is wrong with a cable whose other end was left for it already. */
  #isOthers(name: DatapathName, { port }: Sign): boolean {
    const { links } = this.#context.snapshot().config;
    const end = links.find((ends) => ends.some((one) => one.device === name && one.port === port));
    const other = end?.find((one) => one.device !== name || one.port !== port);
    return other !== undefined && this.#all.get(other.device)?.leftMs !== undefined;
  }
}

/** Of everything that says that a frame was lost at the port. */
function errorsOf(row: PortStats): PortErrors {
  const { portNo, rxErrors, txErrors, rxDropped, txDropped } = row;
  return { port: portNo as Port, errors: rxErrors + txErrors + rxDropped + txDropped };
}
