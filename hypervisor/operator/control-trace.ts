/**
 * `trace` on the control socket (control.ts).
 */
import { type Params, textOf } from './control-values.ts';
import { type TraceSources, traceReport } from './trace-report.ts';

interface TraceReply {
  result(value: unknown): void;
  error(code: 'usage' | 'rejected', message: string): void;
}

export const traceMethods = { trace } as const;

function trace(context: TraceSources, params: Params, reply: TraceReply): void {
  const asked = {
    vswitch: textOf(params, 'vswitch'),
    packet: textOf(params, 'packet'),
    isVerified: params['verify'] === true,
  };
  traceReport(context, asked, (report) => {
    if ('whyNot' in report) reply.error('rejected', report.whyNot);
    else reply.result(report);
  });
}
