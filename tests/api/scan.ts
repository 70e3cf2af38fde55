/**
 * Random and hostile requests, made from the API's own OpenAPI document: for each thing that can be
 * asked, what its schema allows, what it does not, and what no schema thinks of.
 */
import type { Random } from '../openflow/random.ts';

export interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly schema: Schema;
}

export interface Described {
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body?: Schema;
}

export interface Scanned {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Document {
  readonly openapi: string;
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly summary?: string;
            readonly security?: readonly object[];
            readonly parameters?: readonly Parameter[];
            readonly requestBody?: {
              readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
            };
          }
        >
      >
    >
  >;
}

export function describedIn({ paths }: Document): readonly Described[] {
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody }]) => {
      const body = requestBody?.content['application/json']?.schema;
      return {
        ...{ method: method.toUpperCase(), path, parameters },
        ...(body !== undefined && { body }),
      };
    }),
  );
}

/** Names that mean something in the network of the tests, and texts that mean harm. */
const names = ['red', 'red/v1', 'red/v3', 'blue/v1', 'red/h1', 's1', 's4', 's1:1', 'lime', 'load'];
const hostile = [
  ...['', ' ', '0', '-1', '1e400', 'NaN', 'null', 'true', '__proto__', 'constructor', 'toString'],
  ...[
    '../../etc/passwd',
    '%00',
    '\u0000',
    '\u202e',
    '\ud83d\ude00',
    "'; drop table --",
    '<script>',
  ],
  ...['a'.repeat(5_000), '{{7*7}}', '\r\nset-cookie: a=b', '/etc/passwd', '*', '[', '('],
] as const;

export function randomText(random: Random): string {
  return random.number(2) === 0 ? random.pick(names) : random.pick(hostile);
}

export function randomValue(random: Random, schema: Schema, depth = 0): unknown {
  const kind = random.number(10);
  if (kind === 0) return randomText(random);
  if (kind === 1) return random.pick([null, true, -1, 1e308, 0.5, [], {}, [[[]]], [null]]);
  if (schema.anyOf !== undefined) return randomValue(random, random.pick(schema.anyOf), depth);
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return random.pick(schema.enum);
  if (schema.type === 'boolean') return random.number(2) === 0;
  if (schema.type === 'integer') return random.pick([0, 1, 2, 7, 1_000, 2 ** 31, 2 ** 53]);
  if (schema.type === 'number') return random.pick([0, 1, 1_000, 60_000, 0.1, 2 ** 53]);
  if (schema.type === 'array') {
    const count = random.number(4);
    return Array.from({ length: count }, () => randomValue(random, schema.items ?? {}, depth + 1));
  }
  if (schema.type === 'object' && depth < 4) {
    const { properties = {}, required = [] } = schema;
    const some = Object.entries(properties).filter(([name]) => {
      return required.includes(name) || random.number(2) === 0;
    });
    const extra = random.number(8) === 0 ? [[randomText(random), randomText(random)]] : [];
    return Object.fromEntries([
      ...some.map(([name, one]) => [name, randomValue(random, one, depth + 1)]),
      ...extra,
    ]);
  }
  return randomText(random);
}

export function randomRequest(random: Random, described: readonly Described[]): Scanned {
  const { method, path, parameters, body } = random.pick(described);
  const query = new URLSearchParams();
  let url = path;
  for (const { name, in: where, schema } of parameters) {
    const value = randomValue(random, schema);
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
    if (where === 'path') url = url.replace(`{${name}}`, encodeURIComponent(text) || '%20');
    else if (random.number(3) > 0) query.append(name, text);
  }
  if (random.number(12) === 0) query.append(randomText(random), randomText(random));
  const text = query.toString();
  const types = [
    'application/json',
    'text/plain',
    'application/xml',
    'application/json; charset=x',
  ];
  const type = random.number(10) === 0 ? random.pick(types) : 'application/json';
  const isRaw = random.number(15) === 0;
  const sent = isRaw ? randomText(random) : JSON.stringify(randomValue(random, body ?? {}));
  const accept = random.pick(['application/json', '*/*', 'text/html']);
  const verb = random.number(20) === 0 ? random.pick(['PUT', 'DELETE', 'PATCH', 'POST']) : method;
  const hasBody = verb !== 'GET' && (body !== undefined || random.number(4) === 0);
  return {
    ...{ method: verb, url: text === '' ? url : `${url}?${text}` },
    headers: { accept, ...(hasBody && { 'content-type': type }) },
    ...(hasBody && { body: sent }),
  };
}

/** All that a route may be asked with by who knows these names. */
export function* requestsOf(
  { method, path, parameters, body }: Described,
  words: readonly string[],
) {
  for (const word of words) {
    let url = path;
    const query = new URLSearchParams();
    for (const { name, in: where, schema } of parameters) {
      const { type } = schema;
      const value =
        type === 'integer' || type === 'number' ? '1' : type === 'boolean' ? 'true' : word;
      if (where === 'path') {
        const own = name === 'tenant' && word.includes('/') ? 'red' : value;
        url = url.replace(`{${name}}`, encodeURIComponent(own));
      } else query.append(name, value);
    }
    const properties = Object.entries(body?.properties ?? {});
    const filled = Object.fromEntries(
      properties.map(([name, one]) => [name, one.type === 'boolean' ? true : word]),
    );
    const text = query.toString();
    yield {
      ...{ method, url: text === '' ? url : `${url}?${text}` },
      ...(method !== 'GET' && { body: JSON.stringify(filled) }),
    };
  }
}
