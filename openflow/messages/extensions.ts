/**
 * Messages of experimenters that we know, one line each: whose they are, and their type. What
 * becomes of each is policy.ts's; all others are refused.
 */
import { nicira, onf, type Version, version } from '../values/constants.ts';

interface Extension {
  readonly experimenter: number;
  readonly expType: number;
}

export const extensions = {
  /** NXT_ROLE_REQUEST of Open vSwitch's nicira-ext.h. */
  niciraRole: { experimenter: nicira.experimenter, expType: 10 },
  /** ONF_ET_BUNDLE_CONTROL and ONF_ET_BUNDLE_ADD_MESSAGE (ONF extension 230). */
  bundleControl: { experimenter: onf.experimenter, expType: 2300 },
  bundleAdd: { experimenter: onf.experimenter, expType: 2301 },
} as const satisfies Record<string, Extension>;

export type ExtensionName = keyof typeof extensions;

const names = Object.keys(extensions) as readonly ExtensionName[];

/** Which of them a message is; undefined when it is none of this version. */
export function extensionOf(
  spoken: Version,
  { experimenter, expType }: Extension,
): ExtensionName | undefined {
  const isOnf = experimenter === onf.experimenter;
  if (isOnf && spoken !== version.of13) return undefined;
  return names.find((name) => {
    const one: Extension = extensions[name];
    return one.experimenter === experimenter && one.expType === expType;
  });
}
