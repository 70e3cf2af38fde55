/**
 * A body in the pipeline encoding: every message follows from the rule alone, so it has no state.
 */
import { table, version } from '../../openflow/values/constants.ts';
import type { Match, Message, OfError } from '../../openflow/values/values.ts';
import type { GroupChange } from '../../slices/groups-meters/groups.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import type { Rule } from '../../slices/rules/rulebook.ts';
import type { Reverted } from '../../slices/rules/rulebook-revert.ts';
import type { Body, Change, TakenBack } from '../entries/body.ts';
import {
  addFlow,
  addGroup,
  deleteAll,
  deleteFlow,
  deleteGroup,
  modifyFlow,
  modifyGroup,
  type PhysicalFlow,
} from '../entries/physical-tables.ts';
import { cookieOf, VSWITCH_COOKIE_MASK } from '../entries/pipeline.ts';
import { pipelineEncoding } from '../pipeline/encoding.ts';
import { isLong, refuseLongFlow } from '../requests/fit.ts';
import { encodeGroup, type GroupScene } from '../requests/group-mod.ts';
import { changeMeter } from '../requests/meter-mod.ts';
import { refuseTagged, tagWays } from './tag-ways.ts';

interface BodyScene extends GroupScene {
  /** Whether a rule with this match is to be there; absent: all are. */
  holds?(match: Match): boolean;
}

export class PipelineBody implements Body {
  readonly #vswitch: Vswitch;
  readonly #scene: BodyScene;

  constructor(vswitch: Vswitch, scene: BodyScene) {
    this.#vswitch = vswitch;
    this.#scene = scene;
  }

  /** Groups are as long everywhere, and measured when they are asked for (group-mod.ts). */
  refuse(change: Change, snapshot: Snapshot): OfError | undefined {
    const ways = tagWays(snapshot, this.#vswitch, this.#scene.datapath);
    return refuseTagged(ways, this.#vswitch, change) ?? this.#refuseLong(change);
  }

  #refuseLong(change: Change): OfError | undefined {
    if (!('rule' in change) || change.type === 'remove') return undefined;
    if (!isLong(change.rule.instructions)) return undefined;
    for (const flow of pipelineEncoding.encode(this.#vswitch, change.rule)) {
      const error = refuseLongFlow(version.of13, flow);
      if (error !== undefined) return error;
    }
    return undefined;
  }

  change(change: Change): readonly Message[] {
    if ('group' in change) return [this.#changeGroup(change)];
    if ('meter' in change) return changeMeter(change);
    const flows = this.#encoded(change.rule);
    switch (change.type) {
      case 'add':
        return flows.map((flow) => addFlow(flow, change.resets));
      case 'modify':
        return flows.map((flow) => modifyFlow(flow, change.resets));
      case 'remove':
        return flows.map(deleteFlow);
    }
  }

  repair(change: Change, back: TakenBack): readonly Message[] {
    if ('rule' in change) return 'sent' in back ? this.#repairRule(change.rule, back) : [];
    if ('group' in change) {
      const group = 'group' in back ? back.group : undefined;
      if (group === undefined) return [deleteGroup(change.group.below)];
      return [this.#changeGroup({ type: 'modifyGroup', group, before: group })];
    }
    const meter = 'meter' in back ? back.meter : undefined;
    if (meter === undefined) return changeMeter({ type: 'removeMeter', meter: change.meter });
    return changeMeter({ type: 'modifyMeter', meter, before: meter });
  }

  /** What replaces an entry without a reset leaves it its counters. */
  #repairRule(rule: Rule, { sent, isOvertaken }: Reverted): readonly Message[] {
    if (isOvertaken) return [];
    if (sent === undefined) return this.#encoded(rule).map(deleteFlow);
    return this.#encoded(sent).map((flow) => addFlow(flow, false));
  }

  fill(rules: readonly Rule[]): readonly Message[] {
    return rules.flatMap((rule) => this.#encoded(rule)).map((flow) => addFlow(flow));
  }

  /** None of a rule that is not to be there. */
  #encoded(rule: Rule): readonly PhysicalFlow[] {
    if (this.#scene.holds?.(rule.match) === false) return [];
    return pipelineEncoding.encode(this.#vswitch, rule);
  }

  empty(): readonly Message[] {
    return [deleteAll(table.all, cookieOf('rule', this.#vswitch.id, 0), VSWITCH_COOKIE_MASK)];
  }

  /** A cookie tells what is diverted from everything else (overrides.ts). */
  readonly mark = undefined;

  chooseMark(): undefined {
    return undefined;
  }

  #changeGroup(change: GroupChange): Message {
    switch (change.type) {
      case 'addGroup':
        return addGroup(encodeGroup(this.#vswitch, change.group, this.#scene));
      case 'modifyGroup':
        return modifyGroup(encodeGroup(this.#vswitch, change.group, this.#scene));
      case 'removeGroup':
        return deleteGroup(change.group.below);
    }
  }
}
