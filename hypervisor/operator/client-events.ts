/**
 * Reads server-sent events, as text comes in (HTML Living Standard, section 9.2.6).
 */

export interface ServerEvent {
  readonly event: string;
  readonly data: string;
  /** Where to go on from. */
  readonly id: string;
}

export class SseReader {
  readonly #onEvent: (event: ServerEvent) => void;
  /** A line that is not whole. */
  #begun: string[] = [];
  #event = '';
  #data: string[] = [];
  #id = '';

  constructor(onEvent: (event: ServerEvent) => void) {
    this.#onEvent = onEvent;
  }

  read(text: string): void {
    const lines = text.split('\n');
    const rest = lines.pop() ?? '';
    for (const line of lines) {
      const whole = [...this.#begun, line].join('');
      this.#begun = [];
      this.#line(whole.endsWith('\r') ? whole.slice(0, -1) : whole);
    }
    this.#begun.push(rest);
  }

  #line(line: string): void {
    if (line === '') {
      this.#tell();
      return;
    }
    // A comment says that somebody is there.
    const [, field, value = ''] = /^([^:]+)(?:: ?(.*))?$/.exec(line) ?? [];
    if (field === 'event') this.#event = value;
    else if (field === 'data') this.#data.push(value);
    else if (field === 'id') this.#id = value;
  }

  #tell(): void {
    const [event, data] = [this.#event, this.#data];
    this.#event = '';
    this.#data = [];
    if (data.length === 0) return;
    this.#onEvent({ event: event === '' ? 'message' : event, data: data.join('\n'), id: this.#id });
  }
}
