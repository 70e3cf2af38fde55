/**
 * The API over HTTP: on the operator's socket, and at the addresses under `api:` of the file.
 *
 * fastify finds the route and checks what came by its schemas, which the OpenAPI document is made
 * of, too. Whoever is not on the operator's own socket shows a token. Nothing here is asked in the
 * path of messages; all of it is loaded when a file is served, and not by the command line.
 */
import http from 'node:http';
import swagger from '@fastify/swagger';
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { Target } from '../../slices/config/target.ts';
import { limits } from '../../slices/limits.ts';
import type { Operated } from '../operator/control.ts';
import { productVersion } from '../world/exit-codes.ts';
import { Chore } from '../world/fault-boundary.ts';
import { freshSecret } from '../world/node-world.ts';
import { listenOnPath } from '../world/unix-socket.ts';
import { AuditLog } from './audit-log.ts';
import { type Admitted, Callers, isOwnSocket, nobody } from './callers.ts';
import { EventFeed } from './event-feed.ts';
import { ApiListeners, serverOptions } from './listeners.ts';
import { OpenRequests } from './open-requests.ts';
import { Operations } from './operations.ts';
import { Problem, refusal } from './problems.ts';
import { schemaText } from './request-words.ts';
import { HttpAnswer } from './responses.ts';
import type { ApiContext, Route } from './route.ts';
import { routes } from './routes.ts';
import { Tokens } from './tokens.ts';

export interface ApiOptions {
  /** Where tokens are kept, and who has changed what; absent: nowhere. */
  readonly tokens?: string;
  readonly audit?: string;
}

export interface Api {
  readonly context: ApiContext;
  /** For tests, and for who has sockets of its own. */
  readonly handle: (request: http.IncomingMessage, response: http.ServerResponse) => void;
  /** The operator's own socket. Rejects when something that lives is there already. */
  serveOn(path: string): Promise<http.Server>;
  /** Listens there and nowhere else; `failed` is told where that cannot be. */
  follow(listen: readonly Target[], failed: (why: string) => void): void;
  close(): void;
}

/**
 * Answers are written by responses.ts alone: what fastify makes of each route's to write them by
 * would take a second of each start.
 */
const writtenElsewhere = (): typeof JSON.stringify => JSON.stringify;

export async function serveApi(operated: Operated, options: ApiOptions = {}): Promise<Api> {
  const { world, log, scheduler } = operated;
  const feed = new EventFeed({ world, scheduler }, log.events);
  const clock = { freshSecret, wallClockMs: () => world.wallClockMs() };
  const tokens = new Tokens(options.tokens, clock);
  const app = fastify({
    bodyLimit: limits.apiBodyBytesMax,
    // Answers are written by responses.ts alone.
    frameworkErrors: (error, _, reply) => refuse(operated, error, reply),
    schemaErrorFormatter: (errors, part) => new Error(schemaText(errors, part)),
    exposeHeadRoutes: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: limits.scalarCharactersMax },
    schemaController: { compilersFactory: { buildSerializer: () => writtenElsewhere } },
  });
  const operations = new Operations(() => world.wallClockMs());
  const audit = new AuditLog(options.audit, log);
  const own = { operated, feed, tokens, operations, audit };
  let text: string | undefined;
  const document = (): string => (text ??= JSON.stringify(app.swagger()));
  const context: ApiContext = { ...own, document };
  await prepare(app, context, routes);
  const handle: Api['handle'] = (request, response) => app.routing(request, response);
  const listeners = new ApiListeners(world, handle);
  return {
    context,
    handle,
    async serveOn(path) {
      const server = http.createServer(serverOptions(), handle);
      server.on('connection', isOwnSocket);
      await listenOnPath(server, path);
      return server;
    },
    follow: (listen, failed) => listeners.follow(listen, failed),
    close: () => listeners.close(),
  };
}

async function prepare(
  app: FastifyInstance,
  context: ApiContext,
  rows: readonly Route[],
): Promise<void> {
  const { operated, tokens } = context;
  const callers = new Callers(context);
  const open = new OpenRequests(operated.world, () => tokens.goodNames());
  // Who revokes the own one is answered first.
  tokens.revoked = (token) => operated.world.soon(() => open.end(token));
  app.setValidatorCompiler(TypeBoxValidatorCompiler);
  app.addSchema(Problem);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Limevisor',
        description: 'The API of the Limevisor that serves it.',
        version: productVersion(),
        license: { name: 'MIT' },
      },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    },
    refResolver: { buildLocalReference: (json, _, __, i) => String(json['$id'] ?? `Schema${i}`) },
  });
  // Before its body is read: whoever asks for it shows no token.
  app.addHook('onRequest', (request, reply, next) => {
    if (request.is404) absent(operated, request, reply);
    else next();
  });
  for (const row of rows) add(app, context, { callers, open }, row);
  app.setErrorHandler((error: RequestError, { headers }, reply) => {
    const isOtherType = error.statusCode === NOT_JSON;
    refuse(operated, isOtherType ? notJson(error, headers['content-type']) : error, reply);
  });
  app.setNotFoundHandler((request, reply) => absent(operated, request, reply));
  await app.ready();
}

function absent(
  { scheduler }: Pick<Operated, 'scheduler'>,
  { method, url }: FastifyRequest,
  reply: FastifyReply,
): void {
  reply.hijack();
  const hint = 'GET /api/v1/openapi.json has all there is';
  const detail = `nothing is at ${clipped(`${method} ${url}`)}; ${hint}`;
  new HttpAnswer(reply.raw, scheduler).problem(refusal('absent', detail));
}

type RequestError = Error & { readonly statusCode?: number };

const NOT_JSON = 415;

/** `curl -d` says that it sends a form, whatever it sends. */
function notJson(error: RequestError, type = 'none'): RequestError {
  const message = `the body's Content-Type is ${type}; send JSON, as "application/json"`;
  return Object.assign(new Error(message, { cause: error }), { statusCode: NOT_JSON });
}

/** What fastify could not take, or a fault of ours before a route had it. */
function refuse(
  { log, scheduler }: Pick<Operated, 'log' | 'scheduler'>,
  error: RequestError,
  reply: FastifyReply,
): void {
  const { statusCode: status = 500, message } = error;
  if (status >= 500) log.error({ why: message }, 'a request failed');
  reply.hijack();
  const detail = status >= 500 ? 'internal error; see the log' : clipped(message);
  const code = status >= 500 ? 'failed' : 'usage';
  new HttpAnswer(reply.raw, scheduler).problem({ status, code, detail });
}

/** What somebody sent may be long. */
function clipped(text: string): string {
  const max = 4 * limits.lineCharactersMax;
  return text.length <= max ? text : `${text.slice(0, max)}...`;
}

interface Admission {
  readonly callers: Callers;
  readonly open: OpenRequests;
}

function add(app: FastifyInstance, context: ApiContext, gate: Admission, row: Route): void {
  const { method, path, access, tag, summary, query, body, params, response } = row;
  const { produces = 'application/json' } = row;
  app.route({
    method,
    url: path,
    schema: {
      summary,
      tags: [tag],
      ...(query !== undefined && { querystring: query }),
      ...(body !== undefined && { body }),
      ...(params !== undefined && { params }),
      ...(access !== 'anybody' && { security: [{ token: [] }] }),
      response: {
        200: { description: summary, content: { [produces]: { schema: response ?? {} } } },
        '4xx': {
          description: 'why not',
          content: { 'application/problem+json': { schema: { $ref: 'Problem#' } } },
        },
      },
    },
    onRequest: (request, reply, next) => {
      const admitted = admit(gate, row, request, reply);
      if ('caller' in admitted) {
        admittedOf.set(request, admitted);
        next();
        return;
      }
      reply.hijack();
      const answer = new HttpAnswer(reply.raw, context.operated.scheduler);
      answer.problem(admitted.problem, admitted.headers);
    },
    handler: (request, reply) => {
      reply.hijack();
      const { world } = context.operated;
      const beganMs = world.nowMs();
      serve(context, row, request, reply.raw);
      const { caller, isByToken } = admittedOf.get(request) ?? {};
      if (isByToken === true && caller) gate.callers.spent(caller, world.nowMs() - beganMs);
    },
  });
}

/** Whom a token lets in has not too much under way. */
function admit(
  { callers, open }: Admission,
  row: Route,
  request: FastifyRequest,
  reply: FastifyReply,
): Admitted {
  const admitted = callers.of(request.raw, row);
  if ('problem' in admitted || !admitted.isByToken) return admitted;
  if (open.begin(admitted.caller, reply.raw)) return admitted;
  const detail = `${limits.apiOpenPerOwnerMax} requests by this token are not over; end some first`;
  return { problem: { status: 429, code: 'rejected', detail }, headers: { 'retry-after': '1' } };
}

const admittedOf = new WeakMap<FastifyRequest, Extract<Admitted, { caller: unknown }>>();

/** For nobody in particular: what throws is answered, and everybody else goes on. */
function serve(
  context: ApiContext,
  row: Route,
  request: FastifyRequest,
  response: http.ServerResponse,
): void {
  const { operated } = context;
  const answer = new HttpAnswer(response, operated.scheduler);
  const { caller = nobody } = admittedOf.get(request) ?? {};
  const chore = new Chore(`the request ${row.method} ${row.path}`, (why) => {
    // What is wrong may have a name that is nothing of an owner's.
    const what = caller.role === 'owner' ? 'internal error' : `internal error: ${why}`;
    const detail = `${what}; see the log`;
    answer.problem({ status: 500, code: 'failed', detail });
  });
  const { query, body, params: path, headers } = request;
  operated.boundary.run(chore, () => {
    row.answer(context, { query, body, path, headers, caller }, answer);
  });
}
