/**
 * The reasons why a request does not fit the schema of its route, in words for the person who wrote
 * it.
 *
 * A value that fits none of several schemas has an error for each of them: together they are one.
 */

/** As TypeBox finds them, in the manner of ajv. */
export interface SchemaError {
  readonly keyword: string;
  /** A JSON pointer to what does not fit: `/to/0`. */
  readonly instancePath: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly message?: string;
}

/** `part` is where it stands: fastify's word for it. */
export function schemaText(errors: readonly SchemaError[], part: string): string {
  const places = new Map<string, SchemaError[]>();
  for (const one of errors) {
    // A key that may not be there is told of where it stands.
    if (one.keyword === 'boolean') continue;
    places.set(one.instancePath, [...(places.get(one.instancePath) ?? []), one]);
  }
  const texts = [...places].map(([path, all]) => `${placeText(path, part)} ${whyText(all)}`);
  return texts.join('; ');
}

function placeText(path: string, part: string): string {
  const keys = path.split('/').slice(1);
  const names = keys.map((one) => one.replaceAll('~1', '/').replaceAll('~0', '~'));
  return names.length === 0 ? `the ${parts[part] ?? part}` : `"${names.join('.')}"`;
}

const parts: Readonly<Record<string, string>> = { querystring: 'query', params: 'path' };

function whyText(errors: readonly SchemaError[]): string {
  const allowed = errors.flatMap(({ keyword, params }) => {
    return keyword === 'const' ? [String(params['allowedValue'])] : [];
  });
  const others = errors.filter(({ keyword }) => keyword !== 'const' && keyword !== 'anyOf');
  const either = allowed.length === 0 ? [] : [`must be ${allowed.join(' or ')}`];
  const all = new Set([...either, ...others.map(errorText)]);
  return all.size === 0 ? 'is none of what it may be' : [...all].join(', or ');
}

function errorText({ keyword, params, message = 'does not fit' }: SchemaError): string {
  const named = (key: string): string => {
    const names = params[key];
    return Array.isArray(names) ? names.map((one) => `"${one}"`).join(' and ') : `"${names}"`;
  };
  if (keyword === 'required') return `lacks ${named('requiredProperties')}`;
  if (keyword === 'additionalProperties') {
    return `has ${named('additionalProperties')}, which is unknown`;
  }
  return message;
}
