/**
 * Messages of extensions: those that policy.ts has a line for, and the error for all others.
 */
import { type ExtensionName, extensionOf } from '../../openflow/messages/extensions.ts';
import { nicira } from '../../openflow/values/constants.ts';
import { ofError } from '../../openflow/values/errors.ts';
import type { Message } from '../../openflow/values/values.ts';
import { isSlave } from './connection-state.ts';
import { absorb, refused, type Scene, type Verdict } from './verdict.ts';

interface Line {
  readonly handle: (scene: Scene, message: Message) => Verdict;
  readonly notForSlaves?: true;
}

export function extension(
  lines: Readonly<Record<ExtensionName, Line>>,
  scene: Scene,
  message: Message,
): Verdict {
  if (message.type !== 'experimenter') return absorb();
  const name = extensionOf(scene.version, message);
  if (name === undefined) {
    const { experimenter: whose, expType } = message;
    const why = `message ${expType} of experimenter 0x${whose.toString(16)} is not supported`;
    const isKnown = whose === nicira.experimenter;
    return refused(ofError('badRequest', isKnown ? 'badExpType' : 'badExperimenter', why));
  }
  const line = lines[name];
  if (line.notForSlaves !== true || !isSlave(scene.connectionState)) {
    return line.handle(scene, message);
  }
  return refused(ofError('badRequest', 'isSlave', `${name} from a slave`));
}
