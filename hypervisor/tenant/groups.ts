/**
 * The groups of a vswitch while it runs: group-mods, statistics over all bodies, and fast failover
 * for the vports that a datapath cannot watch by itself (translation/requests/group-mod.ts).
 */

import { group as ofpg, portState } from '../../openflow/values/constants.ts';
import type { GroupStats, MultipartReplyBody, OfError } from '../../openflow/values/values.ts';
import {
  type Group,
  type GroupChange,
  type GroupMod,
  type GroupTable,
  groupsUsed,
} from '../../slices/groups-meters/groups.ts';
import type { DatapathName, Vport } from '../../slices/ids.ts';
import type { Snapshot } from '../../slices/network/values.ts';
import { newCursor } from '../../slices/rules/cursor.ts';
import { counted, type RuleCounter } from '../../slices/rules/rule-counters.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import type { PortView } from '../../translation/controllers/ports.ts';
import { durationOf } from '../../translation/controllers/statistics.ts';
import type { GroupsRequest } from '../../translation/controllers/verdict.ts';
import { contribution, type Owner } from '../../translation/datapath/contribution.ts';
import { difference } from '../../translation/entries/difference.ts';
import { modifyGroup, type Tables } from '../../translation/entries/physical-tables.ts';
import { watchesPorts } from '../../translation/requests/group-mod.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import type { Journal } from '../store/journal.ts';
import type { Entry } from '../store/journal-entries.ts';
import type { Scheduler } from '../world/scheduler.ts';
import { SharedRead } from '../world/shared-read.ts';
import { whenAll } from '../world/when-all.ts';
import type { World } from '../world/world.ts';
import type { UsedBy } from './changes-user.ts';
import type { Bodied } from './configured.ts';
import type { Reversal } from './revert.ts';
export interface GroupsContext extends Datapaths {
  readonly world: World;
  readonly journal: Journal;
  readonly scheduler: Scheduler;
  snapshot(): Snapshot;
}
/** Where groups live, the rules that use them, and the links that their buckets watch. */
export interface GroupsOwner extends Bodied {
  readonly rulebook: Rulebook;
  readonly ports: { view(vport: Vport): PortView };
}

export class Groups {
  static readonly #readBodies = (own: Groups, landed: () => void): void =>
    whenAll(own.#owner.placement.bodies, (body, done) => own.readBody(body, done), landed);

  readonly table: GroupTable;
  readonly #context: GroupsContext;
  readonly #owner: GroupsOwner;
  #sharedRead: SharedRead<Groups> | undefined;
  /** Which vports had a link when `follow` last looked. */
  #live: readonly Vport[] | undefined;
  /** How often they had become others. */
  #liveChanges = 0;

  constructor(context: GroupsContext, owner: GroupsOwner, table: GroupTable) {
    this.#context = context;
    this.#owner = owner;
    this.table = table;
  }

  get revision(): number {
    return this.table.revision + this.#liveChanges;
  }

  isLive(vport: Vport): boolean {
    return this.#owner.ports.view(vport).state === portState.live;
  }

  /** Every group, as they are contributed to what a datapath should hold. */
  get owner(): Extract<Owner, { type: 'groups' }> {
    const isLive = (vport: Vport): boolean => this.isLive(vport);
    return { type: 'groups', vswitch: this.#owner.vswitch, groups: this.table.groups(), isLive };
  }

  /** Makes the change in the book; what is to be kept of it follows. */
  change(mod: GroupMod): readonly GroupChange[] | OfError {
    return this.table.apply(mod, this.#context.world.nowMs());
  }

  /** What the store is to have of changes: in one commit, when no rule there uses what goes. */
  entriesOf(changes: readonly GroupChange[]): readonly Entry[] {
    return changes.map(({ type, group }) =>
      this.#entry(group.groupId, type === 'removeGroup' ? undefined : group),
    );
  }

  /** Which rules go with the groups that these changes take away; undefined when there are none. */
  usersOf(changes: readonly GroupChange[]): UsedBy | undefined {
    const gone = new Set<number>();
    for (const one of changes) if (one.type === 'removeGroup') gone.add(one.group.groupId);
    if (gone.size === 0) return undefined;
    return (instructions) => groupsUsed(instructions).some((id) => gone.has(id));
  }

  /** The book is as before the change. */
  revert(change: GroupChange): void {
    this.table.revert(change);
  }

  /** A datapath refused the change: the book is as before it, and so is to be the store. */
  revertRefused(change: GroupChange): Reversal {
    this.revert(change);
    const { groupId } = change.group;
    const stands = this.table.byId(groupId);
    return { back: { group: stands }, entries: [this.#entry(groupId, stands)] };
  }

  #entry(groupId: number, stands: Group | undefined): Entry {
    const { name: vswitch } = this.#owner.vswitch;
    if (stands === undefined) return { type: 'noGroup', vswitch, groupId };
    return { type: 'group', vswitch, group: stands };
  }

  /** Answers a request for statistics or descriptions. */
  read(request: GroupsRequest, done: (reply: MultipartReplyBody) => void): void {
    if (request.kind === 'groupDesc') {
      const groups = this.table.groups().map(({ groupId, groupType, buckets }) => {
        return { groupId, groupType, buckets };
      });
      done({ kind: 'groupDesc', groups });
      return;
    }
    this.#sharedRead ??= new SharedRead<Groups>(this, Groups.#readBodies);
    this.#sharedRead.read(() => {
      const { groupId } = request;
      this.#countUsers((users) => {
        const asked = this.table
          .groups()
          .filter((one) => [one.groupId, ofpg.all].includes(groupId));
        done({ kind: 'groupStats', groups: asked.map((one) => this.#row(one, users)) });
      });
    });
  }

  /** How many rules use each group, counted a few rules at a time. */
  #countUsers(done: (users: ReadonlyMap<number, number>) => void): void {
    const users = new Map<number, number>();
    const cursor = newCursor();
    const step = (): boolean => {
      for (const { instructions } of this.#owner.rulebook.some(cursor)) {
        for (const id of groupsUsed(instructions)) users.set(id, (users.get(id) ?? 0) + 1);
      }
      return !cursor.isOver;
    };
    this.#context.scheduler.run({ step }, () => done(users));
  }

  /** The groups no longer live on a body, or are made there anew: their counts stay. */
  leave(body: DatapathName): readonly Entry[] {
    return this.table.groups().map((group) => {
      for (const counter of countersOf(group)) counter.leave(body);
      return this.#entry(group.groupId, group);
    });
  }

  /** Reads one body's counters, if there are groups. */
  readBody(body: DatapathName, done: () => void): void {
    if (this.table.groups().length === 0) {
      done();
      return;
    }
    this.#context.datapath(body).query({ kind: 'groupStats', groupId: ofpg.all }, (parts) => {
      const byBelow = new Map(this.table.groups().map((one) => [one.below, one] as const));
      for (const part of parts ?? []) {
        if (part.kind !== 'groupStats') continue;
        for (const row of part.groups) {
          const group = byBelow.get(row.groupId);
          if (group !== undefined) saw(group, body, row);
        }
      }
      done();
    });
  }

  /** After links came or went: the buckets that watch them where the datapath cannot. */
  follow(): void {
    const { vswitch, carriers } = this.#owner;
    const before = this.#live && new Set(this.#live);
    const live = new Set([...vswitch.ports.keys()].filter((vport) => this.isLive(vport)));
    if (before !== undefined && live.symmetricDifference(before).size === 0) return;
    this.#live = [...live];
    this.#liveChanges += 1;
    const watching = this.table.groups().filter(watchesPorts);
    if (watching.length === 0) return;
    const owner = { type: 'groups', vswitch, groups: watching } as const;
    const snapshot = this.#context.snapshot();
    for (const body of carriers) {
      const of = (vports: ReadonlySet<Vport>): Tables => {
        const isLive = (vport: Vport): boolean =>
          vswitch.ports.has(vport) ? vports.has(vport) : this.isLive(vport);
        return contribution(snapshot, { ...owner, isLive }, body);
      };
      const want = of(live);
      const change =
        before === undefined
          ? [...want.groups.values()].map(modifyGroup)
          : difference(of(before), want).change;
      if (change.length === 0) continue;
      this.#context.datapath(body).writer.send('tables', change, 'barrier', () => undefined);
    }
  }

  #row(group: Group, users: ReadonlyMap<number, number>): GroupStats {
    return {
      groupId: group.groupId,
      refCount: users.get(group.groupId) ?? 0,
      ...counted(group.counter),
      ...durationOf(group, this.#context.world.nowMs()),
      buckets: group.counters.map(counted),
    };
  }
}

function countersOf(group: Group): readonly RuleCounter[] {
  return [group.counter, ...group.counters];
}

function saw(group: Group, body: DatapathName, row: GroupStats): void {
  group.counter.saw(body, { packets: row.packetCount, bytes: row.byteCount });
  row.buckets.forEach((one, i) => {
    group.counters[i]?.saw(body, { packets: one.packetCount, bytes: one.byteCount });
  });
}
