/**
 * Scripts for sh(1) that set networks up: a process for each step would take longer than all else
 * that a lab does. No word in them needs quotes.
 */

/** Words of ip(8), line by line in one process of it; the first that fails ends it. */
export function ipBatch(lines: readonly (readonly string[])[]): string {
  return ['ip -batch - <<END', ...lines.map((words) => words.join(' ')), 'END'].join('\n');
}

/** What is done in a network namespace, by one shell that enters it. */
export function within(namespace: string, lines: readonly string[]): string {
  const enter = `ip netns exec ${namespace} sh -e <<'WITHIN'`;
  return [enter, ...lines, 'WITHIN'].join('\n');
}

/**
 * A namespace for a switch of its own, since each Open vSwitch has one device of the same name; a
 * cable leads to its controller: `outer` is the end outside, `net` the first three bytes of both
 * addresses.
 */
export function roomScript(room: string, outer: string, net: string): string {
  const outside = [
    ['netns', 'add', room],
    ['link', 'add', outer, 'type', 'veth', 'peer', 'name', 'mgmt', 'netns', room],
    ['addr', 'add', `${net}.1/24`, 'dev', outer],
    ['link', 'set', outer, 'up'],
  ];
  const own = [
    ['link', 'set', 'lo', 'up'],
    ['addr', 'add', `${net}.2/24`, 'dev', 'mgmt'],
    ['link', 'set', 'mgmt', 'up'],
  ];
  const noIpv6 = 'sysctl -qw net.ipv6.conf.default.disable_ipv6=1';
  return [ipBatch(outside), within(room, [noIpv6, ipBatch(own)])].join('\n');
}
