/**
 * The messages that OpenFlow 1.0 cannot express, and why.
 *
 * What a controller asks of a switch must be sayable: writing something else than what was meant
 * would be our mistake. What a switch reports is said as far as 1.0 goes (meanings10.ts).
 */

import { unsaidInInstructions, whyActionsNotIn10 } from '../actions/actions10.ts';
import { whyPortNotIn10 } from '../layout/numbers10.ts';
import { whyMatchNotIn10 } from '../match/match10.ts';
import { version } from '../values/constants.ts';
import type { Message, MultipartRequestBody } from '../values/values.ts';
import { messages10 } from './messages.ts';
import { hasKind } from './multipart.ts';

const byCookie = 'OpenFlow 1.0 cannot select by cookie';

/** Why 1.0 cannot say this message; undefined when it can. */
export function whyNotIn10(message: Message): string | undefined {
  switch (message.type) {
    case 'flowMod': {
      if (message.cookieMask !== 0n) return byCookie;
      const { match, instructions, outPort } = message;
      return (
        whyMatchNotIn10(match) ?? unsaidInInstructions(instructions) ?? whyPortNotIn10(outPort)
      );
    }
    case 'packetOut':
      return whyPortNotIn10(message.inPort) ?? whyActionsNotIn10(message.actions);
    case 'portMod':
    case 'queueGetConfigRequest':
      return whyPortNotIn10(message.portNo);
    case 'multipartRequest':
      return unsaidInRequest(message.request);
    default:
      if (Object.hasOwn(messages10, message.type)) return undefined;
      return `OpenFlow 1.0 has no message ${message.type}`;
  }
}

function unsaidInRequest(request: MultipartRequestBody): string | undefined {
  if (!hasKind(version.of10, request.kind)) {
    return `OpenFlow 1.0 has no statistics of kind ${request.kind}`;
  }
  if ('filter' in request) {
    if (request.filter.cookieMask !== 0n) return byCookie;
    return whyMatchNotIn10(request.filter.match) ?? whyPortNotIn10(request.filter.outPort);
  }
  return 'portNo' in request ? whyPortNotIn10(request.portNo) : undefined;
}
