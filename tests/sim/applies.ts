/**
 * Files that are applied while a simulation runs: tenants that come and go beside red and blue,
 * ports of blue, cables, limits, acknowledgements. Red is concerned by cables only, so its traffic
 * and its controller notice nothing.
 *
 * After a kill the process begins with the file of before or with the one that was being applied.
 */

import { isDeepStrictEqual } from 'node:util';
import type { Hypervisor } from '../../hypervisor/hypervisor.ts';
import { printInstructions } from '../../openflow/print/print-actions.ts';
import { printMatch } from '../../openflow/print/print-match.ts';
import { flowCommand } from '../../openflow/values/constants.ts';
import { errorTable } from '../../openflow/values/errors.ts';
import { type Config, readConfig } from '../../slices/config/config.ts';
import { readCookie } from '../../translation/entries/pipeline.ts';
import type { FlatDatapath } from '../../translation/flat/datapath.ts';
import { isOver } from '../../translation/migration/migration.ts';
import { flowsOf } from '../support/flat-flows.ts';
import { deviationsOf } from './agreement.ts';
import type { Machine } from './mortal.ts';
import type { SimSwitch } from './switch.ts';
import type { SimWorld } from './world.ts';

interface Tree {
  readonly datapaths: Record<string, object>;
  readonly links: readonly (string | object)[];
  readonly tenants: Record<string, { readonly hosts: object }>;
}

const FIRST_PORT = 200;
const APPLIES_PER_MOVE = 3;
const WITHIN_MS = 1_800;
/** How often a switch has no room for what comes. */
const FULL = 0.25;
const LOOK_MS = 20;
const tableFull = { errorType: errorTable.flowModFailed.number, errorCode: 1 };
const LOOKS_MAX = 15;

export class Files {
  applied = 0;
  /** Files that a full switch refused some of. */
  takenBack = 0;
  readonly unapplied: string[] = [];
  /** How often it was looked at what switches hold, and what was wrong. */
  looked = 0;
  readonly wrong: string[] = [];
  /** Whether a process was killed while a file with other cables was being applied. */
  isCutShort = false;
  switches: readonly SimSwitch[] = [];
  /** Its cables, and those of the file before it. */
  #underWay: readonly Config['links'][] | undefined;
  readonly #world: SimWorld;
  readonly #first: Tree;
  /** What a process would begin with now. */
  config: Config;
  machine: Machine | undefined;
  #isOver = false;
  readonly #isSpread: boolean;

  /** `isSpread`: flows of the links of those that come, too. */
  constructor(world: SimWorld, first: object, isSpread = false) {
    this.#isSpread = isSpread;
    this.#world = world;
    this.#first = first as Tree;
    this.config = configFrom(first);
  }

  /** At random moments of the next seconds. */
  applySome(machine: Machine): void {
    for (let i = 0; i < APPLIES_PER_MOVE; i += 1) {
      this.#world.after(this.#world.random() * WITHIN_MS, () => {
        if (!this.#isOver && machine.isRunning) this.#apply(machine.hypervisor);
      });
    }
  }

  /** No more of them. */
  end(): void {
    this.#isOver = true;
  }

  /** The process that applied them is gone. */
  killed(): void {
    const [before, next] = this.#underWay ?? [];
    if (!isDeepStrictEqual(before, next)) this.isCutShort = true;
    this.#underWay = undefined;
    for (const one of this.switches) one.refuses = undefined;
  }

  /** Throws when what runs is not what a file says. */
  mustServe(hypervisor: Hypervisor): void {
    const { config, vswitches } = hypervisor.snapshot();
    // Hosts may have moved (host-moves.ts).
    const { hosts } = config;
    const isMoved = hypervisor.applying.memberMoves
      .all()
      .some(({ state }) => state.type === 'done');
    const moved = { hosts, ...(isMoved && { vswitches: config.vswitches }) };
    if (!isDeepStrictEqual(config, { ...this.config, ...moved }))
      throw new Error('another file runs');
    const names = new Set(config.vswitches.map(({ name }) => name));
    const running = new Set(hypervisor.runtimes().map(({ name }) => name));
    const wrong = [...names.symmetricDifference(running)];
    if (wrong.length > 0) throw new Error(`not served, or still: ${wrong.join(', ')}`);
    if (vswitches.size !== names.size) throw new Error('the snapshot has other vswitches');
    for (const { name, flat } of hypervisor.datapaths()) {
      if (flat === undefined) continue;
      const [is, anew] = [flat, hypervisor.contributors.flat(name)].map(whatItDoes);
      const old = is?.symmetricDifference(anew ?? new Set()) ?? [];
      for (const one of old) throw new Error(`${name} does not do what it would anew: ${one}`);
    }
  }

  #apply(hypervisor: Hypervisor): void {
    const before = this.config;
    const next = configFrom(this.#varied());
    const isOld = this.#world.random() < 0.5;
    // A process that is killed meanwhile begins with either.
    if (!isOld) this.config = next;
    if (this.#underWay === undefined && this.#world.random() < FULL) this.#fill(hypervisor);
    const { applying } = hypervisor;
    const isFirst = this.#underWay === undefined;
    this.#underWay ??= [before.links, next.links];
    applying.apply('a file', next, (applied) => {
      if (isFirst) this.#underWay = undefined;
      if ('whyNot' in applied) {
        if (applied.isTakenBack) this.takenBack += 1;
        this.unapplied.push(...applied.whyNot);
        this.config = before;
      } else {
        this.applied += 1;
        this.config = next;
        this.unapplied.push(...applied.done);
      }
      if (!isFirst) return;
      for (const one of this.switches) one.refuses = undefined;
      this.#lookWhenQuiet(hypervisor, 0, []);
    });
  }

  /** A switch has no room for entries of vswitches that are not there yet. */
  #fill(hypervisor: Hypervisor): void {
    const known = new Set(
      [...hypervisor.snapshot().vswitches.values()].map(({ id }) => Number(id)),
    );
    const full = this.switches[Math.floor(this.#world.random() * this.switches.length)];
    if (full === undefined) return;
    full.refuses = ({ xid, cookie, command }) => {
      const id = readCookie(cookie)?.id ?? 0;
      if (command !== flowCommand.add || id === 0 || known.has(id)) return undefined;
      return { type: 'error', xid, ...tableFull, data: new Uint8Array(0) };
    };
  }

  /**
   * Whether switches hold what they should, as soon as nothing is on its way: after each file, if
   * the next one has not begun by then.
   */
  #lookWhenQuiet(hypervisor: Hypervisor, times: number, wrong: readonly string[]): void {
    if (times === LOOKS_MAX) {
      this.wrong.push(...wrong);
      return;
    }
    this.#world.after(LOOK_MS, () => {
      if (this.#underWay !== undefined || !this.#isAlive(hypervisor)) return;
      if (!hypervisor.executor.all().every(isOver)) {
        this.#lookWhenQuiet(hypervisor, 0, []);
        return;
      }
      const now = deviationsOf(hypervisor, this.switches);
      if (now.length > 0) this.#lookWhenQuiet(hypervisor, times + 1, now);
      else this.looked += 1;
    });
  }

  #isAlive(hypervisor: Hypervisor): boolean {
    return this.machine?.isRunning === true && this.machine.hypervisor === hypervisor;
  }

  #varied(): object {
    const { datapaths, links, tenants } = this.#first;
    const random = (): number => this.#world.random();
    const names = Object.keys(datapaths);
    const pick = (): string => names[Math.floor(random() * names.length)] ?? '';
    const others = ['green', 'gold'].flatMap((name, i) => {
      if (random() >= 0.6) return [];
      return [[name, other(pick, random, FIRST_PORT + 10 * i, this.#isSpread)] as const];
    });
    const { blue } = tenants;
    const more = random() < 0.5 ? { h3: { port: 'v1:9', at: `${pick()}:${FIRST_PORT + 30}` } } : {};
    const hosts = { ...blue?.hosts, ...more };
    // The first of them join all datapaths.
    const cables = links.filter((_, i) => i < names.length - 1 || random() < 0.7);
    const all = { ...tenants, blue: { ...blue, hosts }, ...Object.fromEntries(others) };
    return { ...this.#first, links: cables, tenants: all };
  }
}

/** Which priorities are pushed by others depends on what came first. */
function whatItDoes(flat: FlatDatapath): ReadonlySet<string> {
  const texts = flowsOf(flat).map(({ match, instructions, cookie }) => {
    return `${cookie} ${printMatch(match)} ${printInstructions(instructions)}`;
  });
  return new Set(texts);
}

/** Nobody listens where its controller would be. The second may be a big switch. */
function other(pick: () => string, random: () => number, port: number, isSpread: boolean): object {
  const some = [...new Set([pick(), pick(), pick()])];
  const on = random() < 0.5 && some.length > 1 ? some : some[0];
  const vswitches = { v1: { dpid: '1', on: pick() }, v2: { dpid: '2', on } };
  const hosts = {
    h1: { port: 'v1:1', at: `${pick()}:${port}` },
    h2: { port: 'v2:1', at: `${pick()}:${port + 1}` },
  };
  const ends = 'v1:2 - v2:2';
  const link = isSpread ? { ends, spread: 'select' } : ends;
  const links = random() < 0.7 ? [link] : [];
  return { controllers: ['tcp:127.0.0.1:6663'], vswitches, hosts, links };
}

function configFrom(tree: object): Config {
  const read = readConfig(tree, []);
  if ('problems' in read) throw new Error(JSON.stringify(read.problems));
  return read.config;
}
