/**
 * Networks as a list to choose from: each with its owner, its state and its end in words.
 */
import type { ListedDocument } from './documents.ts';
import { useNow } from './hooks.ts';
import { endsText, stateOf } from './networks.ts';

interface ListProps {
  readonly all: readonly ListedDocument[];
  readonly chosen: string;
}

const EVERY_MS = 10_000;

function sizeText({ vswitches, hosts }: ListedDocument): string {
  return [countText(vswitches, 'vswitch', 'vswitches'), countText(hosts, 'host', 'hosts')].join(
    ', ',
  );
}

function countText(count: number, one: string, more: string): string {
  return `${count} ${count === 1 ? one : more}`;
}

export function NetworkList({ all, chosen }: ListProps) {
  const nowMs = useNow(true, EVERY_MS);
  if (all.length === 0) return <p class="empty">None.</p>;
  return (
    <ul>
      {all.map((one) => {
        const { name, owner, quota, endsSoon } = one;
        const { says, level } = stateOf(one);
        return (
          <li key={name}>
            <a
              href={`#/networks/${encodeURIComponent(name)}`}
              class={name === chosen ? 'here' : ''}
              aria-current={name === chosen ? 'true' : undefined}
            >
              <span>
                <b>{name}</b>
                <small>{owner === undefined ? sizeText(one) : `of ${owner}, quota ${quota}`}</small>
                <small class={endsSoon === true ? 'soon' : ''}>
                  {endsSoon === true && '⚠ '}
                  {endsText(one, nowMs)}
                </small>
              </span>
              <span class="end">
                <em class={`state ${level}`}>{says}</em>
              </span>
            </a>
          </li>
        );
      })}
    </ul>
  );
}
