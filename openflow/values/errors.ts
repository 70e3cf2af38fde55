/**
 * The errors that OpenFlow names (OF1.3.5 section 7.4.4, OF1.0.1 section 5.4.4), the function that
 * makes one, and its numbers in both versions.
 *
 * A peer's mistake is a value: whoever finds it returns `ofError('badMatch', 'badPrereq', why)`,
 * and the shell turns that into the error message the specification asks for. Values have 1.3's
 * numbers; those of 1.0 are errors10.ts's affair. Where 1.0 has none, they are Open vSwitch's.
 */

import { experimenterError, niciraCodes, onfCodes } from './extension-errors.ts';
import type { OfError } from './structure-values.ts';

/** Type and code in OpenFlow 1.0, and whether they are inside Nicira's vendor error. */
export interface Numbers10 {
  readonly type: number;
  readonly code: number;
  readonly isNicira: boolean;
}

interface ErrorCodes {
  /** In OpenFlow 1.3. */
  readonly code: number;
  readonly of10?: Numbers10;
}

/** The code in 1.3, then type and code in 1.0. */
function both(code: number, type10: number, code10: number): ErrorCodes {
  return { code, of10: { type: type10, code: code10, isNicira: false } };
}

/** 1.0 has no number; Open vSwitch says this type and code in Nicira's vendor error. */
function nicira(code: number, type10: number, code10: number): ErrorCodes {
  return { code, of10: { type: type10, code: code10, isNicira: true } };
}

/** About something that 1.0 does not have. */
function only13(code: number): ErrorCodes {
  return { code };
}

/** About something that 1.3 does not have: its code in a value is one that 1.3 never uses. */
function only10(type10: number, code10: number): ErrorCodes {
  return both(0xff00 + code10, type10, code10);
}

/** OFPET_*: an error type's number, and its codes' numbers. */
export const errorTable = {
  helloFailed: {
    number: 0,
    codes: {
      incompatible: both(0, 0, 0),
      eperm: both(1, 0, 1),
    },
  },
  badRequest: {
    number: 1,
    codes: {
      badVersion: both(0, 1, 0),
      badType: both(1, 1, 1),
      badMultipart: both(2, 1, 2),
      badExperimenter: both(3, 1, 3),
      badExpType: both(4, 1, 4),
      eperm: both(5, 1, 5),
      badLen: both(6, 1, 6),
      bufferEmpty: both(7, 1, 7),
      bufferUnknown: both(8, 1, 8),
      badTableId: nicira(9, 1, 512),
      isSlave: both(10, 1, 5),
      badPort: nicira(11, 1, 514),
      badPacket: only13(12),
      multipartBufferOverflow: only13(13),
    },
  },
  badAction: {
    number: 2,
    codes: {
      badType: both(0, 2, 0),
      badLen: both(1, 2, 1),
      badExperimenter: both(2, 2, 2),
      badExpType: both(3, 2, 3),
      badOutPort: both(4, 2, 4),
      badArgument: both(5, 2, 5),
      eperm: both(6, 2, 6),
      tooMany: both(7, 2, 7),
      badQueue: both(8, 2, 8),
      badOutGroup: only13(9),
      matchInconsistent: nicira(10, 1, 522),
      unsupportedOrder: both(11, 3, 5),
      badTag: only13(12),
      badSetType: nicira(13, 1, 523),
      badSetLen: nicira(14, 1, 524),
      badSetArgument: nicira(15, 1, 525),
    },
  },
  badInstruction: {
    number: 3,
    codes: {
      unknownInst: only13(0),
      unsupInst: nicira(1, 2, 257),
      badTableId: only13(2),
      unsupMetadata: only13(3),
      unsupMetadataMask: only13(4),
      badExperimenter: only13(5),
      badExpType: only13(6),
      badLen: only13(7),
      eperm: only13(8),
    },
  },
  badMatch: {
    number: 4,
    codes: {
      badType: only13(0),
      badLen: only13(1),
      badTag: only13(2),
      badDlAddrMask: only13(3),
      badNwAddrMask: only13(4),
      badWildcards: nicira(5, 1, 262),
      badField: nicira(6, 0, 263),
      badValue: nicira(7, 1, 258),
      badMask: nicira(8, 1, 259),
      badPrereq: nicira(9, 1, 260),
      dupField: nicira(10, 1, 261),
      eperm: only13(11),
    },
  },
  flowModFailed: {
    number: 5,
    codes: {
      unknown: only13(0),
      tableFull: both(1, 3, 0),
      badTableId: only13(2),
      overlap: both(3, 3, 1),
      eperm: both(4, 3, 2),
      badTimeout: only13(5),
      badCommand: both(6, 3, 4),
      badFlags: nicira(7, 3, 258),
      badEmergTimeout: only10(3, 3),
    },
  },
  groupModFailed: {
    number: 6,
    codes: {
      groupExists: only13(0),
      invalidGroup: only13(1),
      weightUnsupported: only13(2),
      outOfGroups: only13(3),
      outOfBuckets: only13(4),
      chainingUnsupported: only13(5),
      watchUnsupported: only13(6),
      loop: only13(7),
      unknownGroup: only13(8),
      chainedGroup: only13(9),
      badType: only13(10),
      badCommand: only13(11),
      badBucket: only13(12),
      badWatch: only13(13),
      eperm: only13(14),
    },
  },
  portModFailed: {
    number: 7,
    codes: {
      badPort: both(0, 4, 0),
      badHwAddr: both(1, 4, 1),
      badConfig: only13(2),
      badAdvertise: only13(3),
      eperm: only13(4),
    },
  },
  tableModFailed: {
    number: 8,
    codes: {
      badTable: only13(0),
      badConfig: only13(1),
      eperm: only13(2),
    },
  },
  queueOpFailed: {
    number: 9,
    codes: {
      badPort: both(0, 5, 0),
      badQueue: both(1, 5, 1),
      eperm: both(2, 5, 2),
    },
  },
  switchConfigFailed: {
    number: 10,
    codes: {
      badFlags: only13(0),
      badLen: only13(1),
      eperm: only13(2),
    },
  },
  roleRequestFailed: {
    number: 11,
    codes: {
      stale: only13(0),
      unsup: only13(1),
      badRole: nicira(2, 1, 513),
    },
  },
  meterModFailed: {
    number: 12,
    codes: {
      unknown: only13(0),
      meterExists: only13(1),
      invalidMeter: only13(2),
      unknownMeter: only13(3),
      badCommand: only13(4),
      badFlags: only13(5),
      badRate: only13(6),
      badBurst: only13(7),
      badBand: only13(8),
      badBandValue: only13(9),
      outOfMeters: only13(10),
      outOfBands: only13(11),
    },
  },
  tableFeaturesFailed: {
    number: 13,
    codes: {
      badTable: only13(0),
      badMetadata: only13(1),
      badType: nicira(2, 13, 2),
      badLen: nicira(3, 13, 3),
      badArgument: nicira(4, 13, 4),
      eperm: only13(5),
    },
  },
  /**
   * OFPET_EXPERIMENTER: what only later versions have a code for. ONF's, as Open vSwitch sends them
   * in 1.3 (ONF extensions 230, 260 and 425); the error's data begin with `onf`.
   */
  onf: {
    number: experimenterError,
    codes: onfCodes,
  },
  /** The same of Nicira's: 1.3 has no number for it. */
  niciraError: { number: experimenterError, codes: niciraCodes },
} as const;

type ErrorTable = typeof errorTable;
export type ErrorType = keyof ErrorTable;
export type ErrorCode<T extends ErrorType> = keyof ErrorTable[T]['codes'] & string;

/** A peer's mistake; `why` is for logs, and never goes to the peer. */
export function ofError<T extends ErrorType>(type: T, code: ErrorCode<T>, why: string): OfError {
  const row = errorTable[type];
  const codes: Readonly<Record<string, ErrorCodes>> = row.codes;
  return { type: 'ofError', errorType: row.number, errorCode: codes[code]?.code ?? 0, why };
}

/** Is this a mistake instead of what was asked for? */
export function isError(result: unknown): result is OfError {
  return (
    typeof result === 'object' && result !== null && 'type' in result && result.type === 'ofError'
  );
}

/** The specification's name, as `badMatch/badPrereq`; numbers where there is none. */
export function errorName(type: number, code: number): string {
  const rows = Object.entries(errorTable).filter(([, { number }]) => number === type);
  for (const [typeName, { codes }] of rows) {
    for (const [codeName, numbers] of Object.entries<ErrorCodes>(codes)) {
      if (numbers.code === code) return `${typeName}/${codeName}`;
    }
  }
  const [first] = rows;
  if (first === undefined) return `${type}/${code}`;
  return `${type === experimenterError ? 'experimenter' : first[0]}/${code}`;
}
