/**
 * What becomes of a word of the configuration file: a value, or why it is none.
 */

export type Parsed<T> = { readonly ok: true; readonly value: T } | Failure;
export interface Failure {
  readonly ok: false;
  readonly why: string;
}
