/**
 * The values that answers of the API consist of, as schemas. Each schema is closed: an answer with
 * a field that its schema lacks is an error, and types generated from the schemas
 * (examples/api-client) are complete.
 */
import Type, { type Static, type TProperties, type TSchema } from 'typebox';
import { strict } from './command-values.ts';

/** These fields and no others. */
export function closed<const P extends TProperties>(properties: P, description?: string) {
  const more = description === undefined ? {} : { description };
  return Type.Object(properties, { ...strict, ...more });
}

/** The same under a name of its own: clients have a type of that name. */
export function titled<const P extends TProperties>(title: string, properties: P) {
  return Type.Object(properties, { ...strict, title });
}

export const text = (description?: string) => Type.String(description ? { description } : {});
export const count = (description?: string) => Type.Integer(description ? { description } : {});
export const number = (description?: string) => Type.Number(description ? { description } : {});
export const texts = (description?: string) =>
  Type.Array(Type.String(), description ? { description } : {});

/** One of these words. */
export function oneOf<const W extends readonly string[]>(words: W, description?: string) {
  return Type.Enum<W[number][]>([...words], description === undefined ? {} : { description });
}

/** By a name: each is such a value. */
export const named = <S extends TSchema>(one: S, description?: string) =>
  Type.Record(Type.String(), one, description === undefined ? {} : { description });

/** The same for each of these names. */
export function byName<const N extends readonly string[], S extends TSchema>(names: N, one: S) {
  return Object.fromEntries(names.map((name) => [name, one])) as Record<N[number], S>;
}

export const listOf = <S extends TSchema>(one: S, description?: string) =>
  Type.Array(one, description === undefined ? {} : { description });
/** It may be absent. */
export const may = Type.Optional;

export const since1970 = number('milliseconds since 1970');
export const why = text('empty where there is nothing to say');
/** As the file writes them. */
export const ends = Type.Array(text('s1:3'), { minItems: 2, maxItems: 2 });

/** A value as JSON carries it: what is undefined is not there. */
export type Carried<T> = unknown extends T
  ? unknown
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends readonly (infer E)[]
      ? readonly Carried<E>[]
      : {
          readonly [K in keyof T as undefined extends T[K] ? never : K]: Carried<T[K]>;
        } & {
          readonly [K in keyof T as undefined extends T[K] ? K : never]?: Carried<
            Exclude<T[K], undefined>
          >;
        };

type KeysOf<S> = S extends unknown ? keyof S : never;
type FieldOf<S, K> = S extends unknown ? (K extends keyof S ? S[K] : never) : never;

/** Fields of `T` that `S` has not, at whatever depth; never: none. */
export type Unsaid<T, S> = T extends string | number | boolean | null | undefined
  ? never
  : T extends readonly (infer E)[]
    ? S extends readonly (infer F)[]
      ? Unsaid<E, F>
      : never
    : {
        [K in keyof T]-?: K extends KeysOf<S>
          ? Unsaid<Exclude<T[K], undefined>, Exclude<FieldOf<S, K>, undefined>>
          : K;
      }[keyof T];

type Fits<T, S> = [T] extends [S]
  ? [Unsaid<T, S>] extends [never]
    ? unknown
    : { readonly unsaid: Unsaid<T, S> }
  : { readonly is: T };

/**
 * The schema of a report: with a field of it that is missing, or is something else, it does not
 * compile.
 */
export function says<T>() {
  return <S extends TSchema>(schema: S & Fits<Carried<T>, Carried<Static<S>>>): S => schema;
}
