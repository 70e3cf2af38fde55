/**
 * A vswitch at run time: its rulebook, its controllers, and the one order of their requests.
 *
 * Requests of all controllers form one queue and go down as they come, the datapath's own order
 * keeps theirs. With several bodies one of them does all the work (single-body.ts).
 */
import { header, messages } from '../../openflow/messages/messages.ts';
import type { ControlTraffic } from '../../slices/control-traffic.ts';
import { isSameValue } from '../../slices/equality.ts';
import { type DatapathName, tenantOf, type Vport, type VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import {
  type Placement,
  placementOf,
  type Snapshot,
  type Vswitch,
} from '../../slices/network/snapshot.ts';
import type { Rulebook } from '../../slices/rules/rulebook.ts';
import { planRound } from '../../translation/changes/round.ts';
import type { RoundChange } from '../../translation/changes/round-change.ts';
import type { TenantState } from '../../translation/changes/tenant-state.ts';
import type { Unanswered } from '../../translation/changes/unanswered.ts';
import type { PortView } from '../../translation/controllers/ports.ts';
import type { Effect } from '../../translation/controllers/verdict.ts';
import type { Body } from '../../translation/entries/body.ts';
import type { PacketOut } from '../../translation/requests/packet-out.ts';
import type { Channel } from '../channel/channel.ts';
import { Controller } from '../controller/controller.ts';
import type { ControllerUser } from '../controller/controller-user.ts';
import { Guests } from '../controller/guests.ts';
import type { Asked } from '../controller/reply-order.ts';
import type { Fault, Party } from '../world/fault-boundary.ts';
import { answerBarrier } from './acknowledged.ts';
import { Admission } from './admission.ts';
import { BodyRules } from './body-rules.ts';
import { Changes } from './changes.ts';
import type { Mirroring } from './changes-user.ts';
import type { WithVswitch } from './configured.ts';
import { ExcludedBodies } from './excluded-bodies.ts';
import { FlowMods } from './flow-mods.ts';
import { FlowRemoved } from './flow-removed.ts';
import { FlowUpdates } from './flow-updates.ts';
import { Groups } from './groups.ts';
import { LossProbes } from './loss-probes.ts';
import { Meters } from './meters.ts';
import { MissingEntries } from './missing-entries.ts';
import { Overriding } from './overrides.ts';
import { PacketIns } from './packet-ins.ts';
import { PacketOuts } from './packet-outs.ts';
import { PortCounters } from './port-counters.ts';
import { Ports } from './ports.ts';
import { Queues } from './queues.ts';
import { type OrderUser, RequestOrder } from './request-order.ts';
import { Requests } from './requests.ts';
import { runRound } from './rounds.ts';
import { Counters } from './rule-counters.ts';
import { whyDown } from './service.ts';
import { TenantShell } from './shell.ts';
import { SingleBody } from './single-body.ts';
import { followMisses } from './table-miss.ts';
import type { Tenant } from './tenant.ts';
import type { VswitchContext } from './vswitch-context.ts';

const LEFT = 'this controller is no longer in the file';
const RENUMBERED = 'the file has another dpid for this vswitch';

export class VswitchRuntime implements ControllerUser, OrderUser, Party {
  readonly name: VswitchName;
  readonly tenant: Tenant;
  readonly rulebook: Rulebook;
  readonly groups: Groups;
  readonly queues: Queues;
  readonly meters: Meters;
  readonly changes: Changes;
  readonly shell: TenantShell;
  /** Those that are dialled, then the guests. */
  controllers: readonly Controller[];
  readonly guests: Guests;
  readonly counters: Counters;
  readonly flowRemoved: FlowRemoved;
  readonly flowUpdates: FlowUpdates;
  readonly packetIns: PacketIns;
  readonly packetOuts: PacketOuts;
  readonly flowMods: FlowMods;
  readonly ports: Ports;
  readonly portCounters: PortCounters;
  readonly singleBody: SingleBody;
  readonly overriding: Overriding;
  readonly lossProbes: LossProbes;
  /** Why it is out of service until it is reopened (reopening.ts); undefined while it is not. */
  closed: Fault | undefined;
  mirror: Mirroring | undefined;
  readonly unanswered: Unanswered;
  readonly excluded: ExcludedBodies;
  readonly bodyRules: BodyRules;
  readonly missing: MissingEntries;
  readonly #context: VswitchContext;
  /** Looked up once for each snapshot. */
  #now: (WithVswitch & { readonly in: Snapshot }) | undefined;
  readonly #order: RequestOrder;
  readonly admission: Admission;
  readonly #requests: Requests;
  #dialled: readonly Controller[];

  constructor(context: VswitchContext, name: VswitchName, state: TenantState) {
    this.#context = context;
    this.name = name;
    this.tenant = context.tenants.of(tenantOf(name));
    this.admission = new Admission(context, this);
    this.rulebook = state.rulebook;
    this.unanswered = state.unanswered;
    this.groups = new Groups(context, this, state.groups);
    this.queues = new Queues(context, this);
    this.meters = new Meters(context, this, state.meters);
    this.changes = new Changes(context, this);
    this.shell = new TenantShell(context, this);
    this.ports = new Ports(context, this);
    this.portCounters = new PortCounters(context, this);
    this.#dialled = this.vswitch.controllers.map((one) => new Controller(context.world, one, this));
    this.controllers = this.#dialled;
    this.guests = new Guests(context.world, this);
    this.counters = new Counters(context, this);
    this.flowRemoved = new FlowRemoved(context, this);
    this.flowUpdates = new FlowUpdates(context, this, () => this.#requests.isDeciding);
    this.packetIns = new PacketIns(context.world, this);
    this.packetOuts = new PacketOuts(context, this);
    this.flowMods = new FlowMods(context, this, () => this.#order.isIdle && !this.mirror);
    this.overriding = new Overriding(context, this);
    this.singleBody = new SingleBody(context, this);
    this.lossProbes = new LossProbes(context, this);
    this.excluded = new ExcludedBodies(context, this);
    this.bodyRules = new BodyRules(context, this);
    this.missing = new MissingEntries(context, this);
    this.#order = new RequestOrder(context, this);
    this.#requests = new Requests(context, this, this.#order);
  }

  portView(vport: Vport): PortView {
    return this.ports.view(vport);
  }

  get traffic(): ControlTraffic {
    return this.tenant.traffic;
  }

  /** What the snapshot of now says of it; nothing of it is kept elsewhere. Hot. */
  get vswitch(): Vswitch {
    return this.#inSnapshot().vswitch;
  }

  /** Hot. */
  get placement(): Placement {
    return this.#inSnapshot().placement;
  }

  #inSnapshot(): WithVswitch {
    const snapshot = this.#context.snapshot();
    if (this.#now?.in === snapshot) return this.#now;
    const vswitch = snapshot.vswitches.get(this.name);
    if (vswitch === undefined) throw new Error(`no vswitch ${this.name}: not in the snapshot`);
    this.#now = { in: snapshot, vswitch, placement: placementOf(snapshot, this.name) };
    return this.#now;
  }

  get title(): string {
    return `vswitch ${this.name}`;
  }

  get isClosed(): boolean {
    return this.closed !== undefined;
  }

  /**
   * Something that was done for it threw. What its tables say is not to be trusted any more, so
   * nobody asks it anything; what its datapaths hold of it stays, as it is without a controller.
   */
  close(fault: Fault): void {
    if (this.closed !== undefined) return;
    this.closed = fault;
    this.#requests.close();
    for (const controller of this.controllers) controller.stop(fault.why);
    this.guests.close(fault.why);
  }

  /** It is in the file no more. */
  leave(): void {
    this.close({ why: 'this vswitch is no longer in the file', stack: '', message: '' });
  }

  onFault(error: unknown, message: string): void {
    this.#context.boundary.caught(error, this, message);
  }

  whyDown(): string | undefined {
    return whyDown(this.#context, this);
  }

  /** It has become another than `before` in the snapshot; its controllers are told what changed. */
  follow(before: Vswitch): void {
    const isRenumbered = before.dpid !== this.vswitch.dpid;
    if (isRenumbered) this.guests.dismiss(RENUMBERED);
    const stays = (one: Controller): boolean =>
      !isRenumbered && this.vswitch.controllers.some((target) => isSameValue(target, one.target));
    for (const one of this.#dialled) if (!stays(one)) one.stop(isRenumbered ? RENUMBERED : LEFT);
    this.#dialled = this.vswitch.controllers.map((target) => {
      const known = this.#dialled.find((one) => stays(one) && isSameValue(one.target, target));
      return known ?? new Controller(this.#context.world, target, this);
    });
    this.guests.follow((why) => this.#context.alarm(`${this.name}: ${why}`));
    this.portCounters.follow(before);
    this.refresh();
    this.ports.refresh();
    followMisses(this.#context, this.vswitch, this.#dialled);
  }

  /** Datapaths came or went: it is gone with its body. Without `gone` it is looked. */
  refresh(gone?: string): void {
    const why = gone ?? this.whyDown();
    for (const controller of this.#dialled) {
      if (why === undefined) controller.start();
      else controller.stop(why);
    }
    if (why !== undefined) this.guests.dismiss(why);
    this.#recount();
    if (why === undefined) this.counters.start();
  }

  perform(effect: Effect, from: Controller, asked: Asked): void {
    this.#requests.perform(effect, from, asked);
  }

  /** Not while much waits to be done, or for a datapath: the tenant then waits, and nobody else. */
  mayAsk(from: Channel): boolean {
    const waits = !this.admission.isOpenTo(from) || this.admission.isResting;
    if (waits || this.#context.journal.isBehind) return false;
    return !this.#isCongested && this.#order.length < limits.waitingRequestsMax;
  }

  /** Whether more of many changes may be made: what they say below has somewhere to go. */
  mayChange(): boolean {
    if (this.#isCongested || this.#context.journal.isBehind) return false;
    return !this.#requests.isDeciding && this.#order.length < limits.waitingPartsMax;
  }

  get #isCongested(): boolean {
    return this.placement.bodies.some((body) => this.#context.datapath(body).isCongested);
  }

  onControllerChange(controller: Controller): void {
    if (controller.kind === 'guest') this.#recount();
    else this.#context.onController(this.vswitch, controller);
    followMisses(this.#context, this.vswitch, this.#dialled);
  }

  #recount(): void {
    this.controllers = [...this.#dialled, ...this.guests.all()];
  }

  order(changes: readonly RoundChange[]): void {
    this.#order.submit({ type: 'changes', changes });
  }

  /** Runs when every request before it is done; nothing behind it runs until it releases. */
  exclusive(run: (release: () => void) => void): void {
    this.#order.submit({ type: 'exclusive', run });
  }

  /** The bodies that hold its rules: all but those that rounds leave out. */
  get carriers(): readonly DatapathName[] {
    const { bodies } = this.placement;
    return bodies.filter((body) => this.excluded.takesAll || !this.excluded.leavesOut(body));
  }

  /** Without these it is a switch that is gone: a clone that carries nothing is none of them. */
  get needed(): ReadonlySet<DatapathName> {
    const { primary, homes } = this.placement;
    return new Set([primary, ...homes.values()]);
  }

  /** Whether it has a body there. Hot. */
  livesOn(datapath: DatapathName): boolean {
    const { bodies } = this.placement;
    return bodies[0] === datapath || (bodies.length > 1 && bodies.includes(datapath));
  }

  bodyOn(datapath: DatapathName): Body {
    const { flat } = this.#context.datapath(datapath);
    if (flat !== undefined) return flat.bodyOf(this.vswitch);
    return this.bodyRules.bodyOn(datapath, (vport) => this.groups.isLive(vport));
  }

  hasClones(): boolean {
    return this.placement.bodies.length > 1;
  }

  changeBodies(changes: readonly RoundChange[]): void {
    this.flowRemoved.sending(changes);
    this.singleBody.note(changes);
    const all = changes.map((one) => one.change);
    const round = planRound(this.carriers, all, (on) => this.bodyOn(on));
    runRound(this.#context, this, round, changes);
  }

  readCounters(done: () => void): void {
    this.counters.read(done);
  }

  answerBarrier(done: () => void): void {
    answerBarrier(this.#context, this, done);
  }

  /** Carries frames out in bytes, if they are of a plain kind and need not wait. Hot. */
  relay(from: Channel, dv: DataView, at: number, length: number, end: number): number {
    if (!this.#order.isIdle || !this.admission.isOpen || this.mirror) return 0;
    const type = header.get.type(dv, at);
    if (type === messages.flowMod.number) return this.flowMods.relay(from, dv, at, end);
    const isOut = type === messages.packetOut.number;
    if (!isOut || !this.packetOuts.relay(from.version, dv, at, length)) return 0;
    this.traffic.heard('packetOuts', 1, from.takenMs);
    return length;
  }

  sendPacket(out: PacketOut): void {
    this.packetOuts.send(out);
  }

  get hearsMisses(): boolean {
    return this.#context.snapshot().missesUp.has(this.name);
  }
}
