/**
 * What a switch holds after a tenant's requests, as text: the idea that the oracle has of rules,
 * groups and meters (refusals-tenant.ts).
 */
import {
  flowCommand,
  groupCommand,
  meterCommand,
  group as ofpg,
} from '../../openflow/values/constants.ts';
import type { FlowMod, Instruction, Message } from '../../openflow/values/values.ts';

export const ALL_METERS = 0xffff_ffff;

/** What a vswitch of the tenant's should hold: text by slot, or by id. */
export interface Model {
  readonly rules: Map<string, string>;
  readonly groups: Map<number, string>;
  readonly meters: Map<number, string>;
}

/** As a switch does; whoever asks knows that it was not refused. */
export function obey(model: Model, message: Message): void {
  if (message.type === 'flowMod') obeyFlow(model, message);
  if (message.type === 'groupMod') {
    const { command, groupId, buckets } = message;
    if (command !== groupCommand.delete) model.groups.set(groupId, textOf(buckets));
    else {
      for (const id of groupId === ofpg.all ? [...model.groups.keys()] : [groupId]) {
        model.groups.delete(id);
        drop(model, (text) => text.includes(`"groupId":${id}}`));
      }
    }
  }
  if (message.type !== 'meterMod') return;
  const { command, meterId, bands } = message;
  if (command !== meterCommand.delete) model.meters.set(meterId, textOf(bands));
  else {
    for (const id of meterId === ALL_METERS ? [...model.meters.keys()] : [meterId]) {
      model.meters.delete(id);
      drop(model, (text) => text.includes(`"meterId":${id}}`));
    }
  }
}

/** Takes out what a request may change. */
export function touch(model: Model, message: Message): void {
  if (message.type === 'flowMod') {
    const { add, modifyStrict, deleteStrict } = flowCommand;
    const isOne = [add, modifyStrict, deleteStrict].some((one) => one === message.command);
    if (isOne) model.rules.delete(textOf(message.match));
    else model.rules.clear();
  }
  if (message.type === 'groupMod') {
    model.groups.delete(message.groupId);
    if (message.groupId === ofpg.all) model.groups.clear();
    drop(model, (text) => text.includes('"groupId":'));
  }
  if (message.type !== 'meterMod') return;
  model.meters.delete(message.meterId);
  if (message.meterId === ALL_METERS) model.meters.clear();
  drop(model, (text) => text.includes('"meterId":'));
}

function drop({ rules }: Model, isGone: (text: string) => boolean): void {
  for (const [key, text] of rules) if (isGone(text)) rules.delete(key);
}

function obeyFlow({ rules }: Model, mod: FlowMod): void {
  const { add, modify, modifyStrict } = flowCommand;
  const key = textOf(mod.match);
  const made = ruleText(mod.cookie, mod.instructions);
  if (mod.command === add) rules.set(key, made);
  else if (mod.command === modify || mod.command === modifyStrict) {
    for (const slot of mod.command === modify ? [...rules.keys()] : [key]) {
      const before = rules.get(slot);
      if (before !== undefined)
        rules.set(slot, ruleText(BigInt(before.split(' ')[0] ?? 0), mod.instructions));
    }
  } else if (mod.command === flowCommand.delete) rules.clear();
  else rules.delete(key);
}

export function ruleText(cookie: bigint, instructions: readonly Instruction[]): string {
  return `${cookie} ${textOf(instructions)}`;
}

/** Without the datapaths' numbers of groups and meters. */
export function textOf(value: unknown): string {
  return JSON.stringify(value, (name, one: unknown) =>
    name === 'below' ? undefined : typeof one === 'bigint' ? `${one}n` : one,
  );
}
