/**
 * Experimenters' messages that we know, one line each: the experimenter and the type. policy.ts
 * says how each is handled; all others are refused.
 */
import { nicira, onf, type Version, version } from '../values/constants.ts';

interface Extension {
  readonly experimenter: number;
  readonly expType: number;
  /** The version that has it, where not both do. */
  readonly only?: Version;
}

export const extensions = {
  /** NXT_ROLE_REQUEST of Open vSwitch's nicira-ext.h. */
  niciraRole: { experimenter: nicira.experimenter, expType: 10 },
  /** NXT_SET_FLOW_FORMAT and those after it, which only 1.0 needs. */
  niciraFlowFormat: { experimenter: nicira.experimenter, expType: 12, only: version.of10 },
  niciraFlowMod: { experimenter: nicira.experimenter, expType: 13, only: version.of10 },
  niciraTableIds: { experimenter: nicira.experimenter, expType: 15, only: version.of10 },
  niciraPacketInFormat: { experimenter: nicira.experimenter, expType: 16, only: version.of10 },
  /** NXT_SET_CONTROLLER_ID, of both. */
  niciraControllerId: { experimenter: nicira.experimenter, expType: 20 },
  niciraAsync: { experimenter: nicira.experimenter, expType: 19, only: version.of10 },
  /** NXT_FLOW_MONITOR_CANCEL, and ONF's of extension 187. */
  niciraMonitorCancel: { experimenter: nicira.experimenter, expType: 21, only: version.of10 },
  onfMonitorCancel: { experimenter: onf.experimenter, expType: 1870, only: version.of13 },
  /** ONF_ET_BUNDLE_CONTROL and ONF_ET_BUNDLE_ADD_MESSAGE (ONF extension 230). */
  bundleControl: { experimenter: onf.experimenter, expType: 2300, only: version.of13 },
  bundleAdd: { experimenter: onf.experimenter, expType: 2301, only: version.of13 },
} as const satisfies Record<string, Extension>;

export type ExtensionName = keyof typeof extensions;

const names = Object.keys(extensions) as readonly ExtensionName[];

/** Which of them a message is; undefined when it is none of this version. */
export function extensionOf(
  spoken: Version,
  { experimenter, expType }: Extension,
): ExtensionName | undefined {
  return names.find((name) => {
    const one: Extension = extensions[name];
    const isIt = one.experimenter === experimenter && one.expType === expType;
    return isIt && (one.only ?? spoken) === spoken;
  });
}
