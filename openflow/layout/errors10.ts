/**
 * Errors as OpenFlow 1.0 numbers them, from and to the numbers in values (1.3's).
 *
 * The table is ../values/errors.ts's. Where 1.0 has no number, Open vSwitch sends Nicira's vendor
 * error, with the type and the code before the request's bytes; so do we.
 */

import { nicira } from '../values/constants.ts';
import { errorTable, type Numbers10 } from '../values/errors.ts';
import { bytesOf, layout, u16, u32 } from './layout.ts';

/** NXET_VENDOR and NXVC_VENDOR_ERROR (Open vSwitch, lib/ofp-errors.c). */
const vendorError = { type: 0xb0c2, code: 0 } as const;
const vendorBody = layout('NxVendorError', { vendor: u32, type: u16, code: u16 });

/** NXBRC_UNENCODABLE_ERROR: "cannot be represented in this OpenFlow version". */
const unencodable: Numbers10 = { type: 1, code: 521, isNicira: true };

/** In a value, the type of an error of 1.0 that the table does not know: this and its number. */
const unknownType = 0x8000;

interface ErrorValue {
  readonly errorType: number;
  readonly errorCode: number;
  readonly data: Uint8Array;
}

const rows: readonly { errorType: number; errorCode: number; of10: Numbers10 }[] = Object.values(
  errorTable,
).flatMap(({ number, codes }) =>
  Object.values(codes).flatMap(({ code, of10 }) =>
    of10 === undefined ? [] : [{ errorType: number, errorCode: code, of10 }],
  ),
);

/** The value's numbers and data for an error that says these on the wire. */
export function errorFrom10(type: number, code: number, data: Uint8Array): ErrorValue {
  const dv = new DataView(data.buffer, data.byteOffset, data.length);
  if (type === vendorError.type && code === vendorError.code && data.length >= vendorBody.size) {
    const inner = vendorBody.read(dv, 0);
    const row =
      inner.vendor === nicira.experimenter ? find(inner.type, inner.code, true) : undefined;
    if (row) return { ...row, data: bytesOf(dv, vendorBody.size, data.length - 8).slice() };
  }
  const row = find(type, code, false);
  if (row) return { ...row, data };
  return { errorType: type < unknownType ? type + unknownType : type, errorCode: code, data };
}

function find(type: number, code: number, isNicira: boolean) {
  // Where 1.0 has one number for several of 1.3's, the first in the table is meant.
  const row = rows.find(
    ({ of10 }) => of10.type === type && of10.code === code && of10.isNicira === isNicira,
  );
  return row && { errorType: row.errorType, errorCode: row.errorCode };
}

/** What the wire says for a value's error. */
export function errorTo10(value: ErrorValue): ErrorValue {
  const { errorType, errorCode, data } = value;
  const row = rows.find((one) => one.errorType === errorType && one.errorCode === errorCode);
  const isOther = row === undefined && errorType >= unknownType;
  if (isOther) {
    const isRaw = errorType >= vendorError.type;
    return { errorType: isRaw ? errorType : errorType - unknownType, errorCode, data };
  }
  const numbers = row?.of10 ?? unencodable;
  if (!numbers.isNicira) return { errorType: numbers.type, errorCode: numbers.code, data };
  const room = new Uint8Array(vendorBody.size + data.length);
  const { type, code } = numbers;
  vendorBody.write(new DataView(room.buffer), 0, { vendor: nicira.experimenter, type, code });
  room.set(data, vendorBody.size);
  return { errorType: vendorError.type, errorCode: vendorError.code, data: room };
}
