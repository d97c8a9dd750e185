import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../core/base/clock.ts'
import { silentLogger } from '../../core/base/logger.ts'
import type { AppendRecord } from '../../core/events/record.ts'
import { replayStation } from '../../core/pipeline/replaying.ts'
import { openStation, type Station } from '../../core/pipeline/station.ts'
import type { Board } from '../../core/protocol/board.ts'
import { describeDataDirectory } from '../../core/settings/data-directory.ts'
import { resolveSettings } from '../../core/settings/settings.ts'
import type { StoredWindow } from '../../core/warehouse/warehouse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const minuteMs = 60_000
const sales = 900
const stepMs = 12_000
const startMs = Math.floor(Date.now() / minuteMs) * minuteMs - 240 * minuteMs
/** What fills the log's files, so that a few sales need several. */
const padding = 'x'.repeat(7_000)

const makeSale = (index: number): AppendRecord => {
  const storeId = 1 + (index % 3)
  const event = {
    transaction_id: `T-${index}`,
    store_id: storeId,
    customer_id: `C-${index % 41}`,
    event_time: new Date(startMs + index * stepMs).toISOString(),
    final_amount: (100 + index) / 100,
    note: padding,
  }
  return { topic: 'retail-transactions', key: Buffer.from(String(storeId)), value: Buffer.from(JSON.stringify(event)) }
}

async function openStationOf(home: string): Promise<Station> {
  const flags = ['generator.enabled=false', 'log.partitions=2', 'log.segmentBytes=1048576']
  return await openStation({
    paths: describeDataDirectory(home),
    settings: resolveSettings({ profile: {}, environment: {}, flags }),
    profile: 'local',
    clock: systemClock,
    logger: silentLogger,
    workerUrl: null,
    command: 'test',
  })
}

async function open(home: string): Promise<Station> {
  const station = await openStationOf(home)
  onTestFinished(() => station.stop(0))
  return station
}

type Key = Pick<StoredWindow, 'startMs' | 'storeId' | 'transactions' | 'cents' | 'uniqueCustomers'>

const readTable = async (station: Station): Promise<readonly Key[]> =>
  (await (await station.warehouse()).listWindows(0, Infinity)).map(
    ({ cents, startMs, storeId, transactions, uniqueCustomers }) => ({
      startMs,
      storeId,
      transactions,
      cents,
      uniqueCustomers,
    }),
  )

interface Opened {
  readonly table: readonly Key[]
  readonly board: Board
}

/** Starts on the directory, waits until everything is counted, and gives what is there. */
async function startOn(home: string): Promise<Opened> {
  const station = await open(home)
  await station.start({ closesIdle: false })
  await station.waitUntilCaughtUp()
  const opened = { table: await readTable(station), board: await station.board() }
  await station.stop(0)
  return opened
}

let whole = ''
/** The same with the oldest files of its log gone. */
let retained = ''
let truth: readonly Key[] = []

beforeAll(async () => {
  whole = mkdtempSync(join(tmpdir(), 'storepulse-whole-'))
  const station = await openStationOf(whole)
  const records = Array.from({ length: sales }, (_, index) => makeSale(index))
  for (let from = 0; from < sales; from += 20) {
    const appendedAtMs = Array.from({ length: 20 }, (_, index) => startMs + (from + index) * stepMs)
    await station.log.append(records.slice(from, from + 20), { appendedAtMs, origin: 'import' })
  }
  await station.start({ closesIdle: false })
  await station.waitUntilCaughtUp()
  const warehouse = await station.warehouse()
  await warehouse.appendAudit({ atMs: startMs, who: 'ann', action: 'looked', subject: 'at it', detail: '' })
  truth = await readTable(station)
  await station.stop(1_000)
  retained = mkdtempSync(join(tmpdir(), 'storepulse-retained-'))
  cpSync(whole, retained, { recursive: true })
  const cut = await openStationOf(retained)
  await cut.log.retain({ bytes: 3_000_000, ageMs: 0 }, Date.now())
  await cut.stop(0)
})

afterAll(() => {
  for (const home of [whole, retained]) rmSync(home, { recursive: true, force: true })
})

const copyOf = (home: string): string => {
  const copy = makeTemporaryDirectory()
  cpSync(home, copy, { recursive: true })
  return copy
}

const fileOf = (home: string): string => describeDataDirectory(home).warehouse

const losses: Readonly<Record<string, (file: string) => void>> = {
  deleted: (file) => rmSync(file),
  'deleted with its folder': (file) => rmSync(dirname(file), { recursive: true }),
  empty: (file) => truncateSync(file, 0),
  'something else': (file) => writeFileSync(file, 'PRETEND'.repeat(5_000)),
  'a directory': (file) => {
    rmSync(file)
    mkdirSync(file)
  },
  'beside a write-ahead log that is none': (file) => writeFileSync(`${file}.wal`, 'PRETEND'.repeat(5_000)),
  'there, but its write-ahead log only': (file) => {
    writeFileSync(`${file}.wal`, readFileSync(file))
    rmSync(file)
  },
}

it.each(Object.entries(losses))('is as it was before, from a whole log, when the warehouse is %s', async (_, lose) => {
  const home = copyOf(whole)
  lose(fileOf(home))
  const { board, table } = await startOn(home)
  expect(table).toEqual(truth)
  expect(board.records).toMatchObject({ received: sales, counted: sales })
})

it.each(['deleted', 'empty', 'something else'] as const)(
  'writes no window of which the log has lost sales, and says which are lost, when the warehouse is %s',
  async (loss) => {
    const home = copyOf(retained)
    losses[loss]?.(fileOf(home))
    const { board, table } = await startOn(home)
    const message = board.alerts.find(({ id }) => id === 'warehouse-rebuilt')?.message ?? ''
    const lostBefore = /windows before (\S+) are lost/.exec(message)?.[1] ?? ''
    expect(table).toEqual(truth.filter(({ startMs }) => startMs >= Date.parse(lostBefore)))
    expect(table.length).toBeGreaterThan(30)
    expect(table.length).toBeLessThan(truth.length - 30)
    // What was rebuilt is gone on from, not rebuilt again.
    expect((await startOn(home)).table).toEqual(table)
  },
)

it('copies the windows that the log has lost from a warehouse that can be read, and the audit trail', async () => {
  const home = copyOf(retained)
  // The end of the log is torn off: the warehouse has counted more than the log has.
  rmSync(describeDataDirectory(home).log, { recursive: true })
  const { board, table } = await startOn(home)
  expect(table).toEqual(truth)
  expect(board.alerts.map(({ message }) => message).join()).toContain('the log ends at 0')
  const station = await open(home)
  const audit = await (await station.warehouse()).listAudit({ limit: 10, offset: 0 })
  expect(audit).toContainEqual(expect.objectContaining({ who: 'ann', action: 'looked' }))
})

it('replays no window of which the log has lost sales, and keeps them when it is applied', async () => {
  const home = copyOf(retained)
  const station = await open(home)
  const settings = resolveSettings({ profile: {}, environment: {}, flags: ['log.partitions=2'] })
  const paths = describeDataDirectory(home)
  const report = await replayStation(
    station,
    { paths, settings, clock: systemClock, logger: silentLogger, workerUrl: null },
    {
      fromMs: 0,
      untilMs: Number.MAX_SAFE_INTEGER,
      speed: 0,
      isApplied: true,
      who: 'test',
      onProgress: () => undefined,
      signal: new AbortController().signal,
    },
  )
  expect(report).toMatchObject({ differs: 0 })
  expect(report.windows).toBeGreaterThan(30)
  expect(report.windows).toBeLessThan(truth.length - 30)
  expect((await startOn(home)).table).toEqual(truth)
})

it('is as it was before, wherever a byte of the warehouse is flipped or its end is cut off', async () => {
  const size = statSync(fileOf(whole)).size
  const places = [0, 8, 4_200, 8_200, 12_300, 300_000, 600_000]
  const spoil = (at: number, isCut: boolean) => (file: string) => {
    const bytes = readFileSync(file)
    bytes[at] = (bytes[at] ?? 0) ^ 0xff
    writeFileSync(file, isCut ? bytes.subarray(0, at) : bytes)
  }
  for (const at of places.filter((place) => place < size)) {
    for (const isCut of at === 0 || at > 300_000 ? [false, true] : [false]) {
      const home = copyOf(whole)
      spoil(at, isCut)(fileOf(home))
      const station = await open(home)
      await station.start({ closesIdle: false })
      // Damage may be met only when that part of the file is read.
      const readWhenWell = async (): Promise<readonly Key[]> => {
        await station.board()
        await station.waitUntilCaughtUp()
        return await readTable(station)
      }
      await expect
        .poll(readWhenWell, { message: `${isCut ? 'cut' : 'flipped'} at ${at}`, timeout: 10_000 })
        .toEqual(truth)
      await station.stop(0)
    }
  }
})

it('notices that its file was taken away while it runs, and is rebuilt beside it', async () => {
  const home = copyOf(whole)
  const station = await open(home)
  await station.start({ closesIdle: false })
  rmSync(join(dirname(fileOf(home))), { recursive: true })
  let appended = 0
  await expect
    .poll(
      async () => {
        const value = Buffer.from('no event')
        await station.log.append([{ topic: 'customer-events', key: null, value }], {
          appendedAtMs: Date.now(),
          origin: 'live',
        })
        appended += 1
        return (await station.board()).alerts.map(({ id }) => id)
      },
      { timeout: 20_000, interval: 110 },
    )
    .toContain('warehouse-rebuilt')
  await expect
    .poll(
      () =>
        station.waitUntilCaughtUp().then(
          () => true,
          () => false,
        ),
      { timeout: 20_000 },
    )
    .toBe(true)
  await station.stop(1_000)
  const { board, table } = await startOn(home)
  expect(table).toEqual(truth)
  expect(board.records).toMatchObject({ received: sales + appended, counted: sales, invalid: appended })
})
