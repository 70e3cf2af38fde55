/**
 * Every limit of the product, with its unit last in its name; by subject in limits/.
 *
 * What a peer or a person may make grow has a line there; nothing else in the code does.
 */
import { datapathLimits } from './limits/datapaths.ts';
import { linkLimits } from './limits/links.ts';
import { messageLimits } from './limits/messages.ts';
import { migrationLimits } from './limits/migrations.ts';
import { networkLimits } from './limits/networks.ts';
import { operatorLimits } from './limits/operator.ts';
import { remapLimits } from './limits/remaps.ts';
import { schedulerLimits } from './limits/scheduler.ts';
import { storeLimits } from './limits/store.ts';
import { tenantLimits } from './limits/tenants.ts';

export const limits = {
  ...datapathLimits,
  ...linkLimits,
  ...messageLimits,
  ...migrationLimits,
  ...networkLimits,
  ...operatorLimits,
  ...remapLimits,
  ...schedulerLimits,
  ...storeLimits,
  ...tenantLimits,
} as const;
