import type { GeneratorPort } from '../generator/generator.ts'
import type { EventLog } from '../log/log.ts'

const chunkRecords = 20_000

/**
 * Appends the past from `fromMs` to `untilMs` with virtual append times, marked as back-fill.
 *
 * @param onProgress share done, 0…1
 * @returns how many records were appended
 */
export async function backfill(
  log: EventLog,
  generator: GeneratorPort,
  span: { readonly fromMs: number; readonly untilMs: number },
  onProgress: (share: number) => void,
  signal: AbortSignal,
): Promise<number> {
  let appended = 0
  while (!signal.aborted) {
    const records = await generator.advance(span.untilMs, chunkRecords)
    if (records.length === 0) break
    await log.append(records, { appendedAtMs: records.map((record) => record.sentAtMs), origin: 'backfill' })
    appended += records.length
    const last = records[records.length - 1]
    if (last) onProgress((last.sentAtMs - span.fromMs) / Math.max(1, span.untilMs - span.fromMs))
  }
  await log.sync()
  return appended
}
