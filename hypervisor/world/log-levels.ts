/**
 * The log level of each part of Limevisor, which may change while it runs (`limevisor log`). A line
 * below the level is an event all the same (event-log.ts).
 */

/** From what is said always to what is said least. */
export const logLevels = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Who speaks: the process, and its parts. */
export const logModules = [
  ...(['process', 'command', 'datapath', 'controller', 'tenant', 'migration'] as const),
] as const;
export type LogModule = (typeof logModules)[number];

export class LogLevels {
  readonly #levels: Map<LogModule, LogLevel>;

  constructor(level: LogLevel) {
    this.#levels = new Map(logModules.map((one) => [one, level]));
  }

  /** Of all that are named. */
  set(modules: readonly LogModule[], level: LogLevel): void {
    for (const one of modules) this.#levels.set(one, level);
  }

  get all(): Readonly<Record<string, LogLevel>> {
    return Object.fromEntries(this.#levels);
  }

  lets(level: LogLevel, module: LogModule): boolean {
    const most = this.#levels.get(module) ?? 'info';
    return logLevels.indexOf(level) <= logLevels.indexOf(most);
  }
}

export function levelOf(text: string): LogLevel | undefined {
  return logLevels.find((one) => one === text);
}
