import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../core/base/clock.ts'
import { Fault } from '../../../core/base/fault.ts'
import { silentLogger } from '../../../core/base/logger.ts'
import { createProbe } from '../../../core/base/probe.ts'
import { windowSketch } from '../../../core/base/window-sketch.ts'
import { createMemoryLog } from '../../../core/log/memory/memory-log.ts'
import { createAlertBook } from '../../../core/metrics/alerts.ts'
import { buildReading } from '../../../core/pipeline/build.ts'
import { createDuty, type Duty } from '../../../core/pipeline/duty.ts'
import type { PipelineFacts } from '../../../core/pipeline/pipeline.ts'
import { describeDataDirectory } from '../../../core/settings/data-directory.ts'
import { resolveSettings } from '../../../core/settings/settings.ts'
import {
  createMemoryTables,
  createMemoryWarehouse,
  type MemoryTables,
} from '../../../core/warehouse/memory/memory-warehouse.ts'
import type { Warehouse } from '../../../core/warehouse/warehouse.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'
import { makeCommit } from '../../support/warehouse-commits.ts'

const settings = resolveSettings({ profile: {}, environment: {}, flags: [] })

/** A warehouse that others reach, and how often it was opened and closed. */
function createShared(tables: MemoryTables, changes: Partial<Warehouse> = {}) {
  const counts = { opened: 0, closed: 0 }
  const openWarehouse = async (): Promise<Warehouse> => {
    counts.opened += 1
    return {
      ...createMemoryWarehouse({ sketch: windowSketch, tables }),
      ...changes,
      close: async () => void (counts.closed += 1),
    }
  }
  return { counts, openWarehouse }
}

function createSharedDuty(openWarehouse: () => Promise<Warehouse>): Duty {
  const log = createMemoryLog({ partitions: 1 })
  const duty = createDuty({
    settings,
    paths: describeDataDirectory(makeTemporaryDirectory()),
    clock: systemClock,
    logger: silentLogger,
    workerUrl: null,
    command: 'run',
    places: {
      log,
      openWarehouse,
      openTable: async () => null,
      replaceDamaged: async () => '',
      isShared: true,
      wholeSpan: { fromMs: null },
    },
    log,
    reading: buildReading({ clock: systemClock, settings }, log),
    probe: createProbe<PipelineFacts>(),
    alerts: createAlertBook(),
    onClaim: async () => undefined,
    onRestart: () => undefined,
  })
  onTestFinished(() => duty.stop(0, async () => undefined))
  return duty
}

it('opens a warehouse that others reach once, and gives it up when it stops', async () => {
  const tables = createMemoryTables()
  const { counts, openWarehouse } = createShared(tables)
  const duty = createSharedDuty(openWarehouse)
  await duty.start({ closesIdle: false })
  expect(counts).toEqual({ opened: 1, closed: 0 })
  expect(tables.owner?.token).toBeTypeOf('string')
  await duty.stop(1_000, async () => undefined)
  expect(counts).toEqual({ opened: 1, closed: 1 })
  expect(tables.owner?.token).toBeNull()
})

it('starts at once after one that stopped', async () => {
  const tables = createMemoryTables()
  const { openWarehouse } = createShared(tables)
  for (let turn = 0; turn < 2; turn += 1) {
    const duty = createSharedDuty(openWarehouse)
    const startedMs = performance.now()
    await duty.start({ closesIdle: false })
    // Looking for signs of life takes four seconds.
    expect(performance.now() - startedMs).toBeLessThan(3_500)
    await duty.stop(1_000, async () => undefined)
  }
})

it('is not kept from stopping by a server that does not answer', async () => {
  const tables = createMemoryTables()
  const { counts, openWarehouse } = createShared(tables, { release: () => new Promise(() => undefined) })
  const duty = createSharedDuty(openWarehouse)
  await duty.start({ closesIdle: false })
  await duty.stop(0, async () => undefined)
  expect(counts).toEqual({ opened: 1, closed: 1 })
  expect(tables.owner?.token).toBeTypeOf('string')
})

it('takes nothing from an owner that is alive, and leaves nothing open', async () => {
  const tables = createMemoryTables()
  const { openWarehouse: openFirst } = createShared(tables)
  const first = createSharedDuty(openFirst)
  await first.start({ closesIdle: false })
  const owner = tables.owner?.token
  const { counts, openWarehouse } = createShared(tables)
  const second = createSharedDuty(openWarehouse)
  await expect(second.start({ closesIdle: false })).rejects.toMatchObject({ code: 'owned' })
  expect(counts).toEqual({ opened: 1, closed: 1 })
  expect(tables.owner?.token).toBe(owner)
})

it('says what only somebody’s word can change, and asks a database without a schema no more', async () => {
  let opened = 0
  const duty = createSharedDuty(async () => {
    opened += 1
    throw new Fault('schema-missing', 'database retail has no schema of Storepulse yet')
  })
  expect(duty.obstacle).toBeNull()
  await expect(duty.start({ closesIdle: false })).rejects.toMatchObject({ code: 'schema-missing' })
  expect(duty.obstacle?.message).toContain('retail')
  await expect(duty.openWarehouse()).rejects.toBe(duty.obstacle)
  await expect(duty.lookPassively(async () => undefined)).rejects.toBe(duty.obstacle)
  expect(opened).toBe(1)
})

it('looks again at what runs when a pipeline that starts takes the warehouse away from who looks', async () => {
  const tables = createMemoryTables()
  let opened = 0
  const openWarehouse = async (): Promise<Warehouse> => {
    opened += 1
    if (opened > 1) return createMemoryWarehouse({ sketch: windowSketch, tables })
    const closing = new AbortController()
    const closed = new Promise<never>((_, reject) => {
      closing.signal.addEventListener('abort', () => reject(new Fault('internal', 'the warehouse is closed')))
    })
    return {
      ...createMemoryWarehouse({ sketch: windowSketch, tables }),
      loadProgress: () => closed,
      close: async () => closing.abort(),
    }
  }
  const duty = createSharedDuty(openWarehouse)
  const looking = duty.lookPassively(async ({ warehouse }) => warehouse)
  await expect.poll(() => opened).toBe(1)
  await duty.start({ closesIdle: false })
  expect(await looking).toBe(duty.running?.warehouse)
})

it('says what is wrong where a look fails and nothing starts', async () => {
  const duty = createSharedDuty(async () => createMemoryWarehouse({ sketch: windowSketch }))
  const failure = new Error('the disk is gone')
  await expect(duty.lookPassively(() => Promise.reject(failure))).rejects.toBe(failure)
})

it('claims by another token when the pipeline begins anew, so that a commit still on its way is refused', async () => {
  const tables = createMemoryTables()
  const { openWarehouse } = createShared(tables)
  const duty = createSharedDuty(openWarehouse)
  await duty.start({ closesIdle: false })
  const [before, first] = [tables.owner?.token, duty.running]
  first?.pipeline.fail(new Fault('internal', 'something broke'))
  await expect.poll(() => duty.running === first, { timeout: 10_000 }).toBe(false)
  expect(tables.owner?.token).not.toBe(before)
  await expect(first?.warehouse.commit(makeCommit(1, { token: before ?? '' }))).rejects.toMatchObject({
    code: 'fenced',
  })
})
