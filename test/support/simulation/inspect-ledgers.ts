import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import { valueOf } from '../../../core/events/record.ts'
import type { LateEntry, QuarantineEntry } from '../../../core/warehouse/warehouse.ts'
import type { Entered, Retold } from './retold.ts'
import type { World } from './world.ts'

/** What is wrong about an entry of a ledger, or null. */
type Judgement = { readonly found: unknown; readonly expected: unknown } | null

const compare = (found: unknown, expected: unknown): Judgement =>
  isDeepStrictEqual(found, expected) ? null : { found, expected }

function judgeLate(entry: LateEntry, { record, verdict }: Entered): Judgement {
  if (verdict.type !== 'late') return { found: 'late', expected: verdict.type }
  const { latenessMs, sale } = verdict
  return compare(
    [entry.transactionId, String(entry.cents), entry.storeId, entry.eventTimeMs, entry.latenessMs, entry.appendedAtMs],
    [sale.id, String(sale.cents), sale.storeId, sale.timeMs, latenessMs, record.appendedAtMs],
  )
}

function judgeQuarantined(entry: QuarantineEntry, { epoch, nowMs, record, verdict }: Entered): Judgement {
  if (verdict.type !== 'invalid') return { found: 'invalid', expected: verdict.type }
  const bytes = valueOf(record) ?? Buffer.alloc(0)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  const isSeenThen = entry.seenAtMs === epoch.readAtMs || entry.seenAtMs === nowMs
  return compare(
    [entry.reason, entry.sha256, entry.sizeBytes, isSeenThen, bytes.equals(entry.bytes)],
    [verdict.reason, sha256, bytes.length, true, true],
  )
}

/** The late ledger and the quarantine: who is in them, with what, and who counted after all. */
export function inspectLedgers(world: World, retold: Retold): void {
  const { late, quarantine } = world.server.tables
  const inspectEntry = (
    name: string,
    entry: LateEntry | QuarantineEntry,
    judge: (entered: Entered) => Judgement,
  ): void => {
    const entered = retold.entered.get(name)
    if (!entered) return world.report('ledger', `${name} was neither late nor invalid`)
    const isReadmitted = entry.readmittedAtMs !== null
    if (isReadmitted !== retold.readmitted.has(name)) {
      world.report('readmission', `${name} is ${isReadmitted ? '' : 'not '}marked as readmitted`)
    }
    if (entry.epoch !== entered.epoch.epoch) {
      world.report('ledger', `${name} is of epoch ${entry.epoch}, not ${entered.epoch.epoch}`)
    }
    const wrong = judge(entered)
    if (wrong)
      world.report('ledger', `${name} has ${JSON.stringify(wrong.found)}, not ${JSON.stringify(wrong.expected)}`)
  }
  for (const [name, entry] of late) inspectEntry(name, entry, (entered) => judgeLate(entry, entered))
  for (const [name, entry] of quarantine) inspectEntry(name, entry, (entered) => judgeQuarantined(entry, entered))
  // Beyond their bounds the oldest are gone.
  if (world.scenario.retains) return
  for (const [name, { verdict }] of retold.entered) {
    if (!(verdict.type === 'late' ? late : quarantine).has(name)) {
      world.report('ledger', `${name} is not among the ${verdict.type}`)
    }
  }
}
