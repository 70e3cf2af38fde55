/**
 * What the fuzzers of the policy's lines run in: the example's network in the simulated world,
 * red's and blue's controllers as bare connections that record what they are told.
 */
import { Hypervisor } from '../../hypervisor/hypervisor.ts';
import type { Log } from '../../hypervisor/world/log.ts';
import type { Connection, ConnectionUser } from '../../hypervisor/world/world.ts';
import { decode, encode } from '../../openflow/messages/codec.ts';
import { Framer } from '../../openflow/messages/framer.ts';
import { type Version, version } from '../../openflow/values/constants.ts';
import { isError } from '../../openflow/values/errors.ts';
import type { Message } from '../../openflow/values/values.ts';
import type { Config, PhysicalEnd } from '../../slices/config/config.ts';
import type { Port } from '../../slices/ids.ts';
import { isProbe } from '../sim/frames.ts';
import type { Frame } from '../sim/pipeline.ts';
import { SimSwitch } from '../sim/switch.ts';
import { SimWorld } from '../sim/world.ts';
import { configOf, exampleText } from '../slices/networks.ts';
import { failing } from '../support/faults.ts';
import { memoryStore } from '../support/memory-store.ts';

/** A tenant's controller's end of one vswitch's connection. */
export class Session implements ConnectionUser {
  dpid = 0n;
  isOpen = true;
  readonly received: Message[] = [];
  readonly #connection: Connection;
  readonly #spoken: Version;
  readonly #framer = new Framer({ frameBytesMax: 0xffff });

  constructor(connection: Connection, spoken: Version) {
    this.#connection = connection;
    this.#spoken = spoken;
  }

  get version(): Version {
    return this.#spoken;
  }

  onOpen(): void {
    this.say({ type: 'hello', xid: 0, versions: [this.#spoken] });
    this.say({ type: 'featuresRequest', xid: 1 });
  }

  onBytes(chunk: Uint8Array): void {
    this.#framer.push(chunk, (dv, at, length) => {
      const type = dv.getUint8(at + 1);
      const frame = new DataView(dv.buffer.slice(dv.byteOffset + at, dv.byteOffset + at + length));
      // Errors and echoes are in the version of what they answer (error-replies.ts).
      if (type === 1 || type === 3) frame.setUint8(0, this.#spoken);
      // Our hello has the highest version that we offer (OF1.3.5 section 6.3.1).
      const message = decode(type === 0 ? 4 : this.#spoken, frame, 0, length);
      if (isError(message)) throw new Error(`we said what nobody can read: ${message.why}`);
      if (message.type === 'featuresReply' && this.dpid === 0n) this.dpid = message.dpid;
      else if (message.type === 'echoRequest') this.say({ ...message, type: 'echoReply' });
      else if (message.type !== 'hello') this.received.push(message);
    });
  }

  onClose(): void {
    this.isOpen = false;
  }

  hangUp(): void {
    this.#connection.close();
    this.isOpen = false;
  }

  say(message: Message): void {
    this.write(encode(this.#spoken, message));
  }

  write(bytes: Uint8Array): void {
    this.#connection.write(bytes);
  }
}

const cables: Readonly<Record<string, readonly number[]>> = {
  s1: [1, 2, 3, 4],
  s2: [1, 2, 3, 4],
  s3: [1, 2],
  s4: [1, 2],
};
const QUIET_MS = 3_000;
const MARKER = 0x88b5;

/** How rules stand on the datapaths. */
export type Below = 'pipeline' | 'flat of 1.3' | 'flat of 1.0';

export class Scene {
  readonly world: SimWorld;
  readonly hypervisor: Hypervisor;
  readonly switches: ReadonlyMap<string, SimSwitch>;
  /** What the switches were sent, by name. */
  readonly heard: { readonly on: string; readonly message: Message }[] = [];
  /**
   * Frames that left by ports. Cables carry markers and probes only, which are not among them; by a
   * host's port neither may leave.
   */
  readonly left: { readonly name: string; readonly port: number; readonly frame: Frame }[] = [];
  /** Whether rules stand in one table below. */
  readonly isFlat: boolean;
  readonly #sessions: Readonly<Record<'red' | 'blue', Session[]>> = { red: [], blue: [] };

  /** Everybody is connected and served when it returns. */
  constructor(seed: number, red: Version = version.of13, below: Below = 'pipeline') {
    const world = new SimWorld(seed);
    this.world = world;
    this.isFlat = below !== 'pipeline';
    this.#listen('red', 6661, red);
    this.#listen('blue', 6662, version.of13);
    const more = below === 'flat of 1.3' ? 'ack: barrier, encoding: flat' : 'ack: barrier';
    const config = configOf(exampleText().replace(/dpid: ([0-9]+) }/g, `dpid: $1, ${more} }`));
    const store = memoryStore();
    this.hypervisor = new Hypervisor({ world, store, config, log: silent, onFault: failing });
    this.hypervisor.start();
    this.switches = new Map(
      config.datapaths.map(({ name, dpid }) => {
        const ports = cables[name] ?? [];
        const send = (port: number, frame: Frame): void => {
          const to = this.#otherEnd(config.links, { device: name, port: port as Port });
          const isOurs = frame.type === MARKER || isProbe(frame);
          if (to === undefined || !isOurs) this.left.push({ name, port, frame });
          else world.after(1, () => this.switch(to.device).take(to.port, frame));
        };
        const speaks = below === 'flat of 1.0' ? version.of10 : version.of13;
        const heard = (message: Message): void => void this.heard.push({ on: name, message });
        const options = { dpid, speaks, lieMs: 1, ports, send, heard, isBent: true };
        return [name, new SimSwitch(world, options)];
      }),
    );
    this.pass(QUIET_MS);
  }

  /** Where the cable in a port leads; undefined when it is none of the file's links. */
  #otherEnd(links: Config['links'], from: PhysicalEnd): PhysicalEnd | undefined {
    const isFrom = (end: PhysicalEnd): boolean =>
      end.device === from.device && end.port === from.port;
    return links.find((link) => link.some(isFrom))?.find((end) => !isFrom(end));
  }

  pass(ms: number): void {
    this.world.runUntil(this.world.now + ms);
  }

  /** The newest connection of one of the tenant's vswitches, by its dpid. */
  session(tenant: 'red' | 'blue', dpid: bigint): Session {
    const found = this.#sessions[tenant].filter((one) => one.dpid === dpid).at(-1);
    if (found === undefined) throw new Error(`${tenant} has no connection of ${dpid}`);
    return found;
  }

  sessions(tenant: 'red' | 'blue'): readonly Session[] {
    return this.#sessions[tenant];
  }

  switch(name: string): SimSwitch {
    const one = this.switches.get(name);
    if (one === undefined) throw new Error(`no switch ${name}`);
    return one;
  }

  /** What every switch holds. */
  holdings(): string {
    return [...this.switches].map(([name, one]) => `${name}\n${one.holds().join('\n')}`).join('\n');
  }

  /** Whether a barrier of this vswitch's controller is answered. */
  answers(session: Session, xid: number): boolean {
    session.say({ type: 'barrierRequest', xid });
    this.pass(QUIET_MS);
    return session.received.some((one) => one.type === 'barrierReply' && one.xid === xid);
  }

  #listen(tenant: 'red' | 'blue', port: number, spoken: Version): void {
    const never = (why: string): never => {
      throw new Error(why);
    };
    const accept = (connection: Connection): Session => {
      const session = new Session(connection, spoken);
      this.#sessions[tenant].push(session);
      return session;
    };
    this.world.listen({ host: '127.0.0.1', port }, { accept, refused: never, failed: never });
  }
}

const quiet = (): void => undefined;
const silent = { info: quiet, warn: quiet, error: quiet } as unknown as Log;
