import pino from 'pino'

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

/** Writes one JSON object a line to standard error. */
export function createLogger(level: LogLevel): Logger {
  const sink = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ fd: 2, sync: true }),
  )
  return {
    error: (message, detail) => sink.error(detail ?? {}, message),
    warn: (message, detail) => sink.warn(detail ?? {}, message),
    info: (message, detail) => sink.info(detail ?? {}, message),
    debug: (message, detail) => sink.debug(detail ?? {}, message),
  }
}

/** Says nothing. */
export const silentLogger: Logger = {
  error: () => undefined,
  warn: () => undefined,
  info: () => undefined,
  debug: () => undefined,
}
