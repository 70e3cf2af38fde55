/**
 * Work that is too long for one turn of the event loop, as steps: the shell's scheduler does a few
 * of them in each turn; a caller that needs the result at once does them all.
 */

export type Steps<R> = Generator<void, R>;

/** Of a loop whose body is a few microseconds. */
const PER_STEP = 8;

/** All of them now. */
export function atOnce<R>(steps: Steps<R>): R {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** Does something with each, some in every step. */
export function* withEach<T>(all: Iterable<T>, work: (one: T) => void): Steps<void> {
  let count = 0;
  for (const one of all) {
    work(one);
    count += 1;
    if (count % PER_STEP === 0) yield;
  }
}

/** As `map`. */
export function* mapped<T, R>(all: Iterable<T>, of: (one: T, index: number) => R): Steps<R[]> {
  const found: R[] = [];
  yield* withEach(all, (one) => found.push(of(one, found.length)));
  return found;
}

/** As `flatMap`. */
export function* flatMapped<T, R>(
  all: Iterable<T>,
  of: (one: T) => Iterable<R>,
): Steps<readonly R[]> {
  const found: R[] = [];
  yield* withEach(all, (one) => {
    for (const each of of(one)) found.push(each);
  });
  return found;
}

/** So many at a time. */
export function* chunks<T>(all: Iterable<T>, count: number): Generator<readonly T[]> {
  let some: T[] = [];
  for (const one of all) {
    some.push(one);
    if (some.length < count) continue;
    yield some;
    some = [];
  }
  if (some.length > 0) yield some;
}
