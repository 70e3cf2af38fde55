/**
 * Nobody can tell a virtual switch from a real one: each conversation is held with both, in 1.3.
 *
 * Issue 3: "the two transcripts (every message and every packet) must be equal but for xids, times
 * and what the policy table lists as different".
 */
import t from 'tap';
import { version } from '../../../openflow/values/constants.ts';
import { compare, compareNeighbours } from './compare.ts';
import { all } from './conversations/all.ts';
import { monitorTalks } from './conversations/monitors.ts';
import { niciraActions } from './conversations/nicira-actions.ts';
import { normalTalks } from './conversations/normal.ts';
import { startSides } from './sides.ts';

const sides = await startSides(version.of13);
t.teardown(() => sides.stop());
compare(t, sides, [...all, ...normalTalks, ...niciraActions, ...monitorTalks]);
compareNeighbours(t, sides);
