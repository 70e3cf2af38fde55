/** The bytes of simulated frames, as they go up to controllers and come from them. */
import { matchOf, oxm } from '../../openflow/match/match.ts';
import { NO_BUFFER, port as ofpp } from '../../openflow/values/constants.ts';
import type { FieldName } from '../../openflow/values/fields.ts';
import type { Message } from '../../openflow/values/values.ts';
import { ETHERTYPE, type Frame, type Output } from './pipeline.ts';

/** Where probes go (translation/datapath/link-probe.ts), which have the type of hosts' frames. */
const PROBES = 0x030000000000;
/** Addresses, type and id. */
export const FRAME_BYTES_MIN = 18;

export function isProbe({ dst }: Frame): boolean {
  return dst === PROBES;
}

/** Ethernet: destination, source, tags, type, the id. */
export function bytesOf({ dst, src, id, tags, type = ETHERTYPE, rest }: Frame): Uint8Array {
  const size = 18 + tags.length * 4;
  const bytes = new Uint8Array(Math.max(60 + tags.length * 4, size + (rest?.length ?? 0)));
  const dv = new DataView(bytes.buffer);
  dv.setUint16(0, Math.floor(dst / 2 ** 32));
  dv.setUint32(2, dst % 2 ** 32);
  dv.setUint16(6, Math.floor(src / 2 ** 32));
  dv.setUint32(8, src % 2 ** 32);
  tags.forEach((tag, i) => {
    dv.setUint16(12 + i * 4, 0x8100);
    dv.setUint16(14 + i * 4, tag);
  });
  dv.setUint16(12 + tags.length * 4, type);
  dv.setUint32(14 + tags.length * 4, id);
  if (rest !== undefined) bytes.set(rest, size);
  return bytes;
}

export function frameOf(data: Uint8Array): Frame {
  const dv = new DataView(data.buffer, data.byteOffset);
  const tags: number[] = [];
  let at = 12;
  for (; dv.getUint16(at) === 0x8100; at += 4) tags.push(dv.getUint16(at + 2));
  const type = dv.getUint16(at);
  const dst = dv.getUint16(0) * 2 ** 32 + dv.getUint32(2);
  return {
    ...(type !== ETHERTYPE && { type }),
    ...((type !== ETHERTYPE || dst === PROBES) && { rest: data.slice(at + 6) }),
    dst,
    src: dv.getUint16(6) * 2 ** 32 + dv.getUint32(8),
    id: dv.getUint32(at + 2),
    tags,
  };
}

/** A frame as it comes in. */
export function walkOf(frame: Frame, inPort: number) {
  return { frame, inPort, metadata: 0n, reg0: 0n, reg2: 0n, registers: new Map() };
}

/** How a switch tells its controller of a frame. */
export function packetInOf({ entry, walk }: Extract<Output, { type: 'controller' }>): Message {
  const data = bytesOf(walk.frame);
  const match = matchOf(
    oxm('in_port', walk.inPort || ofpp.controller),
    oxm('metadata', walk.metadata),
    ...[...(walk.registers ?? [])].map(([name, value]) => oxm(name as FieldName, value)),
  );
  return {
    type: 'packetIn',
    xid: 0,
    bufferId: NO_BUFFER,
    totalLen: data.length,
    reason: 1,
    tableId: entry?.tableId ?? 0,
    cookie: entry?.cookie ?? 0xffff_ffff_ffff_ffffn,
    match,
    data,
  };
}
