/**
 * Who had the processors: how long processes ran, and how long they could have run and waited, as
 * Linux counts it (/proc/PID/task/TID/schedstat: nanoseconds on a processor, in the run queue).
 */
import fs from 'node:fs';

/**
 * From now on, of the processes in whose command line these words are; the answer is a text, in
 * milliseconds of each second, of all threads together.
 */
export function processorTimes(who: Readonly<Record<string, readonly string[]>>): () => string {
  const startedMs = performance.now();
  const all = Object.entries(who).map(([name, words]) => {
    const pid = pidOf(words);
    return { name, pid, before: timesOf(pid) };
  });
  return () => {
    const sec = (performance.now() - startedMs) / 1_000;
    return all
      .map(({ name, pid, before }) => {
        const [ran = 0, waited = 0] = timesOf(pid).map((ms, i) => (ms - (before[i] ?? 0)) / sec);
        return `${name} ran ${ran.toFixed(0)} ms/s, waited ${waited.toFixed(0)}`;
      })
      .join(', ');
  };
}

/** The program, and not what has started it in its namespace. */
function pidOf(words: readonly string[]): number {
  const pids = fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
  const found = pids.find((pid) => {
    const [program = '', ...args] = textIn(`/proc/${pid}/cmdline`).split('\0');
    const line = [program, ...args].join(' ');
    return !/(^|\/)(nsenter|sh)$/.test(program) && words.every((word) => line.includes(word));
  });
  if (found === undefined) throw new Error(`no process has ${words.join(' and ')}`);
  return Number(found);
}

/** On processors, and waiting for one, ms. */
function timesOf(pid: number): readonly number[] {
  const threads = fs.readdirSync(`/proc/${pid}/task`);
  const times = threads.map((one) => textIn(`/proc/${pid}/task/${one}/schedstat`).split(' '));
  return [0, 1].map((i) => times.reduce((sum, one) => sum + Number(one[i] ?? 0) / 1e6, 0));
}

/** Of a process that has just ended, nothing. */
function textIn(file: string): string {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
}
