import { describeError, Fault, type FaultCode, type FaultDetail, systemErrorCode, toFault } from '../base/fault.ts'

interface Rule {
  readonly pattern: RegExp
  readonly code: FaultCode
  readonly more: FaultDetail
}

/**
 * What DuckDB's messages mean, the first that holds. A full disk comes before everything else: it is also the cause
 * inside messages that sound like the end of the file.
 */
const rules: readonly Rule[] = [
  {
    pattern: /no space left on device|disk quota exceeded|not enough space on the disk/i,
    code: 'disk-full',
    more: { retry: true, hint: 'free some space on this disk' },
  },
  {
    pattern: /too many open files/i,
    code: 'data-directory',
    more: { retry: true, hint: 'raise the limit on open files' },
  },
  {
    pattern: /out of memory error|could not allocate block|failed to (?:pin block|allocate data)/i,
    code: 'internal',
    more: { retry: true, domain: 'external', detail: { outOfMemory: true } },
  },
  {
    pattern: /could not set lock on file|being used by another process|conflicting lock/i,
    code: 'owned',
    more: { hint: 'another process has this file open: stop it first' },
  },
  {
    pattern: /read-only file system|permission denied|opened in read-only mode/i,
    code: 'read-only',
    more: { retry: true, hint: 'make the data directory writable' },
  },
  {
    pattern: /we can only read versions|newer version of duckdb|storage version .* newer/i,
    code: 'warehouse-newer',
    more: { hint: 'update this program' },
  },
  { pattern: /^interrupt error/i, code: 'cancelled', more: {} },
  {
    pattern:
      /not a valid duckdb database|corrupt|checksum|^fatal error|has been invalidated|^internal error|^serialization error|replaying wal|could not read|bytes from file/i,
    code: 'warehouse-damaged',
    more: { hint: 'the file is moved aside and rebuilt from the log' },
  },
  {
    pattern: /cannot open file|cannot open database|no such file or directory/i,
    code: 'data-directory',
    more: { hint: 'choose another directory with --data-dir' },
  },
]

/** A message of several lines as one, without the excerpt of the statement that DuckDB adds. */
export function toOneLine(message: string): string {
  return message
    .replace(/\n+LINE \d+:[\s\S]*$/, '')
    .replace(/\n\nPossible solutions:[\s\S]*$/, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
}

/** Turns anything DuckDB throws into a {@link Fault}; faults pass, and errors of Node.js keep their own meaning. */
export function toDuckdbFault(error: unknown, doing: string): Fault {
  if (error instanceof Fault) return error
  if (systemErrorCode(error) !== null) return toFault(error, doing)
  const message = describeError(error)
  const rule = rules.find(({ pattern }) => pattern.test(message))
  const text = `${doing}: ${toOneLine(message)}`
  if (!rule) return new Fault('internal', text, { cause: error, domain: 'internal' })
  return new Fault(rule.code, text, { ...rule.more, cause: error })
}

/** Whether DuckDB has given the whole instance up: nothing works until the file is opened anew. */
export const isInstanceLost = (error: unknown): boolean =>
  /^fatal error|has been invalidated|^internal error/i.test(describeError(error))

/** Whether the fault is that memory has run out. */
export const isOutOfMemory = (fault: Fault): boolean => fault.detail['outOfMemory'] === true
