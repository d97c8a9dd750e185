import pino from 'pino'
import { maskDetail, maskSecrets } from './redact.ts'

export const logLevels = ['silent', 'error', 'warn', 'info', 'debug'] as const
export type LogLevel = (typeof logLevels)[number]

/**
 * What a stage may say to an engineer. Levels: `error` the program cannot go on by itself; `warn` something was lost,
 * refused or retried; `info` a change of state; `debug` everything else.
 */
export interface Logger {
  error(message: string, detail?: object): void
  warn(message: string, detail?: object): void
  info(message: string, detail?: object): void
  debug(message: string, detail?: object): void
}

/** Writes one JSON object a line to standard error; secrets are masked. */
export function createLogger(level: LogLevel): Logger {
  const sink = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  )
  const write =
    (at: 'error' | 'warn' | 'info' | 'debug') =>
    (message: string, detail?: object): void => {
      if (sink.isLevelEnabled(at)) sink[at](maskDetail(detail ?? {}), maskSecrets(message))
    }
  return {
    error: write('error'),
    warn: write('warn'),
    info: write('info'),
    debug: write('debug'),
  }
}

/** Says nothing. */
export const silentLogger: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
}
