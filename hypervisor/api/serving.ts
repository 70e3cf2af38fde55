/**
 * The API of a process: its addresses in the file, its tokens beside the store, and a first token
 * if there is none yet.
 */
import type { Server } from 'node:http';
import type { Config } from '../../slices/config/config.ts';
import { listenText, type Target } from '../../slices/config/target.ts';
import type { Operated } from '../operator/control.ts';
import { say } from '../world/exit-codes.ts';
import type { Log } from '../world/log.ts';
import { serveApi } from './server.ts';
import { type Tokens, writePrivate } from './tokens.ts';

export interface Serving {
  /** Listens there, and nowhere else. */
  follow(listen: readonly Target[]): void;
  close(): void;
}

export async function serving(operated: Operated, config: Config): Promise<Serving> {
  const { control, store, api: at } = config;
  const { log } = operated;
  const tokens = `${store}.tokens`;
  const api = await serveApi(operated, { tokens, audit: `${store}.audit` });
  const own = await api.serveOn(control);
  let said = '';
  const follow = (listen: readonly Target[]): void => {
    api.follow(listen, (why) => log.error({ why }, 'the API is not served there'));
    const texts = listen.map(listenText);
    if (texts.join() === said) return;
    said = texts.join();
    if (said === '') return;
    log.info({ listen: texts, tokens }, 'the API is served');
    makeFirst(api.context.tokens, `${store}.token`, log);
  };
  follow(at);
  const close = (): void => {
    own.close();
    api.close();
  };
  return { follow, close };
}

/** On the operator's socket alone, with tokens that do not outlive it. */
export async function serveControl(operated: Operated, path: string): Promise<Server> {
  return (await serveApi(operated)).serveOn(path);
}

/** Printed once, on a terminal and not in a log; and in a file that its owner alone may read. */
function makeFirst(tokens: Tokens, file: string, log: Log): void {
  if (!tokens.isEmpty) return;
  const made = tokens.make({ name: 'first', role: 'operator' });
  if ('whyNot' in made) {
    log.error(made, 'the first token could not be created');
    return;
  }
  writePrivate(file, `${made.token}\n`);
  if (process.stdout.isTTY) say(`The first token of the API, an operator's: ${made.token}`);
  log.info({ file }, 'the first token of the API is in this file; it is not shown again');
}
