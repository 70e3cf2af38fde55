/**
 * Operations over HTTP: as a stream of their progress, or as they are now.
 */
import Type from 'typebox';
import { limits } from '../../slices/limits.ts';
import { operations as kinds, Operation } from './operation-values.ts';
import { operationStates, type Running, type Word } from './operations.ts';
import { problemJson, refusal, refusalIn } from './problems.ts';
import { oneOf } from './response-values.ts';
import { wantsStream } from './responses.ts';
import { type Answering, type ApiContext, type Route, route } from './route.ts';

/** All of it from behind word number `after`, and then the end. */
export function followOperation(running: Running, after: number, reply: Answering): void {
  const stream = reply.stream();
  stream.write(`event: operation\ndata: ${JSON.stringify(running.report())}\n\n`);
  const stop = running.listen(after, (word, number) => {
    const isEnd = word.type !== 'progress';
    // Who reads nothing hears of the end only.
    if (!isEnd && stream.pendingBytes() > limits.listenerUnreadBytesMax) return;
    stream.write(`id: ${number}\n${wordText(word)}\n\n`);
    if (isEnd) stream.end();
  });
  reply.onGone(stop);
}

function wordText(word: Word): string {
  if (word.type !== 'error') return `event: ${word.type}\ndata: ${JSON.stringify(word.value)}`;
  return `event: problem\ndata: ${problemJson(refusal(word.code, word.message))}`;
}

/** As soon as it is over, or has begun; a dry run, when it is over. */
export function operationAnswer(
  { operated }: Pick<ApiContext, 'operated'>,
  running: Running,
  isDry: boolean,
  reply: Answering,
): void {
  let isAnswered = false;
  const answer = (): void => {
    if (isAnswered) return;
    isAnswered = true;
    cancel();
    stop();
    const { last } = running;
    const refused = last?.type === 'result' ? refusalIn(running.method, last.value) : undefined;
    if (last?.type === 'error') reply.error(last.code, last.message);
    else if (refused !== undefined) reply.refuse(refused);
    else reply.result(running.report(), running.isOver ? 200 : 202, placeOf(running));
  };
  const cancel = isDry ? () => undefined : operated.world.after(limits.operationAnswerMs, answer);
  const stop = running.listen(0, (word) => {
    if (word.type !== 'progress' || !isDry) answer();
  });
  reply.onGone(() => {
    isAnswered = true;
    cancel();
    stop();
  });
}

function placeOf({ id }: Running): Readonly<Record<string, string>> {
  return id === 0 ? {} : { location: `/api/v1/operations/${id}` };
}

const byNumber = Type.Object({ id: Type.Integer({ minimum: 1 }) });

export const operationRoutes: readonly Route[] = [
  route({
    ...{ method: 'GET', path: '/api/v1/operations', access: 'viewer', tag: 'operations' },
    summary: 'What takes a while and was asked for by the API: the last of it',
    query: Type.Object({
      state: Type.Optional(oneOf(operationStates)),
      method: Type.Optional(oneOf(Object.keys(kinds))),
      limit: Type.Optional(Type.Integer({ minimum: 1, maximum: limits.operationsKept })),
      after: Type.Optional(Type.Integer({ minimum: 0, description: 'those behind this number' })),
    }),
    response: Type.Array(Operation),
    answer({ operations }, { query: { state, method, after = 0, limit = 100 } }, reply) {
      const all = operations.all().map((one) => one.report());
      const found = all.filter((one) => {
        const isWanted = (state ?? one.state) === one.state;
        return isWanted && (method ?? one.method) === one.method && one.id > after;
      });
      reply.result(found.slice(0, limit));
    },
  }),
  route({
    ...{ method: 'GET', path: '/api/v1/operations/:id', access: 'viewer', tag: 'operations' },
    summary: 'One operation; with "Accept: text/event-stream" as it goes on, until it is over',
    params: byNumber,
    response: Operation,
    answer({ operations }, asked, reply) {
      const { id } = asked.path;
      const running = operations.get(id);
      const after = Number(asked.headers['last-event-id'] ?? 0);
      if (running === undefined) reply.error('absent', `there is no operation ${id}`);
      else if (!wantsStream(asked)) reply.result(running.report());
      else followOperation(running, Number.isSafeInteger(after) ? after : 0, reply);
    },
  }),
];
