/**
 * A progress bar of a migration at the bottom of a terminal, below the lines about its steps; where
 * stderr is no terminal there are only the lines.
 */
import type { Ensemble } from '../../translation/migration/ensemble.ts';
import { isOver, type Migration, type State } from '../../translation/migration/migration.ts';
import { note } from '../world/exit-codes.ts';
import { widthOf } from '../world/terminal.ts';

const CELLS = 30;
/** To the beginning of the line, which is cleared. */
const CLEAR = '\r\u001b[K';

/** In their order, of either strategy; one that is taken back goes the same way. */
const states: readonly State['type'][] = [
  ...(['tunnels', 'clone', 'ready', 'freeze', 'copy', 'handOver', 'move', 'drain'] as const),
  ...(['arrived', 'retire', 'done'] as const),
];

/** Where room is made first. */
const emptyingStates: readonly State['type'][] = [
  ...(['tunnels', 'ready', 'freeze', 'move', 'empty', 'emptied', 'copy'] as const),
  ...(['arrived', 'retire', 'done'] as const),
];

/** From 0 to 1; undefined while it is taken back. */
export function shareOf(migration: Migration): number | undefined {
  const order = migration.emptiesFirst === true ? emptyingStates : states;
  const at = order.indexOf(migration.state.type);
  if (isOver(migration)) return 1;
  return at < 0 ? undefined : at / (order.length - 1);
}

/** `[#########---------------------]  30 %  handOver`. */
export function barText(share: number | undefined, what: string, width: number): string {
  const filled = Math.round((share ?? 0) * CELLS);
  const bar = share === undefined ? '<'.repeat(CELLS) : '#'.repeat(filled).padEnd(CELLS, '-');
  const percent = share === undefined ? 'back' : `${Math.round(share * 100)} %`;
  return `[${bar}] ${percent.padStart(5)}  ${what}`.slice(0, Math.max(0, width - 1));
}

type Stream = Pick<NodeJS.WriteStream, 'isTTY' | 'columns' | 'write'>;

export class ProgressBar {
  readonly #stream: Stream;
  readonly #say: (line: string) => void;
  readonly #members = new Map<number, number>();
  #count = 1;
  #bar = '';
  #isDrawn = false;

  constructor(stream: Stream = process.stderr, say: (line: string) => void = note) {
    this.#stream = stream;
    this.#say = say;
  }

  /** What happened, in words; nothing: only the bar moves. */
  line(text: string | undefined): void {
    this.#clear();
    if (text !== undefined) this.#say(text);
    this.#draw();
  }

  /** One of as many as the ensemble has, if it is of one. */
  is(migration: Migration, ensemble?: Ensemble): void {
    if (ensemble !== undefined) this.#count = Math.max(1, ensemble.members.length);
    const share = shareOf(migration);
    this.#members.set(migration.id, share ?? 0);
    const sum = [...this.#members.values()].reduce((all, one) => all + one, 0);
    const whole = share === undefined ? undefined : Math.min(1, sum / this.#count);
    const what = `${migration.vswitch} ${migration.state.type}`;
    this.#bar = barText(whole, what, widthOf(this.#stream));
  }

  end(): void {
    this.#clear();
    this.#bar = '';
  }

  #clear(): void {
    if (this.#isDrawn) this.#stream.write(CLEAR);
    this.#isDrawn = false;
  }

  #draw(): void {
    if (this.#stream.isTTY !== true || this.#bar === '') return;
    this.#stream.write(this.#bar);
    this.#isDrawn = true;
  }
}
