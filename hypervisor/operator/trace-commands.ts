/**
 * `limevisor trace VSWITCH PACKET`: asks for the path of a packet, and prints it.
 */
import { exitCodes, type Options, say } from '../world/exit-codes.ts';
import { ask } from './client.ts';
import type { TraceReport, VerifiedPass } from './trace-report.ts';

export interface TraceOptions extends Options {
  readonly verify?: boolean;
}

export async function trace(
  vswitch: string,
  words: readonly string[],
  { socket, json, verify = false }: TraceOptions,
): Promise<void> {
  const params = { vswitch, packet: words.join(','), verify };
  const report = await ask<TraceReport>(socket, 'trace', params);
  say(json ? JSON.stringify(report) : traceText(report));
  const isOff = report.differences.length > 0 || report.verified?.some(isDifferent) === true;
  if (isOff) process.exitCode = exitCodes.failed;
}

function isDifferent({ differences }: VerifiedPass): boolean {
  return differences.length > 0;
}

/** The tenant's network, the datapaths, who gets it, and where these differ. */
function traceText(report: TraceReport): string {
  const { vswitch, virtual, physical, differences, verified } = report;
  return [
    `As the tenant of ${vswitch} has it:`,
    ...networkLines(virtual),
    '',
    'As the datapaths have it:',
    ...networkLines(physical),
    '',
    ...(differences.length === 0
      ? ['Both come to the same.']
      : ['THEY DIFFER:', ...differences.map((one) => `  ${one}`)]),
    ...(verified === undefined ? [] : ['', ...verified.flatMap(verifiedLines)]),
  ].join('\n');
}

function networkLines({ visits, ends }: TraceReport['virtual']): readonly string[] {
  const gets = ends.map(({ to, packet, isPerhaps }) => {
    const verb = isPerhaps ? 'may get' : to.startsWith('host ') ? 'gets' : 'get';
    return `  ${to} ${verb}: ${packet}`;
  });
  return [
    ...visits.flatMap(({ where, packet, lines }) => [
      `${where}: ${packet}`,
      ...lines.map(({ depth, text }) => `${'    '.repeat(depth)}${text}`),
    ]),
    ...(gets.length === 0 ? ['  nobody gets it'] : gets),
  ];
}

function verifiedLines({ datapath, asked, why, differences, actions }: VerifiedPass): string[] {
  if (why !== '') return [`${datapath} was not asked: ${why}`];
  const says = differences.length === 0 ? 'says the same' : 'SAYS SOMETHING ELSE';
  return [
    `${datapath} ${says} (ovs-appctl ${asked}): ${actions}`,
    ...differences.map((one) => `  ${one}`),
  ];
}
