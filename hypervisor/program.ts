/**
 * The commands of the command line, with their options and their help: main.ts runs them, and a
 * test reads them (every command that the documents print is one).
 */
import type { EventEmitter } from 'node:events';
import { Command, type HelpContext } from 'commander';
import { noSuchText } from '../slices/near-names.ts';
import {
  applyIt,
  backupIt,
  checkFile,
  diffIt,
  discoverIt,
  doctorIt,
  eventsIt,
  flows,
  linksIt,
  purgeIt,
  reopen,
  restoreIt,
  serve,
  showIt,
  statusIt,
  topIt,
  waitIt,
} from './commands.ts';
import { addAccessCommands } from './operator/access-options.ts';
import { completionScript, shells } from './operator/completion.ts';
import { contextAt, readContexts } from './operator/contexts.ts';
import { type Asking, addHostCommands } from './operator/host-options.ts';
import { manualPage } from './operator/manual.ts';
import { addMigrationCommands } from './operator/migration-options.ts';
import { addNetworkCommands } from './operator/network-options.ts';
import { addPackageCommands } from './operator/package-options.ts';
import { addRemapCommands } from './operator/remap-options.ts';
import { addSeeCommands } from './operator/see-options.ts';
import { Ending, exitCodes, printable, productVersion, say } from './world/exit-codes.ts';

const NAMED_SOCKET = process.env['LIMEVISOR_SOCKET'];
const DEFAULT_SOCKET = NAMED_SOCKET ?? '/run/limevisor.sock';

const afterHelp = `
Exit codes: 0 done, 1 failed, 2 usage, 3 no limevisor there, 4 refused, 5 begun but undone.
Commands talk to ${DEFAULT_SOCKET}, unless --socket or LIMEVISOR_SOCKET names another.
docs/GUIDE.md begins with a first network in five minutes, and has every key of the file.`;

const statusHelp = `
  status red                   one tenant; also a vswitch (red/v1), a host (red/h1), a datapath (s1)
  status --datapath s1         what is on a datapath, or plugged in there
  status --down                what somebody has to see to; of all, or of "status red --down"`;

const discoverWhat = 'print "datapaths" and "links" of what is connected, to paste into a file';
const discoverHelp = `
Takes some seconds. Probes go out of every port that is no tenant's host by the file. Switches that
are not in the file are let in when they connect again, which takes Open vSwitch up to 8 s: they are
asked for their ports and have one entry of ours for half a minute; nothing else is changed.`;

/** `limevisor --socket X status` is `limevisor status --socket X`; a context is another place. */
function inheritSocket(top: Command, command: Command): void {
  const { context, socket: path }: { context?: string; socket?: string } = top.opts();
  const socket = context === undefined ? path : contextAt(context);
  if (socket === undefined) {
    const isUnsaid = command.getOptionValueSource('socket') === 'default';
    const { current } = isUnsaid && NAMED_SOCKET === undefined ? readContexts() : {};
    if (current !== undefined) command.setOptionValue('socket', contextAt(current));
    return;
  }
  const source = command.getOptionValueSource('socket');
  if (source === undefined) {
    const hint = 'it talks to no running limevisor';
    throw new Ending(exitCodes.usage, `"${command.name()}" has no option --socket; ${hint}`);
  }
  if (source === 'default') command.setOptionValue('socket', socket);
}

const backupHelp = `
  limevisor backup /backup/limevisor.store
  limevisor restore --from /backup/limevisor.store --file networks.yaml
A restore wants no limevisor to run; the store that was there is kept beside it.`;

const completionHelp = `
  bash   source <(limevisor completion bash), in ~/.bashrc
  zsh    source <(limevisor completion zsh), in ~/.zshrc behind "compinit"
  fish   limevisor completion fish > ~/.config/fish/completions/limevisor.fish`;

/** What the shell may complete is what there is. */
function complete(top: Command, name: string): void {
  const shell = shells.find((one) => one === name);
  if (shell === undefined) {
    const known = `known: ${shells.join(', ')}`;
    throw new Ending(exitCodes.usage, `"${name}" is not a shell that is known; ${known}`);
  }
  const commands = top.commands.map((one) => {
    const options = one.options.flatMap(({ long }) => long ?? []);
    return { name: one.name(), description: one.description(), options };
  });
  say(completionScript(shell, commands));
}

/** What "addHelpText" has added. */
function helpAfter(command: Command): string {
  let text = '';
  const write = (more: string): void => {
    text += more;
  };
  (command as unknown as EventEmitter).emit('afterHelp', { error: false, command, write });
  return text;
}

function manualOf(top: Command): string {
  const commands = top.commands.map((one) => {
    const options = one.options.map(({ flags, description }) => ({ flags, description }));
    const usage = `${one.name()} ${one.usage()}`;
    return { usage, description: one.description(), options, more: helpAfter(one) };
  });
  return manualPage(productVersion(), top.description(), commands, afterHelp);
}

/** Commander prints all of the help for a command that it does not find. */
class Top extends Command {
  override help(context?: unknown): never {
    const [word, name] = this.args;
    if (word !== 'help' || name === undefined) super.help(context as HelpContext);
    const known = this.commands.map((one) => one.name());
    throw new Ending(exitCodes.usage, `${noSuchText('command', name, known)}; ${HELP}`);
  }
}

const HELP = '"limevisor help" lists all commands';

/** A slip is answered with how the command is written. */
function hintAfterErrors(top: Command): void {
  top.showHelpAfterError(HELP);
  for (const one of top.commands) {
    const usage = `limevisor ${one.name()} ${one.usage()}`;
    one.showHelpAfterError(`usage: ${usage}; "limevisor help ${one.name()}" says more`);
  }
}

function topLevel(): Command {
  return new Top('limevisor')
    .description('A network hypervisor that moves virtual switches while traffic flows.')
    .version(productVersion(), '-V, --version', 'print the version')
    .showSuggestionAfterError()
    .option('--socket <path>', 'control socket of the running limevisor, as after a command')
    .option('--context <name>', 'one elsewhere, where "limevisor login" has been')
    .enablePositionalOptions()
    .hook('preAction', inheritSocket)
    .configureOutput({
      outputError: (text, write) => write(printable(text.replace(/^error: /, 'limevisor: '))),
    })
    .addHelpText('after', afterHelp)
    .exitOverride((error) => {
      throw new Ending(error.exitCode === 0 ? 0 : exitCodes.usage, '');
    });
}

/** What serves a file, or only looks at it. */
function addFileCommands(top: Command): void {
  top
    .command('run <file>')
    .description('serve the networks of a configuration file')
    .option('--log <level>', 'error, warn, info or debug', 'info')
    .option('--log-format <format>', 'json (a line each), or text for people', 'json')
    .option('--new-store', "take over switches that hold another store's rules, and remove those")
    .option('--adopt', 'take over switches that hold a later state of this store, or its entries')
    .action(serve);
  top
    .command('check <file>')
    .description('check a configuration file; every problem is printed')
    .option('--store [store]', 'also check it against a store (default: the one that it names)')
    .option('--json', 'print JSON')
    .action(checkFile);
}

/** How it is, and how it becomes. */
function addWatchCommands(asking: Asking): void {
  asking('status [names...]', 'datapaths, vswitches, controllers, hosts, links and migrations')
    .option('--datapath <name>', 'only what is there')
    .option('--down', 'only what is not as it should be')
    .addHelpText('after', statusHelp)
    .action(statusIt);
  asking('wait [names...]', 'until all is ready; or a tenant, or a vswitch')
    .option('--timeout <seconds>', 'give up then, and print what is missing', '60')
    .action(waitIt);
  asking('doctor', 'everything that looks wrong, each with what to type next')
    .addHelpText('after', '\nExit codes: 0 nothing looks wrong, 1 something does.')
    .action(doctorIt);
  asking('events', 'what has happened since the start, as the log has it')
    .option('-f, --follow', 'and what happens, until interrupted')
    .option('--since <number>', 'only those behind the event of this number', '0')
    .action(eventsIt);
}

/** What is kept, and copies of it. */
function addStoreCommands(asking: Asking): void {
  const offlineToo: Asking = (name, description) =>
    asking(name, description).option(
      '--file <file>',
      'while no limevisor runs: in the store of this file',
    );
  offlineToo(
    'purge [vswitch]',
    'delete the kept rules of a vswitch (or a tenant) that left the file',
  )
    .option('--left', 'all vswitches that have left, and datapaths that are no longer in the file')
    .action(purgeIt);
  offlineToo(
    'restore [vswitch]',
    'give a vswitch the kept rules of its name, from the next start on',
  )
    .option('--from <backup>', 'or put a backup in the place of the store, while none runs')
    .action(restoreIt);
  offlineToo('backup <backup>', 'copy the store to a file, whole, also while it is written to')
    .addHelpText('after', backupHelp)
    .action(backupIt);
}

export function program(): Command {
  const top = topLevel();
  addFileCommands(top);
  const asking: Asking = (name, description) =>
    top
      .command(name)
      .description(description)
      .option('--socket <path>', 'control socket of the running limevisor', DEFAULT_SOCKET)
      .option('--json', 'print JSON');
  asking('apply <file>', 'make what runs what a configuration file says, without a restart')
    .option('--dry-run', 'print what differs, or what prevents it, and change nothing')
    .action(applyIt);
  addWatchCommands(asking);
  asking('show [tenants...]', 'what runs now, as a file that "run" and "check" take').action(
    showIt,
  );
  asking('diff <file> [new-file]', 'how a file differs from what runs, or from another file')
    .addHelpText('after', '\nExit codes: 0 no difference, 2 there is one.')
    .action(diffIt);
  asking('top', 'what each tenant uses, of the limits that the file gives it')
    .option('--watch <seconds>', 'print it again and again, until interrupted')
    .action(topIt);
  asking('links', 'where the cables of the file lead, as our probes find').action(linksIt);
  asking('discover', discoverWhat).addHelpText('after', discoverHelp).action(discoverIt);
  asking('flows <vswitch>', "a vswitch's flow table, such as red/v1")
    .option('--physical', 'also what its datapaths hold for it')
    .action(flows);
  addMigrationCommands(asking);
  addHostCommands(asking);
  addSeeCommands(asking);
  addRemapCommands(asking);
  addPackageCommands(asking);
  addNetworkCommands(asking);
  addAccessCommands(top, asking);
  addStoreCommands(asking);
  top
    .command('completion <shell>')
    .description('print a script that completes commands: bash, zsh or fish')
    .addHelpText('after', completionHelp)
    .action((shell: string) => complete(top, shell));
  top
    .command('man')
    .description('print the manual page: limevisor man | man -l -')
    .action(() => say(manualOf(top)));
  asking('reopen <vswitch>', 'serve a vswitch again that an internal error has closed').action(
    reopen,
  );
  hintAfterErrors(top);
  return top;
}
