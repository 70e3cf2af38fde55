/**
 * Messages about bundles (slices/bundles.ts), handled as Open vSwitch does.
 */
import {
  type BundleControl,
  bundleControlOf,
  bundledFrame,
  bundledIn,
  readBundleAdd,
  readBundleControl,
} from '../../openflow/messages/bundles.ts';
import { decode, encode, nameOfType, refuseFrame } from '../../openflow/messages/codec.ts';
import { header, type MessageName } from '../../openflow/messages/messages.ts';
import {
  bundleControl,
  bundleFlag,
  flowCommand,
  NO_BUFFER,
  version,
} from '../../openflow/values/constants.ts';
import { isError, ofError } from '../../openflow/values/errors.ts';
import type { Message, OfError } from '../../openflow/values/values.ts';
import type { Bundle } from '../../slices/bundles.ts';
import {
  absorb,
  answer,
  type BundledEffect,
  refused,
  type Scene,
  type Verdict,
} from './verdict.ts';

/** What policy.ts says of messages in bundles. */
export interface Bundling {
  /** When a message of this type is looked at; undefined when it may not be in a bundle. */
  when(name: MessageName | undefined): 'put' | 'commit' | undefined;
  /** What becomes of one. */
  verdict(scene: Scene, message: Message): Verdict;
}

/** What is asked of bundles, and what is put into them. */
export function bundleHandlers(bundling: Bundling) {
  return {
    control: (scene: Scene, message: Message) => controlBundle(bundling, scene, message),
    add: (scene: Scene, message: Message) => addToBundle(bundling, scene, message),
  };
}

function controlBundle(bundling: Bundling, scene: Scene, message: Message): Verdict {
  if (message.type !== 'experimenter') return absorb();
  const asked = readBundleControl(message);
  if (isError(asked)) return refused(asked);
  const { bundles } = scene.connectionState;
  const reply = replyTo(message.xid, asked);
  switch (asked.control) {
    case bundleControl.open:
      return told(reply, bundles.open(asked, encode(version.of13, message), scene.nowMs));
    case bundleControl.close:
      return told(reply, bundles.close(asked, scene.nowMs));
    case bundleControl.discard:
      return told(reply, bundles.discard(asked));
    case bundleControl.commit: {
      const bundle = bundles.take(asked);
      if (isError(bundle)) return refused(bundle);
      return commit(bundling, scene, bundle, reply);
    }
    default: {
      const why = `bundle control type ${asked.control} is unknown`;
      return refused(ofError('onf', 'bundleBadType', why));
    }
  }
}

/** Its flags are none, whatever was asked. */
function replyTo(xid: number, { bundleId, control }: BundleControl): Message {
  return bundleControlOf(xid, { bundleId, control: control + 1, flags: 0 });
}

function told(reply: Message, error: OfError | undefined): Verdict {
  return error === undefined ? answer(reply) : refused(error);
}

function commit(
  bundling: Bundling,
  scene: Scene,
  { frames, flags }: Bundle,
  reply: Message,
): Verdict {
  const isAtomic = (flags & bundleFlag.atomic) !== 0;
  const read = (frame: Uint8Array): BundledEffect | OfError => {
    const message = decoded(bundledIn(frame));
    if (isError(message)) return message;
    if (isAtomic && message.type === 'portMod') {
      return ofError('onf', 'bundledFailed', 'an atomic bundle may not contain a port-mod');
    }
    return effectOf(bundling.verdict(scene, message));
  };
  const parts = frames.map((frame) => ({ frame, read: () => read(frame) }));
  return { verdict: 'rewrite', effect: { type: 'commitBundle', parts, reply } };
}

function effectOf(verdict: Verdict): BundledEffect | OfError {
  if (verdict.verdict === 'refuse') return verdict.error;
  if (verdict.verdict === 'rewrite') {
    const { effect } = verdict;
    switch (effect.type) {
      case 'changeRules':
      case 'changeGroups':
      case 'changePort':
      case 'sendPacket':
        return effect;
    }
  }
  return unsupported('this message does nothing that a bundle can do');
}

/** What is wrong with a message is said as it comes, if its type lets that be known. */
function addToBundle(bundling: Bundling, scene: Scene, message: Message): Verdict {
  if (message.type !== 'experimenter') return absorb();
  const added = readBundleAdd(message);
  if (isError(added)) return refused(added);
  const frame = bundledFrame(message.xid, added);
  if (isError(frame)) return refused(frame);
  const wrong = refuseBundled(bundling, scene, frame);
  if (wrong !== undefined) return refused(wrong);
  const whole = encode(version.of13, message);
  const full = scene.connectionState.bundles.add(added, whole, scene.nowMs);
  return full === undefined ? absorb() : refused(full);
}

function refuseBundled(bundling: Bundling, scene: Scene, frame: Uint8Array): OfError | undefined {
  const dv = viewOf(frame);
  const name = nameOfType(version.of13, header.get.type(dv, 0));
  const when = bundling.when(name);
  const wrong = refuseFrame(version.of13, dv, 0, frame.length);
  if (wrong !== undefined) return unsupported(wrong.why);
  if (when === undefined) return unsupported(`a bundle may not contain ${name}`);
  const inner = decoded(frame);
  if (isError(inner)) return inner;
  if (when === 'commit') return undefined;
  const verdict = bundling.verdict(scene, inner);
  return verdict.verdict === 'refuse' ? verdict.error : refusedEarly(inner);
}

/** What is else said of it when it comes to be carried out. */
function refusedEarly(inner: Message): OfError | undefined {
  const { type } = inner;
  if (type === 'flowMod' && inner.command > flowCommand.deleteStrict) {
    return ofError('flowModFailed', 'badCommand', `command ${inner.command} does not exist`);
  }
  const mayName =
    type === 'packetOut' || (type === 'flowMod' && inner.command < flowCommand.delete);
  if (!mayName || inner.bufferId === NO_BUFFER) return undefined;
  return ofError('badRequest', 'bufferUnknown', 'a message in a bundle may not name a buffer');
}

function unsupported(why: string): OfError {
  return ofError('onf', 'bundledUnsupported', why);
}

function decoded(frame: Uint8Array): Message | OfError {
  return decode(version.of13, viewOf(frame), 0, frame.length);
}

function viewOf(frame: Uint8Array): DataView {
  return new DataView(frame.buffer, frame.byteOffset, frame.length);
}
