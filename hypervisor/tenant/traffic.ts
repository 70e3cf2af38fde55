/**
 * Measures traffic: at each vport of a tenant, on each cable, through each datapath; and how many
 * entries datapaths hold, and how soon they answer.
 *
 * It costs what is asked for. While nobody asks, nothing is read, unless the file wants it. Whom
 * somebody asks about is measured every 10 s, until nobody has asked for a while. Datapaths are
 * read once in each round, whoever asks, and vswitches a few at a time.
 */
import { port as ofpp } from '../../openflow/values/constants.ts';
import type { MultipartReplyBody } from '../../openflow/values/values.ts';
import { pairText } from '../../slices/config/config-names.ts';
import type { DatapathName, Vport, VswitchName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { Snapshot, Vswitch } from '../../slices/network/snapshot.ts';
import {
  answeredKey,
  cableKey,
  datapathKey,
  latencyKey,
  Measured,
  vportKey,
} from '../../slices/traffic/measured.ts';
import type { Datapath } from '../datapath/datapath.ts';
import type { LinkWatch } from '../datapath/link-watch.ts';
import { type Ended, whenAll } from '../world/when-all.ts';
import type { World } from '../world/world.ts';
import type { PortCounters } from './port-counters.ts';

export interface TrafficContext {
  /** What probes show of cables. */
  readonly probing: { readonly linkWatch: Pick<LinkWatch, 'states'> };
  snapshot(): Snapshot;
  datapaths(): readonly Datapath[];
  runtime(
    name: VswitchName,
  ): { readonly isClosed: boolean; readonly portCounters: PortCounters } | undefined;
}

/** What a datapath said of itself. */
export interface Occupancy {
  /** Entries of all tables, everybody's. */
  readonly entries: number;
  /** From our question to its answer. */
  readonly answeredMs: number;
}

export class Traffic {
  readonly measured = new Measured();
  readonly occupancies = new Map<DatapathName, Occupancy>();
  readonly #world: World;
  readonly #context: TrafficContext;
  /** By tenant: until when it is measured. */
  readonly #wanted = new Map<string, number>();
  #isRunning = false;
  /** Those who wait for the end of a round that began after they asked. */
  #waiting: (() => void)[] = [];
  #isReading = false;

  /** The world is one for what may be given up. */
  constructor(world: World, context: TrafficContext) {
    this.#world = world;
    this.#context = context;
  }

  get nowMs(): number {
    return this.#world.nowMs();
  }

  /** Whether these are measured now, with what was measured a moment ago. */
  isKnown(tenants: readonly string[]): boolean {
    const now = this.nowMs;
    const isFresh = ({ name }: Datapath) => this.measured.isFresh(datapathKey(name), now);
    return (
      (this.#isAlways || tenants.every((one) => (this.#wanted.get(one) ?? 0) >= now)) &&
      this.#context.datapaths().every((one) => !one.isReady || isFresh(one))
    );
  }

  /** Measures these from now on; `done` when it is known how much passes. */
  want(tenants: readonly string[], done: () => void): void {
    const isKnown = this.isKnown(tenants);
    const untilMs = this.nowMs + limits.trafficIdleMs;
    for (const one of tenants) this.#wanted.set(one, untilMs);
    if (isKnown) {
      done();
      return;
    }
    // What passes is the difference of two looks.
    this.#round(() => {
      this.#world.after(limits.trafficSoonMs, () => {
        this.#round(() => {
          this.#run();
          done();
        });
      });
    });
  }

  /** The file may say that it is measured whoever asks. */
  follow(): void {
    if (this.#isAlways) this.#run();
  }

  get #isAlways(): boolean {
    return this.#context.snapshot().config.measuring === 'always';
  }

  /** Round after round, as long as anybody is wanted. */
  #run(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#world.after(limits.trafficEveryMs, () => {
      this.#isRunning = false;
      const now = this.nowMs;
      for (const [tenant, untilMs] of this.#wanted) if (untilMs < now) this.#wanted.delete(tenant);
      if (this.#isAlways || this.#wanted.size > 0) this.#round(() => this.#run());
    });
  }

  /** `done` after a round that begins now or later. */
  #round(done: () => void): void {
    this.#waiting.push(done);
    if (!this.#isReading) this.#read();
  }

  #read(): void {
    const served = this.#waiting;
    this.#waiting = [];
    this.#isReading = true;
    let isOver = false;
    const end = (): void => {
      if (isOver) return;
      isOver = true;
      cancel();
      this.#noteLatencies();
      this.measured.forgetOld(this.nowMs);
      this.#isReading = false;
      for (const done of served) done();
      if (this.#waiting.length > 0 && !this.#isReading) this.#read();
    };
    // Who does not answer is measured when it does; a vswitch that is closed meanwhile, never.
    const cancel = this.#world.after(limits.trafficRoundMs, end);
    whenAll([this.#readDatapaths, this.#readVswitches], (read, ended) => read(ended), end);
  }

  /** Of cables whose probes arrive. */
  #noteLatencies(): void {
    for (const { ends, state } of this.#context.probing.linkWatch.states()) {
      if (state.type !== 'up') continue;
      this.measured.took(latencyKey(pairText(ends)), this.nowMs, state.latencyMs);
    }
  }

  readonly #readDatapaths = (ended: Ended): void => {
    const ready = this.#context.datapaths().filter((one) => one.isReady);
    whenAll(ready, (one, done) => this.#readDatapath(one, done), ended);
  };

  #readDatapath(datapath: Datapath, ended: Ended): void {
    const { name } = datapath;
    const askedMs = this.nowMs;
    datapath.query({ kind: 'table' }, (tables) => {
      if (tables !== undefined) {
        const entries = sumOf(tables, (one) =>
          one.kind === 'table' ? one.tables.map(({ activeCount }) => activeCount) : [],
        );
        const answeredMs = this.nowMs - askedMs;
        this.occupancies.set(name, { entries, answeredMs });
        this.measured.took(answeredKey(name), this.nowMs, answeredMs);
      }
      datapath.query({ kind: 'portStats', portNo: ofpp.any }, (parts) => {
        if (parts !== undefined) this.#onPorts(name, parts);
        ended();
      });
    });
  }

  #onPorts(name: DatapathName, parts: readonly MultipartReplyBody[]): void {
    const { links } = this.#context.snapshot().config;
    const own = links.flat().filter(({ device }) => device === name);
    const cables = new Map<number, (typeof own)[number]>(own.map((end) => [end.port, end]));
    const now = this.nowMs;
    let received = 0n;
    for (const part of parts) {
      if (part.kind !== 'portStats') continue;
      for (const { portNo, rxBytes, txBytes } of part.ports) {
        const end = cables.get(portNo);
        if (end !== undefined) this.measured.read(cableKey(end), now, txBytes);
        if (portNo <= limits.ofportMax) received += rxBytes;
      }
    }
    this.measured.read(datapathKey(name), now, received);
  }

  /** A few at a time: none of them keeps the others from their turns. */
  readonly #readVswitches = (ended: Ended): void => {
    const { tenants } = this.#context.snapshot();
    const wanted = this.#isAlways ? tenants.keys() : this.#wanted.keys();
    const all = [...wanted].flatMap((tenant) => tenants.get(tenant) ?? []);
    const left = all.filter(({ ports }) => ports.size > 0);
    const next = (done: Ended): void => {
      const vswitch = left.shift();
      if (vswitch === undefined) done();
      else this.#readVswitch(vswitch, () => next(done));
    };
    const lanes = Array.from({ length: limits.trafficAtOnce }, () => next);
    whenAll(lanes, (lane, done) => lane(done), ended);
  };

  #readVswitch({ name: device, ports }: Vswitch, ended: () => void): void {
    const runtime = this.#context.runtime(device);
    if (runtime === undefined || runtime.isClosed) {
      this.#world.soon(ended);
      return;
    }
    runtime.portCounters.read([...ports.keys()], (rows) => {
      const now = this.nowMs;
      for (const { portNo, rxBytes, txBytes } of rows) {
        const end = { device, port: portNo as Vport };
        this.measured.read(vportKey(end, 'from'), now, rxBytes);
        this.measured.read(vportKey(end, 'to'), now, txBytes);
      }
      ended();
    });
  }
}

function sumOf(
  parts: readonly MultipartReplyBody[],
  of: (part: MultipartReplyBody) => readonly number[],
): number {
  return parts.flatMap(of).reduce((sum, one) => sum + one, 0);
}
