/**
 * Counters and time-outs of a vswitch's rules, read from all its bodies (LIME 4.2: "polling the
 * traffic counters on the switches and deleting the rule in both").
 *
 * Reading is single flight (flight.ts). Idle time-outs are late by at most the poll and the
 * counters' lag, never early (limits.ts).
 */
import { group as ofpg, port as ofpp, table } from '../openflow/constants.ts';
import type { DatapathName } from '../slices/ids.ts';
import { limits } from '../slices/limits.ts';
import type { Rulebook } from '../slices/rulebook.ts';
import { cookieOf, readCookie, VSWITCH_COOKIE_MASK } from '../translation/pipeline.ts';
import { Flight, readEach } from './flight.ts';
import type { Hub, VswitchRuntime } from './vswitch.ts';

export class Counters {
  readonly #hub: Hub;
  readonly #owner: VswitchRuntime;
  readonly #flight = new Flight((landed) =>
    readEach(
      this.#owner.placement.bodies,
      (body, done) => this.readBody(body, () => done()),
      landed,
    ),
  );
  #polling = false;

  constructor(hub: Hub, owner: VswitchRuntime) {
    this.#hub = hub;
    this.#owner = owner;
  }

  /** Brings every tally up to date, then runs `done`. What is asked for later is read later. */
  read(done: () => void): void {
    this.#flight.read(done);
  }

  /** Reads one body's counters; `packets` is how many packets met a rule there, ever. */
  readBody(body: DatapathName, done: (packets: bigint | undefined) => void): void {
    const { rulebook, vswitch } = this.#owner;
    const filter = {
      tableId: table.all,
      outPort: ofpp.any,
      outGroup: ofpg.any,
      cookie: cookieOf('rule', vswitch.id, 0),
      cookieMask: VSWITCH_COOKIE_MASK,
      match: [],
    };
    this.#hub.datapath(body).query({ kind: 'flow', filter }, (parts) => {
      if (parts === undefined) {
        done(undefined);
        return;
      }
      let packets = 0n;
      for (const part of parts) {
        if (part.kind !== 'flow') continue;
        for (const row of part.flows) {
          packets += row.packetCount;
          this.#saw(rulebook, body, row);
        }
      }
      done(packets);
    });
  }

  /** Watches time-outs for as long as there are any. */
  start(): void {
    if (this.#polling) return;
    const idleSec = this.#owner.rulebook.shortestIdleSec();
    const hasTimeouts = this.#owner.rulebook.hasTimeouts();
    if (!hasTimeouts) return;
    this.#polling = true;
    const quarter = idleSec > 0 ? (idleSec * 1000) / 4 : limits.pollIntervalMs;
    const wait = Math.max(limits.pollIntervalMinMs, Math.min(quarter, limits.pollIntervalMs));
    this.#hub.world.after(wait, () => {
      const expire = (): void => {
        this.#polling = false;
        this.#expire();
        this.start();
      };
      if (idleSec > 0) this.read(expire);
      else expire();
    });
  }

  #expire(): void {
    const { rulebook } = this.#owner;
    // With a body away nothing is known about use: late is allowed, early is not.
    if (this.#owner.whyDown() !== undefined) return;
    const over = rulebook.expired(this.#hub.world.nowMs());
    if (over.length === 0) return;
    this.#owner.changes.expire(over.map(({ rule, reason }) => rulebook.remove(rule, reason)));
  }

  #saw(
    rulebook: Rulebook,
    body: DatapathName,
    row: { readonly cookie: bigint; readonly packetCount: bigint; readonly byteCount: bigint },
  ): void {
    const serial = readCookie(row.cookie)?.serial ?? 0;
    const count = { packets: row.packetCount, bytes: row.byteCount };
    rulebook.saw(serial, body, count, this.#hub.world.nowMs());
  }
}
