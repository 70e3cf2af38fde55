/**
 * The counters of a vswitch's ports: the tenant's own traffic, whoever else is on the switches.
 *
 *   a host's vport    the real port that it is plugged into is its alone: that port's own counters
 *   one of several    what left by it is counted in egress entries, as of a virtual link; what came
 *   on one port       in, by the entry that knows its VLAN; where there is one table, by its rules
 *   a virtual link    what left by it is counted in its egress entries on every body
 *                     (translation/wiring/egress.ts), or by the rules that sent it where there is
 *                     one table; what came in is what left at the other end
 *   LOCAL             nothing
 *
 * Entries report their last counters when a body is left. A port that its tenant took down counts
 * nothing that comes in, though the real port goes on counting.
 */
import { portConfig } from '../../openflow/values/constants.ts';
import type { PortStats } from '../../openflow/values/values.ts';
import { isSameValue } from '../../slices/equality.ts';
import type { DatapathName, Vport, VswitchName } from '../../slices/ids.ts';
import { endsOf, isHostOn } from '../../slices/network/host-attachments.ts';
import { type HostAttachment as Host, isShared } from '../../slices/network/shared-ports.ts';
import type { Attachment, Vswitch } from '../../slices/network/snapshot.ts';
import { noCounts, PortCounter, type PortCounts } from '../../slices/port-counters.ts';
import type { Count } from '../../slices/rules/rule-counters.ts';
import { everyFlow } from '../../translation/entries/physical-tables.ts';
import { cookieOf, readCookie, VSWITCH_COOKIE_MASK } from '../../translation/entries/pipeline.ts';
import type { Reading } from '../../translation/flat/context.ts';
import { readSerial, TAG_BYTES } from '../../translation/wiring/egress.ts';
import type { Datapaths } from '../datapath/datapaths.ts';
import { flowsIn } from '../datapath/entry-reader.ts';
import type { Journal } from '../store/journal.ts';
import { type Entry, textEntry } from '../store/journal-entries.ts';
import { kept, perform } from '../store/ready.ts';
import { SharedRead, SharedReads } from '../world/shared-read.ts';
import { whenAll } from '../world/when-all.ts';
import type { World } from '../world/world.ts';
import type { WithVswitch } from './configured.ts';
import { cameBy, goesAlong, look, type Part, sharedFilter, sourceOf } from './host-places.ts';
import type { Ports } from './ports.ts';
import type { Counters } from './rule-counters.ts';

export interface PortCountersContext extends Datapaths {
  readonly world: World;
  readonly journal: Journal;
  /** What a link's other end has sent came in here. */
  runtime(name: VswitchName): { readonly portCounters: PortCounters } | undefined;
}

/** Whose ports count. */
export interface PortCountersOwner extends WithVswitch {
  readonly counters: Pick<Counters, 'readBody'>;
  readonly ports: Pick<Ports, 'view'>;
}

export class PortCounters {
  static readonly #readingLinks = (of: PortCounters, landed: () => void) => of.#readLinks(landed);
  static readonly #readingHost = (own: PortCounters, vport: Vport, landed: () => void): void =>
    own.#readPlugged(vport, landed);

  readonly #context: PortCountersContext;
  readonly #owner: PortCountersOwner;
  readonly #counters: Map<Vport, PortCounter>;
  /** Reads what left by the virtual links. */
  readonly links = new SharedRead<PortCounters>(this, PortCounters.#readingLinks);
  readonly #hosts = new SharedReads<PortCounters, Vport>(this, PortCounters.#readingHost);

  constructor(context: PortCountersContext, owner: PortCountersOwner) {
    this.#context = context;
    this.#owner = owner;
    const { name, ports, cut } = owner.vswitch;
    const stored = context.journal.portCounters.get(name);
    this.#counters = new Map();
    for (const vport of [...ports.keys(), ...cut.keys()]) this.#put(vport, stored?.get(vport));
  }

  /** The vswitch is another than before: ports that went count no more, and new ones begin. */
  follow({ name, ports: were }: Vswitch): void {
    const { ports, cut } = this.#owner.vswitch;
    for (const vport of this.#counters.keys()) {
      const [was, is] = [were.get(vport), ports.get(vport)];
      const isThere = ports.has(vport) || cut.has(vport);
      if (was?.type === 'host' && !isSameValue(was, is)) this.#leave(vport, was, is);
      if (isThere) continue;
      this.#counters.delete(vport);
      perform(this.#context.journal, kept([textEntry(`counts/${name}/${vport}`, undefined)]));
    }
    for (const vport of [...ports.keys(), ...cut.keys()]) {
      this.#put(vport, this.#counters.get(vport));
      if (!isSameValue(were.get(vport), ports.get(vport))) this.settle(vport);
    }
  }

  #put(vport: Vport, known: PortCounter | undefined): void {
    this.#counters.set(vport, known ?? new PortCounter(this.#context.world.wallClockMs()));
    if (known === undefined && this.#owner.vswitch.ports.has(vport)) this.#tell([vport]);
  }

  /** Its host is plugged in there no more: what is counted from now on is somebody else's. */
  #leave(vport: Vport, host: Host, is: Attachment | undefined): void {
    const counter = this.#counters.get(vport);
    const stays = is?.type === 'host' ? endsOf(is).map(sourceOf) : [];
    const ends = endsOf(host);
    for (const end of ends) {
      const source = sourceOf(end);
      if (stays.includes(source)) continue;
      // A copy of what left at one of two places is counted at the other.
      const moved = ends.length > 1 ? 'moved' : 'all';
      this.#readAt(vport, end, moved, () => counter?.forget(source));
    }
    if (ends.length > 1 && stays.length < 2) {
      counter?.oneIsLeft(stays[0] === ends.map(sourceOf)[1] ? 'second' : 'first');
    }
  }

  /** The rows of these vports, brought up to date. */
  read(vports: readonly Vport[], done: (rows: readonly PortStats[]) => void): void {
    const flights = new Set<SharedRead<PortCounters> | Vport>();
    for (const vport of vports) {
      const attachment = this.#owner.vswitch.ports.get(vport);
      if (attachment?.type === 'link') {
        flights.add(this.links);
        const peer = this.#context.runtime(attachment.peer.device);
        if (peer !== undefined) flights.add(peer.portCounters.links);
      }
      if (attachment?.type === 'host') flights.add(vport);
      if (attachment?.type === 'host' && isShared(attachment)) flights.add(this.links);
    }
    const read = (one: SharedRead<PortCounters> | Vport, ended: () => void): void =>
      typeof one === 'number' ? this.#hosts.read(one, ended) : one.read(ended);
    whenAll(flights, read, () => done(vports.map((vport) => this.row(vport))));
  }

  /** What is known now. */
  row(vport: Vport): PortStats {
    const counter = this.#counters.get(vport) ?? new PortCounter(this.#context.world.wallClockMs());
    const attachment = this.#owner.vswitch.ports.get(vport);
    const ms = Math.max(0, this.#context.world.wallClockMs() - counter.sinceMs);
    return {
      portNo: vport,
      ...counter.total(),
      ...(attachment?.type === 'link' && this.#received(attachment)),
      durationSec: Math.floor(ms / 1000),
      durationNsec: Math.floor((ms % 1000) * 1_000_000),
    };
  }

  /** What counts for the vport itself. */
  counter(vport: Vport): Pick<PortCounter, 'total' | 'copied'> | undefined {
    return this.#counters.get(vport);
  }

  /** The datapath is there: what its ports have counted until now is where counting begins. */
  begin(datapath: DatapathName): void {
    for (const [vport, attachment] of this.#owner.vswitch.ports) {
      if (isHostOn(attachment, datapath)) this.settle(vport);
    }
  }

  /** Before a host's port is taken down or up: what came in until now counts by what it was. */
  settle(vport: Vport): void {
    this.#hosts.read(vport, () => undefined);
  }

  /** The interface of its host goes from one of its places to the other, counters and all. */
  comesAlong(vport: Vport): void {
    goesAlong(this.#counters.get(vport), this.#owner.vswitch.ports.get(vport));
    this.#tell([vport]);
  }

  /** A packet that left by this vport without touching a wire (translation/requests/lldp.ts). */
  carried(vport: Vport, bytes: number): void {
    this.#counters.get(vport)?.add({ txPackets: 1n, txBytes: BigInt(bytes) });
    this.#tell([vport]);
  }

  /** What rules sent where no table counts what leaves (translation/flat/port-outputs.ts). */
  sent(counts: readonly (Count & { readonly vport: Vport })[]): void {
    const news = new Set<Vport>();
    for (const { vport, packets, bytes } of counts) {
      const attachment = this.#owner.vswitch.ports.get(vport);
      if (attachment?.type !== 'link' && !(attachment && isShared(attachment))) continue;
      this.#counters.get(vport)?.add({ txPackets: packets, txBytes: bytes });
      news.add(vport);
    }
    this.#tell(news);
  }

  /** What rules counted there: of ports that hosts share, what came in, too. */
  passed({ sent, came }: Pick<Reading, 'sent' | 'came'>): void {
    this.sent(sent);
    for (const { vport, ...rx } of came) this.#counters.get(vport)?.add(rx);
    this.#tell(new Set(came.map(({ vport }) => vport)));
  }

  /** An egress entry of a body is gone, with these counters. */
  onRemoval(body: DatapathName, serial: number, count: Count): void {
    const news = this.#saw(body, serial, count);
    if (news !== undefined) this.#tell([news]);
    this.#counters.get(readSerial(serial).vport)?.forget(`${body}/${serial}`);
  }

  #received({ peer }: Extract<Attachment, { type: 'link' }>): Partial<PortCounts> {
    const { txPackets, txBytes } =
      this.#context.runtime(peer.device)?.portCounters.counter(peer.port)?.total() ?? noCounts;
    return { rxPackets: txPackets, rxBytes: txBytes };
  }

  #readLinks(landed: () => void): void {
    const { vswitch, placement } = this.#owner;
    // In the egress table, or behind the meter of a vport.
    const cookie = cookieOf('egress', vswitch.id, 0);
    const filter = { ...everyFlow, cookie, cookieMask: VSWITCH_COOKIE_MASK };
    const read = (body: DatapathName, done: () => void): void => {
      const datapath = this.#context.datapath(body);
      if (datapath.flat !== undefined) {
        this.#owner.counters.readBody(body, () => done());
        return;
      }
      datapath.query({ kind: 'flow', filter }, (parts) => {
        const news = new Set<Vport>();
        for (const row of flowsIn(parts)) {
          const count = { packets: row.packetCount, bytes: row.byteCount };
          const cookieParts = readCookie(row.cookie);
          if (cookieParts === undefined) continue;
          const vport = this.#saw(body, cookieParts.serial, count);
          if (vport !== undefined) news.add(vport);
        }
        this.#tell(news, done);
      });
    };
    whenAll(placement.bodies, read, landed);
  }

  /** The vport, if its counters are others now. */
  #saw(body: DatapathName, serial: number, { packets, bytes }: Count): Vport | undefined {
    const { vport, isTagged } = readSerial(serial);
    const txBytes = isTagged ? bytes - packets * BigInt(TAG_BYTES) : bytes;
    const shows = { ...noCounts, txPackets: packets, txBytes };
    return this.#counters.get(vport)?.saw(`${body}/${serial}`, shows, 'zero') ? vport : undefined;
  }

  /** As it is plugged in now. */
  #readPlugged(vport: Vport, landed: () => void): void {
    const attachment = this.#owner.vswitch.ports.get(vport);
    const [one, other] = attachment?.type === 'host' ? endsOf(attachment) : [];
    if (one === undefined) landed();
    else if (other === undefined) this.#readAt(vport, one, 'all', landed);
    else {
      const second = (ended: () => void) => this.#readAt(vport, other, 'second', ended);
      // From here on what the first counts is known to be copied, or not to be.
      second(() => this.#readAt(vport, one, 'first', landed));
    }
  }

  #readAt(vport: Vport, host: Host, part: Part, landed: () => void): void {
    if (isShared(host)) this.#readShared(vport, host, landed);
    else this.#readHost(vport, host, part, landed);
  }

  #readHost(vport: Vport, host: Host, part: Part, landed: () => void): void {
    const isDown = (this.#owner.ports.view(vport).config & portConfig.portDown) !== 0;
    const { at } = host;
    const request = { kind: 'portStats', portNo: at.port } as const;
    const datapath = this.#context.datapath(at.device);
    datapath.query(request, (parts) => {
      const rows = (parts ?? []).flatMap((one) => (one.kind === 'portStats' ? one.ports : []));
      const row = rows.find(({ portNo }) => portNo === at.port);
      const counter = this.#counters.get(vport);
      const isAbsent = row === undefined && (part !== 'second' || !datapath.isReady);
      if (counter === undefined || isAbsent) {
        this.#tell([], landed);
        return;
      }
      const isCounted = (name: string): boolean => !isDown || !name.startsWith('rx');
      const isNews = look(counter, sourceOf(host), row, part, isCounted);
      this.#tell(isNews ? [vport] : [], landed);
    });
  }

  /** Of a port that hosts share, what came in for this one: without a tag that came off. */
  #readShared(vport: Vport, host: Host, landed: () => void): void {
    const isDown = (this.#owner.ports.view(vport).config & portConfig.portDown) !== 0;
    const filter = sharedFilter(this.#owner.vswitch.id, vport);
    this.#context.datapath(host.at.device).query({ kind: 'flow', filter }, (parts) => {
      const shows = cameBy(host, filter.cookie, [...flowsIn(parts)]);
      const counter = this.#counters.get(vport);
      const isNews = shows && counter?.saw(sourceOf(host), shows, 'zero', () => !isDown);
      this.#tell(isNews ? [vport] : [], landed);
    });
  }

  /** What was counted of these is kept; then whoever asked is told. */
  #tell(vports: Iterable<Vport>, ...answers: readonly (() => void)[]): void {
    const { name: vswitch } = this.#owner.vswitch;
    const entries = [...vports].flatMap((vport): readonly Entry[] => {
      const counter = this.#counters.get(vport);
      return counter === undefined ? [] : [{ type: 'portTally', vswitch, vport, counter }];
    });
    perform(this.#context.journal, { entries, messages: [], answers });
  }
}
