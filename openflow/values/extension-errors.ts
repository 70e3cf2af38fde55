/**
 * Errors that 1.3 has no number for, and extensions have: there they are of type
 * OFPET_EXPERIMENTER, and their data begin with the experimenter's number (errors.ts has all).
 */

/** NXBRC_UNENCODABLE_ERROR: Open vSwitch cannot say it in this version. */
export const unencodable = { code: 10 } as const;

/** Nicira's: of both versions, or with `of10` as it is in 1.0. */
export const niciraCodes = {
  unencodable,
  /** NXBRC_NXM_INVALID; of 1.0, where Nicira's match is. */
  nxmInvalid: of10(11, 256),
  /** NXBRC_MUST_BE_ZERO. */
  mustBeZero: of10(4, 515),
  /** OFPMOFC_MONITOR_EXISTS, OFPMOFC_BAD_FLAGS, OFPMOFC_UNKNOWN_MONITOR: about flow monitors. */
  monitorExists: of10(6, 517),
  monitorBadFlags: of10(7, 518),
  unknownMonitor: of10(8, 519),
} as const;

function of10(code: number, code10: number) {
  return { code, of10: { type: 1, code: code10, isNicira: true } };
}

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

const ofNicira: ReadonlySet<number> = new Set(Object.values(niciraCodes).map(({ code }) => code));

/** Whose numbers an error of 1.3 has, in four bytes; none where they are the specification's. */
export function experimenterOf(errorType: number, errorCode: number): Uint8Array {
  if (errorType !== experimenterError) return nobody;
  return ofNicira.has(errorCode) ? nicira : onf;
}
