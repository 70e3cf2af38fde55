/**
 * What `import t from 'tap'` is where several files share a process (shared-process.ts): the test
 * that stands for the file which is being run.
 */
import type { Test } from 'tap';

let current: Test | undefined;

export function useTest(test: Test): void {
  current = test;
}

export default new Proxy({} as Test, {
  get(_, name) {
    if (current === undefined) throw new Error('no file is being run');
    const value: unknown = Reflect.get(current, name, current);
    return typeof value === 'function' ? value.bind(current) : value;
  },
});
