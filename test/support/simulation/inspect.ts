import { isDeepStrictEqual } from 'node:util'
import { rejectionReasons } from '../../../core/events/decoded.ts'
import { formatRef } from '../../../core/events/record.ts'
import { eventTopics } from '../../../core/events/topics.ts'
import type { StoredWindow } from '../../../core/warehouse/warehouse.ts'
import type { OracleWindow } from '../oracle-rules.ts'
import { inspectLedgers } from './inspect-ledgers.ts'
import { estimateOf, isSketchOf } from './expected-sketch.ts'
import type { LogSite } from './log-site.ts'
import { inspectParity } from './inspect-parity.ts'
import { inspectReplay } from './inspect-replay.ts'
import { createRetold, type Retold } from './retold.ts'
import type { SeenCommit } from './witness.ts'
import type { World } from './world.ts'

/** Going over everything again takes as long as the first time. */
const replayedEvery = 3

const keyOf = ({ startMs, storeId }: { readonly startMs: number; readonly storeId: number }): string =>
  `${storeId}@${startMs}`
const show = (value: unknown): string =>
  JSON.stringify(value, (_key, item: unknown) => (typeof item === 'bigint' ? String(item) : item))

/** Compares a stored window with what the oracle has of it. */
function inspectWindow(world: World, { oracle }: Retold, stored: StoredWindow, window: OracleWindow | undefined): void {
  const { cents, final, sketch, transactions, uniqueCustomers } = stored
  const name = `store ${stored.storeId} at ${stored.startMs}`
  if (!window) return world.report('windows', `${name} should not be there`)
  const expected = { transactions: window.count, cents: window.cents, final: oracle.isFinal(window) }
  if (!isDeepStrictEqual({ transactions, cents, final }, expected)) {
    return world.report('windows', `${name} has ${show({ transactions, cents, final })}, not ${show(expected)}`)
  }
  const unique = estimateOf(window.customers)
  if (uniqueCustomers !== unique) world.report('sketch', `${name} has ${uniqueCustomers} customers, not ${unique}`)
  if (final && !isSketchOf(sketch, window.customers)) world.report('sketch', `${name} keeps other registers`)
}

function inspectCounters(world: World, { oracle }: Retold, { commit: { counters, epoch } }: SeenCommit): void {
  const { conflicts, evictedIds, invalidByReason, perTopic, rounded, zoneless } = counters
  for (const topic of eventTopics) {
    const { counted, duplicate, invalid, late, received, tombstone } = perTopic[topic]
    if (received !== counted + late + duplicate + invalid + tombstone) {
      world.report('identity', `epoch ${epoch.epoch}: ${topic} has ${show(perTopic[topic])}`)
    }
    if (!isDeepStrictEqual(perTopic[topic], oracle.counters[topic])) {
      world.report(
        'counters',
        `epoch ${epoch.epoch}: ${topic} has ${show(perTopic[topic])}, not ${show(oracle.counters[topic])}`,
      )
    }
  }
  for (const reason of rejectionReasons) {
    const expected = oracle.invalidByReason.get(reason) ?? 0
    if (invalidByReason[reason] !== expected) {
      world.report('counters', `epoch ${epoch.epoch}: ${invalidByReason[reason]} ${reason}, not ${expected}`)
    }
  }
  const notes = { rounded, zoneless, conflicts, evicted: evictedIds }
  if (!isDeepStrictEqual(notes, { ...oracle.notes })) {
    world.report('counters', `epoch ${epoch.epoch}: noted ${show(notes)}, not ${show(oracle.notes)}`)
  }
}

/** One commit against what the records in it must have given. */
function inspectCommit(world: World, retold: Retold, seen: SeenCommit, revisions: Map<string, number>): void {
  const { commit, offsets, stored } = seen
  const { epoch } = commit
  const { oracle } = retold
  if (epoch.watermarkMs !== oracle.watermarkMs) {
    world.report('watermark', `epoch ${epoch.epoch}: ${epoch.watermarkMs}, not ${oracle.watermarkMs}`)
  }
  inspectCounters(world, retold, seen)
  const places = Object.fromEntries(offsets.map(({ offset, partition, topic }) => [`${topic}/${partition}`, offset]))
  for (const [place, offset] of retold.next) {
    if (places[place] !== offset)
      world.report('offsets', `epoch ${epoch.epoch}: ${place} is at ${places[place]}, not ${offset}`)
  }
  const touched = oracle.takeTouched()
  const written = new Set(stored.map(keyOf))
  for (const key of touched)
    if (!written.has(key)) world.report('windows', `epoch ${epoch.epoch} does not write ${key}`)
  for (const window of stored) {
    const key = keyOf(window)
    if (!touched.has(key)) world.report('windows', `epoch ${epoch.epoch} writes ${key}, which has not changed`)
    inspectWindow(world, retold, window, oracle.windows.get(key))
    if (window.revision <= (revisions.get(key) ?? 0)) {
      world.report(
        'revision',
        `epoch ${epoch.epoch}: ${key} goes from revision ${revisions.get(key)} to ${window.revision}`,
      )
    }
    revisions.set(key, window.revision)
  }
}

/** Epochs follow each other, and so do what they cover and the watermark. */
function inspectSuccession(world: World, site: LogSite, commits: readonly SeenCommit[]): void {
  let [untilSequence, watermarkMs] = [0, Number.NEGATIVE_INFINITY]
  for (const [index, { commit }] of commits.entries()) {
    const { epoch } = commit
    if (epoch.epoch !== index + 1) world.report('epochs', `epoch ${epoch.epoch} comes as number ${index + 1}`)
    const follows = site.ledger ? epoch.fromSequence >= untilSequence : epoch.fromSequence === untilSequence
    if (!follows) world.report('epochs', `epoch ${epoch.epoch} begins at ${epoch.fromSequence}, not ${untilSequence}`)
    if ((epoch.watermarkMs ?? Number.NEGATIVE_INFINITY) < watermarkMs) {
      world.report('watermark', `epoch ${epoch.epoch} takes it back`)
    }
    untilSequence = epoch.untilSequence
    watermarkMs = epoch.watermarkMs ?? watermarkMs
  }
}

function inspectTable(world: World, retold: Retold): void {
  const { oracle } = retold
  const { published, windows } = world.server.tables
  const stored = new Map([...windows.values()].map((window) => [keyOf(window), window]))
  for (const [key, window] of oracle.windows) {
    const found = stored.get(key)
    if (found) inspectWindow(world, retold, found, window)
    else world.report('windows', `${key} is missing`)
  }
  for (const [key, window] of windows) {
    if (!oracle.windows.has(keyOf(window))) world.report('windows', `${keyOf(window)} should not be there`)
    const isDue = window.final || !world.scenario.finalRowsOnly
    if (published.has(key) !== isDue)
      world.report('published', `${keyOf(window)} is ${isDue ? 'not ' : ''}in the user's table`)
  }
}

/** Everything that was committed, against the rules. */
export async function inspect(world: World, site: LogSite, promised: ReadonlySet<string>): Promise<void> {
  const { scenario } = world
  const { commits } = world.witness
  const { conflicts, epochs } = world.server.tables
  const retold = await createRetold(world, site)
  inspectSuccession(world, site, commits)
  const revisions = new Map<string, number>()
  for (const seen of commits) {
    retold.tell(seen)
    inspectCommit(world, retold, seen, revisions)
    // What follows from a first difference says nothing more.
    if (world.violations.length > 0) return
  }
  inspectTable(world, retold)
  inspectLedgers(world, retold)
  if (scenario.seed % replayedEvery === 0) await inspectReplay(world, site)
  inspectParity(world, retold.batches)
  const told = conflicts.map(({ ref }) => formatRef(ref))
  if (!scenario.retains && !isDeepStrictEqual(told, retold.conflicts))
    world.report('ledger', `conflicts are ${show(told)}, not ${show(retold.conflicts)}`)
  for (const ref of promised)
    if (!retold.asked.has(ref)) world.report('readmission', `${ref} was promised and forgotten`)
  if (!scenario.retains && epochs.length !== commits.length) {
    world.report('epochs', `the ledger has ${epochs.length} epochs of ${commits.length}`)
  }
}
