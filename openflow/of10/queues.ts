/**
 * Queues of ports as OpenFlow 1.0 lists them (OF1.0.1 section 5.2.2).
 *
 * Unlike 1.3's they do not repeat their port; their properties are the same (../queues.ts).
 */

import { isError, ofError } from '../errors.ts';
import { readProperties, writeProperties } from '../queues.ts';
import type { OfError, QueueDesc } from '../values.ts';
import type { Writer } from '../writer.ts';
import { queue as layout } from './structs.ts';

/** Reads the queues of a port in [at, end). */
export function readQueues(
  dv: DataView,
  at: number,
  end: number,
  portNo: number,
): QueueDesc[] | OfError {
  const queues: QueueDesc[] = [];
  for (let next = at; next < end; ) {
    if (next + layout.size > end) return ofError('badRequest', 'badLen', 'cut in a queue');
    const { queueId, length } = layout.read(dv, next);
    if (length < layout.size || next + length > end) {
      return ofError('badRequest', 'badLen', `queue of ${length} bytes`);
    }
    const properties = readProperties(dv, next + layout.size, next + length);
    if (isError(properties)) return properties;
    queues.push({ queueId, portNo, properties });
    next += length;
  }
  return queues;
}

export function writeQueues(to: Writer, queues: readonly QueueDesc[]): void {
  for (const { queueId, properties } of queues) {
    const at = to.room(layout.size);
    writeProperties(to, properties);
    layout.write(to.dv, at, { queueId });
    to.end(layout, at);
  }
}
