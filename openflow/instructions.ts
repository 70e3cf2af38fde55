/**
 * Instructions, bytes to values and back (OF1.3.5 section 7.2.4).
 *
 * The order they come in is kept: it means nothing to a switch, but a tenant gets its own back.
 */

import { readActions, writeActions } from './actions.ts';
import { isError, ofError } from './errors.ts';
import { bytesOf } from './layout.ts';
import { instructionLayouts as layouts } from './structs.ts';
import { instructionIds } from './table-features.ts';
import type { Instruction, OfError } from './values.ts';
import type { Writer } from './writer.ts';

/** OFPIT_*. */
const numbers = { ...instructionIds, experimenter: 0xffff } as const satisfies Record<
  Instruction['type'],
  number
>;

/** Reads the instructions in [at, end). `strict`: as a controller asks (see matchwire.ts). */
export function readInstructions(
  dv: DataView,
  at: number,
  end: number,
  strict: boolean,
): Instruction[] | OfError {
  const instructions: Instruction[] = [];
  const seen = new Set<number>();
  for (let next = at; next < end; ) {
    if (next + 8 > end) return badLength('cut in an instruction');
    const { type, length } = layouts.actions.read(dv, next);
    if (length < 8 || length % 8 !== 0 || next + length > end) {
      return badLength(`instruction ${type} of ${length} bytes`);
    }
    const instruction = readInstruction(dv, next, length, strict);
    if (isError(instruction)) return instruction;
    // "A maximum of one instruction of each type" (section 5.9); 1.3 has no code of its own.
    if (strict && seen.has(type)) {
      return ofError('onf', 'dupInstruction', `instruction ${type} twice`);
    }
    seen.add(type);
    instructions.push(instruction);
    next += length;
  }
  return instructions;
}

function readInstruction(
  dv: DataView,
  at: number,
  length: number,
  strict: boolean,
): Instruction | OfError {
  const number = layouts.actions.get.type(dv, at);
  const exact = (size: number): boolean => length === size;
  switch (number) {
    case numbers.gotoTable:
      if (!exact(8)) break;
      return { type: 'gotoTable', table: layouts.gotoTable.get.table(dv, at) };
    case numbers.writeMetadata: {
      if (!exact(24)) break;
      const { metadata, mask } = layouts.writeMetadata.read(dv, at);
      return { type: 'writeMetadata', metadata, mask };
    }
    case numbers.writeActions:
    case numbers.applyActions: {
      const actions = readActions(dv, at + 8, at + length, strict);
      if (isError(actions)) return actions;
      return { type: number === numbers.writeActions ? 'writeActions' : 'applyActions', actions };
    }
    case numbers.clearActions:
      if (!exact(8)) break;
      return { type: 'clearActions' };
    case numbers.meter:
      if (!exact(8)) break;
      return { type: 'meter', meterId: layouts.meter.get.meterId(dv, at) };
    case numbers.experimenter: {
      const experimenter = layouts.experimenter.get.experimenter(dv, at);
      const data = bytesOf(dv, at + 8, length - 8).slice();
      return { type: 'experimenter', experimenter, data };
    }
    default:
      return ofError('badInstruction', 'unknownInst', `instruction ${number}`);
  }
  return badLength(`instruction ${number} of ${length} bytes`);
}

function badLength(why: string): OfError {
  return ofError('badInstruction', 'badLen', why);
}

export function writeInstructions(to: Writer, instructions: readonly Instruction[]): void {
  for (const instruction of instructions) {
    const at = to.room(8);
    writeBody(to, at, instruction);
    to.align(at);
    layouts.actions.set.type(to.dv, at, numbers[instruction.type]);
    to.end(layouts.actions, at);
  }
}

function writeBody(to: Writer, at: number, instruction: Instruction): void {
  switch (instruction.type) {
    case 'gotoTable':
      layouts.gotoTable.set.table(to.dv, at, instruction.table);
      break;
    case 'writeMetadata':
      to.room(layouts.writeMetadata.size - 8);
      layouts.writeMetadata.set.metadata(to.dv, at, instruction.metadata);
      layouts.writeMetadata.set.mask(to.dv, at, instruction.mask);
      break;
    case 'writeActions':
    case 'applyActions':
      writeActions(to, instruction.actions);
      break;
    case 'clearActions':
      break;
    case 'meter':
      layouts.meter.set.meterId(to.dv, at, instruction.meterId);
      break;
    case 'experimenter':
      layouts.experimenter.set.experimenter(to.dv, at, instruction.experimenter);
      to.put(instruction.data);
  }
}
