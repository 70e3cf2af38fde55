/**
 * The abilities of a person's terminal: its width, and colours unless NO_COLOR is set
 * (no-color.org). Piped output has neither limit nor colour.
 */
import { printable, say } from './exit-codes.ts';

/** Characters in a line; without an end where nobody looks. */
export function widthOf(stream: Pick<NodeJS.WriteStream, 'isTTY' | 'columns'>): number {
  return stream.isTTY === true && stream.columns > 0 ? stream.columns : Number.POSITIVE_INFINITY;
}

/** By the environment. */
export function isColoured(
  { isTTY }: Pick<NodeJS.WriteStream, 'isTTY'>,
  { NO_COLOR, TERM }: Readonly<Record<string, string | undefined>>,
): boolean {
  return isTTY === true && (NO_COLOR ?? '') === '' && TERM !== 'dumb';
}

/** As `say`, with what needs a look in colour, where there are colours. */
export function show(text: string): void {
  if (isColoured(process.stdout, process.env)) process.stdout.write(`${painted(text)}\n`);
  else say(text);
}

const [bold, red, yellow, plain] = [1, 31, 33, 0].map((code) => `\u001b[${code}m`);

/** Headings, warnings, and states that are none of the good ones. */
export function painted(text: string): string {
  const lines = printable(text).split('\n');
  return lines
    .map((line) => {
      if (/^[A-Z]+ {2,}[A-Z]/.test(line)) return `${bold}${line}${plain}`;
      if (warning.test(line)) return `${yellow}${line}${plain}`;
      return line.replace(trouble, `$1${red}$2${plain}`);
    })
    .join('\n');
}

const warning = /^(WARNING|UNKNOWN|SUSPICIOUS|REFUSED|AT ITS LIMIT)\b/;
const trouble =
  /( {2}|, )(away|down|refused|closed|waiting|miswired|too small|silent|undone)(?=[ :,]|$)/g;
