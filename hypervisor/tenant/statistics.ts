/**
 * Statistics of a tenant's ports, queues, groups and meters, from the parts that know them.
 */
import { queueAll } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { Message, MultipartReplyBody, OfError } from '../../openflow/values/values.ts';
import type { ReadEffect } from '../../translation/controllers/verdict.ts';
import { queueConfigReply } from '../../translation/wiring/queues.ts';
import type { Groups } from './groups.ts';
import type { Meters } from './meters.ts';
import type { PortCounters } from './port-counters.ts';
import type { Queues } from './queues.ts';

/** Who knows what. */
export interface Statistics {
  readonly meters: Pick<Meters, 'read'>;
  readonly groups: Pick<Groups, 'read'>;
  readonly portCounters: Pick<PortCounters, 'read'>;
  readonly queues: Pick<Queues, 'read'>;
}

export function readFor(
  { meters, groups, portCounters, queues }: Statistics,
  effect: ReadEffect,
  done: (reply: Message | OfError) => void,
): void {
  const { xid } = effect;
  const tell = (reply: MultipartReplyBody | OfError): void =>
    done(isError(reply) ? reply : { type: 'multipartReply', xid, flags: 0, reply });
  switch (effect.type) {
    case 'readMeters':
      meters.read(effect.request, tell);
      break;
    case 'readGroups':
      groups.read(effect.request, tell);
      break;
    case 'readPorts':
      portCounters.read(effect.vports, (ports) => tell({ kind: 'portStats', ports }));
      break;
    case 'readQueues':
      queues.read(effect.vports, effect.queueId, (rows) =>
        tell(isError(rows) ? rows : { kind: 'queueStats', queues: rows }),
      );
      break;
    case 'describeQueues':
      queues.read(effect.vports, queueAll, (rows) =>
        done(isError(rows) ? rows : queueConfigReply(effect, rows)),
      );
      break;
  }
}
