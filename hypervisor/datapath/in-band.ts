/**
 * Watches each datapath for in-band control, which would let frames bypass our tables: with a probe
 * when it has connected and now and then (translation/entries/probe.ts says why, and how).
 */
import { limits } from '../../slices/limits.ts';
import { probeIn, probes } from '../../translation/entries/probe.ts';
import type { Log } from '../world/log.ts';
import type { Cancel, World } from '../world/world.ts';
import type { Datapath } from './datapath.ts';
import type { PacketIn } from './packet-ins.ts';

interface Probe {
  readonly nonce: number;
  /** How many were sent in a row, this one included. */
  readonly attempt: number;
  hasCome: boolean;
  readonly cancelTimeout: Cancel;
}

export class InBandWatch {
  readonly #world: World;
  readonly #log: Log;
  readonly #under = new Map<Datapath, Probe>();

  constructor(world: World, log: Log) {
    this.#world = world;
    this.#log = log;
  }

  /** From when the datapath is ready until its connection is gone. */
  begin(datapath: Datapath): void {
    const { channel } = datapath;
    this.#probe(datapath);
    this.#world.after(limits.inBandProbeMs, () => {
      if (channel?.isUp === true && datapath.channel === channel) this.begin(datapath);
    });
  }

  /** True when the packet-in, which is nobody's, is a probe that came back. */
  take(datapath: Datapath, message: PacketIn): boolean {
    const probe = this.#under.get(datapath);
    if (probe === undefined) return false;
    const which = probeIn(message.data, probe.nonce);
    if (which === 'arp') probe.hasCome = true;
    // Packet-ins come in the order of what caused them.
    if (which === 'other') this.#answered(datapath, probe);
    return which !== undefined;
  }

  /** Where many come up a single packet-in may be lost: what happens each time is a finding. */
  #answered(datapath: Datapath, { hasCome, attempt }: Probe): void {
    if (hasCome) this.#end(datapath, undefined);
    else if (attempt >= limits.inBandProbesMax) this.#end(datapath, leaks(datapath));
    else this.#probe(datapath, attempt + 1);
  }

  #probe(datapath: Datapath, attempt = 1): void {
    const mac = datapath.local?.hwAddr;
    this.#under.get(datapath)?.cancelTimeout();
    if (mac === undefined) {
      this.#note(datapath, unproven('it has no LOCAL port'));
      return;
    }
    const nonce = Math.floor(this.#world.random() * 0x1_0000_0000);
    const cancelTimeout = this.#world.after(limits.inBandAnswerMs, () => {
      this.#end(datapath, unproven(`no packet-in came within ${limits.inBandAnswerMs / 1000} s`));
    });
    this.#under.set(datapath, { nonce, attempt, hasCome: false, cancelTimeout });
    for (const message of probes(mac, nonce)) datapath.tell(message);
  }

  #end(datapath: Datapath, finding: Finding | undefined): void {
    this.#under.get(datapath)?.cancelTimeout();
    this.#under.delete(datapath);
    this.#note(datapath, finding);
  }

  /** Says in the log what was not so before. */
  #note({ name, warnings }: Datapath, finding: Finding | undefined): void {
    const before = warnings.get('in-band');
    if (before === finding?.why) return;
    if (finding === undefined) {
      warnings.delete('in-band');
      this.#log.info({ datapath: name }, 'no in-band control any more');
      return;
    }
    warnings.set('in-band', finding.why);
    const about = { datapath: name, why: finding.why };
    if (finding.isCertain) this.#log.error(about, 'tenants are not isolated');
    else this.#log.info(about, 'in-band control cannot be ruled out');
  }
}

interface Finding {
  readonly why: string;
  readonly isCertain: boolean;
}

function leaks({ local }: Datapath): Finding {
  const bridge = local?.name ?? 'BRIDGE';
  const why =
    'in-band control is on: ARP and TCP of the controller bypass all rules between tenants; ' +
    `type: ovs-vsctl set bridge ${bridge} other-config:disable-in-band=true`;
  return { why, isCertain: true };
}

function unproven(because: string): Finding {
  const why = `cannot tell whether in-band control is off: ${because}; see docs/GUIDE.md`;
  return { why, isCertain: false };
}
