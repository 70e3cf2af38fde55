/**
 * Steps that lead a tenant's ways: migrations' side by side, hosts' alone, and whoever came first
 * goes first.
 */
import t from 'tap';
import { TenantLocks } from '../../hypervisor/datapath/tenant-locks.ts';
import type { Boundary } from '../../hypervisor/world/fault-boundary.ts';

const boundary = { bind: (work: unknown) => work } as unknown as Boundary;

function lock() {
  const locks = new TenantLocks(boundary);
  const running: string[] = [];
  const releases = new Map<string, () => void>();
  const enter = (how: 'shared' | 'exclusive', who: string, tenant = 'red'): void => {
    locks[how](tenant, who, (release) => {
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
  const { running, enter, end } = lock();
  enter('shared', 'v1');
  enter('shared', 'v2');
  t.strictSame(running, ['v1', 'v2']);
  enter('exclusive', 'hosts');
  enter('shared', 'v3');
  t.strictSame(running, ['v1', 'v2'], 'v3 does not pass the host');
  end('v1');
  t.strictSame(running, ['v2']);
  end('v2');
  t.strictSame(running, ['hosts']);
  end('hosts');
  t.strictSame(running, ['v3']);
  end('v3');
  enter('exclusive', 'hosts');
  t.strictSame(running, ['hosts'], 'nobody is left of before');
});

t.test('tenants do not wait for each other', async (t) => {
  const { running, enter } = lock();
  enter('exclusive', 'hosts', 'red');
  enter('exclusive', 'others', 'blue');
  t.strictSame(running, ['hosts', 'others']);
});

t.test('one that begins anew has released what it held, and a release counts once', async (t) => {
  const { running, enter, end } = lock();
  enter('shared', 'v1');
  enter('exclusive', 'hosts');
  // A fault of ours closed v1 in the middle, and it is served again.
  enter('shared', 'v1');
  t.strictSame(running, ['v1', 'hosts']);
  end('hosts');
  t.strictSame(running, ['v1', 'v1']);
  end('v1');
  enter('exclusive', 'hosts');
  t.equal(running.at(-1), 'hosts');
});
