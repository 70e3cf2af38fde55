/**
 * The commands of a meter-mod, and its bands (OF1.3.5 section 7.3.4.4).
 */

import type { ValuesOf } from '../layout/layout.ts';
import type { Part } from '../layout/struct.ts';
import { meterCommand, meterFlag } from '../values/constants.ts';
import { ofError } from '../values/errors.ts';
import type { MeterBand, OfError } from '../values/values.ts';
import { meterMod as fixed } from './message-layouts.ts';
import { bands } from './structs.ts';

const rates = meterFlag.kbps | meterFlag.pktps;

export const meterRules = {
  refuse: ({ command, flags }: ValuesOf<typeof fixed>): OfError | undefined => {
    if (!Object.values<number>(meterCommand).includes(command)) {
      return ofError('meterModFailed', 'badCommand', `meter command ${command}`);
    }
    if (command === meterCommand.delete || (flags & rates) !== rates) return undefined;
    return ofError('meterModFailed', 'badFlags', 'a rate is in kbit/s or in packets/s');
  },
};

/** A deletion names a meter, and that is all. */
export const meterBands: Part<readonly MeterBand[]> = {
  minimum: 0,
  isExact: false,
  read: (dv, at, end, strict) =>
    fixed.get.command(dv, at - fixed.size) === meterCommand.delete
      ? { value: [], size: end - at }
      : bands.read(dv, at, end, strict),
  write: (to, all) => bands.write(to, all),
};
