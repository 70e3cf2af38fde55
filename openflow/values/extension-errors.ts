/**
 * Errors that 1.3 has no number for, and extensions have: there they are of type
 * OFPET_EXPERIMENTER, and their data begin with the experimenter's number (errors.ts has all).
 */

/** NXBRC_UNENCODABLE_ERROR: Open vSwitch cannot say it in this version. */
export const unencodable = { code: 10 } as const;
/** NXBRC_NXM_INVALID; of 1.0, where Nicira's match is. */
export const nxmInvalid = { code: 11, of10: { type: 1, code: 256, isNicira: true } } as const;

/** Of ONF's extensions 230 (OFPBFC_*, bundles), 260, 264 and 425. */
export const onfCodes = {
  bundleBadId: { code: 2302 },
  bundleClosed: { code: 2304 },
  outOfBundles: { code: 2305 },
  bundleBadType: { code: 2306 },
  bundleBadFlags: { code: 2307 },
  bundledBadLen: { code: 2308 },
  bundledBadXid: { code: 2309 },
  bundledUnsupported: { code: 2310 },
  bundledTooMany: { code: 2312 },
  bundledFailed: { code: 2313 },
  bundleTimeout: { code: 2314 },
  dupInstruction: { code: 2600 },
  multipartRequestTimeout: { code: 2640 },
  badSetMask: { code: 4250 },
} as const;

/** OFPET_EXPERIMENTER. */
export const experimenterError = 0xffff;

const onf: Uint8Array = Uint8Array.of(0x4f, 0x4e, 0x46, 0);
const nicira: Uint8Array = Uint8Array.of(0, 0, 0x23, 0x20);
const nobody = new Uint8Array(0);

/** Whose numbers an error has, in four bytes; none where they are the specification's. */
export function experimenterOf(errorType: number, errorCode: number): Uint8Array {
  if (errorType !== experimenterError) return nobody;
  // 1.0's form of that has the number in it already (errors10.ts).
  if (errorCode === nxmInvalid.code) return nobody;
  return errorCode === unencodable.code ? nicira : onf;
}
