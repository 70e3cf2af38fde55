/**
 * Creates the tunnels that the file asks for on the Open vSwitches of its datapaths, and removes
 * those that it no longer has (translation/datapath/tunnel-ports.ts).
 *
 *   look --> each datapath with an "ovsdb": ask --> do what differs --> ask again: as wanted?
 *                                            '---- no answer, or in the way ----> again later
 *
 * One look at a time. What cannot be done is a warning of the datapath until it can; a link whose
 * tunnel is not there is down, as one whose cable is not.
 */
import type { Config } from '../../slices/config/config.ts';
import type { DatapathName, Dpid } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { Snapshot } from '../../slices/network/snapshot.ts';
import {
  type OvsdbBridge,
  planTunnels,
  readBridges,
  type TunnelPort,
  tunnelPortsOf,
  tunnelQuery,
  tunnelTroubles,
} from '../../translation/datapath/tunnel-ports.ts';
import type { Log } from '../world/log.ts';
import { type Ended, whenAll } from '../world/when-all.ts';
import type { Cancel, OvsdbAnswer, World } from '../world/world.ts';
import type { Datapath } from './datapath.ts';

export interface TunnelsContext {
  snapshot(): Pick<Snapshot, 'config'>;
  datapaths(): readonly Pick<Datapath, 'name' | 'warnings'>[];
}

/** An Open vSwitch, and which of its bridges. */
interface Place {
  readonly name: DatapathName;
  readonly dpid: Dpid;
  readonly ovsdb: string;
}

/** `laid`: nothing is removed yet. */
type Extent = 'laid' | 'whole';

/** Of tunnels that are not as the file says, a line each. */
export interface NotLaid {
  /** A person has to see to them. */
  readonly troubles: readonly string[];
  /** Nobody answers there yet. */
  readonly waits: readonly string[];
}

type Told = (not: NotLaid) => void;

export class Tunnels {
  readonly #world: World;
  readonly #context: TunnelsContext;
  readonly #log: Log;
  /** Where there may be tunnels of ours, also when the file of now does not say so. */
  readonly #known = new Map<string, Place>();
  readonly #waiting: {
    readonly extent: Extent;
    readonly done: Told;
    readonly config: Config | undefined;
  }[] = [];
  #isLooking = false;
  #again: Cancel | undefined;

  constructor(world: World, context: TunnelsContext, log: Log) {
    this.#world = world;
    this.#context = context;
    this.#log = log;
  }

  /**
   * `done` with a line for each tunnel that is not as `config` says; absent, as the one says that
   * serves by then.
   */
  look(extent: Extent, done: Told = () => undefined, config?: Config): void {
    this.#waiting.push({ extent, done, config });
    if (!this.#isLooking) this.#next();
  }

  #next(): void {
    const one = this.#waiting.shift();
    this.#isLooking = one !== undefined;
    if (one === undefined) return;
    const { extent, done, config = this.#context.snapshot().config } = one;
    const places = placesIn(config);
    for (const place of places) this.#known.set(keyOf(place), place);
    const all = extent === 'whole' ? [...this.#known.values()] : places;
    const named = new Set(places.map(keyOf));
    const not = { troubles: [] as string[], waits: [] as string[] };
    const look = (place: Place, ended: Ended): void => {
      const isNamed = named.has(keyOf(place));
      const wanted = isNamed ? tunnelPortsOf(config, place.name) : [];
      this.#lookAt(place, wanted, extent === 'whole', ({ troubles, waits }) => {
        const own = [...troubles, ...waits];
        this.#warn(place.name, own);
        not.troubles.push(...troubles.map((why) => `${place.name}: ${why}`));
        not.waits.push(...waits.map((why) => `${place.name}: ${why}`));
        if (!isNamed && own.length === 0) this.#known.delete(keyOf(place));
        ended();
      });
    };
    whenAll(all, look, () => {
      this.#again?.();
      this.#again = undefined;
      if (not.troubles.length + not.waits.length > 0) {
        this.#again = this.#world.after(limits.tunnelsAgainMs, () => this.look('whole'));
      }
      done(not);
      this.#next();
    });
  }

  #lookAt(
    { dpid, ovsdb, name }: Place,
    wanted: readonly TunnelPort[],
    isWhole: boolean,
    done: Told,
  ): void {
    const ask = (args: readonly string[], then: (text: string) => void): void => {
      this.#world.ovsdb(ovsdb, args, (answer: OvsdbAnswer) => {
        if ('text' in answer) then(answer.text);
        else done({ troubles: [], waits: [`the OVSDB at ${ovsdb}: ${answer.why}`] });
      });
    };
    ask(tunnelQuery, (text) => {
      const bridges = readBridges(text);
      if (bridges === undefined) {
        done({ troubles: [`at ${ovsdb} is not an OVSDB`], waits: [] });
        return;
      }
      const { args, done: changes, troubles: own } = planTunnels(bridges, dpid, wanted, isWhole);
      const end = (known: readonly OvsdbBridge[]): void => {
        done({ troubles: [...own, ...tunnelTroubles(known, dpid, wanted)], waits: [] });
      };
      if (args.length === 0) {
        end(bridges);
        return;
      }
      ask(args, () => {
        this.#log.info({ datapath: name, changes }, 'ports of tunnels have changed');
        ask(tunnelQuery, (then) => end(readBridges(then) ?? []));
      });
    });
  }

  #warn(name: DatapathName, troubles: readonly string[]): void {
    const warnings = this.#context.datapaths().find((one) => one.name === name)?.warnings;
    const text = troubles.join('; ');
    if (text !== '' && warnings?.get('tunnels') !== text) {
      this.#log.warn({ datapath: name, why: text }, 'tunnels are not as the file says');
    }
    if (text === '') warnings?.delete('tunnels');
    else warnings?.set('tunnels', text);
  }
}

function placesIn({ datapaths }: Config): readonly Place[] {
  return datapaths.flatMap(({ name, dpid, ovsdb }) =>
    ovsdb === undefined ? [] : [{ name, dpid, ovsdb }],
  );
}

function keyOf({ dpid, ovsdb }: Place): string {
  return `${dpid} ${ovsdb}`;
}
