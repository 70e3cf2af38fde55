/**
 * Checks of the parameters of a request on the control socket (control.ts), which may be anything.
 */

export type Params = Readonly<Record<string, unknown>>;

/** A parameter as text; what is neither text nor a number counts as absent. */
export function textOf(params: Params, key: string, absent = ''): string {
  const value = givenIn(params, key);
  return isText(value) ? String(value) : absent;
}

/** One text, or a list of such. */
export function textsOf(params: Params, key: string): readonly string[] {
  const value = givenIn(params, key);
  const all: readonly unknown[] = Array.isArray(value) ? value : [value];
  return all.filter(isText).map(String);
}

function givenIn(params: Params, key: string): unknown {
  return Object.hasOwn(params, key) ? params[key] : undefined;
}

function isText(value: unknown): value is string | number {
  return typeof value === 'string' || typeof value === 'number';
}
