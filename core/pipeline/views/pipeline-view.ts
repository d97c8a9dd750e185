import { stat } from 'node:fs/promises'
import { systemErrorCode } from '../../base/fault.ts'
import type { AppliedEpoch } from '../../events/epoch.ts'
import type { EventLog, LogReader } from '../../log/log.ts'
import type { ThreadUse } from '../../generator/generator.ts'
import type { LagForecast } from '../../metrics/lag-trend.ts'
import type { Board } from '../../protocol/board.ts'
import type { PipelineView } from '../../protocol/views.ts'
import type { Warehouse } from '../../warehouse/warehouse.ts'

/** The last commits, for the page of the pipeline. */
export interface Commits {
  note(applied: AppliedEpoch): void
  list(): PipelineView['commits']
}

const mostCommits = 120

export function createCommits(): Commits {
  let commits: PipelineView['commits'] = []
  return {
    note({ committedAtMs, readAtMs, records }) {
      const commit = { atMs: committedAtMs, records: records.length, durationMs: Math.max(0, committedAtMs - readAtMs) }
      commits = [...commits.slice(1 - mostCommits), commit]
    },
    list: () => commits,
  }
}

export interface PipelineViewParts {
  readonly log: EventLog
  readonly openWarehouse: () => Promise<Warehouse>
  /** The database file. */
  readonly warehouseFile: string
  readonly commits: Commits
  readonly generator: () => PipelineView['generator']
  readonly measureProcess: () => Board['process']
  readonly measureGenerator: () => ThreadUse | null
  readonly source: Omit<PipelineView['source'], 'waiting'>
  readonly target: PipelineView['target']
  readonly findReader: () => LogReader | null
  readonly forecastLag: () => LagForecast
  readonly readSparkLag: () => Promise<PipelineView['spark'] | null>
  readonly dataDirectory: string
  readonly startedAtMs: number
}

/** Size of a file, 0 where there is none. */
async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size
  } catch (error) {
    if (systemErrorCode(error) === 'ENOENT') return 0
    throw error
  }
}

/** This process, and the generator where it has a thread of its own in it. */
function describeProcesses({ measureGenerator, measureProcess }: PipelineViewParts): PipelineView['processes'] {
  const engine = { name: 'engine', processId: process.pid, ...measureProcess() }
  const thread = measureGenerator()
  if (!thread) return [engine]
  const { cpuPercent, heapBytes } = thread
  return [engine, { name: 'generator thread', processId: process.pid, rssBytes: heapBytes, cpuPercent }]
}

/** The way of the data as of now. */
export async function readPipelineView(parts: PipelineViewParts): Promise<PipelineView> {
  const { log, warehouseFile } = parts
  const progress = await (await parts.openWarehouse()).loadProgress()
  const committed = new Map(
    (progress?.offsets ?? []).map(({ topic, partition, offset }) => [`${topic}/${partition}`, offset]),
  )
  const { endSequence, partitions, sizeBytes, startSequence } = log.describe()
  const [file, writeAhead] = await Promise.all([sizeOf(warehouseFile), sizeOf(`${warehouseFile}.wal`)])
  const untilSequence = progress?.untilSequence ?? startSequence
  const spark = await parts.readSparkLag()
  return {
    source: { ...parts.source, waiting: parts.findReader()?.waitingFor ?? [] },
    target: parts.target,
    lag: { ...parts.forecastLag(), records: Math.max(0, endSequence - untilSequence) },
    ...(spark ? { spark } : {}),
    partitions: partitions.map((partition) => ({
      ...partition,
      committedOffset: committed.get(`${partition.topic}/${partition.partition}`) ?? 0,
    })),
    logBytes: sizeBytes,
    warehouseBytes: file + writeAhead,
    commits: parts.commits.list(),
    generator: parts.generator(),
    processes: describeProcesses(parts),
    dataDirectory: parts.dataDirectory,
    startedAt: new Date(parts.startedAtMs).toISOString(),
  }
}
