import { maskSecrets } from './redact.ts'

/** Every code a fault can carry. Closed: a new way to fail is a new line here. */
export const faultCodes = [
  'usage',
  'setting',
  'data-directory',
  'disk-full',
  'read-only',
  'owned',
  'fenced',
  'log-damaged',
  'log-gap',
  'warehouse-damaged',
  'warehouse-newer',
  'schema-missing',
  'sql',
  'timeout',
  'cancelled',
  'unreachable',
  'closing',
  'input',
  'not-found',
  'refused',
  'internal',
] as const

export type FaultCode = (typeof faultCodes)[number]

export interface FaultDetail {
  /** What to do next, one lower-case sentence. */
  readonly hint?: string
  /** Whether the same call may succeed later by itself. */
  readonly retry?: boolean
  /** Whose matter it is. `user`: their input; `external`: disk, network, server; `internal`: ours. */
  readonly domain?: 'user' | 'external' | 'internal'
  readonly cause?: unknown
  readonly detail?: Readonly<Record<string, string | number | boolean | null>>
}

/** The one error class of the project. Expected outcomes (late, invalid) are values, never faults. It shows no secret. */
export class Fault extends Error {
  readonly code: FaultCode
  readonly retry: boolean
  readonly domain: 'user' | 'external' | 'internal'
  readonly hint: string | undefined
  readonly detail: Readonly<Record<string, string | number | boolean | null>>

  constructor(code: FaultCode, message: string, more: FaultDetail = {}) {
    super(maskSecrets(message), more.cause === undefined ? undefined : { cause: more.cause })
    this.name = 'Fault'
    this.code = code
    this.retry = more.retry ?? false
    this.domain = more.domain ?? (code === 'internal' ? 'internal' : 'external')
    this.hint = more.hint === undefined ? undefined : maskSecrets(more.hint)
    this.detail = more.detail ?? {}
  }
}

/** The text of any thrown value. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The `code` of a Node.js system error (`ENOSPC`, `EACCES` …), or null. */
export function systemErrorCode(error: unknown): string | null {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return null
}

/** Turns any thrown value into a {@link Fault}: disk errors get their own code and hint, the rest is `internal`. */
export function toFault(error: unknown, doing: string): Fault {
  if (error instanceof Fault) return error
  const code = systemErrorCode(error)
  const message = `${doing}: ${describeError(error)}`
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new Fault('disk-full', message, { cause: error, retry: true, hint: 'free some space on this disk' })
  }
  if (code === 'EROFS' || code === 'EACCES' || code === 'EPERM') {
    return new Fault('read-only', message, { cause: error, retry: true, hint: 'make the data directory writable' })
  }
  if (code === 'EMFILE' || code === 'ENFILE') {
    return new Fault('data-directory', message, { cause: error, retry: true, hint: 'raise the limit on open files' })
  }
  return new Fault('internal', message, { cause: error, domain: 'internal' })
}
