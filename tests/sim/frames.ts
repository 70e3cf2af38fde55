/** The bytes of simulated frames, as they go up to controllers and come from them. */
import { ETHERTYPE, type Frame } from './pipeline.ts';

/** Where probes go (translation/datapath/link-probe.ts), which have the type of hosts' frames. */
const PROBES = 0x030000000000;

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
