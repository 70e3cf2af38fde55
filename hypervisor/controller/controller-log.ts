/**
 * Log lines about tenants' controllers that are dialled: that one has connected, and why one is
 * away, once for each reason, however often it is dialled meanwhile.
 */

import { versionName } from '../../openflow/messages/negotiation.ts';
import { targetText } from '../../slices/config/target.ts';
import type { Vswitch } from '../../slices/network/snapshot.ts';
import type { Log } from '../world/log.ts';
import type { Controller } from './controller.ts';

export class ControllerLog {
  readonly #log: Log;
  /** What was said last: why it is away; nothing while it is up. */
  readonly #said = new WeakMap<Controller, readonly string[]>();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Its state has changed. */
  note({ name: vswitch }: Vswitch, controller: Controller): void {
    const { state, target } = controller;
    const text = targetText(target);
    if (state.type === 'up') {
      const openflow = versionName(controller.version);
      this.#log.info({ vswitch, controller: text, openflow }, 'controller up');
      this.#said.delete(controller);
    } else if (state.type === 'waiting') {
      const said = this.#said.get(controller) ?? [];
      if (said.includes(state.why)) return;
      this.#log.warn({ vswitch, controller: text, why: state.why }, 'controller away');
      // It may choke in two ways by turns (redial.ts).
      this.#said.set(controller, [...said.slice(-1), state.why]);
    }
  }
}
