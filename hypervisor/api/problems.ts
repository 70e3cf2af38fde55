/**
 * The answer to a request that cannot be carried out: a problem in the form of RFC 9457, whose
 * `detail` is the text that the command line prints.
 */
import Type from 'typebox';

/** How to say no. */
export type RefusalCode = 'usage' | 'rejected' | 'failed' | 'absent' | 'forbidden';

export const Problem = Type.Object(
  {
    type: Type.String({ description: 'about:blank: the status says which kind it is' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.String({ description: 'object, cause, and what to do' }),
    code: Type.Union(
      ['usage', 'rejected', 'failed', 'absent', 'forbidden'].map((one) => Type.Literal(one)),
    ),
    problems: Type.Optional(Type.Array(Type.String(), { description: 'each by itself' })),
    result: Type.Optional(Type.Unknown({ description: 'what it would have answered' })),
  },
  { $id: 'Problem', description: 'A problem (RFC 9457)', additionalProperties: false },
);

export const PROBLEM_TYPE = 'application/problem+json';

const statuses: Readonly<Record<RefusalCode, number>> = {
  usage: 400,
  forbidden: 403,
  absent: 404,
  rejected: 409,
  // What was begun and did not come to its end for reasons of the network.
  failed: 409,
};

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  409: 'Conflict',
  412: 'Precondition Failed',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

export interface ProblemAnswer {
  readonly status: number;
  readonly code: RefusalCode;
  readonly detail: string;
  readonly problems?: readonly string[];
  readonly result?: unknown;
}

export function refusal(code: RefusalCode, detail: string): ProblemAnswer {
  return { status: statuses[code], code, detail };
}

/** What an answer of the control says that could not be, as a problem. */
export function refusalIn(method: string, value: unknown): ProblemAnswer | undefined {
  const problems = problemsIn(value);
  if (problems === undefined) return undefined;
  const what = method === 'apply' ? 'the file is not applied' : `cannot ${method}`;
  const detail = `${what}:\n  ${problems.join('\n  ')}`;
  return { ...refusal('rejected', detail), problems, result: value };
}

export function problemsIn(value: unknown): readonly string[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { plan, outcome, type, whyNot } = value as {
    readonly plan?: { readonly type?: string; readonly problems?: readonly string[] };
    /** Of what was applied, beside what there is then. */
    readonly outcome?: unknown;
    readonly type?: string;
    readonly whyNot?: readonly string[];
  };
  if (plan?.type === 'problems') return plan.problems ?? [];
  if (outcome !== undefined) return problemsIn(outcome);
  return type === 'refused' || type === 'takenBack' ? (whyNot ?? []) : undefined;
}

export function problemJson(answer: ProblemAnswer): string {
  const { status } = answer;
  return JSON.stringify({ type: 'about:blank', title: titles[status] ?? 'Error', ...answer });
}
