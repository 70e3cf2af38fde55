/**
 * The version that two peers speak after their hellos (OF1.3.5 section 6.3.1), or the reason for
 * people why there is none.
 *
 * With a bitmap it is the highest that both offer. Without, it is the lower of the two headers'
 * versions, which must be one of ours: a peer that knows no bitmaps counts so, too.
 */

import { type Version, version as versions } from '../values/constants.ts';
import { helloVersion } from './hello.ts';
import { header } from './messages.ts';

/** A peer's hello: its length says whether there was room for a bitmap. */
export interface Offer {
  readonly versions: readonly number[];
  readonly headerVersion: number;
  readonly length: number;
}

export function agreedVersion(ours: readonly Version[], theirs: Offer): Version | undefined {
  // A bitmap that names none is as no bitmap, to Open vSwitch, too.
  const hasBitmap = theirs.length > header.size && theirs.versions.length > 0;
  const candidates = hasBitmap
    ? theirs.versions
    : [Math.min(theirs.headerVersion, helloVersion(ours))];
  const common = ours.filter((one) => candidates.includes(one));
  return common.length === 0 ? undefined : (Math.max(...common) as Version);
}

/**
 * Whether the peer has said itself that it speaks the version that was agreed. One that names a
 * later version, and no bitmap, may speak nothing but that: it then says so in an error.
 */
export function isOffered(agreed: Version, { versions, headerVersion }: Offer): boolean {
  return headerVersion <= agreed || versions.length < headerVersion;
}

/** Names as people, and Open vSwitch's options, have them; by ofp_header.version. */
const names = ['?', '1.0', '1.1', '1.2', '1.3', '1.4', '1.5'];

/** `1.0` or `1.3`. */
export function versionName(spoken: Version): string {
  return names[spoken] ?? '?';
}

/** As `OpenFlow 1.3 (0x04)`. */
export function versionText(version: number): string {
  const number = `0x${version.toString(16).padStart(2, '0')}`;
  const name = names[version];
  return name === undefined ? `OpenFlow ${number}` : `OpenFlow ${name} (${number})`;
}

/** Both sides' versions, and what to change. */
export function disagreement(ours: readonly Version[], theirs: Offer): string {
  const offered = theirs.versions.length > 0 ? theirs.versions : [theirs.headerVersion];
  const list = (all: readonly number[]): string => all.map(versionText).join(', ');
  const isOursOnly13 = ours.every((one) => one === versions.of13);
  const isOursOnly10 = ours.every((one) => one === versions.of10);
  const enable = isOursOnly13 ? 'OpenFlow13' : isOursOnly10 ? 'OpenFlow10' : 'OpenFlow10 or 13';
  return `we speak ${list(ours)}, the peer speaks ${list(offered)}; enable ${enable} there`;
}
