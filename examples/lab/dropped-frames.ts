/**
 * Frames that the machine has dropped before Open vSwitch read them: its ports are packet sockets
 * with room for some 270 small frames each, and on a machine that gives it no time for long they
 * are full. What is lost so is no loss of Limevisor's.
 */
import type { Namespaces } from './processes.ts';

/** By all ports that are there, also of switches in networks of their own, by their names. */
export async function droppedFrames(
  inside: Namespaces,
  rooms: readonly string[] = [],
): Promise<number> {
  const argv = ['ss', '--packet', '--memory', '--processes'];
  const all = [argv, ...rooms.map((room) => ['ip', 'netns', 'exec', room, ...argv])];
  const read = await Promise.all(all.map((one) => inside.attempt(one)));
  return read.reduce((sum, { stdout }) => sum + droppedIn(stdout), 0);
}

/** Of what `ss` prints: a line for each socket, its numbers behind. */
function droppedIn(text: string): number {
  const sockets = text.split(/\n(?=\S)/).filter((one) => one.includes('"ovs-vswitchd"'));
  const counts = sockets.map((one) => Number(/skmem:\([^)]*,d(\d+)\)/.exec(one)?.[1] ?? 0));
  return counts.reduce((sum, count) => sum + count, 0);
}
