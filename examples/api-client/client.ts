/**
 * A client of Limevisor's API, typed by its OpenAPI document (operations.ts):
 *
 *   const limevisor = new Limevisor('http://127.0.0.1:8640', token);
 *   const { datapaths } = await limevisor.ask('GET /api/v1/topology', {});
 */
import type { Operations } from './operations.ts';

type Name = keyof Operations;

/** What a request is made of; parts that have nothing to say are left out. */
interface Asked<N extends Name> {
  readonly path?: Operations[N]['path'];
  readonly query?: Operations[N]['query'];
  readonly body?: Operations[N]['body'];
}

/** It was refused: `detail` has object, cause, and what to do (RFC 9457). */
export class Problem extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(detail);
    this.status = status;
  }
}

export class Limevisor {
  readonly #url: string;
  readonly #token: string;

  constructor(url: string, token: string) {
    this.#url = url;
    this.#token = token;
  }

  async ask<N extends Name>(name: N, asked: Asked<N> = {}): Promise<Operations[N]['answer']> {
    const answer = await this.#fetch(name, asked, 'application/json');
    return (await answer.json()) as Operations[N]['answer'];
  }

  /** Each event as it happens, until the loop is left: `event`, `gap`, `progress`, `result`. */
  async *listen<N extends Name>(name: N, asked: Asked<N> = {}) {
    const answer = await this.#fetch(name, asked, 'text/event-stream');
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of answer.body ?? []) {
      const parts = (text + decoder.decode(chunk, { stream: true })).split('\n\n');
      text = parts.pop() ?? '';
      for (const part of parts) {
        const [, event = 'message'] = /^event: (.*)$/m.exec(part) ?? [];
        const [, data] = /^data: (.*)$/m.exec(part) ?? [];
        if (data !== undefined) yield { event, data: JSON.parse(data) as unknown };
      }
    }
  }

  async #fetch<N extends Name>(name: N, asked: Asked<N>, accept: string): Promise<Response> {
    const [method = 'GET', template = ''] = name.split(' ');
    const { path = {}, query = {}, body } = asked;
    const filled = template.replaceAll(/\{(\w+)\}/g, (_, key: string) => {
      return encodeURIComponent(String((path as Record<string, unknown>)[key]));
    });
    const url = new URL(filled, this.#url);
    for (const [key, value] of Object.entries(query)) {
      for (const one of [value].flat()) url.searchParams.append(key, String(one));
    }
    const headers = {
      ...{ accept, authorization: `Bearer ${this.#token}` },
      ...(body !== undefined && { 'content-type': 'application/json' }),
    };
    const answer = await fetch(url, {
      ...{ method, headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (answer.ok) return answer;
    const { detail } = (await answer.json()) as { readonly detail: string };
    throw new Problem(answer.status, detail);
  }
}
