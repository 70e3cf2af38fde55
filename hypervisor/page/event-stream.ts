/**
 * Server-sent events, read from a response's body (`EventSource` can send no token): the text as
 * events, and a stream that begins again where it broke.
 */
export interface ServerEvent {
  /** Empty where the server gave none. */
  readonly id: string;
  /** `message` where the server named none. */
  readonly name: string;
  readonly data: string;
}

/** Takes text as it comes, in whatever pieces, and answers the events that are whole. */
export class EventReader {
  #text = '';

  take(piece: string): readonly ServerEvent[] {
    this.#text = (this.#text + piece).replaceAll('\r\n', '\n');
    const blocks = this.#text.split('\n\n');
    this.#text = blocks.pop() ?? '';
    return blocks.flatMap((block) => eventOf(block));
  }
}

/** Comments, which keep a connection alive, are no events. */
function eventOf(block: string): readonly ServerEvent[] {
  const fields = { id: '', event: 'message', data: [] as string[] };
  for (const line of block.split('\n')) {
    const colon = line.indexOf(':');
    if (colon === 0) continue;
    const [name, rest] = colon < 0 ? [line, ''] : [line.slice(0, colon), line.slice(colon + 1)];
    const value = rest.startsWith(' ') ? rest.slice(1) : rest;
    if (name === 'id') fields.id = value;
    else if (name === 'event') fields.event = value;
    else if (name === 'data') fields.data.push(value);
  }
  if (fields.data.length === 0) return [];
  return [{ id: fields.id, name: fields.event, data: fields.data.join('\n') }];
}

const FIRST_WAIT_MS = 250;
const LAST_WAIT_MS = 8_000;
/** The server says something every 15 s. */
const SILENT_MS = 40_000;

/** How long to wait before the next try, after so many that failed: doubling. */
export function waitMs(failures: number): number {
  return Math.min(LAST_WAIT_MS, FIRST_WAIT_MS * 2 ** failures);
}

export interface StreamUser {
  /** Opens the stream behind event `lastId`; undefined: from the beginning. */
  open(lastId: string | undefined, stop: AbortSignal): Promise<Response>;
  event(event: ServerEvent): void;
  /** Whether it is open now; why not, where a reason is known. */
  changed(isOpen: boolean, why: string): void;
  wait(ms: number, stop: AbortSignal): Promise<void>;
}

/** Until `stop`: an end, an error or a refusal is another try, from the last event that came. */
export async function follow(user: StreamUser, stop: AbortSignal): Promise<void> {
  let lastId: string | undefined;
  let failures = 0;
  while (!stop.aborted) {
    let why = 'the stream ended';
    try {
      const response = await user.open(lastId, stop);
      if (response.body === null || !response.ok) throw new Error(`status ${response.status}`);
      user.changed(true, '');
      for await (const event of eventsOf(response.body)) {
        failures = 0;
        if (event.id !== '') lastId = event.id;
        user.event(event);
      }
    } catch (error) {
      why = error instanceof Error ? error.message : String(error);
    }
    if (stop.aborted) return;
    user.changed(false, why);
    await user.wait(waitMs(failures), stop);
    failures += 1;
  }
}

async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<ServerEvent> {
  const texts = new EventReader();
  const decoder = new TextDecoder();
  const reader = body.getReader();
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    for (;;) {
      // A network that went away without a word: the server would have said that it lives.
      timer = setTimeout(() => void reader.cancel(), SILENT_MS);
      const { done, value } = await reader.read();
      clearTimeout(timer);
      if (done) return;
      yield* texts.take(decoder.decode(value, { stream: true }));
    }
  } finally {
    clearTimeout(timer);
    reader.releaseLock();
  }
}
