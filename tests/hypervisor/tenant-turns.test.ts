/**
 * Steps that lead a tenant's ways: migrations' side by side, hosts' alone, and whoever came first
 * goes first.
 */
import t from 'tap';
import { TenantTurns } from '../../hypervisor/datapath/tenant-turns.ts';
import type { Boundary } from '../../hypervisor/world/fault-boundary.ts';

const boundary = { bind: (work: unknown) => work } as unknown as Boundary;

function line() {
  const turns = new TenantTurns(boundary);
  const running: string[] = [];
  const releases = new Map<string, () => void>();
  const enter = (how: 'together' | 'alone', who: string, tenant = 'red'): void => {
    turns[how](tenant, who, (release) => {
      running.push(who);
      releases.set(who, () => {
        running.splice(running.indexOf(who), 1);
        release();
      });
    });
  };
  return { running, enter, end: (who: string) => releases.get(who)?.() };
}

t.test('migrations go side by side, and a host waits for them, and they for it', async (t) => {
  const { running, enter, end } = line();
  enter('together', 'v1');
  enter('together', 'v2');
  t.strictSame(running, ['v1', 'v2']);
  enter('alone', 'hosts');
  enter('together', 'v3');
  t.strictSame(running, ['v1', 'v2'], 'v3 does not pass the host');
  end('v1');
  t.strictSame(running, ['v2']);
  end('v2');
  t.strictSame(running, ['hosts']);
  end('hosts');
  t.strictSame(running, ['v3']);
  end('v3');
  enter('alone', 'hosts');
  t.strictSame(running, ['hosts'], 'nobody is left in the line');
});

t.test('tenants do not wait for each other', async (t) => {
  const { running, enter } = line();
  enter('alone', 'hosts', 'red');
  enter('alone', 'others', 'blue');
  t.strictSame(running, ['hosts', 'others']);
});

t.test('one that begins anew has left its turn, and a release counts once', async (t) => {
  const { running, enter, end } = line();
  enter('together', 'v1');
  enter('alone', 'hosts');
  // A fault of ours closed v1 in the middle, and it is served again.
  enter('together', 'v1');
  t.strictSame(running, ['v1', 'hosts']);
  end('hosts');
  t.strictSame(running, ['v1', 'v1']);
  end('v1');
  enter('alone', 'hosts');
  t.equal(running.at(-1), 'hosts');
});
