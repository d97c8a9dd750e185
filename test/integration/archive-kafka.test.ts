import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import type { Board } from '../../core/protocol/board.ts'
import { produceSales } from '../support/cluster-sales.ts'
import { describeWithServices, useKafka } from '../support/services/use.ts'
import { jsonLines, lastJson, runStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const first = 20_000
const sales = 30_000

describeWithServices('an archive of what a cluster’s topics held', ['kafka'], () => {
  it('goes on where it ended, and gives the table again that was counted from Kafka', async () => {
    const { brokers } = await useKafka()
    const prefix = `a${randomUUID().slice(0, 8)}-`
    const topic = `${prefix}retail-transactions`
    const home = makeTemporaryDirectory()
    const storepulse = async (profile: string, ...args: readonly string[]) => {
      const common = ['--profile', profile, '--set', 'archive.target=disk', '--set', `archive.directory=${home}/raw`]
      const own = profile === 'local' ? ['--set', 'log.partitions=1'] : ['--set', `kafka.topicPrefix=${prefix}`]
      const environment = { STOREPULSE_KAFKA_BROKERS: brokers }
      return await runStorepulse([...args, ...common, ...own], { home, environment })
    }
    const run = async (): Promise<Board> =>
      lastJson<Board>(await storepulse('kafka-local', 'run', '--until-caught-up', '--json'))
    const archive = async () => {
      const finished = await storepulse('kafka-local', 'archive', 'run', '--all', '--json')
      expect(finished.code, finished.stderr).toBe(0)
      return lastJson<{ records: number; lost: unknown[] }>(finished)
    }

    produceSales(brokers, topic, 0, first)
    expect((await run()).records.received).toBe(first)
    expect(await archive()).toMatchObject({ records: first, lost: [] })
    expect(await archive()).toMatchObject({ records: 0, lost: [] })
    produceSales(brokers, topic, first, sales)
    expect((await run()).records.received).toBe(sales)
    expect(await archive()).toMatchObject({ records: sales - first, lost: [] })

    const verified = await storepulse('kafka-local', 'archive', 'verify', '--json')
    expect([verified.code, lastJson(verified)]).toMatchObject([0, { rows: sales, problems: [] }])
    const replayed = await storepulse('kafka-local', 'archive', 'replay', '--json')
    expect([replayed.code, lastJson(replayed)]).toMatchObject([0, { differs: 0 }])
    expect(lastJson<{ windows: number }>(replayed).windows).toBeGreaterThan(10)

    const exact = await storepulse('local', 'archive', 'restore', '--yes')
    expect([exact.code, exact.stderr]).toEqual([1, expect.stringContaining('--renumber')])
    const restored = await storepulse('local', 'archive', 'restore', '--yes', '--renumber', '--json')
    expect(lastJson(restored)).toMatchObject({ records: sales })
    const board = lastJson<Board>(await storepulse('local', 'run', '--until-caught-up', '--json'))
    expect(board.records).toMatchObject({ received: sales, counted: sales })
    const sql = 'SELECT sum(total_transactions) AS n FROM transactions_summary'
    const counted = await storepulse('local', 'query', sql, '--json')
    expect(jsonLines(counted)).toEqual([{ n: String(sales) }])
  })
})
