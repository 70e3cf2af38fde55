/**
 * `move`, `moved` and `abort` on the control socket (control.ts): moves of hosts.
 */
import { tenantOf } from '../../slices/ids.ts';
import { listText, noSuchText } from '../../slices/near-names.ts';
import {
  type HostMove,
  isHostMoveOver,
  isHostMoveSettled,
} from '../../translation/migration/host-move.ts';
import { type HostPlan, planHostMove } from '../../translation/migration/host-move-plan.ts';
import type { Problems } from '../../translation/migration/plan.ts';
import type { Executor } from '../migrate/executor.ts';
import type { HostMoves } from '../migrate/host-moves.ts';
import type { PlanSources } from './control-drain.ts';
import { type Params, textOf } from './control-values.ts';

export interface HostMoveResult {
  readonly plan: HostPlan | Problems;
  /** When it was over; absent on a dry run. */
  readonly move?: HostMove;
}

export interface HostSources extends PlanSources {
  readonly hostMoves: HostMoves;
  readonly executor: Pick<Executor, 'activeOf' | 'all' | 'ensembles'>;
}

interface HostReply {
  result(value: unknown): void;
  event(value: unknown): void;
  error(code: 'rejected', message: string): void;
  onGone(run: () => void): void;
}

type Asked = Readonly<Record<'host' | 'to' | 'driver', string>>;

export const hostMethods = { move, moved, abort } as const;

function move(context: HostSources, params: Params, reply: HostReply): void {
  const asked = {
    host: textOf(params, 'host'),
    to: textOf(params, 'to'),
    driver: textOf(params, 'driver') || 'manual',
  };
  const probe = params['probe'] === true;
  const plan = planOf(context, asked, probe);
  if (plan.type === 'problems' || params['dryRun'] === true) {
    reply.result({ plan } satisfies HostMoveResult);
    return;
  }
  let id: number | undefined;
  let isTold = false;
  const unwatch = context.hostMoves.watch((move) => {
    // What became of an earlier one's probes may be told as this one begins.
    id ??= move.host === plan.host && !isHostMoveOver(move) ? move.id : undefined;
    if (move.id !== id) return;
    if (!isTold) reply.event(move);
    isTold = isHostMoveOver(move);
    if (!isHostMoveSettled(move)) return;
    unwatch();
    reply.result({ plan, move } satisfies HostMoveResult);
  });
  // Whoever asked may go away: the move goes on.
  reply.onGone(unwatch);
  id = context.hostMoves.start(plan, { plan: plan.steps, ...(probe && { probe }) }).id;
}

function planOf(context: HostSources, asked: Asked, probe: boolean): HostPlan | Problems {
  const { storeWaits, hostMoves } = context;
  if (storeWaits !== undefined) return { type: 'problems', problems: [storeWaits] };
  return planHostMove(context.snapshot(), asked, {
    isReady: (datapath) => context.datapath(datapath).isReady,
    tablesOf: (vswitch) => context.runtime(vswitch),
    whyNoDriver: (driver) => hostMoves.whyNoDriver(driver),
    underWay: (host, vswitch) => hostMoves.underWay(host, vswitch),
    probe,
  });
}

/** A person says where a host runs now. */
function moved(context: HostSources, params: Params, reply: HostReply): void {
  const host = textOf(params, 'host');
  const whyNot = whyNoMove(context, host) ?? context.hostMoves.arrived(host);
  answer(reply, host, whyNot, `${host} runs at its new place`);
}

function abort(context: HostSources, params: Params, reply: HostReply): void {
  const host = textOf(params, 'host');
  const asked = 'the operator asked for it';
  const whyNot = whyNoMove(context, host) ?? context.hostMoves.abort(host, asked);
  answer(reply, host, whyNot, `the move of ${host} is taken back`);
}

/** Of a host that is not being moved: which are. */
function whyNoMove({ hostMoves, snapshot }: HostSources, host: string): string | undefined {
  if (hostMoves.activeOf(host) !== undefined) return undefined;
  const hosts = snapshot().config.hosts.map((one) => one.name);
  if (!hosts.includes(host)) return noSuchText('host', host, hosts);
  const moving = hostMoves.all().filter((one) => !isHostMoveOver(one));
  const those = listText(moving.map((one) => one.host));
  return `${host} is not being moved; ${those === '' ? 'no host is' : `being moved: ${those}`}`;
}

function answer(reply: HostReply, host: string, whyNot: string | undefined, text: string): void {
  if (whyNot === undefined) reply.result({ host, text });
  else reply.error('rejected', whyNot);
}

/** Why a vswitch does not migrate while a host of its tenant moves, or is about to. */
export function whyHostMoves(
  { hostMoves, executor }: HostSources,
  vswitch: string,
): string | undefined {
  const tenant = tenantOf(vswitch);
  const host = hostMoves.activeIn(tenant)?.host;
  const whole = executor.ensembles.withHostOf(tenant);
  if (whole !== undefined) {
    return `hosts of ${tenant} move in migration ${whole.id}; wait for it, or undo it`;
  }
  if (host === undefined) return undefined;
  return `${host} is being moved; wait for it, or "limevisor abort ${host}"`;
}
