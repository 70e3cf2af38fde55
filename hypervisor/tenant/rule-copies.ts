/**
 * Copies the rules of a vswitch to a new body, a part at a time: those that may stay bytes go from
 * the rulebook to the datapath; all others are decoded. Bytes take a twentieth of the time for a
 * rule of a few outputs.
 */
import { Writer } from '../../openflow/layout/writer.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import { newCursor } from '../../slices/rules/cursor.ts';
import { nextForBody } from '../../slices/rules/rule-frames.ts';
import { RuleRun } from '../../slices/rules/rule-run.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import { readRules, staysBytes } from '../../translation/pipeline/flow-mod-bytes.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import type { Part } from '../datapath/paced-send.ts';
import type { BodyRules } from './body-rules.ts';
import type { Bodied } from './configured.ts';

export interface CopiedOwner extends Bodied {
  readonly rulebook: Rulebook;
  readonly bodyRules: Pick<BodyRules, 'areAll'>;
}

export class RuleCopies {
  readonly #owner: CopiedOwner;
  readonly #to: DatapathName;
  readonly #cursor = newCursor();
  readonly #staysBytes: typeof staysBytes;

  constructor(context: Datapaths, owner: CopiedOwner, to: DatapathName) {
    this.#owner = owner;
    this.#to = to;
    // With one table a rule is several entries, and of a part each is looked at.
    const areBytes = owner.bodyRules.areAll && context.datapath(to).flat === undefined;
    this.#staysBytes = areBytes ? staysBytes : () => false;
  }

  get isOver(): boolean {
    return this.#cursor.isOver;
  }

  /** The run stands until the next call, whoever makes it. */
  next(): Part {
    frames.reset();
    run.count = 0;
    const { rulebook, vswitch } = this.#owner;
    const others = nextForBody(rulebook, this.#to, this.#cursor, this.#staysBytes, frames);
    if (frames.at > 0) readRules(run, frames.dv, frames.at);
    const messages = this.#owner.bodyOn(this.#to).fill(others);
    return { run, vswitch, messages };
  }
}

const run = new RuleRun(limits.rulesAtOnce);
const frames = new Writer(limits.outboxBytesAtFirst);
