/**
 * Every conversation.
 */
import type { Conversation } from '../conversation.ts';
import { actions } from './actions.ts';
import { additions } from './adding.ts';
import { changes } from './changing.ts';
import { errors } from './errors.ts';
import { matches } from './matches.ts';
import { smallMessages } from './messages.ts';
import { portTalks } from './ports.ts';
import { roleTalks } from './roles.ts';
import { statistics } from './statistics.ts';
import { tables } from './tables.ts';

export const all: readonly Conversation[] = [
  ...matches,
  ...actions,
  ...additions,
  ...changes,
  ...statistics,
  ...smallMessages,
  ...errors,
  ...portTalks,
  ...tables,
  ...roleTalks,
];
