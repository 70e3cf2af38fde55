/**
 * The election of the master among a vswitch's controllers (OF1.3.5 section 6.3.5).
 *
 * Roles belong to connections and end with them; the generation id is the vswitch's own, so that
 * two tenants' elections have nothing to do with each other (DELTA 1.2.020).
 */
import { ofError, role as roles } from '../../openflow/values/constants.ts';
import { isStale, type RoleRequest, roleReply } from '../../translation/controllers/roles.ts';
import type { Controller } from './controller.ts';
import type { Asked } from './reply-order.ts';

export class Election {
  #generationId: bigint | undefined;

  request(request: RoleRequest, from: Controller, all: readonly Controller[], asked: Asked): void {
    const { role, generationId } = request;
    if (isStale(generationId, this.#generationId)) {
      const why = `generation id ${generationId} is older than ${this.#generationId}`;
      asked.refuse(ofError('roleRequestFailed', 'stale', why));
      return;
    }
    this.#generationId = generationId ?? this.#generationId;
    if (role === roles.master) {
      for (const one of all) if (one !== from) one.demote(this.#generationId);
    }
    if (role !== undefined) from.connectionState.role = role;
    asked.answer(roleReply(request, from.connectionState.role, this.#generationId));
  }
}
