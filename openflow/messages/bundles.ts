/**
 * Messages about bundles, which are carried in experimenters' messages (ONF extension 230): bundle
 * controls, and the messages that are added to a bundle.
 */

import { layout, pad, u16, u32 } from '../layout/layout.ts';
import { onf, version } from '../values/constants.ts';
import { ofError } from '../values/errors.ts';
import type { Message, OfError } from '../values/values.ts';
import { extensions } from './extensions.ts';
import { experimenter, header, type MessageName, messageNames } from './messages.ts';

type Experimenter = Extract<Message, { type: 'experimenter' }>;

/** ofp_bundle_ctrl_msg. */
export interface BundleControl {
  readonly bundleId: number;
  /** OFPBCT_*. */
  readonly control: number;
  /** OFPBF_*. */
  readonly flags: number;
}

/** ofp_bundle_add_msg. */
export interface BundleAdd {
  readonly bundleId: number;
  readonly flags: number;
  /** The message that is put in; properties may follow, which are passed over. */
  readonly contents: Uint8Array;
}

const controlLayout = layout('BundleControl', { bundleId: u32, control: u16, flags: u16 });
const addLayout = layout('BundleAdd', { bundleId: u32, pad: pad(2), flags: u16 });
/** Where the message is that is put in. */
const FRAME_AT = experimenter.size + addLayout.size;

export function readBundleControl({ data }: Experimenter): BundleControl | OfError {
  const { size } = controlLayout;
  // Properties may follow, which Open vSwitch passes over.
  if (data.length >= size && data.length % size === 0) return controlLayout.read(viewOf(data), 0);
  return ofError('badRequest', 'badLen', `${data.length} bytes about a bundle`);
}

export function readBundleAdd({ data }: Experimenter): BundleAdd | OfError {
  if (data.length < addLayout.size) {
    return ofError('badRequest', 'badLen', `${data.length} bytes for a bundle`);
  }
  return { ...addLayout.read(viewOf(data), 0), contents: data.subarray(addLayout.size) };
}

/**
 * The frame of the message that is put in, looked for as Open vSwitch does it: of this version,
 * whole, and with the transaction id of the message that it comes in.
 */
export function bundledFrame(xid: number, { contents }: BundleAdd): Uint8Array | OfError {
  const { length: size } = contents;
  if (size < header.size) return badLength(`${size} bytes for a bundle are no message`);
  const dv = viewOf(contents);
  const spoken = header.get.version(dv, 0);
  if (spoken !== version.of13) {
    return ofError('niciraError', 'unencodable', `a message of version ${spoken} for a bundle`);
  }
  const length = header.get.length(dv, 0);
  if (length < header.size || length > size) {
    return badLength(`a message of ${length} bytes in ${size} for a bundle`);
  }
  const own = header.get.xid(dv, 0);
  if (own === xid) return contents.subarray(0, length);
  return ofError('onf', 'bundledBadXid', `message ${own} comes in message ${xid}`);
}

function badLength(why: string): OfError {
  return ofError('onf', 'bundledBadLen', why);
}

/**
 * The type of the message that a frame puts into a bundle, which counts as what that is; undefined
 * when it does not.
 */
export function bundledName(dv: DataView, at: number, length: number): MessageName | undefined {
  const isIt =
    length >= FRAME_AT + header.size &&
    header.get.version(dv, at) === version.of13 &&
    messageNames[header.get.type(dv, at)] === 'experimenter' &&
    experimenter.get.experimenter(dv, at) === onf.experimenter &&
    experimenter.get.expType(dv, at) === extensions.bundleAdd.expType;
  return isIt ? messageNames[header.get.type(dv, at + FRAME_AT)] : undefined;
}

/** The message that such a frame puts in; `bundledFrame` has looked at it. */
export function bundledIn(frame: Uint8Array): Uint8Array {
  const dv = viewOf(frame);
  return frame.subarray(FRAME_AT, FRAME_AT + header.get.length(dv, FRAME_AT));
}

/** The message that asks something of a bundle, or answers. */
export function bundleControlOf(xid: number, asked: BundleControl): Message {
  const data = new Uint8Array(controlLayout.size);
  controlLayout.write(viewOf(data), 0, asked);
  return { type: 'experimenter', xid, ...extensions.bundleControl, data };
}

/** The message that puts one into a bundle. */
export function bundleAddOf(xid: number, { bundleId, flags, contents }: BundleAdd): Message {
  const data = new Uint8Array(addLayout.size + contents.length);
  addLayout.write(viewOf(data), 0, { bundleId, flags });
  data.set(contents, addLayout.size);
  return { type: 'experimenter', xid, ...extensions.bundleAdd, data };
}

function viewOf(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.length);
}
