/**
 * The errors that OpenFlow 1.3.5 names (section 7.4.4), and how to make one.
 *
 * A peer's mistake is a value: whoever finds it returns `ofError('badMatch', 'badPrereq', why)`,
 * and the shell turns that into the error message the specification asks for.
 */

import type { OfError } from './values.ts';

/** OFPET_*: an error type's number, and its codes' numbers. */
export const errorTable = {
  helloFailed: {
    number: 0,
    codes: {
      incompatible: 0,
      eperm: 1,
    },
  },
  badRequest: {
    number: 1,
    codes: {
      badVersion: 0,
      badType: 1,
      badMultipart: 2,
      badExperimenter: 3,
      badExpType: 4,
      eperm: 5,
      badLen: 6,
      bufferEmpty: 7,
      bufferUnknown: 8,
      badTableId: 9,
      isSlave: 10,
      badPort: 11,
      badPacket: 12,
      multipartBufferOverflow: 13,
    },
  },
  badAction: {
    number: 2,
    codes: {
      badType: 0,
      badLen: 1,
      badExperimenter: 2,
      badExpType: 3,
      badOutPort: 4,
      badArgument: 5,
      eperm: 6,
      tooMany: 7,
      badQueue: 8,
      badOutGroup: 9,
      matchInconsistent: 10,
      unsupportedOrder: 11,
      badTag: 12,
      badSetType: 13,
      badSetLen: 14,
      badSetArgument: 15,
    },
  },
  badInstruction: {
    number: 3,
    codes: {
      unknownInst: 0,
      unsupInst: 1,
      badTableId: 2,
      unsupMetadata: 3,
      unsupMetadataMask: 4,
      badExperimenter: 5,
      badExpType: 6,
      badLen: 7,
      eperm: 8,
    },
  },
  badMatch: {
    number: 4,
    codes: {
      badType: 0,
      badLen: 1,
      badTag: 2,
      badDlAddrMask: 3,
      badNwAddrMask: 4,
      badWildcards: 5,
      badField: 6,
      badValue: 7,
      badMask: 8,
      badPrereq: 9,
      dupField: 10,
      eperm: 11,
    },
  },
  flowModFailed: {
    number: 5,
    codes: {
      unknown: 0,
      tableFull: 1,
      badTableId: 2,
      overlap: 3,
      eperm: 4,
      badTimeout: 5,
      badCommand: 6,
      badFlags: 7,
    },
  },
  groupModFailed: {
    number: 6,
    codes: {
      groupExists: 0,
      invalidGroup: 1,
      weightUnsupported: 2,
      outOfGroups: 3,
      outOfBuckets: 4,
      chainingUnsupported: 5,
      watchUnsupported: 6,
      loop: 7,
      unknownGroup: 8,
      chainedGroup: 9,
      badType: 10,
      badCommand: 11,
      badBucket: 12,
      badWatch: 13,
      eperm: 14,
    },
  },
  portModFailed: {
    number: 7,
    codes: {
      badPort: 0,
      badHwAddr: 1,
      badConfig: 2,
      badAdvertise: 3,
      eperm: 4,
    },
  },
  tableModFailed: {
    number: 8,
    codes: {
      badTable: 0,
      badConfig: 1,
      eperm: 2,
    },
  },
  queueOpFailed: {
    number: 9,
    codes: {
      badPort: 0,
      badQueue: 1,
      eperm: 2,
    },
  },
  switchConfigFailed: {
    number: 10,
    codes: {
      badFlags: 0,
      badLen: 1,
      eperm: 2,
    },
  },
  roleRequestFailed: {
    number: 11,
    codes: {
      stale: 0,
      unsup: 1,
      badRole: 2,
    },
  },
  meterModFailed: {
    number: 12,
    codes: {
      unknown: 0,
      meterExists: 1,
      invalidMeter: 2,
      unknownMeter: 3,
      badCommand: 4,
      badFlags: 5,
      badRate: 6,
      badBurst: 7,
      badBand: 8,
      badBandValue: 9,
      outOfMeters: 10,
      outOfBands: 11,
    },
  },
  tableFeaturesFailed: {
    number: 13,
    codes: {
      badTable: 0,
      badMetadata: 1,
      badType: 2,
      badLen: 3,
      badArgument: 4,
      eperm: 5,
    },
  },
} as const;

/** OFPET_EXPERIMENTER: its codes belong to the experimenter. */
export const experimenterError = 0xffff;

type ErrorTable = typeof errorTable;
export type ErrorType = keyof ErrorTable;
export type ErrorCode<T extends ErrorType> = keyof ErrorTable[T]['codes'] & string;

/** A peer's mistake; `why` is for logs, and never goes to the peer. */
export function ofError<T extends ErrorType>(type: T, code: ErrorCode<T>, why: string): OfError {
  const row = errorTable[type];
  const codes: Readonly<Record<string, number>> = row.codes;
  return { type: 'ofError', errorType: row.number, errorCode: codes[code] ?? 0, why };
}

/** Is this a mistake instead of what was asked for? */
export function isError(result: unknown): result is OfError {
  return (
    typeof result === 'object' && result !== null && 'type' in result && result.type === 'ofError'
  );
}

/** The specification's name, as `badMatch/badPrereq`; numbers where there is none. */
export function errorName(type: number, code: number): string {
  for (const [typeName, row] of Object.entries(errorTable)) {
    if (row.number !== type) continue;
    for (const [codeName, number] of Object.entries(row.codes)) {
      if (number === code) return `${typeName}/${codeName}`;
    }
    return `${typeName}/${code}`;
  }
  return `${type === experimenterError ? 'experimenter' : type}/${code}`;
}
