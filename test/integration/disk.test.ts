import { execFileSync } from 'node:child_process'
import { chmodSync, readdirSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Board } from '../../core/protocol/board.ts'
import { findMountTrouble, mountSmallDisk, type SmallDisk } from '../support/small-disk.ts'
import { jsonLines, lastJson, runStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'
import { startWatchedRun } from '../support/watched-run.ts'

/**
 * R7 on real disks, with real limits of the system: the command pauses, says why, goes on by itself, and has lost and
 * doubled nothing.
 */
const trouble = findMountTrouble()
const isDemanded = process.env['REQUIRE_SERVICES'] === '1'

const isRunning = ({ state }: Board): boolean => state === 'running'
const isPaused = ({ state }: Board): boolean => state === 'paused'
const countedOf = (board: Board | null): number => board?.records.counted ?? 0

function mountDisk(sizeMb: number): SmallDisk {
  const disk = mountSmallDisk(sizeMb)
  onTestFinished(() => disk.unmount())
  return disk
}

/** What is in the table is what the log gives, and everything that was read has become something. */
async function expectExact(home: string, settings: readonly string[] = []): Promise<void> {
  const set = settings.flatMap((setting) => ['--set', setting])
  const ended = await runStorepulse(['replay', '--json', ...set], { home })
  expect(ended.code, ended.stderr).toBe(0)
  const replayed = lastJson<{ windows: number; differs: number }>(ended)
  expect(replayed).toMatchObject({ differs: 0 })
  expect(replayed.windows).toBeGreaterThan(0)
  const { lag, records } = lastJson<Board>(await runStorepulse(['status', '--json', ...set], { home }))
  const { counted, duplicate, invalid, late, received, tombstone } = records
  expect(counted + late + duplicate + invalid + tombstone).toBe(received)
  expect(lag.records).toBe(0)
}

const countOf = (text: string, part: string): number => text.split(part).length - 1

describe.skipIf(trouble !== null && !isDemanded)(['a disk', trouble ?? ''].filter(Boolean).join(': '), () => {
  it('that is full while it runs is a pause that says why and ends by itself', async () => {
    const disk = mountDisk(96)
    const run = startWatchedRun(disk.path, { settings: ['generator.rate=600', 'pipeline.snapshotMs=300'] })
    await run.waitFor((board) => isRunning(board) && countedOf(board) > 500, 'starting')
    for (let round = 0; round < 2; round += 1) {
      disk.fill()
      const paused = await run.waitFor(isPaused, 'being paused')
      expect(paused.reason).toMatch(/no space left on device.*; free some space on this disk/i)
      expect(paused.alerts.map(({ severity }) => severity)).toContain('critical')
      const held = countedOf(run.board)
      disk.free()
      const again = await run.waitFor((board) => isRunning(board) && countedOf(board) > held + 100, 'going on')
      expect(again.reason).toBeNull()
      expect(again.alerts).toEqual([])
    }
    const { board, said } = await run.stop()
    expect(board?.records).toMatchObject({ late: 0, duplicate: 0, invalid: 0 })
    expect(said).toContain('"the generator waits"')
    expect(said).not.toContain('the clock jumped')
    // Said when it begins, not as long as it lasts.
    expect(countOf(said, '\n')).toBeLessThan(60)
    const snapshots = join(disk.path, 'warehouse', 'snapshots')
    expect(readdirSync(snapshots).filter((name) => !/^\d+\.snapshot$/.test(name))).toEqual([])
    await expectExact(disk.path)
  })

  it('that is full, or read-only, when it starts is said at once, and nothing is spoiled by trying', async () => {
    const disk = mountDisk(64)
    const home = disk.path
    const generate = ['generate', '--seed', '3', '--count', '6000', '--rate', '20', '--to', 'log']
    expect((await runStorepulse(generate, { home })).code).toBe(0)
    const caughtUp = ['run', '--until-caught-up', '--json']
    const before = lastJson<Board>(await runStorepulse(caughtUp, { home })).records
    expect((await runStorepulse(generate, { home })).code).toBe(0)
    disk.fill()
    const full = await runStorepulse(caughtUp, { home })
    expect(full.code).toBe(1)
    expect(full.stderr).toMatch(/the disk of .* is full\n\s+free some space on it/)
    const more = await runStorepulse(['import', '-', '--topic', 'customer-events'], {
      home,
      input: 'no event\n'.repeat(9_000),
    })
    expect(more.code).toBe(1)
    expect(more.stderr).toContain('free some space')
    disk.free()
    disk.setReadOnly(true)
    const readOnly = await runStorepulse(caughtUp, { home })
    expect(readOnly.code).toBe(1)
    expect(readOnly.stderr).toMatch(/cannot be written|read-only/i)
    disk.setReadOnly(false)
    const after = lastJson<Board>(await runStorepulse(caughtUp, { home })).records
    expect(after.counted).toBe(before.counted)
    expect(after.duplicate).toBe(before.counted)
    await expectExact(home)
  })
})

describe.skipIf(trouble !== null && !isDemanded)('a first start', () => {
  it('on a disk without room for it is said, and stands in nobody’s way once there is', async () => {
    const disk = mountDisk(4)
    for (const leftKb of [0, 8, 12, 16, 20]) {
      const home = join(disk.path, `home-${leftKb}`)
      const start = () => runStorepulse(['import', '-', '--topic', 'customer-events'], { home, input: 'no event\n' })
      disk.fill(leftKb)
      const refused = await start()
      expect(refused.code, `${leftKb} KB`).toBe(1)
      expect(refused.stderr).toContain('free some space')
      disk.free()
      const taken = await start()
      expect(taken.code, `${leftKb} KB: ${taken.stderr}`).toBe(0)
      rmSync(home, { recursive: true })
    }
  })
})

const isRoot = process.getuid?.() === 0
/** Root may write anywhere until that right is taken from it. */
const withoutOverride = [
  'setpriv',
  '--bounding-set=-dac_override,-dac_read_search',
  '--inh-caps=-dac_override,-dac_read_search',
]

function setWritable(home: string, isWritable: boolean): void {
  const folders = readdirSync(home, { recursive: true, encoding: 'utf8' }).map((name) => join(home, name))
  for (const folder of [home, ...folders])
    if (statSync(folder).isDirectory()) chmodSync(folder, isWritable ? 0o700 : 0o500)
}

describe.skipIf(process.platform !== 'linux')('Linux', () => {
  it('that gives no more open files is a pause that says why and ends by itself', async () => {
    const home = makeTemporaryDirectory()
    const settings = ['generator.rate=3000', 'log.partitions=1', 'log.segmentBytes=1048576', 'pipeline.snapshotMs=300']
    const run = startWatchedRun(home, { settings })
    await run.waitFor((board) => isRunning(board) && countedOf(board) > 3_000, 'starting')
    const limit = (count: number): void =>
      void execFileSync('prlimit', ['--pid', String(run.processId), `--nofile=${count}:`])
    limit(20)
    const paused = await run.waitFor(isPaused, 'being paused')
    expect(paused.reason).toMatch(/too many open files.*; raise the limit on open files/i)
    const held = countedOf(run.board)
    limit(1_024)
    const again = await run.waitFor((board) => isRunning(board) && countedOf(board) > held + 1_000, 'going on')
    expect(again.alerts).toEqual([])
    const { board } = await run.stop()
    expect(board?.records).toMatchObject({ late: 0, duplicate: 0, invalid: 0 })
    await expectExact(home, settings)
  })

  it('that lets nothing new be written is a pause that says why and ends by itself', async () => {
    const home = makeTemporaryDirectory()
    onTestFinished(() => setWritable(home, true))
    const settings = ['generator.rate=3000', 'log.partitions=1', 'log.segmentBytes=1048576']
    const run = startWatchedRun(home, { settings, under: isRoot ? withoutOverride : [] })
    await run.waitFor((board) => isRunning(board) && countedOf(board) > 1_000, 'starting')
    setWritable(home, false)
    const paused = await run.waitFor(isPaused, 'being paused')
    expect(paused.reason).toMatch(/permission denied.*; make the data directory writable/i)
    const held = countedOf(run.board)
    setWritable(home, true)
    await run.waitFor((board) => isRunning(board) && countedOf(board) > held + 1_000, 'going on')
    await run.stop()
    await expectExact(home, settings)
  })

  it('that stops it for a while, as a closed laptop does, makes no window final too early and no alarm', async () => {
    const home = makeTemporaryDirectory()
    const window = ['window.sizeMs=1000', 'window.latenessMs=1000', 'window.idleMs=3000']
    const run = startWatchedRun(home, { settings: ['generator.rate=6', ...window] })
    await run.waitFor((board) => isRunning(board) && countedOf(board) > 12, 'starting')
    run.signal('SIGSTOP')
    await new Promise((resolve) => setTimeout(resolve, 7_000))
    const held = countedOf(run.board)
    run.signal('SIGCONT')
    const again = await run.waitFor((board) => countedOf(board) > held + 12 && board.lag.seconds < 1, 'going on')
    expect(again).toMatchObject({ state: 'running', reason: null, alerts: [] })
    const { board, said } = await run.stop()
    expect(board?.records).toMatchObject({ late: 0, duplicate: 0, invalid: 0 })
    expect(said).not.toContain('"level":50')
    const idle = "SELECT count(*) AS closes FROM storepulse.epochs WHERE kind = 'idle'"
    expect(jsonLines(await runStorepulse(['query', idle, '--json'], { home }))).toEqual([{ closes: '0' }])
    await expectExact(home, window)
  })

  it('that takes no more output is said by every command', async () => {
    const home = makeTemporaryDirectory()
    const command = `node ${JSON.stringify(join(import.meta.dirname, '../../core/cli/bin/storepulse.mjs'))}`
    const ended = await runStorepulse([], {
      home,
      under: ['sh', '-c', `${command} generate --count 2000 > /dev/full; echo "code $?"`],
    })
    expect(ended.stdout).toBe('code 1\n')
    expect(ended.stderr).toMatch(/the output could not be written: .*no space left/i)
  })
})
