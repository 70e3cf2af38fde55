/**
 * Queues of ports, bytes to values and back (OF1.3.5 section 7.2.2).
 *
 * Both versions' replies to queue-get-config hold them, in rows of their own; the properties are
 * the same. What a switch reports is taken as it is.
 */

import { isError, ofError } from './errors.ts';
import { bytesOf } from './layout.ts';
import { queue as layout, queueProperty, queueRate } from './structs.ts';
import type { OfError, QueueDesc, QueueProperty } from './values.ts';
import type { Writer } from './writer.ts';

/** OFPQT_*. */
const numbers = { minRate: 1, maxRate: 2 } as const;

function badLength(why: string): OfError {
  return ofError('badRequest', 'badLen', why);
}

/** Reads the queues in [at, end). */
export function readQueues(dv: DataView, at: number, end: number): QueueDesc[] | OfError {
  const queues: QueueDesc[] = [];
  for (let next = at; next < end; ) {
    if (next + layout.size > end) return badLength('cut in a queue');
    const { queueId, portNo, length } = layout.read(dv, next);
    if (length < layout.size || next + length > end) return badLength(`queue of ${length} bytes`);
    const properties = readProperties(dv, next + layout.size, next + length);
    if (isError(properties)) return properties;
    queues.push({ queueId, portNo, properties });
    next += length;
  }
  return queues;
}

export function readProperties(dv: DataView, at: number, end: number): QueueProperty[] | OfError {
  const properties: QueueProperty[] = [];
  for (let next = at; next < end; ) {
    if (next + queueProperty.size > end) return badLength('cut in a queue’s property');
    const { number, length } = queueProperty.read(dv, next);
    if (length < queueProperty.size || next + length > end) {
      return badLength(`queue property of ${length} bytes`);
    }
    properties.push(readProperty(dv, next, number, length));
    next += length;
  }
  return properties;
}

function readProperty(dv: DataView, at: number, number: number, length: number): QueueProperty {
  if (length === queueRate.size) {
    const rate = queueRate.get.rate(dv, at);
    if (number === numbers.minRate) return { type: 'minRate', rate };
    if (number === numbers.maxRate) return { type: 'maxRate', rate };
  }
  const body = at + queueProperty.size;
  return { type: 'other', number, data: bytesOf(dv, body, length - queueProperty.size).slice() };
}

export function writeQueues(to: Writer, queues: readonly QueueDesc[]): void {
  for (const { queueId, portNo, properties } of queues) {
    const at = to.room(layout.size);
    writeProperties(to, properties);
    layout.write(to.dv, at, { queueId, portNo });
    to.end(layout, at);
  }
}

export function writeProperties(to: Writer, properties: readonly QueueProperty[]): void {
  for (const property of properties) {
    if (property.type === 'other') {
      const at = to.room(queueProperty.size);
      to.put(property.data);
      queueProperty.write(to.dv, at, { number: property.number });
      to.end(queueProperty, at);
    } else {
      const at = to.room(queueRate.size);
      const number = numbers[property.type];
      queueRate.write(to.dv, at, { number, rate: property.rate });
      to.end(queueRate, at);
    }
  }
}
