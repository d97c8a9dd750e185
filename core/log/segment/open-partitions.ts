import { join } from 'node:path'
import type { LogDamage } from '../log.ts'
import type { PartitionSlot, PartitionTable } from '../partition-table.ts'
import type { DiskFiles } from './disk-files.ts'
import { judgeScans } from './recover.ts'
import { repairPartition } from './repair.ts'
import { type PartitionScan, scanPartition } from './scan.ts'
import type { Segment } from './segment.ts'
import type { SyncedPoint } from './synced-marker.ts'
import { settleAll } from './turns.ts'

/** A partition as opening has left it. */
export interface OpenedPartition extends PartitionSlot {
  readonly directory: string
  readonly segments: Segment[]
  /** It holds something that may not be durable. */
  readonly isUnsynced: boolean
}

export interface OpenedPartitions {
  readonly partitions: readonly OpenedPartition[]
  readonly endSequence: number
  readonly damage: readonly LogDamage[]
}

/** Partitions that are read at the same time. */
const atOnce = 16

/** Reads what the directory holds, cuts what was torn, and tells what was lost. */
export async function openPartitions(
  files: DiskFiles,
  directory: string,
  table: PartitionTable,
  synced: SyncedPoint | null,
): Promise<OpenedPartitions> {
  const trustedSequence = synced?.sequence ?? 0
  const scans: PartitionScan[] = []
  for (let first = 0; first < table.slots.length; first += atOnce) {
    const group = table.slots.slice(first, first + atOnce)
    const scanned = group.map((slot) => openDirectory(files, directory, slot, trustedSequence))
    scans.push(...(await settleAll(scanned, `reading ${directory}`)))
  }
  const { endSequence, verdicts } = judgeScans(scans, synced)
  const partitions: OpenedPartition[] = []
  for (const verdict of verdicts) {
    const { slot, directory, recent } = verdict.scan
    const segments = await repairPartition(files, verdict, trustedSequence)
    partitions.push({ ...slot, directory, segments, isUnsynced: recent.length > 0 })
  }
  return { partitions, endSequence, damage: verdicts.flatMap((verdict) => verdict.damage) }
}

async function openDirectory(
  files: DiskFiles,
  root: string,
  slot: PartitionSlot,
  trustedSequence: number,
): Promise<PartitionScan> {
  const topicDirectory = join(root, slot.topic)
  const directory = join(topicDirectory, String(slot.partition))
  if (await files.makeDirectory(directory)) {
    await files.syncDirectory(topicDirectory)
    await files.syncDirectory(root)
  }
  return scanPartition(files, directory, slot, trustedSequence)
}
