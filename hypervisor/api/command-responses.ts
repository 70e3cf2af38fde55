/**
 * Commands over HTTP: a method of the control (operator/control.ts) carries the command out, and
 * its result is answered, logged and, if it changes something, written to the audit log.
 */
import { type MethodReply, methods } from '../operator/control.ts';
import { changing, noteCommand } from '../operator/control-requests.ts';
import { Chore } from '../world/fault-boundary.ts';
import { Auditing } from './audit-entry.ts';
import { tagOf, whyNoMatch } from './config-tag.ts';
import { followOperation, operationAnswer } from './operation-responses.ts';
import { Running } from './operations.ts';
import { problemsIn } from './problems.ts';
import { wantsStream } from './responses.ts';
import type { Answering, ApiContext, Asked } from './route.ts';

type Params = Readonly<Record<string, unknown>>;

/** At once, or when it is known. */
export function answerCommand(
  name: string,
  context: ApiContext,
  asked: Asked,
  reply: Answering,
): void {
  const { operated } = context;
  const whyNot = whyNoMatch(asked.headers['if-match'], operated.snapshot);
  if (whyNot !== undefined) reply.refuse({ status: 412, code: 'rejected', detail: whyNot });
  else runMethod(name, context, asked, reply);
}

/** What runs, with its tag. */
export function answerTagged(
  name: string,
  context: ApiContext,
  asked: Asked,
  reply: Answering,
): void {
  const headers = { etag: tagOf(context.operated.snapshot()) };
  const result = (value: unknown): void => reply.result(value, 200, headers);
  runMethod(name, context, asked, { ...plainly(reply), result });
}

function plainly(reply: MethodReply): MethodReply {
  return {
    result: (value) => reply.result(value),
    pieces: (all) => reply.pieces(all),
    event: (value) => reply.event(value),
    error: (code, why) => reply.error(code, why),
    onGone: (run) => reply.onGone(run),
    pendingBytes: () => reply.pendingBytes(),
  };
}

/** What takes a while goes on whoever listens; a dry run is nobody's but who asked. */
export function operateCommand(
  name: string,
  context: ApiContext,
  asked: Asked,
  reply: Answering,
): void {
  const { operations, operated } = context;
  const by = asked.caller.name;
  const whyNot = whyNoMatch(asked.headers['if-match'], operated.snapshot);
  if (whyNot !== undefined) {
    reply.refuse({ status: 412, code: 'rejected', detail: whyNot });
    return;
  }
  const isDry = paramsOf(asked)['dryRun'] === true;
  const clock = (): number => operated.world.wallClockMs();
  const running = isDry ? new Running(0, { method: name, by }, clock) : operations.begin(name, by);
  if (wantsStream(asked)) followOperation(running, 0, reply);
  else operationAnswer(context, running, isDry, reply);
  runMethod(name, context, asked, running);
}

function runMethod(name: string, context: ApiContext, asked: Asked, reply: MethodReply): void {
  const { operated } = context;
  const method = methods.get(name);
  if (method === undefined) throw new Error(`${name} is no method of the control`);
  const params = paramsOf(asked);
  const { dryRun, ...wanted } = params;
  const isNoted = changing.has(name) && dryRun !== true;
  const audited = isNoted ? new Auditing(context, asked.caller, name, wanted) : undefined;
  const chore = new Chore(`the command ${name}`, (why) => {
    audited?.failed(`internal error: ${why}`);
    reply.error('failed', `internal error: ${why}; see the log`);
  });
  const refused = noteCommand(operated.log, { method: name, by: asked.caller.name, params });
  operated.boundary.run(chore, () => {
    audited?.begin();
    method(operated, params, {
      ...plainly(reply),
      result(value) {
        audited?.end(problemsIn(value)?.join('\n'));
        reply.result(value);
      },
      error(code, why) {
        refused(why);
        audited?.end(why);
        reply.error(code, why);
      },
    });
  });
}

function paramsOf({ path, query, body }: Asked): Params {
  const { dryRun } = (query ?? {}) as Params;
  const all = { ...(path as Params), ...(query as Params), ...(body as Params) };
  // Whoever says it anywhere means it.
  return dryRun === true ? { ...all, dryRun } : all;
}
