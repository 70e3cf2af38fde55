/**
 * The result of parsing a word of the configuration file: a value, or why it is not valid.
 */

export type Parsed<T> = { readonly ok: true; readonly value: T } | Failure;
export interface Failure {
  readonly ok: false;
  readonly why: string;
}
