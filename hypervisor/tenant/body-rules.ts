/**
 * Which rules each body of a vswitch is to hold: all of them, except on members that hold a part
 * (slices/network/partial-members.ts).
 *
 * A part only grows while its member is one: what was sent there is changed and deleted there, also
 * when its host has moved on. A start, which compares everything, begins with what is needed.
 */
import { fieldOf, oxmNumber } from '../../openflow/match/match.ts';
import type { Match } from '../../openflow/values/values.ts';
import type { DatapathName, Vport } from '../../slices/ids.ts';
import { LazyMap } from '../../slices/lazy-collections.ts';
import { enteringAt, isPartial } from '../../slices/network/partial-members.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import { rulesByInPort } from '../../slices/rules/rule-filter.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import { PipelineBody } from '../../translation/datapath/pipeline-body.ts';
import type { Datapaths } from '../datapath/datapaths.ts';

/** The vports of which a member has rules, with all that name none; undefined: of all. */
type Part = ReadonlySet<Vport> | undefined;

export class BodyRules {
  readonly #context: Datapaths;
  readonly #owner: { readonly vswitch: Vswitch };
  readonly #parts = new LazyMap<DatapathName, Part>();

  constructor(context: Datapaths, owner: { readonly vswitch: Vswitch }) {
    this.#context = context;
    this.#owner = owner;
  }

  /** Whether each body is to hold every rule. Hot. */
  get areAll(): boolean {
    return this.#owner.vswitch.partial === undefined && this.#parts.size === 0;
  }

  /** Whether a body there is to hold a rule with this match. */
  has(on: DatapathName, match: Match): boolean {
    // With one table each entrance has rules of its own.
    if (this.areAll || this.#context.datapath(on).flat !== undefined) return true;
    const part = this.#partOn(on);
    if (part === undefined) return true;
    const inPort = inPortOf(match);
    return inPort === undefined || part.has(inPort);
  }

  #partOn(on: DatapathName): Part {
    if (!this.#parts.has(on)) {
      const part = enteringAt(this.#owner.vswitch, on);
      if (part !== undefined) this.#parts.set(on, part);
      return part;
    }
    return this.#parts.get(on);
  }

  /** How many rules a body there lacks, though it has all that it is to hold. */
  lackedOn(on: DatapathName, rulebook: Rulebook): number {
    const part = this.areAll ? undefined : this.#partOn(on);
    if (part === undefined) return 0;
    const named = [...rulesByInPort(rulebook)].filter(([port]) => !part.has(port as Vport));
    return named.reduce((sum, [, count]) => sum + count, 0);
  }

  /** In the pipeline encoding. */
  bodyOn(on: DatapathName, isLive: (vport: Vport) => boolean): PipelineBody {
    const holds = (match: Match): boolean => this.has(on, match);
    return new PipelineBody(this.#owner.vswitch, { datapath: on, isLive, holds });
  }

  /** One that is to join, of a vswitch that is to be so. */
  join(on: DatapathName, next: Vswitch): void {
    const part = enteringAt(next, on);
    if (part !== undefined) this.#parts.set(on, part);
  }

  /** No member any more, or one that has all. */
  forget(on: DatapathName): void {
    this.#parts.delete(on);
  }

  /** Its members are what they are to be: those that are no part any more have all. */
  settle(): void {
    for (const on of [...this.#parts.keys()]) {
      if (!isPartial(this.#owner.vswitch, on)) this.#parts.delete(on);
    }
  }

  /**
   * What is made from here on is there as the vswitch that is to be needs it. Answers which of the
   * rules that are made already it lacks; undefined when it lacks none.
   */
  grow(on: DatapathName, next: Vswitch): ((match: Match) => boolean) | undefined {
    const part = this.#partOn(on);
    if (part === undefined) return undefined;
    const wanted = enteringAt(next, on);
    const lacks = (vport: Vport): boolean =>
      !part.has(vport) && (wanted === undefined || wanted.has(vport));
    if (wanted !== undefined && ![...wanted].some(lacks)) return undefined;
    this.#parts.set(on, wanted && new Set([...part, ...wanted]));
    return (match) => {
      const inPort = inPortOf(match);
      return inPort !== undefined && lacks(inPort);
    };
  }
}

/** The port of entry that a match names. */
function inPortOf(match: Match): Vport | undefined {
  const field = fieldOf(match, 'in_port');
  return field && (Number(oxmNumber(field)) as Vport);
}
