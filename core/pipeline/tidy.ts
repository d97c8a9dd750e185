import type { EventLog } from '../log/log.ts'
import type { Settings } from '../settings/settings.ts'
import type { Running } from './supervisor.ts'
import { trendsKeptMs } from './views/trends.ts'

const epochRows = 100_000
const evictedRows = 1_000_000
const dayMs = 86_400_000
const alertRows = 10_000

/** Drops what lies beyond the bounds of the settings, while the pipeline runs well. */
export async function tidyUp(log: EventLog, running: Running | null, settings: Settings, nowMs: number): Promise<void> {
  if (running?.pipeline.state !== 'running') return
  const days = settings.number('warehouse.retentionDays')
  await log.retain({ bytes: settings.number('log.retentionBytes'), ageMs: settings.number('log.retentionMs') }, nowMs)
  await running.warehouse.prune({
    windowsBeforeMs: days === 0 ? null : nowMs - days * dayMs,
    lateRows: settings.number('warehouse.lateRows'),
    quarantineRows: settings.number('warehouse.quarantineRows'),
    evictedRows,
    heldFrom: log
      .describe()
      .partitions.map(({ partition, startOffset, topic }) => ({ topic, partition, offset: startOffset })),
    epochsBelowSequence: log.describe().startSequence,
    epochRows,
    alertRows,
    trendsBeforeMs: nowMs - trendsKeptMs,
  })
}
