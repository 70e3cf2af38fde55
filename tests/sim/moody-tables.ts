/**
 * What a switch holds that is honest about its room: entries, groups and meters, each up to a
 * number, with the specification's errors. No host's packet ever comes here.
 */
import {
  flowCommand,
  groupCommand,
  meterCommand,
  type Version,
  version,
} from '../../openflow/values/constants.ts';
import { ofError } from '../../openflow/values/errors.ts';
import type { Bucket, Message, MeterConfig, OfError } from '../../openflow/values/values.ts';
import { packetInOf, walkOf } from './frames.ts';
import { type Entry, type Frame, Tables } from './pipeline.ts';

export interface Room {
  flows: number;
  groups: number;
  meters: number;
}

type GroupMod = Extract<Message, { type: 'groupMod' }>;

export class MoodyTables {
  readonly room: Room = { flows: 10_000, groups: 10_000, meters: 10_000 };
  readonly groups = new Map<
    number,
    { readonly groupType: number; readonly buckets: readonly Bucket[] }
  >();
  readonly meters = new Map<number, MeterConfig>();
  readonly #flows: Tables;
  readonly #speaks: Version;

  constructor(speaks: Version) {
    this.#speaks = speaks;
    this.#flows = new Tables(speaks);
  }

  get entries(): readonly Entry[] {
    return this.#flows.entries;
  }

  /** What the controller is told of a frame that comes in and that no group is for. */
  toldOf(frame: Frame, port: number): readonly Message[] {
    const outputs = this.#flows.walk(walkOf(frame, port), 0);
    return outputs.flatMap((one) => (one.type === 'controller' ? [packetInOf(one)] : []));
  }

  /** Entries that went; or the error, and nothing has changed. */
  apply(message: Message): readonly Entry[] | OfError {
    if (message.type === 'groupMod') return this.#changeGroup(message);
    if (message.type === 'meterMod') return this.#changeMeter(message);
    if (message.type !== 'flowMod') return [];
    const before = this.#flows.entries;
    const isAdd = message.command === flowCommand.add || this.#speaks === version.of10;
    for (const one of message.command < flowCommand.delete ? message.instructions : []) {
      if (one.type === 'meter' && !this.meters.has(one.meterId)) {
        return ofError('meterModFailed', 'invalidMeter', 'no such meter');
      }
      if (one.type !== 'applyActions' && one.type !== 'writeActions') continue;
      if (one.actions.some((a) => a.type === 'group' && !this.groups.has(a.groupId))) {
        return ofError('badAction', 'badOutGroup', 'no such group');
      }
    }
    const gone = this.#flows.apply(message);
    if (isAdd && this.#flows.entries.length > Math.max(before.length, this.room.flows)) {
      this.#flows.entries = before;
      return ofError('flowModFailed', 'tableFull', 'full');
    }
    return gone;
  }

  #changeGroup({ command, groupId, groupType, buckets }: GroupMod): readonly Entry[] | OfError {
    const isThere = this.groups.has(groupId);
    if (command === groupCommand.delete) {
      this.groups.delete(groupId);
      return this.#dropUsers(({ instructions }) =>
        instructions.some(
          (one) =>
            (one.type === 'applyActions' || one.type === 'writeActions') &&
            one.actions.some((action) => action.type === 'group' && action.groupId === groupId),
        ),
      );
    }
    if (command === groupCommand.add && isThere) {
      return ofError('groupModFailed', 'groupExists', 'there already');
    }
    if (command === groupCommand.add && this.groups.size >= this.room.groups) {
      return ofError('groupModFailed', 'outOfGroups', 'full');
    }
    if (command === groupCommand.modify && !isThere) {
      return ofError('groupModFailed', 'unknownGroup', 'not there');
    }
    this.groups.set(groupId, { groupType, buckets });
    return [];
  }

  #changeMeter(mod: Extract<Message, { type: 'meterMod' }>): readonly Entry[] | OfError {
    const { command, meterId, flags, bands } = mod;
    const isThere = this.meters.has(meterId);
    if (command === meterCommand.delete) {
      this.meters.delete(meterId);
      return this.#dropUsers(({ instructions }) =>
        instructions.some((one) => one.type === 'meter' && one.meterId === meterId),
      );
    }
    if (command === meterCommand.add && isThere) {
      return ofError('meterModFailed', 'meterExists', 'there already');
    }
    if (command === meterCommand.add && this.meters.size >= this.room.meters) {
      return ofError('meterModFailed', 'outOfMeters', 'full');
    }
    if (command === meterCommand.modify && !isThere) {
      return ofError('meterModFailed', 'unknownMeter', 'not there');
    }
    this.meters.set(meterId, { meterId, flags, bands });
    return [];
  }

  /** OF1.3.5 section 6.5: entries go with their group, or meter. */
  #dropUsers(isUser: (entry: Entry) => boolean): readonly Entry[] {
    const gone = this.#flows.entries.filter(isUser);
    this.#flows.entries = this.#flows.entries.filter((entry) => !isUser(entry));
    return gone;
  }
}
