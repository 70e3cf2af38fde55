/**
 * Instructions, one line each: their numbers, and what follows type and length (OF1.3.5 section
 * 7.2.4).
 *
 * The order they come in is kept: it means nothing to a switch, but a tenant gets its own back.
 */

import { type Kinds, layout, pad, u8, u32, u64 } from '../layout/layout.ts';
import { list, type Part, rest, struct } from '../layout/struct.ts';
import { type Variant, variantHead, variants } from '../layout/variants.ts';
import { ofError } from '../values/errors.ts';
import type { Instruction, OfError } from '../values/structure-values.ts';
import { actionList } from './actions.ts';

type InstructionType = Instruction['type'];

function badLength(why: string): OfError {
  return ofError('badInstruction', 'badLen', why);
}

const actions = { actions: actionList };
const writeMetadata = { pad: pad(4), metadata: u64, mask: u64 };

/** Where lists of actions begin in apply-actions and write-actions. */
export const actionsHead = layout('InstructionActions', { ...variantHead, pad: pad(4) });

/** OFPIT_*. */
const lines = {
  gotoTable: line(1, 'gotoTable', { table: u8, pad: pad(3) }),
  writeMetadata: line(2, 'writeMetadata', writeMetadata),
  writeActions: line(3, 'writeActions', { pad: pad(4) }, actions),
  applyActions: line(4, 'applyActions', { pad: pad(4) }, actions),
  clearActions: line(5, 'clearActions', { pad: pad(4) }),
  meter: line(6, 'meter', { meterId: u32 }),
  experimenter: line(0xffff, 'experimenter', { experimenter: u32 }, { data: rest }),
} as const satisfies { readonly [T in InstructionType]: Variant<Instruction> };

function line(
  number: number,
  type: InstructionType,
  kinds: Kinds,
  parts: Readonly<Record<string, Part<unknown>>> = {},
): Variant<Instruction> {
  const fixed = layout(`Instruction ${type}`, { ...variantHead, ...kinds });
  const part = struct(`instruction ${type}`, fixed, parts, { type, badLength });
  return { number, part: part as Part<unknown> as Part<Instruction> };
}

/** OFPIT_* by the names that values have, but the experimenters'. */
const { experimenter: _experimenter, ...standard } = lines;
export const instructionIds = Object.fromEntries(
  Object.entries(standard).map(([name, { number }]) => [name, number]),
) as Readonly<Record<keyof typeof standard, number>>;

const byNumber = new Map(Object.values(lines).map(({ number, part }) => [number, part]));

/** "A maximum of one instruction of each type" (section 5.9); 1.3 has no code of its own. */
function refuseTwice({ type }: Instruction, earlier: readonly Instruction[]): OfError | undefined {
  if (!earlier.some((one) => one.type === type)) return undefined;
  return ofError('onf', 'dupInstruction', `instruction ${type} twice`);
}

const one = variants<Instruction>({
  ...{ name: 'an instruction', minimum: 8, unit: 8, badLength },
  read: (number) =>
    byNumber.get(number) ?? ofError('badInstruction', 'unknownInst', `instruction ${number}`),
  write: ({ type }) => lines[type],
});

export const instructionList: Part<readonly Instruction[]> = list(one, refuseTwice);
