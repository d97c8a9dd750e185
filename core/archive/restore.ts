import { Fault } from '../base/fault.ts'
import type { LogRecord, Origin } from '../events/record.ts'
import { keyOf, valueOf } from '../events/record.ts'
import type { Topic } from '../events/topics.ts'
import type { PartitionStretch, RestoreReport, RestoreRequest, RestoreTarget } from './archive.ts'
import { type Catalog, refuseBroken } from './catalog.ts'
import { describeStretch } from './manifest.ts'
import { createMergedReader, type OpenFile } from './merged-reader.ts'
import { findGaps } from './ranges.ts'

const batchRecords = 2_000
const batchBytes = 4 * 1024 * 1024

const hintRenumber = 'restore what there is under other offsets with --renumber'

/** Appends everything a catalog lists to an empty log, in sequence order. */
export async function restoreInto(
  catalog: Catalog,
  openFile: OpenFile,
  target: RestoreTarget,
  request: RestoreRequest,
): Promise<RestoreReport> {
  refuseBroken(catalog)
  refuseFilled(target)
  const isExact = request.renumbers !== true
  if (isExact) {
    refuseOtherPartitions(catalog, target)
    refuseIncomplete(catalog)
  }
  const reader = createMergedReader(catalog.files, [], openFile)
  const perTopic: Partial<Record<Topic, number>> = {}
  let records = 0
  const next = new Map<string, number>()
  for (;;) {
    if (request.signal?.aborted) throw new Fault('cancelled', 'restoring was cancelled', { domain: 'user' })
    const batch = await reader.read(batchRecords, batchBytes)
    if (batch.length === 0) break
    for (const group of groupByOrigin(batch)) await appendGroup(target, group, isExact)
    for (const record of batch) {
      perTopic[record.topic] = (perTopic[record.topic] ?? 0) + 1
      next.set(`${record.topic}/${record.partition}`, record.offset + 1)
    }
    records += batch.length
    if (isExact) refuseOtherOffsets(target, next)
    request.onProgress?.({ records, files: catalog.files.length })
  }
  await target.sync()
  return { records, perTopic }
}

function refuseFilled(target: RestoreTarget): void {
  const filled = target.describe().partitions.find(({ endOffset }) => endOffset > 0)
  if (filled === undefined) return
  throw new Fault('refused', 'the log is not empty: an archive is restored into an empty one only', {
    domain: 'user',
    hint: 'choose another data directory with --data-dir, or empty this one with storepulse reset --yes',
  })
}

function refuseOtherPartitions(catalog: Catalog, target: RestoreTarget): void {
  const { partitions } = target.describe()
  for (const { topic, manifest } of catalog.hours) {
    const held = partitions.filter((partition) => partition.topic === topic).length
    if (held === manifest.partitions) continue
    throw new Fault('refused', `${topic} was archived with ${manifest.partitions} partitions, the log has ${held}`, {
      domain: 'user',
      hint: `set log.partitions to ${manifest.partitions}`,
    })
  }
}

/** What must hold for offsets and sequences to come out as they were: nothing is missing from the very first record on. */
function refuseIncomplete(catalog: Catalog): void {
  const refuse = (stretch: PartitionStretch): never => {
    throw new Fault('refused', `the archive does not hold ${describeStretch(stretch)}`, {
      domain: 'user',
      hint: hintRenumber,
    })
  }
  const places = new Map(catalog.files.map((file) => [`${file.topic}/${file.partition}`, file]))
  for (const { topic, partition } of places.values()) {
    const files = catalog.files.filter((file) => file.topic === topic && file.partition === partition)
    for (const gap of findGaps([{ fromOffset: 0, untilOffset: 0 }, ...files])) {
      if (gap.untilOffset > gap.fromOffset) refuse({ ...gap, topic, partition })
    }
    const hollow = files.find((file) => file.rows !== file.untilOffset - file.fromOffset)
    if (hollow !== undefined) refuse({ ...hollow, topic, partition })
  }
  const rows = catalog.files.reduce((sum, file) => sum + file.rows, 0)
  const endSequence = catalog.files.reduce((most, file) => Math.max(most, file.untilSequence), 0)
  if (rows === endSequence) return
  throw new Fault('refused', `the archive holds ${rows} of the first ${endSequence} records of its log`, {
    domain: 'user',
    hint: `a run was cut short: archive the rest of the log first, or ${hintRenumber}`,
  })
}

/** One append has one origin. */
function groupByOrigin(records: readonly LogRecord[]): readonly (readonly LogRecord[])[] {
  const groups: LogRecord[][] = []
  let origin: Origin | null = null
  for (const record of records) {
    if (record.origin === origin) groups.at(-1)?.push(record)
    else groups.push([record])
    origin = record.origin
  }
  return groups
}

async function appendGroup(target: RestoreTarget, group: readonly LogRecord[], isExact: boolean): Promise<void> {
  const timeless = group.find(({ appendedAtMs, isProducerTime }) => isExact && (appendedAtMs < 0 || isProducerTime))
  if (timeless !== undefined) {
    const { topic, partition, offset } = timeless
    throw new Fault('refused', `${topic}/${partition}/${offset} came with a time its producer gave, not a log`, {
      domain: 'user',
      hint: `a local log knows append times only: ${hintRenumber}`,
    })
  }
  await target.append(
    group.map((record) => ({ topic: record.topic, key: keyOf(record), value: valueOf(record) })),
    {
      appendedAtMs: group.map(({ appendedAtMs }) => Math.max(0, appendedAtMs)),
      origin: group[0]?.origin ?? 'import',
      ...(isExact ? { partitions: group.map(({ partition }) => partition) } : {}),
    },
  )
}

function refuseOtherOffsets(target: RestoreTarget, next: ReadonlyMap<string, number>): void {
  for (const { topic, partition, endOffset } of target.describe().partitions) {
    const expected = next.get(`${topic}/${partition}`) ?? 0
    if (endOffset === expected) continue
    throw new Fault('refused', `${topic}/${partition} ends at ${endOffset} where the archive has ${expected}`, {
      hint: 'the log gives records other places than they had: what was restored is to be thrown away',
    })
  }
}
