/**
 * Entries of a flat body that its datapath refused: it is not known what it holds in their place.
 */
import type { FlowMod, Message } from '../../openflow/values/values.ts';
import type { Rule } from '../../slices/rules/rulebook.ts';
import { deleteFlow, flowKey, type PhysicalFlow, unsure } from '../entries/physical-tables.ts';
import { isOverride, readCookie } from '../entries/pipeline.ts';
import type { Guards } from './guards.ts';
import { type InstalledRules, listOf } from './installed-rules.ts';

export class DoubtedEntries {
  readonly #installed: InstalledRules;
  readonly #guards: Guards;
  /** Entries of rules that are gone, which the datapath refused to delete; by flowKey. */
  readonly #stuck = new Map<string, PhysicalFlow>();

  constructor(installed: InstalledRules, guards: Guards) {
    this.#installed = installed;
    this.#guards = guards;
  }

  /** Whatever the datapath holds there is to be another. */
  refused(mod: FlowMod): void {
    const cookie = readCookie(mod.cookie);
    const key = flowKey(mod);
    const doubted: PhysicalFlow = { ...mod, instructions: unsure };
    if (cookie !== undefined && isOverride(cookie.kind)) this.#guards.refused(key, doubted);
    if (cookie?.kind !== 'rule' && cookie?.kind !== 'tagged') return;
    const installed = this.#installed.get(cookie.serial);
    if (installed === undefined) this.#stuck.set(key, doubted);
    else {
      const flows = new Map(installed.flows).set(key, doubted);
      this.#installed.set({ ...installed, flows });
    }
  }

  /** Rules of which something is in doubt. */
  rules(): readonly Rule[] {
    const isDoubted = ({ instructions }: PhysicalFlow): boolean => instructions === unsure;
    const doubtful = this.#installed.all().filter((one) => listOf(one).some(isDoubted));
    return doubtful.map(({ rule }) => rule);
  }

  get hasStuck(): boolean {
    return this.#stuck.size > 0;
  }

  /** Deletes what refused to go, unless something else is there by now. */
  unstick(): readonly Message[] {
    const used = new Set(this.#installed.all().flatMap(({ flows }) => [...flows.keys()]));
    const stuck = [...this.#stuck].filter(([key]) => !used.has(key));
    this.#stuck.clear();
    return stuck.map(([, flow]) => deleteFlow(flow));
  }
}
