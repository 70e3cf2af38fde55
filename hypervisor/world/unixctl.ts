/**
 * Open vSwitch's control socket: JSON-RPC over a Unix socket (ovs-appctl(8)).
 */
import { readdirSync } from 'node:fs';
import net from 'node:net';

/** Where Open vSwitch has its sockets unless the environment says otherwise. */
const RUN_FOLDER = '/var/run/openvswitch';

interface Answer {
  readonly error?: unknown;
  readonly result?: unknown;
}

/** `answered` gets the text, or undefined when there was none, or an error. */
export function askUnixctl(
  socketPath: string,
  method: string,
  params: readonly string[],
  answered: (text: string | undefined) => void,
): void {
  const socket = net.connect(socketPath);
  let text = '';
  let answer: Answer | undefined;
  socket.setEncoding('utf8');
  socket.on('connect', () => socket.write(JSON.stringify({ method, params, id: 0 })));
  socket.on('data', (more) => {
    text += String(more);
    answer = answerIn(text);
    if (answer !== undefined) socket.end();
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    const { error = null, result } = answer ?? {};
    answered(error === null && result !== undefined ? String(result) : undefined);
  });
}

function answerIn(text: string): Answer | undefined {
  try {
    const found: unknown = JSON.parse(text);
    return typeof found === 'object' && found !== null ? found : undefined;
  } catch {
    return undefined; // More is to come.
  }
}

export function proveRevalidated(unixctl: string, done: (proven: boolean) => void): void {
  askUnixctl(unixctl, 'revalidator/wait', [], (text) => done(text !== undefined));
}

export function findUnixctl(
  bridge: string,
  flow: string,
  shows: string,
  done: (unixctl: string | undefined) => void,
): void {
  const folder = process.env.OVS_RUNDIR ?? RUN_FOLDER;
  const look = ([first, ...rest]: readonly string[]): void => {
    if (first === undefined) {
      done(undefined);
      return;
    }
    askUnixctl(first, 'ofproto/trace', [bridge, flow], (text) => {
      if (text?.includes(shows) === true) done(first);
      else look(rest);
    });
  };
  look(socketsIn(folder));
}

function socketsIn(folder: string): readonly string[] {
  try {
    const names = readdirSync(folder).filter((name) => /vswitchd.*\.ctl$/.test(name));
    return names.sort().map((name) => `${folder}/${name}`);
  } catch {
    return []; // There is no Open vSwitch here, or not for us.
  }
}
