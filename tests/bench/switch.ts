/**
 * What the generator's switches answer: the handshake, statistics of empty tables, barriers.
 *
 * Enough for Limevisor to find the datapath ready (acceptor.ts, reconcile.ts): nothing is kept. So
 * tables are empty when they are read first, and must not be read again: the audit would send all
 * rules anew, and again, while something else is measured.
 */
import { encode, encodeMultipartReply } from '../../openflow/messages/codec.ts';
import { header, multipart } from '../../openflow/messages/messages.ts';
import { multipartType, type Version, version } from '../../openflow/values/constants.ts';
import { ofError } from '../../openflow/values/errors.ts';
import type { PortDesc } from '../../openflow/values/values.ts';
import type { End } from './end.ts';
import { numbersOf } from './numbers.ts';

export interface FakeSwitch {
  readonly dpid: number;
  readonly portCount: number;
  readonly speaks: Version;
}

/** Answers what a switch must; false when the frame asks for nothing. */
export function answer(
  end: End,
  fake: FakeSwitch,
  dv: DataView,
  at: number,
  length: number,
): boolean {
  const messages = numbersOf(fake.speaks);
  switch (header.get.type(dv, at)) {
    case messages.barrierRequest:
      return reflect(end, dv, at, length, messages.barrierReply);
    case messages.echoRequest:
      return reflect(end, dv, at, length, messages.echoReply);
    case messages.featuresRequest:
      end.bytes(features(fake, header.get.xid(dv, at)));
      return true;
    case messages.multipartRequest:
      if (wasCompared(end, multipart.get.mpType(dv, at)))
        end.bytes(refusal(fake.speaks, dv, at, length));
      else for (const frame of statistics(fake, dv, at)) end.bytes(frame);
      return true;
    default:
      return false;
  }
}

/** When its entries were read first, milliseconds. */
const readMs = new WeakMap<End, number>();
/** Comparing takes less than a second; the audit comes after ten. */
const COMPARED_MS = 5_000;

/** Whether its entries were compared long ago. */
function wasCompared(end: End, type: number): boolean {
  if (type !== multipartType.flow && type !== multipartType.aggregate) return false;
  const nowMs = performance.now();
  const firstMs = readMs.get(end) ?? nowMs;
  readMs.set(end, firstMs);
  return nowMs - firstMs > COMPARED_MS;
}

function refusal(speaks: Version, dv: DataView, at: number, length: number): Uint8Array {
  const data = new Uint8Array(dv.buffer, dv.byteOffset + at, length);
  const { errorType, errorCode } = ofError('badRequest', 'eperm', 'it was read before');
  const xid = header.get.xid(dv, at);
  return encode(speaks, { type: 'error', xid, errorType, errorCode, data });
}

/** The same bytes back as another type: how echo and barrier are answered. */
export function reflect(end: End, dv: DataView, at: number, length: number, type: number): true {
  const view = end.put(dv, at, length);
  header.set.type(view, end.at - length, type);
  return true;
}

function features(fake: FakeSwitch, xid: number): Uint8Array {
  const { dpid, speaks } = fake;
  return encode(speaks, {
    type: 'featuresReply',
    xid,
    dpid: BigInt(dpid),
    bufferCount: 0,
    tableCount: 254,
    auxiliaryId: 0,
    capabilities: 0x4f,
    ...(speaks === version.of10 ? { of10: { actions: 0xfff, ports: portsOf(fake) } } : {}),
  });
}

function statistics(fake: FakeSwitch, dv: DataView, at: number): readonly Uint8Array[] {
  const xid = header.get.xid(dv, at);
  switch (multipart.get.mpType(dv, at)) {
    case multipartType.desc:
      return encodeMultipartReply(fake.speaks, xid, description);
    case multipartType.aggregate:
      return encodeMultipartReply(fake.speaks, xid, nothing);
    case multipartType.portDesc:
      return encodeMultipartReply(fake.speaks, xid, { kind: 'portDesc', ports: portsOf(fake) });
    case multipartType.flow:
      return encodeMultipartReply(fake.speaks, xid, { kind: 'flow', flows: [] });
    case multipartType.groupDesc:
      return encodeMultipartReply(fake.speaks, xid, { kind: 'groupDesc', groups: [] });
    case multipartType.meterFeatures:
      return encodeMultipartReply(fake.speaks, xid, noMeters);
    case multipartType.meterConfig:
      return encodeMultipartReply(fake.speaks, xid, { kind: 'meterConfig', meters: [] });
    case multipartType.groupStats:
      return encodeMultipartReply(fake.speaks, xid, { kind: 'groupStats', groups: [] });
    case multipartType.portStats:
      return encodeMultipartReply(fake.speaks, xid, { kind: 'portStats', ports: [] });
    default:
      throw new Error(`statistics of type ${multipart.get.mpType(dv, at)} were not expected`);
  }
}

const description = {
  kind: 'desc',
  manufacturer: 'bench',
  hardware: '',
  software: '',
  serial: '',
  datapath: '',
} as const;

const nothing = { kind: 'aggregate', packetCount: 0n, byteCount: 0n, flowCount: 0 } as const;

const noMeters = {
  kind: 'meterFeatures',
  maxMeter: 0,
  bandTypes: 0,
  capabilities: 0,
  maxBands: 0,
  maxColor: 0,
} as const;

function portsOf({ portCount }: FakeSwitch): readonly PortDesc[] {
  return Array.from({ length: portCount }, (_, i) => ({
    portNo: i + 1,
    hwAddr: Uint8Array.of(2, 0, 0, 0, (i + 1) >> 8, (i + 1) & 0xff),
    name: `p${i + 1}`,
    config: 0,
    state: 0,
    curr: 0,
    advertised: 0,
    supported: 0,
    peer: 0,
    currSpeed: 0,
    maxSpeed: 0,
  }));
}
