import { readFile } from 'node:fs/promises'
import { describeError, Fault, systemErrorCode } from '../../base/fault.ts'
import { salesTopic } from '../../events/topics.ts'
import type { EventLog } from '../../log/log.ts'
import type { BatchPlan } from '../../parity/batch.ts'
import { readBatchList } from '../../parity/batch-list.ts'
import { chooseBest, compareRows, type Comparison, type OutputMode, outputModes } from '../../parity/compare.ts'
import { chooseCustomerHash, type CustomerType } from '../../parity/customer-hash.ts'
import { createReplay, type ReplayState, type WatermarkMismatch } from '../../parity/replay.ts'
import { type HeldOffsets, planReplay, type ReplayPlan } from '../../parity/replay-plan.ts'
import { createPlaceReader } from '../../parity/touched.ts'
import { summarize } from '../../warehouse/summary.ts'
import { type BuildInputs, buildReading } from '../build.ts'
import { describeDatabase, describeTable } from '../views/connection-places.ts'
import { findCheckpoint, readBatches } from './checkpoint-files.ts'
import { nameFault } from './name-fault.ts'
import { openReadLog } from './open-log.ts'
import { readTogether } from './read-together.ts'
import { replayBatches } from './replay-batches.ts'
import { createServerTable, readFileRows, type ReadTable, withTableUrl } from './summary-rows.ts'

export interface ParityRequest {
  /** Where the batches are written down. */
  readonly source: { readonly kind: 'checkpoint' | 'list'; readonly path: string }
  /** Address of a database, or a file; null: the profile's PostgreSQL. */
  readonly table: string | null
  readonly customerType: CustomerType
  /** Null: whichever fits the table better. */
  readonly mode: OutputMode | null
  /** `spark.sql.streaming.statefulOperator.allowMultiple`; null: as the checkpoint says, else true. */
  readonly allowsMultiple: boolean | null
  /** How far an event may lie after its record's own time for the job to take it; null: any. */
  readonly maxFutureMs: number | null
  readonly onProgress: (records: number) => void
  readonly signal: AbortSignal
}

export interface ParityReport extends Comparison {
  readonly batches: number
  readonly firstBatch: number
  readonly lastBatch: number
  /** A batch that was planned and not committed, and whether the table has it; null where there is none. */
  readonly openBatch: { readonly number: number; readonly isInTable: boolean } | null
  readonly mismatches: readonly WatermarkMismatch[]
  readonly sales: number
  readonly lateSales: number
  readonly rejected: number
  readonly nullCustomers: number
  /** Rows of the table that cannot be compared, and why; null where all can. */
  readonly notCompared: { readonly rows: number; readonly reason: string } | null
}

/** Later than any record could be: what nothing is in the future of. */
const anyFutureMs = 8_000_000_000_000_000

async function readList(path: string): Promise<BatchPlan> {
  try {
    return readBatchList(await readFile(path, 'utf8'))
  } catch (error) {
    if (error instanceof Fault) throw nameFault(path, error)
    const isMissing = systemErrorCode(error) === 'ENOENT'
    const what = isMissing ? 'there is no such file' : describeError(error)
    throw new Fault(isMissing ? 'not-found' : 'input', `${path}: ${what}`, { domain: 'user', cause: error })
  }
}

const isAddress = (table: string): boolean => /^[a-z][a-z0-9+.-]+:\/\//i.test(table) || /^jdbc:/i.test(table)

function chooseTable(inputs: BuildInputs, table: string | null): ReadTable {
  if (table !== null && !isAddress(table)) return (signal) => readFileRows(table, signal)
  if (table !== null && !/^(jdbc:)?postgres(ql)?:\/\//i.test(table)) {
    throw new Fault('usage', '--table takes postgres://… or a CSV, Parquet or DuckDB file', { domain: 'user' })
  }
  const settings = table === null ? inputs.settings : withTableUrl(inputs.settings, table)
  const title = table === null ? describeTable(settings, process.env) : describeDatabase(table)
  return createServerTable(settings, title ?? 'the table', inputs.clock)
}

function readPlan({ path, kind }: ParityRequest['source']): () => Promise<BatchPlan> {
  if (kind === 'list') return () => readList(path)
  const directory = findCheckpoint(path)
  return () => readBatches(directory)
}

const listHeld = (log: EventLog): ReadonlyMap<number, HeldOffsets> =>
  new Map(
    log
      .describe()
      .partitions.filter(({ topic }) => topic === salesTopic)
      .map(({ endOffset, partition, startOffset }) => [partition, { start: startOffset, end: endOffset }]),
  )

async function replayAll(inputs: BuildInputs, request: ParityRequest, plan: BatchPlan) {
  const { settings } = inputs
  const rules = {
    latenessMs: settings.number('window.latenessMs'),
    windowSizeMs: settings.number('window.sizeMs'),
    allowsMultiple: request.allowsMultiple ?? plan.allowsMultiple ?? true,
    hashCustomer: chooseCustomerHash(request.customerType),
  }
  const log = await openReadLog(inputs, plan.topic)
  try {
    const replayed = planReplay(plan, listHeld(log), rules.latenessMs)
    const states = await replayBatches(
      {
        ...request,
        log,
        reading: buildReading(inputs, log, request.maxFutureMs ?? anyFutureMs),
        replay: createReplay(rules),
        plan: replayed,
        readPlaces: createPlaceReader(settings.text('events.zone')),
        clock: inputs.clock,
      },
      plan.isLastOpen,
    )
    return { replayed, states, windowSizeMs: rules.windowSizeMs }
  } finally {
    await log.close()
  }
}

/** Keeps what can be compared. */
function createFilter({ endsAfterMs, startsAfterMs }: ReplayPlan, sizeMs: number) {
  return ({ startMs }: { readonly startMs: number }): boolean =>
    startMs > startsAfterMs && startMs + sizeMs > endsAfterMs
}

/**
 * Replays the batches of a Spark query and compares what they give with a table. Nothing is written anywhere.
 *
 * @throws Fault `usage`, `setting`, `not-found`, `input`, `log-gap`, `unreachable`
 */
export async function compareWithSpark(inputs: BuildInputs, request: ParityRequest): Promise<ParityReport> {
  const readTable = chooseTable(inputs, request.table)
  const { plan, table } = await readTogether(readPlan(request.source), () => readTable(request.signal))
  const { replayed, states, windowSizeMs } = await replayAll(inputs, request, plan)
  const isComparable = createFilter(replayed, windowSizeMs)
  const rows = table.filter(isComparable)
  const compare = (state: ReplayState, isPlanned: boolean) =>
    (request.mode === null ? outputModes : [request.mode]).map((mode) => {
      const windows = state.windows.filter(isComparable)
      return {
        state,
        windows,
        isPlanned,
        ...compareRows({ windows, table: rows, touched: state.touched, mode, summarize }),
      }
    })
  const found = [...compare(states.committed, false), ...(states.planned ? compare(states.planned, true) : [])]
  const best = chooseBest(found)
  if (!best) throw new Fault('internal', 'nothing was compared')
  const { state, windows, isPlanned, ...comparison } = best
  const [first, last] = [plan.batches[0]?.number ?? 0, plan.batches.at(-1)?.number ?? 0]
  const { reason } = replayed
  return {
    ...comparison,
    batches: replayed.batches.length,
    firstBatch: replayed.batches[0]?.number ?? first,
    lastBatch: last,
    openBatch: plan.isLastOpen ? { number: last, isInTable: isPlanned } : null,
    mismatches: state.mismatches,
    sales: windows.reduce((sum, { lateSales, transactions }) => sum + lateSales + transactions, 0),
    lateSales: windows.reduce((sum, { lateSales }) => sum + lateSales, 0),
    rejected: state.rejected,
    nullCustomers: state.nullCustomers,
    notCompared: reason === null ? null : { rows: table.length - rows.length, reason },
  }
}
