import type { LogRecord } from '../../core/events/record.ts'
import type { Topic } from '../../core/events/topics.ts'

/** Bytes around a value, so that whoever reads past its end or before its start reads something that looks like JSON. */
const before = Buffer.from('{"x":"')
const after = Buffer.from('"}]}')

/** A record whose value is `value` (text as UTF-8, null for a tombstone), in the middle of a larger buffer. */
export function createLogRecord(
  topic: Topic,
  value: Uint8Array | string | null,
  more: Partial<LogRecord> = {},
): LogRecord {
  const bytes = typeof value === 'string' ? Buffer.from(value) : value
  return {
    topic,
    partition: 0,
    offset: 0,
    sequence: 0,
    appendedAtMs: 0,
    isProducerTime: false,
    origin: 'live',
    source: Buffer.concat([before, bytes ?? Buffer.alloc(0), after]),
    keyStart: -1,
    keyEnd: -1,
    valueStart: bytes === null ? -1 : before.length,
    valueEnd: bytes === null ? -1 : before.length + bytes.length,
    ...more,
  }
}
