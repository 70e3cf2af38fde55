/**
 * The command line's commands about access: tokens, logins, the audit log; their implementation is
 * loaded when one is given.
 */
import type { Command } from 'commander';
import { Ending, exitCodes } from '../world/exit-codes.ts';
import type { AuditOptions } from './audit-commands.ts';
import type { Asking } from './host-options.ts';
import type { LoginOptions } from './login-commands.ts';
import type { CreateOptions } from './token-commands.ts';

const tokenHelp = `
  token create ann --role owner --tenant red   prints a token, this once
  token create bob --role owner --quota lab    for networks of its own ("network")
  token list                                   who has one
  token revoke ann                             by its name, or its id
Roles: operator (everything), viewer (asks, and changes nothing), owner (its own virtual network,
and no physical name). Tokens are for the API (docs/GUIDE.md, "From afar"); the socket needs none.`;

const loginHelp = `
The token comes from --token-file, from LIMEVISOR_TOKEN or from standard input, never from the
command line. What the server shows there is the only certificate that is trusted from then on: one
that the CA of --ca has signed, or of this fingerprint, or that this machine trusts by its name.`;

async function tokenIt(
  what: string,
  name: string | undefined,
  options: CreateOptions,
): Promise<void> {
  const { create, list, revoke } = await import('./token-commands.ts');
  if (what === 'list' && name === undefined) await list(options);
  else if (what === 'create' && name !== undefined) await create(name, options);
  else if (what === 'revoke' && name !== undefined) await revoke(name, options);
  else {
    const how = 'write "token create NAME", "token list" or "token revoke NAME"';
    throw new Ending(exitCodes.usage, how);
  }
}

async function loginIt(url: string, options: LoginOptions): Promise<void> {
  const { login } = await import('./login-commands.ts');
  await login(url, options);
}

async function logoutIt(name: string | undefined): Promise<void> {
  const { logout } = await import('./login-commands.ts');
  logout(name);
}

async function contextsIt(
  name: string | undefined,
  options: { readonly json?: boolean },
): Promise<void> {
  const { contexts } = await import('./login-commands.ts');
  contexts(name, options);
}

async function auditIt(text: string | undefined, options: AuditOptions): Promise<void> {
  const { audit } = await import('./audit-commands.ts');
  await audit(text, options);
}

export function addAccessCommands(top: Command, asking: Asking): void {
  asking('audit [text]', 'who has changed what, with what was before and after')
    .option('--by <name>', 'of whom, or part of it')
    .option('--did <command>', 'such as migrate')
    .option('--over <time>', 'of this time back: 12h, 30d')
    .option('--last <number>', 'so many of them', '100')
    .action(auditIt);
  asking('token <do> [name]', 'who may ask over the API: create, list, revoke')
    .option('--role <role>', 'operator, viewer or owner', 'viewer')
    .option('--tenant <tenant>', 'of an owner: whose network it is')
    .option('--quota <quota>', 'of an owner who makes networks: how much, by its name in the file')
    .option('--expires <time>', 'good for so long: 12h, 30d')
    .option('--hand-over', 'it gets the networks that a former token of this name has made')
    .addHelpText('after', tokenHelp)
    .action(tokenIt);
  top
    .command('login <url>')
    .description('have commands go to a limevisor elsewhere: login https://192.0.2.1:8643')
    .option('--name <context>', 'what to call it (default: its host)')
    .option('--token-file <file>', 'where the token is')
    .option('--ca <file>', 'the CA that signed its certificate')
    .option('--fingerprint <sha256>', 'of its certificate')
    .addHelpText('after', loginHelp)
    .action(loginIt);
  top
    .command('logout [context]')
    .description('forget a token, and where it was for')
    .action(logoutIt);
  top
    .command('contexts [context]')
    .description(
      'where commands go, and where they could; with a name, they go there ("none": here)',
    )
    .option('--json', 'print JSON')
    .action(contextsIt);
}
