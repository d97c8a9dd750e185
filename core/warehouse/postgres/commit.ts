import type { DistinctKind } from '../../base/distinct.ts'
import { Fault, systemErrorCode } from '../../base/fault.ts'
import type { QuarantinedRecord, WindowRow } from '../../events/epoch.ts'
import { applyAmendments } from '../amend.ts'
import { listCounters, listOffsets } from '../counter-rows.ts'
import type { EpochCommit } from '../warehouse.ts'
import { insertEpochPart, readSettings, windowSizeName, writeSetting } from './epoch-rows.ts'
import { insertConflictsPart, insertLatePart, insertQuarantinePart, markReadmitted } from './ledgers.ts'
import { adoptedName } from './migrate.ts'
import { findChanges, listNumberParts, type Numbers, readNumbers } from './numbers.ts'
import { refuseStale } from './owner-row.ts'
import { msOf, type Parameter } from './parameter.ts'
import type { PostgresSession } from './session.ts'
import { findAmended, type SummaryRules, writeWindows } from './window-rows.ts'

/** What the last commit of this process left in the warehouse, so that the next need not ask. */
export interface Committed {
  readonly windowSizeMs: number
  readonly numbers: Numbers
  readonly summary: Pick<SummaryRules, 'adoptedId' | 'finalRowsOnly' | 'uncheckedMs'>
}

const finalRowsName = 'window.rows'
const uncheckedName = 'window.rowsChangedAtMs'

/**
 * Where the choice between live and final rows has changed, rows of the windows there are may be older than the app's
 * own table: those cannot be told from rows that somebody else changed.
 */
async function findUnchecked(
  session: PostgresSession,
  settings: ReadonlyMap<string, string>,
  finalRowsOnly: boolean,
): Promise<number | null> {
  const wanted = finalRowsOnly ? 'final' : 'live'
  const known = settings.get(finalRowsName)
  const unchecked = settings.get(uncheckedName)
  if (known === wanted) return unchecked === undefined ? null : Number(unchecked)
  await writeSetting(session, finalRowsName, wanted)
  if (known === undefined) return null
  const [latestMs] = await session.read(`SELECT ${msOf('max(window_start)')} FROM storepulse.windows`, [], (row) =>
    row.numberOrNull(0),
  )
  if (latestMs === null || latestMs === undefined) return null
  await writeSetting(session, uncheckedName, String(latestMs))
  return latestMs
}

async function findCommitted(session: PostgresSession, commit: EpochCommit): Promise<Committed> {
  const settings = await readSettings(session)
  const size = settings.get(windowSizeName)
  if (size === undefined) await writeSetting(session, windowSizeName, String(commit.windowSizeMs))
  return {
    windowSizeMs: size === undefined ? commit.windowSizeMs : Number(size),
    numbers: await readNumbers(session),
    summary: {
      adoptedId: Number(settings.get(adoptedName) ?? 0),
      finalRowsOnly: commit.finalRowsOnly,
      uncheckedMs: await findUnchecked(session, settings, commit.finalRowsOnly),
    },
  }
}

function refuseOtherSize({ windowSizeMs }: Committed, commit: EpochCommit): void {
  if (commit.windowSizeMs === windowSizeMs) return
  throw new Fault('setting', `/window/sizeMs must stay ${windowSizeMs}: the warehouse has rows of that size`, {
    domain: 'user',
  })
}

/** Bytes of quarantined records that one statement carries, in hexadecimal twice as many. */
const mostBytes = 16 * 1024 * 1024

function splitBySize(records: readonly QuarantinedRecord[]): readonly (readonly QuarantinedRecord[])[] {
  const pieces: QuarantinedRecord[][] = []
  let size = mostBytes
  for (const record of records) {
    size += record.bytes.length
    if (size > mostBytes) {
      pieces.push([])
      size = record.bytes.length
    }
    pieces.at(-1)?.push(record)
  }
  return pieces
}

/** Runs several writes as one statement; none of them may see what another has written. */
async function runTogether(
  session: PostgresSession,
  list: (bind: (value: Parameter) => string) => readonly string[],
): Promise<void> {
  const values: Parameter[] = []
  const parts = list((value) => `$${values.push(value)}`)
  const last = parts.at(-1)
  if (last === undefined) return
  const before = parts.slice(0, -1).map((part, index) => `part${index} AS (${part})`)
  await session.run(before.length === 0 ? last : `WITH ${before.join(', ')} ${last}`, values)
}

async function writeLedgers(session: PostgresSession, commit: EpochCommit, before: Numbers): Promise<Numbers> {
  const { conflicts, late, quarantined } = commit
  const { epoch } = commit.epoch
  const pieces = splitBySize(quarantined)
  for (const piece of pieces.slice(1)) {
    await runTogether(session, (bind) => [insertQuarantinePart(piece, epoch, bind)])
  }
  const changes = findChanges(before, [...listCounters(commit.counters), ...listOffsets(commit.offsets)])
  try {
    await runTogether(session, (bind) => [
      ...(late.length > 0 ? [insertLatePart(late, epoch, bind)] : []),
      ...pieces.slice(0, 1).map((piece) => insertQuarantinePart(piece, epoch, bind)),
      ...(conflicts.length > 0 ? [insertConflictsPart(conflicts, epoch, bind)] : []),
      ...listNumberParts(changes, bind),
      insertEpochPart(commit.epoch, bind),
    ])
  } catch (error) {
    if (systemErrorCode(error) !== '23505') throw error
    throw new Fault('internal', `epoch ${epoch} is already committed`, { cause: error })
  }
  return changes.next
}

export interface CommitResult {
  /** The rows written, those of amendments included. */
  readonly rows: readonly WindowRow[]
  readonly committed: Committed
}

/**
 * Writes an epoch inside a transaction whose first statement was the fence.
 *
 * @param touched rows that the fence found
 * @param known what the commit before left; null where that is not known for certain
 * @param wholeFromMs windows from here on were read whole
 */
export async function writeEpoch(
  session: PostgresSession,
  touched: number,
  commit: EpochCommit,
  sketch: DistinctKind,
  known: Committed | null,
  wholeFromMs: number | null,
): Promise<CommitResult> {
  if (touched === 0) throw refuseStale()
  const isSame = known?.summary.finalRowsOnly === commit.finalRowsOnly
  const before = known && isSame ? known : await findCommitted(session, commit)
  refuseOtherSize(before, commit)
  const stored = await findAmended(session, commit.amendments)
  const rows = applyAmendments(commit.rows, commit.amendments, stored, sketch)
  await writeWindows(session, rows, { ...before.summary, wholeFromMs })
  const numbers = await writeLedgers(session, commit, before.numbers)
  await markReadmitted(session, commit.readmitted, commit.committedAtMs)
  return { rows, committed: { ...before, numbers } }
}
