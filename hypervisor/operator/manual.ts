/**
 * The manual page, limevisor(1), generated from the command line's own help: roff text (man(7)).
 */

/** A command, as commander knows it. */
export interface ManualCommand {
  /** `migrate [options] <vswitch>`. */
  readonly usage: string;
  readonly description: string;
  readonly options: readonly { readonly flags: string; readonly description: string }[];
  /** What its --help adds. */
  readonly more: string;
}

export function manualPage(
  version: string,
  description: string,
  commands: readonly ManualCommand[],
  more: string,
): string {
  return [
    `.TH LIMEVISOR 1 "" "Limevisor ${escaped(version)}" "User Commands"`,
    '.SH NAME',
    `limevisor \\- ${escaped(description)}`,
    '.SH SYNOPSIS',
    '.B limevisor',
    'COMMAND [OPTIONS] [ARGUMENTS]',
    '.SH COMMANDS',
    ...commands.flatMap(commandLines),
    '.SH NOTES',
    ...verbatim(more),
    '',
  ].join('\n');
}

function commandLines({ usage, description, options, more }: ManualCommand): readonly string[] {
  return [
    `.SS "limevisor ${quoted(usage)}"`,
    sentence(description),
    ...options.flatMap((one) => ['.TP', `.B ${escaped(one.flags)}`, lineOf(one.description)]),
    ...(more.trim() === '' ? [] : ['.PP', ...verbatim(more)]),
  ];
}

function sentence(text: string): string {
  const first = text.charAt(0).toUpperCase() + text.slice(1);
  return lineOf(/[.)"]$/.test(first) ? first : `${first}.`);
}

/** As it stands there. */
function verbatim(text: string): readonly string[] {
  return ['.nf', ...text.trim().split('\n').map(lineOf), '.fi'];
}

/** A line that begins with a dot or a quote would be a request. */
function lineOf(text: string): string {
  return /^[.']/.test(text) ? `\\&${escaped(text)}` : escaped(text);
}

function escaped(text: string): string {
  return text.replaceAll('\\', '\\e').replaceAll('-', '\\-');
}

function quoted(text: string): string {
  return escaped(text).replaceAll('"', '\\(dq');
}
