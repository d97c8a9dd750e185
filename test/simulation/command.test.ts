import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createRandom } from '../../core/base/random.ts'
import { rejectionReasons } from '../../core/events/decoded.ts'
import type { Board } from '../../core/protocol/board.ts'
import { readEnvelopes } from '../support/envelopes.ts'
import { recompute } from '../support/oracle.ts'
import { jsonLines, lastJson, runStorepulse, startStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const disorder = 'late=0.05,duplicate=0.04,invalid=0.03'
const generate = (home: string, seed: number, count: number, more: readonly string[] = []) =>
  runStorepulse(
    ['generate', '--seed', String(seed), '--count', String(count), '--rate', '60', '--to', 'stdout', ...more],
    { home },
  )

interface TableRow {
  readonly window_start: string
  readonly store_id: number
  readonly total_transactions: number
  readonly total_revenue: string
}

const readTable = async (home: string): Promise<readonly (readonly [string, number, string])[]> => {
  const sql =
    'SELECT window_start, store_id, total_transactions, total_revenue FROM transactions_summary ORDER BY window_start, store_id'
  const rows = jsonLines<TableRow>(await runStorepulse(['query', sql, '--json'], { home }))
  return rows.map(
    (row) => [`${row.store_id}@${Date.parse(row.window_start)}`, row.total_transactions, row.total_revenue] as const,
  )
}

const formatCents = (cents: bigint): string => (Number(cents) / 100).toFixed(2)

function truthOf(ndjson: string): readonly (readonly [string, number, string])[] {
  const { windows } = recompute(readEnvelopes(ndjson, Date.now()))
  return [...windows.values()]
    .sort((left, right) => left.startMs - right.startMs || left.storeId - right.storeId)
    .map((window) => [`${window.storeId}@${window.startMs}`, window.count, formatCents(window.cents)] as const)
}

it('generates the same bytes for the same seed and others for another', async () => {
  const home = makeTemporaryDirectory()
  const digests = await Promise.all(
    [7, 7, 8].map(async (seed) =>
      createHash('sha256')
        .update((await generate(home, seed, 20_000)).stdout)
        .digest('hex'),
    ),
  )
  expect(digests[0]).toBe(digests[1])
  expect(digests[2]).not.toBe(digests[0])
})

it('turns an imported file into the oracle’s table, with every rejection reason', async () => {
  const home = makeTemporaryDirectory()
  const { stdout } = await generate(home, 7, 30_000, ['--disorder', disorder])
  const imported = await runStorepulse(['import', '-', '--json'], { home, input: stdout })
  expect(lastJson(imported)).toMatchObject({ imported: 30_000 })
  const board = lastJson<Board>(await runStorepulse(['run', '--until-caught-up', '--json'], { home }))
  const truth = recompute(readEnvelopes(stdout, Date.now()))
  expect(board.state).toBe('stopped')
  expect(board.perTopic).toEqual(truth.counters)
  for (const reason of rejectionReasons)
    expect(board.invalidByReason[reason]).toBe(truth.invalidByReason.get(reason) ?? 0)
  expect(rejectionReasons.filter((reason) => (truth.invalidByReason.get(reason) ?? 0) === 0)).toEqual([])
  expect(await readTable(home)).toEqual(truthOf(stdout))
  const status = lastJson<Board>(await runStorepulse(['status', '--json'], { home }))
  expect(status.records).toEqual(board.records)
  const replayed = await runStorepulse(['replay', '--json'], { home })
  expect(lastJson(replayed)).toEqual({ windows: truth.windows.size, same: truth.windows.size, differs: 0 })
})

it('reaches the same table when it is killed again and again while it catches up', async () => {
  const home = makeTemporaryDirectory()
  const { stdout } = await generate(home, 11, 60_000, ['--disorder', disorder])
  await runStorepulse(['import', '-'], { home, input: stdout })
  const random = createRandom(11, 'kills')
  for (let kill = 0; kill < 8; kill += 1) {
    const run = startStorepulse(
      ['run', '--until-caught-up', '--json', '--set', 'pipeline.epochRecords=300', '--set', 'pipeline.snapshotMs=100'],
      { home },
    )
    setTimeout(() => run.process.kill('SIGKILL'), 250 + random.nextInt(700))
    await run.finished
  }
  const done = await runStorepulse(['run', '--until-caught-up', '--json'], { home })
  expect(done.code).toBe(0)
  expect(lastJson<Board>(done).perTopic).toEqual(recompute(readEnvelopes(stdout, Date.now())).counters)
  expect(await readTable(home)).toEqual(truthOf(stdout))
})

it('runs live with the identity exact and numbers that grow', async () => {
  const home = makeTemporaryDirectory()
  const run = await runStorepulse(['run', '--duration', '4s', '--json', '--set', 'generator.rate=1000'], { home })
  expect(run.code).toBe(0)
  const boards = jsonLines<Board>(run)
  const last = boards.at(-1)
  expect(last?.state).toBe('stopped')
  expect(last?.records.received).toBeGreaterThan(3_000)
  for (const counts of [last?.records, ...Object.values(last?.perTopic ?? {})]) {
    const { received = 0, counted = 0, late = 0, duplicate = 0, invalid = 0, tombstone = 0 } = counts ?? {}
    expect(received).toBe(counted + late + duplicate + invalid + tombstone)
  }
  expect(last?.lag.records).toBe(0)
  expect(boards.length).toBeGreaterThanOrEqual(3)
})

it('gives the directory to one at a time: others attach or leave with 4 within two seconds and a bit', async () => {
  const home = makeTemporaryDirectory()
  const { stdout } = await generate(home, 3, 3_000)
  const started = [
    runStorepulse(['run', '--duration', '3s', '--json'], { home }),
    runStorepulse(['import', '-', '--json'], { home, input: stdout }),
    runStorepulse(['query', 'SELECT count(*) AS n FROM transactions_summary', '--json'], { home }),
    runStorepulse(['status', '--json'], { home }),
    runStorepulse(['run', '--duration', '1s', '--json'], { home }),
  ]
  const finished = await Promise.all(started)
  for (const { code } of finished) expect([0, 4]).toContain(code)
  for (const { stderr, code } of finished) if (code === 4) expect(stderr).toMatch(/process \d+ \(storepulse /)
  expect((await runStorepulse(['replay', '--json'], { home })).code).toBe(0)
})

it('refuses a setting that breaks its rule by path and rule, and changes nothing', async () => {
  const home = makeTemporaryDirectory()
  const refused = await runStorepulse(['run', '--set', 'window.latenessMs=-1'], { home })
  expect(refused.code).toBe(2)
  expect(refused.stderr).toContain('/window/latenessMs must be at least 0')
  expect((await runStorepulse(['run', '--set', 'no.such=1'], { home })).code).toBe(2)
  expect((await runStorepulse(['nonsense'], { home })).code).toBe(2)
  expect(readdirSync(home)).toEqual([])
})

it('names a data directory it cannot use', async () => {
  const home = makeTemporaryDirectory()
  writeFileSync(join(home, 'file'), '')
  const refused = await runStorepulse(['status', '--data-dir', join(home, 'file')], { home })
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain(join(home, 'file'))
})

it('appends nothing when a line is no envelope, and names it', async () => {
  const home = makeTemporaryDirectory()
  const lines = ['{"topic":"retail-transactions","key":"1","value":{"a":1}}', '{"topic":"nowhere","value":null}']
  const refused = await runStorepulse(['import', '-', '--json'], { home, input: lines.join('\n') })
  expect(refused.code).toBe(1)
  expect(refused.stderr).toMatch(/-:2 /)
  expect(lastJson<Board>(await runStorepulse(['status', '--json'], { home })).lag.records).toBe(0)
})

it('says in words what is wrong with a file that is named', async () => {
  const home = makeTemporaryDirectory()
  const directory = await runStorepulse(['import', home], { home })
  const absent = await runStorepulse(['import', join(home, 'absent')], { home })
  expect(directory).toMatchObject({ code: 1, stderr: expect.stringContaining(`: ${home}: it is a directory\n`) })
  expect(absent).toMatchObject({ code: 1, stderr: expect.stringContaining('absent: there is no such file\n') })
})

it('rebuilds a damaged warehouse from the log and keeps the damaged one', async () => {
  const home = makeTemporaryDirectory()
  const { stdout } = await generate(home, 5, 8_000, ['--disorder', disorder])
  await runStorepulse(['import', '-'], { home, input: stdout })
  await runStorepulse(['run', '--until-caught-up', '--json'], { home })
  const file = join(home, 'warehouse', 'warehouse.db')
  const bytes = readFileSync(file)
  bytes.fill(0x5a, 0, 8_192)
  writeFileSync(file, bytes)
  const run = await runStorepulse(['run', '--until-caught-up', '--json'], { home })
  expect(run.code).toBe(0)
  expect(run.stderr).toContain('moved aside')
  expect(await readTable(home)).toEqual(truthOf(stdout))
})

it('notes who brought the schema up to date', async () => {
  const home = makeTemporaryDirectory()
  expect((await runStorepulse(['migrate'], { home })).code).toBe(0)
  const trail = await runStorepulse(['query', 'SELECT who, action FROM storepulse.audit', '--json'], { home })
  expect(jsonLines(trail)).toEqual([{ who: userInfo().username, action: 'migrated' }])
})

it('gives the same numbers whatever the locale and the zone', async () => {
  const homes = [makeTemporaryDirectory(), makeTemporaryDirectory()]
  const environments = [
    { TZ: 'UTC', LC_ALL: 'C' },
    { TZ: 'Asia/Kathmandu', LC_ALL: 'tr_TR.UTF-8', LANG: 'tr_TR.UTF-8' },
  ]
  const outputs = await Promise.all(
    homes.map(async (home, index) => {
      const environment = environments[index] ?? {}
      const generated = await runStorepulse(['generate', '--seed', '4', '--count', '3000', '--to', 'stdout'], {
        home,
        environment,
      })
      await runStorepulse(['import', '-'], { home, environment, input: generated.stdout })
      await runStorepulse(['run', '--until-caught-up', '--json'], { home, environment })
      return { generated: generated.stdout, table: await readTable(home) }
    }),
  )
  expect(outputs[1]).toEqual(outputs[0])
})

it('measures this machine in a directory of its own, leaves nothing, and finds every window the same by replay', async () => {
  const [home, parent] = [makeTemporaryDirectory(), makeTemporaryDirectory()]
  const measured = await runStorepulse(['bench', '--records', '3000', '--json', '--data-dir', parent], { home })
  expect(lastJson<object>(measured)).toMatchObject({ records: 3_000, differs: 0, windows: expect.any(Number) })
  expect(measured.code).toBe(0)
  expect([readdirSync(home), readdirSync(parent)]).toEqual([[], []])
  expect(await runStorepulse(['bench', '--profile', 'watch'], { home })).toMatchObject({ code: 2 })
})
