import { describeError, Fault, type FaultCode, type FaultDetail, systemErrorCode } from '../../base/fault.ts'

interface Rule {
  /** Of the SQLSTATE, or of the code of a Node.js error. */
  readonly pattern: RegExp
  readonly code: FaultCode
  readonly more: FaultDetail
}

const readOnlyHint = 'this is a standby, or a server that was made read-only: work goes on once it takes writes'

/** What codes mean, the first that holds. SQLSTATEs are those of the PostgreSQL manual, appendix A. */
const rules: readonly Rule[] = [
  { pattern: /^25006$/, code: 'read-only', more: { retry: true, hint: readOnlyHint } },
  { pattern: /^53100$/, code: 'disk-full', more: { retry: true, hint: 'free some space on the disk of the server' } },
  {
    pattern: /^53300$/,
    code: 'unreachable',
    more: { retry: true, hint: 'the server has no connection left: close some, or raise max_connections' },
  },
  { pattern: /^53/, code: 'unreachable', more: { retry: true, hint: 'the server is short of memory or of room' } },
  { pattern: /^57P03$/, code: 'unreachable', more: { retry: true, hint: 'the server is starting or stopping' } },
  { pattern: /^57P0/, code: 'unreachable', more: { retry: true, hint: 'the server ended this connection' } },
  { pattern: /^08/, code: 'unreachable', more: { retry: true, hint: 'the connection to the server was lost' } },
  {
    pattern: /^25P03$/,
    code: 'timeout',
    more: { retry: true, hint: 'the server ended a transaction that had stalled' },
  },
  { pattern: /^40/, code: 'timeout', more: { retry: true, hint: 'another transaction was in the way' } },
  { pattern: /^55P03$/, code: 'timeout', more: { retry: true, hint: 'another transaction holds what this one needs' } },
  { pattern: /^57014$/, code: 'timeout', more: { retry: true, hint: 'the server is overloaded, or waits for a lock' } },
  {
    pattern: /^42501$/,
    code: 'refused',
    more: { hint: 'grant the user these rights; `storepulse doctor` names them' },
  },
  {
    pattern: /^58030$|^58P01$/,
    code: 'unreachable',
    more: { retry: true, hint: 'the server has trouble with its disk: see its log' },
  },
  {
    pattern: /^XX00[12]$/,
    code: 'internal',
    more: { domain: 'external', hint: 'the database is damaged: see its log' },
  },
  {
    pattern: /^(?:ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_|ERR_SOCKET|ERR_STREAM)/,
    code: 'unreachable',
    more: { retry: true, hint: 'the connection to the server was lost' },
  },
]

const lostConnection =
  /connection terminated|not queryable|query read timeout|connection error|socket (?:closed|hang up)|read econnreset/i

/** Whether a connection that gave this error must not be used again. */
export function isConnectionLost(error: unknown): boolean {
  const cause = error instanceof Fault && error.cause !== undefined ? error.cause : error
  const code = systemErrorCode(cause) ?? ''
  if (/^(?:57P|08|25006|25P03|E[A-Z])/.test(code)) return true
  return lostConnection.test(describeError(cause))
}

/** Turns anything pg throws into a {@link Fault}; faults pass. */
export function toPostgresFault(error: unknown, doing: string): Fault {
  if (error instanceof Fault) return error
  const message = `${doing}: ${describeError(error)}`
  const code = systemErrorCode(error) ?? ''
  const rule = rules.find(({ pattern }) => pattern.test(code))
  if (rule) return new Fault(rule.code, message, { ...rule.more, cause: error, detail: { sqlState: code } })
  if (lostConnection.test(message)) {
    return new Fault('unreachable', message, {
      cause: error,
      retry: true,
      hint: 'the connection to the server was lost',
    })
  }
  return new Fault('internal', message, { cause: error, domain: 'internal', detail: { sqlState: code } })
}
