import { readmissionTopic, type Topic } from '../../core/events/topics.ts'
import { createMemoryLog } from '../../core/log/memory/memory-log.ts'
import type { EventLog } from '../../core/log/log.ts'
import type { ArchiveStore } from '../../core/archive/store.ts'
import { makeRecords } from './log-records.ts'

/** Monday, 6 January 2025, 09:00 UTC. */
export const nineMs = Date.UTC(2025, 0, 6, 9)
export const hourMs = 3_600_000

/**
 * A log of a few hours with all that a log can hold: both origins, records without a key or a value, the app's own topic,
 * appends that straddle an hour, and a clock that was once set back.
 */
export async function makeArchivedLog(log: EventLog = createMemoryLog({ partitions: 4 })): Promise<EventLog> {
  const append = (count: number, first: number, fromMs: number, stepMs: number, origin: 'live' | 'backfill') =>
    log.append(makeRecords(count, first), {
      appendedAtMs: Array.from({ length: count }, (_, index) => fromMs + index * stepMs),
      origin,
    })
  await append(120, 0, nineMs + 1_800_000, 30_000, 'backfill')
  await append(80, 120, nineMs + 5_400_500, 1_000, 'live')
  const bare = (topic: Topic, key: string | null, value: string | null) => ({
    topic,
    key: key === null ? null : Buffer.from(key),
    value: value === null ? null : Buffer.from(value),
  })
  await log.append(
    [
      bare('retail-transactions', null, 'without a key'),
      bare('customer-events', 'gone', null),
      bare('inventory-updates', null, null),
      bare('inventory-updates', '', ''),
      bare(readmissionTopic, null, '{"ref":"retail-transactions/0/3"}'),
    ],
    { appendedAtMs: nineMs + 5_500_000, origin: 'import' },
  )
  await append(40, 200, nineMs + 7_300_000, 10, 'live')
  await append(40, 240, nineMs + 7_100_000, 10, 'live')
  await append(40, 280, nineMs + 7_400_000, 10, 'live')
  return log
}

/** The hour in which {@link makeArchivedLog} ends. */
export const lastHourMs = nineMs + 2 * hourMs

/** Every object with a hash of what it holds, for comparing whole archives. */
export async function describeStore(store: ArchiveStore): Promise<readonly string[]> {
  const described: string[] = []
  for (const { key } of await store.list()) {
    const found = await store.read(key)
    described.push(`${key} ${Buffer.from(found?.bytes ?? []).toString('base64')}`)
  }
  return described.sort()
}
