/**
 * Messages about flow monitors that are not statistics (flow-monitors.ts), of both versions: one is
 * cancelled; updates to a connection pause, and resume.
 */

import { badLength } from '../layout/struct.ts';
import { type Version, version } from '../values/constants.ts';
import type { Message, OfError } from '../values/values.ts';
import { extensions } from './extensions.ts';

type Experimenter = Extract<Message, { type: 'experimenter' }>;

/** NXT_FLOW_MONITOR_CANCEL: the monitor's id. */
export function readMonitorCancel({ data }: Experimenter): number | OfError {
  return data.length === 4
    ? viewOf(data).getUint32(0)
    : badLength(`${data.length} bytes of a monitor's id`);
}

export function monitorCancelOf(spoken: Version, xid: number, id: number): Message {
  const data = new Uint8Array(4);
  viewOf(data).setUint32(0, id);
  return { type: 'experimenter', xid, ...whose(spoken, 0), data };
}

/** That updates are left out from now on, and that none is any more. */
export function pausedOf(spoken: Version): Message {
  return { type: 'experimenter', xid: 0, ...whose(spoken, 1), data: new Uint8Array(0) };
}

export function resumedOf(spoken: Version): Message {
  return { type: 'experimenter', xid: 0, ...whose(spoken, 2), data: new Uint8Array(0) };
}

/** The number of a message; PAUSED and RESUMED follow CANCEL. */
function whose(spoken: Version, more: number) {
  const isOf10 = spoken === version.of10;
  const { niciraMonitorCancel, onfMonitorCancel } = extensions;
  const { experimenter, expType } = isOf10 ? niciraMonitorCancel : onfMonitorCancel;
  return { experimenter, expType: expType + more };
}

function viewOf(data: Uint8Array): DataView {
  return new DataView(data.buffer, data.byteOffset, data.length);
}
