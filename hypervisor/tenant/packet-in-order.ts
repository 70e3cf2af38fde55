/**
 * The order of packet-ins while another body becomes the primary (hand-over.ts): a packet-in of the
 * new primary goes to controllers when those that the old one sent before have arrived, which a
 * barrier of the old one shows.
 */
import type { DatapathName } from '../../slices/ids.ts';
import { limits } from '../../slices/limits.ts';
import type { DatapathContext } from '../datapath/contributors.ts';
import type { Markers } from '../datapath/markers.ts';
import type { Bodied } from './configured.ts';

/** The new primary, the old one, and whether packets may be on their way to that. */
interface Newcomer {
  readonly name: DatapathName;
  readonly former: DatapathName;
  readonly isLed: boolean;
}

/** What came up at the new primary, and what it is to be given to. */
interface Early {
  readonly bytes: number;
  readonly deliver: () => void;
}

interface PacketInOrderContext extends Pick<DatapathContext, 'datapath'> {
  readonly markers: Pick<Markers, 'into'>;
}

export class PacketInOrder {
  readonly #context: PacketInOrderContext;
  readonly #owner: Pick<Bodied, 'vswitch'>;
  #newcomer: Newcomer | undefined;
  #early: Early[] = [];
  #bytes = 0;
  /** For so many of them the old primary is asked. */
  #asked = 0;

  constructor(context: PacketInOrderContext, owner: Pick<Bodied, 'vswitch'>) {
    this.#context = context;
    this.#owner = owner;
  }

  begin(newcomer: Newcomer): void {
    this.#newcomer = newcomer;
  }

  /** Whether packet-ins from there have to wait now. Hot. */
  isEarly(from: DatapathName): boolean {
    return this.#newcomer?.name === from;
  }

  /** So many bytes wait; what is more goes, in order, before its time. */
  wait(bytes: number, deliver: () => void): void {
    this.#early.push({ bytes, deliver });
    this.#bytes += bytes;
    if (this.#bytes > limits.divertedBytesMax) this.end();
    else if (this.#asked === 0) this.#ask();
  }

  /** Nothing comes from the old primary any more. */
  end(): void {
    const early = this.#early;
    this.#newcomer = undefined;
    this.#early = [];
    this.#bytes = 0;
    this.#asked = 0;
    for (const one of early) one.deliver();
  }

  #ask(): void {
    const newcomer = this.#newcomer;
    if (newcomer === undefined || this.#early.length === 0) return;
    this.#asked = this.#early.length;
    const answered = (): void => {
      // It is over, or another one.
      if (this.#newcomer !== newcomer) return;
      const some = this.#early.splice(0, this.#asked);
      this.#asked = 0;
      for (const one of some) {
        this.#bytes -= one.bytes;
        one.deliver();
      }
      this.#ask();
    };
    const { writer } = this.#context.datapath(newcomer.former);
    const ask = (): void => writer.send('intent', [], 'barrier', answered);
    if (!newcomer.isLed) ask();
    else this.#context.markers.into(this.#owner.vswitch, newcomer.former, ask);
  }
}
