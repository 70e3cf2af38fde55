/**
 * The second part of `make moving-hosts`: a guest of QEMU that serves TCP goes from s1 to s3 with
 * its memory, and its vswitch with it, in one plan; h3 talks to it all the while, over TCP and by
 * echoes. The guest answers for nothing while it runs at neither place, which QEMU says.
 */
import type { HostMoveResult } from '../../hypervisor/operator/control-hosts.ts';
import type { MigrateResult } from '../../hypervisor/operator/migration-asked.ts';
import {
  type AtTaps,
  addTap,
  forgetFailure,
  guestFailure,
  pauseMs,
  type QemuEvents,
  startGuest,
  startTalk,
  TALK_MS,
  type Talk,
  watchTaps,
} from '../lab/guest.ts';
import { type GuestImage, guestImage } from '../lab/guest-image.ts';
import type { Lab } from '../lab/lab.ts';
import { reaches } from '../lab/ping.ts';
import { limevisorJson } from '../lab/programs.ts';
import { sleep, until } from '../lab/wait.ts';

const GUEST = '10.0.0.9';

export const places = { s1: 's1:9', s3: 's3:9' } as const;

export interface MovedGuest {
  readonly what: string;
  readonly state: string;
  /** All of it, in ms. */
  readonly tookMs: number;
  /** For so long the guest ran at neither place, as QEMU says. */
  readonly pauseMs: number;
  /** What it did, and what was heard of that. */
  readonly atTaps: AtTaps;
  readonly talk: Talk;
  /** Its own kernel has failed, so it says nothing of anybody else (`guestFailure`). */
  readonly failure: string | undefined;
}

type Moved = Pick<MovedGuest, 'state' | 'tookMs'>;

/** Of the guest; `say` gets what is downloaded for it. */
export function imageOf(lab: Lab, say: (line: string) => void): GuestImage {
  return guestImage(lab.dir, `${GUEST}/24`, say);
}

/** A guest that somebody talks to, and that goes from port to port. */
export class MovingGuest {
  readonly #lab: Lab;
  readonly #image: GuestImage;
  /** Who talks to it. */
  readonly #host: string;
  readonly #ports: readonly string[];
  #events: QemuEvents;

  private constructor(
    lab: Lab,
    image: GuestImage,
    host: string,
    ports: readonly string[],
    events: QemuEvents,
  ) {
    this.#lab = lab;
    this.#image = image;
    this.#host = host;
    this.#ports = ports;
    this.#events = events;
  }

  /** At the first of its ports; it answers when this is told. */
  static async boot(
    lab: Lab,
    image: GuestImage,
    host: string,
    ports: readonly string[],
  ): Promise<MovingGuest> {
    for (const at of ports) await addTap(lab, at);
    const events = await startGuest(lab, image, ports[0] ?? '');
    const guest = new MovingGuest(lab, image, host, ports, events);
    await guest.serves();
    return guest;
  }

  /** Until it answers; one whose kernel has failed boots again by itself. */
  async serves(): Promise<void> {
    forgetFailure(this.#lab, this.#ports);
    await until('the guest', 120_000, async () =>
      (await reaches(this.#lab, this.#host, GUEST)) ? true : undefined,
    );
  }

  /** Another QEMU waits there for it; `carry` has it go, and ends when it is there. */
  async move(
    what: string,
    to: string,
    carry: () => Promise<Moved>,
    prepare: () => Promise<void> = async () => undefined,
  ): Promise<MovedGuest> {
    const there = await startGuest(this.#lab, this.#image, to, { waits: true });
    await prepare();
    const watching = await watchTaps(this.#lab, this.#ports);
    const talking = await startTalk(this.#lab, this.#host, GUEST);
    await sleep(1_000);
    const moved = await carry();
    await sleep(1_000);
    const talk = await talking.stop();
    const atTaps = await watching.stop();
    const pause = pauseMs(this.#events, there);
    this.#events = there;
    const failure = guestFailure(this.#lab, this.#ports);
    return { what, ...moved, pauseMs: pause, atTaps, talk, failure };
  }
}

/** The guest and its vswitch, as one. */
export function moveWithVswitch(
  lab: Lab,
  guest: MovingGuest,
  to: keyof typeof places,
): Promise<MovedGuest> {
  return guest.move(`the guest moves to ${to} with its vswitch`, places[to], async () => {
    const targets = ['--to', `red/g=${to}`, '--to', `red/guest=${places[to]}`];
    const how = ['--driver', 'red/guest=qemu', '--no-watch'];
    const asked = ['migrate', 'red/g', 'red/guest', ...targets, ...how];
    const { ensemble } = await limevisorJson<MigrateResult>(lab, ...asked);
    return movedOf(ensemble);
  });
}

/** Its vswitch stays where it is. */
export function moveAlone(
  lab: Lab,
  guest: MovingGuest,
  to: keyof typeof places,
): Promise<MovedGuest> {
  return guest.move(`the guest moves to ${to}`, places[to], async () => {
    const asked = ['move', 'red/guest', '--to', places[to], '--driver', 'qemu'];
    const { move } = await limevisorJson<HostMoveResult>(lab, ...asked);
    return movedOf(move);
  });
}

interface Ended {
  readonly state: { readonly type: string };
  readonly startedMs: number;
  readonly stateSinceMs: number;
}

function movedOf(ended: Ended | undefined): Moved {
  return {
    state: ended?.state.type ?? 'refused',
    tookMs: (ended?.stateSinceMs ?? 0) - (ended?.startedMs ?? 0),
  };
}

/** What the network has added to the time in which the guest answered nothing. */
export function addedMs({ atTaps, talk }: MovedGuest): number {
  return talk.echoes.gapMs - atTaps.gapMs;
}

/**
 * Of echoes: what did not come to a tap as long as others came there, which is both while the guest
 * moves; and what did not come back from there.
 */
export function lostBetween({ atTaps, talk: { echoes } }: MovedGuest): number {
  return echoes.sent - atTaps.asked + atTaps.missed + atTaps.answered - echoes.back;
}

/** Came to its taps, and was not answered: it was where the guest was not any more. */
export function unanswered({ atTaps }: MovedGuest): number {
  return atTaps.asked - atTaps.answered;
}

/**
 * Its connection is the same one, no frame came to it or from it twice, none was lost on the way,
 * and it left no more unanswered than came while it ran nowhere.
 */
export function isGuestWhole(moved: MovedGuest): boolean {
  const { state, atTaps, talk } = moved;
  const { numbers, echoes, trouble } = talk;
  const isTalkWhole = trouble === '' && numbers.back === numbers.sent && numbers.wrong === 0;
  const isOnce = echoes.doubled === 0 && atTaps.doubled === 0 && lostBetween(moved) === 0;
  // One was on its way as it stopped, and one as it began.
  const isItsOwn = (unanswered(moved) - 2) * TALK_MS.echoes <= moved.pauseMs;
  return state === 'done' && isTalkWhole && isOnce && isItsOwn;
}

/** There once, told of line by line; and if there is no QEMU, that there is none. */
export async function showGuest(lab: Lab, tell: (line: string) => void): Promise<boolean> {
  let image: GuestImage;
  try {
    image = imageOf(lab, tell);
  } catch (error) {
    tell(`no guest moves: ${error instanceof Error ? error.message : String(error)}`);
    return true;
  }
  const { numbers: numbersMs, echoes: echoesMs } = TALK_MS;
  tell(`h3 sends a guest a number over TCP every ${numbersMs} ms, and a ping every ${echoesMs} ms`);
  const guest = await MovingGuest.boot(lab, image, 'h3', Object.values(places));
  for (const to of ['s3', 's1', 's3'] as const) {
    const moved = await moveWithVswitch(lab, guest, to);
    if (moved.failure === undefined) {
      show(moved, tell);
      return isGuestWhole(moved);
    }
    tell(`  the guest's own kernel has failed on its way (${moved.failure}); once more`);
    await guest.serves();
  }
  return false;
}

function show(moved: MovedGuest, tell: (line: string) => void): void {
  const { what, tookMs, pauseMs, atTaps, talk } = moved;
  const { numbers, echoes } = talk;
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  tell(`  ${what}: ${tookMs} ms; ${numbers.back} of ${numbers.sent} numbers came back in order`);
  const lost = `${unanswered(moved)} of ${echoes.sent} where it was no more`;
  tell(`    it ran nowhere for ${ms(pauseMs)}, and answered nothing for ${ms(atTaps.gapMs)}`);
  tell(`    h3 heard nothing for ${ms(echoes.gapMs)}: ${ms(Math.max(0, addedMs(moved)))} are ours`);
  tell(`    pings lost: ${lost}, ${lostBetween(moved)} on the way; doubled: ${echoes.doubled}`);
}
