/**
 * `traffic` on the control socket (control.ts).
 */
import { limits } from '../../slices/limits.ts';
import { noSuchText } from '../../slices/near-names.ts';
import { type Params, textOf, textsOf } from './control-values.ts';
import { type TrafficSources, trafficPieces } from './traffic-report.ts';

interface TrafficReply {
  pieces(result: Iterable<string>): void;
  error(code: 'usage' | 'rejected', message: string): void;
}

const LONGEST_MS = limits.trafficLongMs * limits.trafficLongSlotsMax;

export const trafficMethods = { traffic } as const;

/** Who asks has them measured from now on (hypervisor/tenant/traffic.ts). */
function traffic(context: TrafficSources, params: Params, reply: TrafficReply): void {
  const known = [...context.snapshot().tenants.keys()];
  const named = textsOf(params, 'tenant');
  const unknown = named.find((one) => !known.includes(one));
  if (unknown !== undefined) {
    reply.error('rejected', noSuchText('tenant', unknown, known));
    return;
  }
  const windowMs = Number(textOf(params, 'windowMs', '0'));
  if (!(windowMs > 0 && windowMs <= LONGEST_MS)) {
    reply.error('usage', `"windowMs" is from 1 to ${LONGEST_MS}`);
    return;
  }
  const tenants = named.length > 0 ? named : known;
  const asked = { tenants, windowMs, hasPoints: params['points'] === true };
  context.traffic.want(tenants, () => reply.pieces(trafficPieces(context, asked)));
}
