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

/** JSON leaves these as they are in a text; a terminal acts upon them, or nobody sees them. */
const unseen = /[\u007f-\u009f\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}]/gu

const spell = (character: string): string =>
  Array.from({ length: character.length }, (_, index) => {
    const unit = character.charCodeAt(index)
    return `\\u${unit.toString(16).padStart(4, '0')}`
  }).join('')

/** A line of JSON with what is not seen escaped; the value stays the same. */
export const escapeUnseen = (line: string): string => line.replaceAll(unseen, spell)

/** Writes one JSON object a line to standard error; secrets are masked. */
export function createLogger(level: LogLevel): Logger {
  const output = pino.destination({ fd: 2, sync: true })
  const sink = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
    { write: (line) => void output.write(escapeUnseen(line)) },
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
