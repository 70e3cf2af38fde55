/**
 * Replaces a body whose datapath stays away, for a vswitch that the file wants on so many datapaths
 * (`bodies: 3`), if that datapath was chosen for it and not named by the file.
 *
 *   there --away--> missed --for `failover.replace`--> replaced; where nothing can be, tried again
 *     '<---back--------'
 *
 * What is away goes on forwarding, or is dead: nobody can tell. Its hosts stay where they are, and
 * their ports down, until it is back; then their frames are carried to another body, as of any host
 * that is plugged in where none is. It is not brought back: it is a member no more.
 */
import type { Config, VswitchConfig } from '../../slices/config/values.ts';
import type { DatapathName, VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { LeavingMember } from '../../translation/migration/member-places.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { Log } from '../world/log.ts';
import type { Cancel, World } from '../world/world.ts';
import type { MemberSources } from './control-members.ts';
import { type MemberLeft, replaceMember } from './drained-members.ts';

export interface ReplacementSources extends MemberSources {
  readonly log: Log;
  readonly startedMs: number;
  datapaths(): readonly Datapath[];
}

export class BodyReplacements {
  readonly #world: World;
  readonly #context: ReplacementSources;
  /** Since when each is away, on the world's clock. */
  readonly #awayMs = new Map<DatapathName, number>();
  /** Of those that could not be replaced: when it was tried last, and why not. */
  readonly #failed = new Map<string, { readonly atMs: number; readonly why: string }>();
  #known: { readonly config: Config; readonly all: readonly VswitchConfig[] } | undefined;
  #isReplacing = false;
  #cancel: Cancel | undefined;

  /** The world is one for what may be given up. */
  constructor(world: World, context: ReplacementSources) {
    this.#world = world;
    this.#context = context;
  }

  /** The file may say something else than before, and there may be room now. */
  follow(): void {
    this.#failed.clear();
    this.look();
  }

  /** A datapath went, or is back. */
  look(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#counted.length === 0) {
      this.#awayMs.clear();
      return;
    }
    const now = this.#world.nowMs();
    for (const datapath of this.#context.datapaths()) {
      const { name, isReady } = datapath;
      if (isReady) this.#awayMs.delete(name);
      else if (!this.#awayMs.has(name)) this.#awayMs.set(name, now);
    }
    const missed = this.#missed();
    const dueMs = (one: LeavingMember): number => this.#dueMs(one);
    const due = missed.find((one) => dueMs(one) <= now);
    if (due !== undefined) this.#replace(due);
    else if (missed.length > 0) {
      const nextMs = Math.min(...missed.map(dueMs));
      this.#cancel = this.#world.after(nextMs - now, () => this.look());
    }
  }

  /** Those of which the file says how many bodies they have: looked for once for a file. */
  get #counted(): readonly VswitchConfig[] {
    const { config } = this.#context.snapshot();
    if (this.#known?.config !== config) {
      const all = config.vswitches.filter(({ bodies }) => bodies !== undefined);
      this.#known = { config, all };
    }
    return this.#known.all;
  }

  /** Of vswitches that have another body that is there. */
  #missed(): readonly LeavingMember[] {
    const { config, vswitches } = this.#context.snapshot();
    const { replaceMs } = config.failover;
    if (replaceMs === 'never' || this.#isReplacing) return [];
    return this.#counted.flatMap(({ name, named = [] }) => {
      const { members = [] } = vswitches.get(name) ?? {};
      const away = members.filter((one) => this.#awayMs.has(one));
      if (away.length === members.length) return [];
      const open = away.filter((one) => !named.includes(one));
      return open.map((from) => ({ vswitch: name, from, among: [], leaves: away }));
    });
  }

  #dueMs({ vswitch, from }: LeavingMember): number {
    const { startedMs } = this.#context;
    const { replaceMs } = this.#context.snapshot().config.failover;
    const sinceMs = this.#awayMs.get(from) ?? this.#world.nowMs();
    const { atMs = Number.NEGATIVE_INFINITY } = this.#failed.get(keyOf(vswitch, from)) ?? {};
    const patienceMs = replaceMs === 'never' ? Number.POSITIVE_INFINITY : replaceMs;
    // After a start it has the time to connect.
    const connectedMs = startedMs + limits.datapathLostMs;
    return Math.max(sinceMs + patienceMs, connectedMs, atMs + limits.replaceAgainMs);
  }

  #replace(leaving: LeavingMember): void {
    const { log } = this.#context;
    const { vswitch, from } = leaving;
    this.#isReplacing = true;
    replaceMember(this.#context, leaving, (left) => {
      this.#isReplacing = false;
      this.#note(vswitch, from, left, log);
      this.look();
    });
  }

  #note(vswitch: VswitchName, from: DatapathName, { to, why }: MemberLeft, log: Log): void {
    const key = keyOf(vswitch, from);
    const before = this.#failed.get(key)?.why;
    if (why === undefined && to !== undefined) {
      this.#failed.delete(key);
      const back = `limevisor migrate ${vswitch} --from ${to} --to ${from}`;
      log.warn({ vswitch, from, to, back }, 'body replaced: its datapath stayed away');
      return;
    }
    const said = why ?? 'it is no longer a body';
    this.#failed.set(key, { atMs: this.#world.nowMs(), why: said });
    const about = { vswitch, datapath: from, why: said };
    if (said !== before) log.warn(about, 'body not replaced, though its datapath stays away');
  }
}

function keyOf(vswitch: VswitchName, from: DatapathName): string {
  return `${vswitch} ${from}`;
}
