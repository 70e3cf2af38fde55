/** The rules of the reference model: a list, looked through from the highest priority down. */
import { oxmNumber } from '../../openflow/match/match.ts';
import { flowCommand, flowFlag, port as ofpp } from '../../openflow/values/constants.ts';
import { fieldByNumber } from '../../openflow/values/fields.ts';
import type { Action, FlowMod, Match } from '../../openflow/values/values.ts';

type Fields = Readonly<Record<string, number>>;

interface Rule {
  readonly priority: number;
  readonly fields: Fields;
  readonly key: string;
  actions: readonly Action[];
  cookie: bigint;
  readonly isTold: boolean;
}

/** What leaves by a port. */
export interface Out {
  readonly port: number;
  readonly src: number;
  readonly dst: number;
}

/** What becomes of a frame, and by which rule, if that tells of its end. */
export interface Handled {
  readonly isUp: boolean;
  readonly outs: readonly Out[];
  readonly cookie: bigint | undefined;
}

export class RuleTable {
  #rules: Rule[] = [];
  /** By cookie, the rules whose counters a rule goes on with, its own among them (OF1.3.5 6.4). */
  readonly lineage = new Map<bigint, ReadonlySet<bigint>>();
  readonly #ports: readonly number[];

  constructor(ports: readonly number[]) {
    this.#ports = ports;
  }

  change({ command, priority, match, instructions, cookie, flags }: FlowMod): void {
    const { add, modify, modifyStrict, deleteStrict } = flowCommand;
    const fields = fieldsOf(match);
    const key = `${priority} ${JSON.stringify(fields)}`;
    const actions = instructions.flatMap((one) => (one.type === 'applyActions' ? one.actions : []));
    const isOne = (rule: Rule): boolean => rule.key === key;
    const isWide = command === modify || command === flowCommand.delete;
    const isMeant = isWide ? (rule: Rule) => isWithin(rule.fields, fields) : isOne;
    if (command === add) {
      const replaced = this.#rules.find(isOne);
      const isKept = replaced !== undefined && (flags & flowFlag.resetCounts) === 0;
      const before = isKept ? (this.lineage.get(replaced.cookie) ?? []) : [];
      this.lineage.set(cookie, new Set([...before, cookie]));
      this.#rules = this.#rules.filter((rule) => !isOne(rule));
      const isTold = (flags & flowFlag.sendFlowRem) !== 0;
      this.#rules.push({ priority, fields, key, actions, cookie, isTold });
      // The first of those that are above all others counts.
      this.#rules.sort((a, b) => b.priority - a.priority);
    } else if (command === modify || command === modifyStrict) {
      for (const rule of this.#rules.filter(isMeant)) rule.actions = actions;
    } else if (command === flowCommand.delete || command === deleteStrict) {
      this.#rules = this.#rules.filter((rule) => !isMeant(rule));
    }
  }

  /** It went by itself. */
  remove(cookie: bigint): void {
    this.#rules = this.#rules.filter((rule) => rule.cookie !== cookie);
  }

  handle(inPort: number, src: number, dst: number): Handled {
    const has: Fields = { in_port: inPort, eth_src: src, eth_dst: dst, eth_type: ETHERTYPE };
    const rule = this.#rules.find(({ fields }) => isWithin(has, fields));
    const outs: Out[] = [];
    let isUp = false;
    const now = { src, dst };
    for (const action of rule?.actions ?? []) {
      if (action.type === 'setField') {
        const name = nameOf(action.oxm);
        if (name === 'eth_src') now.src = Number(oxmNumber(action.oxm));
        else if (name === 'eth_dst') now.dst = Number(oxmNumber(action.oxm));
        else throw new Error(`no application sets ${name}`);
      } else if (action.type !== 'output') throw new Error(`no application does ${action.type}`);
      else if (action.port === ofpp.controller) isUp = true;
      else {
        const to = this.#meant(action.port).filter((port) => port !== inPort);
        outs.push(...to.map((port) => ({ port, ...now })));
      }
    }
    return { isUp, outs, cookie: rule?.isTold ? rule.cookie : undefined };
  }

  #meant(port: number): readonly number[] {
    return port === ofpp.flood ? this.#ports : [port];
  }
}

/** Of hosts' frames (fields.ts), which this file does without. */
const ETHERTYPE = 0x88b6;

type Field = Match[number];

function nameOf({ oxmClass, field }: Field): string {
  return fieldByNumber(oxmClass, field)?.name ?? '?';
}

function fieldsOf(match: Match): Fields {
  const pairs = match.map((one) => {
    if (one.mask !== undefined) throw new Error('no application masks fields');
    return [nameOf(one), Number(oxmNumber(one))] as const;
  });
  return Object.fromEntries(pairs.sort(([a], [b]) => a.localeCompare(b)));
}

/** Whether it has all of these. */
function isWithin(one: Fields, these: Fields): boolean {
  return Object.entries(these).every(([name, value]) => one[name] === value);
}
