/**
 * The result of a peer's hello: the version that both speak, or why there is none.
 */
import { decode } from '../../openflow/messages/codec.ts';
import { upTo } from '../../openflow/messages/hello.ts';
import { header } from '../../openflow/messages/messages.ts';
import {
  agreedVersion,
  disagreement,
  isOffered,
  type Offer,
} from '../../openflow/messages/negotiation.ts';
import { type Version, version } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';

export interface Met {
  readonly version: Version;
  /** Whether the peer has said itself that it speaks it. */
  readonly isCertain: boolean;
}

export function meet(
  offered: readonly Version[],
  dv: DataView,
  at: number,
  length: number,
): Met | { readonly whyNot: string } {
  const theirs = offerIn(dv, at, length);
  const agreed = agreedVersion(offered, theirs);
  if (agreed === undefined) return { whyNot: disagreement(offered, theirs) };
  return { version: agreed, isCertain: isOffered(agreed, theirs) };
}

/** A body that is no element is to be ignored (OF1.0.1 section 5.5.1, OF1.3.5 section 7.5.1). */
function offerIn(dv: DataView, at: number, length: number): Offer {
  const headerVersion = header.get.version(dv, at);
  const hello = decode(version.of13, dv, at, length);
  return isError(hello) || hello.type !== 'hello'
    ? { versions: upTo(headerVersion), headerVersion, length: header.size }
    : { versions: hello.versions, headerVersion, length };
}
