/**
 * Prints the types of all that the API can be asked, made of its OpenAPI document:
 *
 *   limevisor's document on standard input, TypeScript on standard output
 *
 * `operations.ts` is what it printed (tests/api/client.test.ts does so with UPDATE_GOLDEN=1).
 */
import { readFileSync } from 'node:fs';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  /** Of an object without fields of its own: what each of its fields is. */
  readonly additionalProperties?: Schema | boolean;
  readonly title?: string;
}

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: Schema }>>;
}

interface Operation {
  readonly summary: string;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly schema: Schema;
  }[];
  readonly requestBody?: Content;
  readonly responses: Readonly<Record<string, Content>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

/** By the title of their schemas, types that have a name of their own. */
const named = new Map<string, string>();
/** Those that are one of several. */
const aliases = new Set<string>();

/** A type of TypeScript for a schema. */
function typeOf(schema: Schema | boolean | undefined): string {
  if (schema === undefined || typeof schema === 'boolean') return 'unknown';
  const { title } = schema;
  if (title === undefined) return bareTypeOf(schema);
  const type = bareTypeOf(schema);
  if ((named.get(title) ?? type) !== type) throw new Error(`two schemas are called ${title}`);
  named.set(title, type);
  if (schema.anyOf !== undefined) aliases.add(title);
  return title;
}

function bareTypeOf(schema: Schema): string {
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeOf).join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((one) => JSON.stringify(one)).join(' | ');
  if (schema.type === 'array') return `readonly (${typeOf(schema.items)})[]`;
  if (schema.type === 'integer' || schema.type === 'number') return 'number';
  if (schema.type === 'string' || schema.type === 'boolean') return schema.type;
  if (schema.type === 'null') return schema.type;
  return schema.type === 'object' ? objectOf(schema) : 'unknown';
}

function objectOf(schema: Schema): string {
  const { properties, required = [], additionalProperties } = schema;
  if (properties === undefined) {
    return `Readonly<Record<string, ${typeOf(additionalProperties)}>>`;
  }
  const rows = Object.entries(properties).map(([name, one]) => {
    return fieldOf(name, required.includes(name), one);
  });
  return rows.length === 0 ? 'object' : `{ ${rows.join(' ')} }`;
}

function fieldOf(name: string, isRequired: boolean, schema: Schema): string {
  const key = /^[A-Za-z_]\w*$/.test(name) ? name : JSON.stringify(name);
  return `readonly ${key}${isRequired ? '' : '?'}: ${typeOf(schema)};`;
}

function operationText(method: string, path: string, operation: Operation): string {
  const { parameters = [], requestBody, responses } = operation;
  const of = (where: string): string => {
    const own = parameters.filter((one) => one.in === where);
    const rows = own.map(({ name, required = false, schema }) => fieldOf(name, required, schema));
    return rows.length === 0 ? 'object' : `{ ${rows.join(' ')} }`;
  };
  const jsonIn = (one: Content | undefined) => one?.content?.['application/json']?.schema;
  return [
    `  '${method.toUpperCase()} ${path}': {`,
    `    readonly path: ${of('path')};`,
    `    readonly query: ${of('query')};`,
    `    readonly body: ${requestBody === undefined ? 'undefined' : typeOf(jsonIn(requestBody))};`,
    `    readonly answer: ${typeOf(jsonIn(responses['200']))};`,
    '  };',
  ].join('\n');
}

const document = JSON.parse(readFileSync(0, 'utf8')) as Document;
const rows = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, one]) => operationText(method, path, one)),
);
const types = [...named].map(([name, type]) => {
  return aliases.has(name)
    ? `export type ${name} = ${type};\n`
    : `export interface ${name} ${type}\n`;
});
console.log(`/**
 * All that the API of Limevisor can be asked, and what it answers: printed by generate.ts.
 */
${types.join('\n')}
export interface Operations {
${rows.join('\n')}
}`);
