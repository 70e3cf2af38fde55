/**
 * Metrics as values, and as Prometheus reads them (its text format, version 0.0.4): the text is
 * made while it is written, some lines at a time, since many tenants have many metrics.
 */
import { type Durations, durationBoundsMs } from '../../slices/durations.ts';
import { limits } from '../../slices/limits.ts';

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  /** Behind the metric's name: `_bucket`, `_sum`, `_count`. */
  readonly suffix?: string;
}

/** One metric, with all that it has lines for. Labels are of few values, and never a peer's. */
export interface Metric<Sources> {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly samples: (context: Sources) => Iterable<Sample>;
}

export function sample(labels: Labels, value: number): Sample {
  return { labels, value };
}

export function* each<T>(all: Iterable<T>, of: (one: T) => Iterable<Sample>): Generator<Sample> {
  for (const one of all) yield* of(one);
}

/** In seconds, as Prometheus wants times. */
export function* histogram(labels: Labels, durations: Durations): Generator<Sample> {
  const upTo = durations.upTo();
  for (const [i, bound] of durationBoundsMs.entries()) {
    const le = String(bound / 1000);
    yield { labels: { ...labels, le }, value: upTo[i] ?? 0, suffix: '_bucket' };
  }
  yield { labels: { ...labels, le: '+Inf' }, value: durations.count, suffix: '_bucket' };
  yield { labels, value: durations.sumMs / 1000, suffix: '_sum' };
  yield { labels, value: durations.count, suffix: '_count' };
}

/** Pieces of some lines each; the last metric says how many lines were left out. */
export function* metricPieces<Sources>(
  metrics: readonly Metric<Sources>[],
  context: Sources,
): Generator<string> {
  let piece = '';
  let leftOut = 0;
  for (const { name, help, type, samples } of metrics) {
    piece += `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`;
    let lines = 0;
    for (const one of samples(context)) {
      lines += 1;
      if (lines > limits.metricLinesMax) {
        leftOut += 1;
        continue;
      }
      piece += `${name}${one.suffix ?? ''}${labelsText(one.labels)} ${one.value}\n`;
      if (lines % limits.slotsPerStep !== 0) continue;
      yield piece;
      piece = '';
    }
  }
  const name = 'limevisor_metric_lines_left_out';
  const last = `# HELP ${name} Lines beyond the limit of a metric.\n# TYPE ${name} gauge\n`;
  yield `${piece}${last}${name} ${leftOut}\n`;
}

function labelsText(labels: Labels): string {
  const all = Object.entries(labels);
  if (all.length === 0) return '';
  const texts = all.map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, escaped)}"`);
  return `{${texts.join(',')}}`;
}

function escaped(one: string): string {
  return one === '\n' ? '\\n' : `\\${one}`;
}
