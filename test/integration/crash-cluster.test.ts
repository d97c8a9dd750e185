import { rmSync } from 'node:fs'
import { expect, it, onTestFinished } from 'vitest'
import { createRandom } from '../../core/base/random.ts'
import { listKills } from '../support/crash/campaign.ts'
import { runClusterRound } from '../support/crash/cluster.ts'
import { buildPlantedCommand } from '../support/crash/planted-cli.ts'
import { pointsOf } from '../support/crash/points.ts'
import { countKills, createTally } from '../support/crash/tally.ts'
import { describeWithServices, useKafka, usePostgres } from '../support/services/use.ts'

describeWithServices('crashes over Kafka and PostgreSQL', ['kafka', 'postgres'], () => {
  it('lose and double nothing, at every named point and at random instants', async () => {
    const [kafka, postgres, command] = await Promise.all([useKafka(), usePostgres(), buildPlantedCommand()])
    onTestFinished(() => rmSync(command.folder, { recursive: true, force: true }))
    const tally = createTally()
    const random = createRandom(1, 'crashes')
    await runClusterRound(listKills('cluster', 5), command.program, { kafka, postgres }, random, tally)
    expect(tally.differences).toEqual([])
    expect(countKills(tally)).toBeGreaterThanOrEqual(24)
    expect(tally.kills.size).toBeGreaterThanOrEqual(pointsOf('cluster').length - 2)
  }, 600_000)
})
