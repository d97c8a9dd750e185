import { rmSync } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'
import { createRandom } from '../../core/base/random.ts'
import { runEmbeddedRound } from '../support/crash/embedded.ts'
import { buildPlantedCommand } from '../support/crash/planted-cli.ts'
import { pointsOf } from '../support/crash/points.ts'
import { createTally } from '../support/crash/tally.ts'
import type { Planting } from '../support/planted-code.ts'

interface Bug {
  readonly what: string
  /** Where a process dies, and how often one does. */
  readonly point: string
  readonly times: number
  readonly planting: Planting
}

const bugs: readonly Bug[] = [
  {
    what: 'offsets are committed in a second transaction',
    point: 'ledgers-not-offsets',
    times: 1,
    planting: {
      file: 'core/warehouse/duckdb/commit.ts',
      find: 'await markReadmitted(session, commit.readmitted, commit.committedAtMs)',
      replace: `await markReadmitted(session, commit.readmitted, commit.committedAtMs)
        await session.run('COMMIT'); await session.run('BEGIN')`,
    },
  },
  {
    what: 'open windows are forgotten by a restart',
    // There is a snapshot to start from.
    point: 'snapshot-not-pruned',
    times: 3,
    planting: {
      file: 'core/stream/engine.ts',
      find: 'for (const window of earlier?.windows ?? []) windows.put(window)',
      replace: '',
    },
  },
]

it.each(bugs)('finds it when $what', async ({ planting, point, times }) => {
  const command = await buildPlantedCommand([planting])
  onTestFinished(() => rmSync(command.folder, { recursive: true, force: true }))
  const fatal = pointsOf('embedded').find(({ name }) => name === point) ?? null
  const tally = createTally()
  try {
    await runEmbeddedRound(
      Array.from({ length: times }, () => ({ point: fatal })),
      command.program,
      createRandom(1, point),
      tally,
    )
  } catch (error) {
    // What was left may be such that no process starts any more.
    tally.differences.push(String(error))
  }
  expect(tally.kills.get(point)).toBeGreaterThan(0)
  expect(tally.differences).not.toEqual([])
})
