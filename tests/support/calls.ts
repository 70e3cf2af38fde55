/** Counts the calls of our functions since the last count (V8's coverage). */
import { Session } from 'node:inspector';

interface Covered {
  readonly url: string;
  readonly functions: readonly { readonly ranges: readonly { readonly count: number }[] }[];
}

const isOurs = /\/(hypervisor|slices|translation|openflow)\//;

export class Calls {
  readonly #session = new Session();

  constructor() {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  }

  take(): number {
    let calls = 0;
    this.#session.post('Profiler.takePreciseCoverage', (error, taken) => {
      if (error !== null) throw error;
      for (const { url, functions } of taken.result as readonly Covered[]) {
        if (!isOurs.test(url)) continue;
        for (const { ranges } of functions) for (const { count } of ranges) calls += count;
      }
    });
    return calls;
  }

  stop(): void {
    this.#session.disconnect();
  }
}
