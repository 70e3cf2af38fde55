/**
 * Requests to an OVSDB by ovs-vsctl, which exists where Open vSwitch does. It waits some seconds
 * until ovs-vswitchd has carried them out.
 */
import { type ExecFileException, execFile } from 'node:child_process';
import { limits } from '../../slices/limits.ts';
import type { OvsdbAnswer } from './world.ts';

const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

export function askOvsdb(
  ovsdb: string,
  args: readonly string[],
  done: (answer: OvsdbAnswer) => void,
): void {
  const all = [`--db=${ovsdb}`, `--timeout=${limits.ovsdbAnswerSec}`, ...args];
  const timeout = (limits.ovsdbAnswerSec + 1) * 1_000;
  execFile('ovs-vsctl', all, { timeout, maxBuffer: ANSWER_BYTES_MAX }, (error, text, said) => {
    if (error === null) done({ text });
    else done({ why: whyNot(error, said) });
  });
}

function whyNot({ code, signal }: ExecFileException, said: string): string {
  if (code === 'ENOENT') {
    return 'there is no ovs-vsctl on this machine; install it (Debian: openvswitch-switch)';
  }
  const [line = ''] = said.trim().split('\n');
  const text = line.replace(/^ovs-vsctl: /, '').replace(/^\S+: database/, 'database');
  if (text !== '' && !text.includes('Alarm clock')) return text;
  const how = signal == null ? `exit code ${code}` : `no answer in ${limits.ovsdbAnswerSec} s`;
  return `${how}; look whether ovsdb-server and ovs-vswitchd run there`;
}
