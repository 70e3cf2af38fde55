/**
 * The entries of a vswitch that is on several switches at once (cloned.ts), the straight way: ports
 * are written anew in each rule, and what leaves at another switch goes there with a tag that says
 * by which port.
 */
import { matchOf, oxm, oxmNumber } from '../../openflow/match/match.ts';
import { flowCommand, port as ofpp } from '../../openflow/values/constants.ts';
import { fieldByNumber } from '../../openflow/values/fields.ts';
import type { Action, FlowMod, Match } from '../../openflow/values/values.ts';
import { rule } from './controllers.ts';

export interface ClonedPorts {
  readonly bodyCount: number;
  /** By vport, the switch where its host is plugged in; the port has the vport's number. */
  readonly places: ReadonlyMap<number, number>;
}

/** The port of the cable to another switch. */
export const cable = (to: number): number => CABLES + to;
const CABLES = 50;

const VLAN = 0x1000;
const ARRIVES = 1n << 61n;
const GUARDS = 1n << 62n;
const [ARRIVING, STRAY, GUARD] = [65_000, 64_999, 60_000];

export const isOurs = (cookie: bigint): boolean => cookie >= ARRIVES;

/** What comes by cables: it is delivered, and nothing else is done with it. */
export function arrivals(body: number, { bodyCount, places }: ClonedPorts): readonly FlowMod[] {
  return [...Array(bodyCount).keys()]
    .filter((other) => other !== body)
    .flatMap((other) => {
      const from = oxm('in_port', cable(other));
      const here = [...places].filter(([, at]) => at === body);
      return [
        rule(matchOf(from), [], { priority: STRAY, cookie: ARRIVES }),
        ...here.map(([vport]) => {
          const match = matchOf(from, oxm('vlan_vid', VLAN + vport));
          const actions: Action[] = [{ type: 'popVlan' }, output(vport)];
          return rule(match, actions, { priority: ARRIVING, cookie: ARRIVES });
        }),
      ];
    });
}

interface How {
  readonly body: number;
  readonly ports: ClonedPorts;
  /** What comes by cables is processed again, and needs no tag. */
  readonly isProcessed: boolean;
  /** What goes up and on only goes up. */
  readonly isSerialized: boolean;
}

/** A tenant's flow-mod for one switch: one for each port by which its packets may come. */
export function below(mod: FlowMod, how: How): readonly FlowMod[] {
  const isUp = how.isSerialized && goesUpAndOn(mod);
  const all = actionsOf(mod).filter((one) => !isUp || isController(one));
  return matchesBelow(mod.match, how).map(({ match, inPort }) => {
    const actions = all.flatMap((one) => actionsBelow(one, inPort, how));
    const instructions = [{ type: 'applyActions', actions } as const];
    return { ...mod, match, instructions, idleTimeoutSec: 0, hardTimeoutSec: 0, xid: 0 };
  });
}

/** What drops all that a change may touch. */
export function guards(mod: FlowMod, isOn: boolean, how: How): readonly FlowMod[] {
  const command = isOn ? flowCommand.add : flowCommand.deleteStrict;
  return matchesBelow(mod.match, how).map(({ match }) => {
    return rule(match, [], { priority: GUARD, command, cookie: GUARDS });
  });
}

function matchesBelow(match: Match, { body, ports, isProcessed }: How) {
  const vport = inPortOf(match);
  if (vport === undefined) return [{ match, inPort: undefined }];
  const at = ports.places.get(vport);
  if (at === body) return [{ match, inPort: vport }];
  if (!isProcessed || at === undefined) return [];
  const rest = match.filter((one) => nameOf(one) !== 'in_port');
  return [{ match: matchOf(oxm('in_port', cable(at)), ...rest), inPort: vport }];
}

export function actionsBelow(
  action: Action,
  inPort: number | undefined,
  { body, ports, isProcessed }: How,
): readonly Action[] {
  if (action.type !== 'output' || isController(action)) return [action];
  const all = action.port === ofpp.flood ? [...ports.places.keys()] : [action.port];
  const meant = all.filter((vport) => vport !== inPort);
  const [here, away] = [true, false].map((isHere) =>
    meant.filter((vport) => (ports.places.get(vport) === body) === isHere),
  );
  const local = (here ?? []).map(output);
  const cables = new Set((away ?? []).map((vport) => cable(ports.places.get(vport) ?? 0)));
  if (isProcessed) return [...local, ...[...cables].map(output)];
  const tagged = (away ?? []).flatMap((vport): Action[] => [
    { type: 'pushVlan', ethertype: 0x8100 },
    { type: 'setField', oxm: oxm('vlan_vid', VLAN + vport) },
    output(cable(ports.places.get(vport) ?? 0)),
    { type: 'popVlan' },
  ]);
  return [...local, ...tagged];
}

/** What is left to do with a packet that went up. */
export function onwards(mod: FlowMod): readonly Action[] {
  return actionsOf(mod).filter((one) => !isController(one));
}

export function goesUpAndOn(mod: FlowMod): boolean {
  const all = actionsOf(mod).filter(({ type }) => type === 'output');
  return all.some(isController) && !all.every(isController);
}

function actionsOf({ instructions }: FlowMod): readonly Action[] {
  return instructions.flatMap((one) => (one.type === 'applyActions' ? one.actions : []));
}

function isController(action: Action): boolean {
  return action.type === 'output' && action.port === ofpp.controller;
}

export function inPortOf(match: Match): number | undefined {
  const field = match.find((one) => nameOf(one) === 'in_port');
  return field === undefined ? undefined : Number(oxmNumber(field));
}

function nameOf({ oxmClass, field }: Match[number]): string | undefined {
  return fieldByNumber(oxmClass, field)?.name;
}

function output(port: number): Action {
  return { type: 'output', port, maxLen: 0xffff };
}
