import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createRandom } from '../../core/base/random.ts'
import { listKills } from '../support/crash/campaign.ts'
import { runEmbeddedRound } from '../support/crash/embedded.ts'
import { buildPlantedCommand, type PlantedCommand } from '../support/crash/planted-cli.ts'
import { pointsOf } from '../support/crash/points.ts'
import { countKills, createTally } from '../support/crash/tally.ts'

let command: PlantedCommand

beforeAll(async () => {
  command = await buildPlantedCommand()
})

afterAll(() => rmSync(command.folder, { recursive: true, force: true }))

it('loses and doubles nothing on this machine’s disk, killed at every named point and at random instants', async () => {
  const tally = createTally()
  await runEmbeddedRound(listKills('embedded', 8), command.program, createRandom(1, 'crashes'), tally)
  expect(tally.differences).toEqual([])
  // One that is not reached in time on a slow machine is killed all the same, elsewhere.
  expect(countKills(tally)).toBeGreaterThanOrEqual(38)
  expect(tally.kills.size).toBeGreaterThanOrEqual(pointsOf('embedded').length - 2)
}, 600_000)
