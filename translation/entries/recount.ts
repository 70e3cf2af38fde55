/**
 * An entry that changes nothing: it drops frames that would be dropped without it. Adding or
 * deleting it makes Open vSwitch check all its cached flows, and has no other effect
 * (hypervisor/datapath/fresh-counters.ts).
 */
import { matchOf, oxm } from '../../openflow/match/match.ts';
import type { PhysicalFlow } from './physical-tables.ts';
import { cookieOf } from './pipeline.ts';

/** The last number that a port may have, in either version (OF1.0.1 section 5.2.1). */
const LAST_PORT = 0xfeff;

/** `serial` is in its cookie: 32 bits, for who wants to know the entry again. */
export const recountFlow = (serial = 0): PhysicalFlow => ({
  tableId: 0,
  // Above what drops everything: of two that take a frame, as one looks for this one by its frame
  // (unixctls.ts), a switch may take either.
  priority: 1,
  match: matchOf(oxm('in_port', LAST_PORT)),
  instructions: [],
  cookie: cookieOf('recount', 0, serial),
});

/** The flow that it takes, as Open vSwitch's tools read it. */
export const RECOUNTED = `in_port=${LAST_PORT}`;
