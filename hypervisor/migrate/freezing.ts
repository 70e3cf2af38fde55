/**
 * Stopping what enters a vswitch on a datapath, and letting it pass again: freeze-and-copy, the
 * paper's baseline (LIME 2.2).
 */
import type { Message } from '../../openflow/values.ts';
import type { DatapathName } from '../../slices/ids.ts';
import { passing } from '../../translation/pipeline-body.ts';
import { whyRefused } from '../datapath/error-attribution.ts';
import type { Hub } from '../tenant/hub.ts';
import type { VswitchRuntime } from '../tenant/vswitch.ts';

type Done = (trouble?: string) => void;

export function freeze(hub: Hub, runtime: VswitchRuntime, on: DatapathName, done: Done): void {
  send(hub, on, runtime.bodyOn(on).freeze(), done);
}

/** Packets of a body that stays must find their way at once; of one that left there are none. */
export function thaw(hub: Hub, runtime: VswitchRuntime, on: DatapathName, done: Done): void {
  const { vswitch, placement } = runtime;
  const first = placement.bodies.includes(on) ? passing(hub.snapshot(), vswitch, on) : [];
  send(hub, on, [...first, ...runtime.bodyOn(on).thaw()], done);
}

function send(hub: Hub, on: DatapathName, messages: readonly Message[], done: Done): void {
  hub.datapath(on).applyWhenReady(messages, 'full', (outcome) => {
    done(whyRefused(on, outcome, 'the entries that stop or release packets'));
  });
}
