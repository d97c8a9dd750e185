import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import type { Board } from '../../core/protocol/board.ts'
import { connectTo, produceSales, readRows, readTable, recomputeInSql } from '../support/cluster-sales.ts'
import { describeWithServices, useKafka, usePostgres } from '../support/services/use.ts'
import { jsonLines, lastJson, runStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

/** `SALES=1000000` for as many as one would have. */
const sales = Number(process.env['SALES'] ?? 30_000)
const firstSales = Math.floor((sales * 2) / 3)

describeWithServices('the profile process', ['kafka', 'postgres'], () => {
  it('fills PostgreSQL from topics of another producer, exactly once', { timeout: 300_000 + sales }, async () => {
    const [{ brokers }, { url }] = await Promise.all([useKafka(), usePostgres()])
    const prefix = `p${randomUUID().slice(0, 8)}-`
    const topic = `${prefix}retail-transactions`
    const home = makeTemporaryDirectory()
    const environment = { STOREPULSE_KAFKA_BROKERS: brokers, DATABASE_URL: url }
    const process = (command: string, ...more: readonly string[]) =>
      runStorepulse([command, '--profile', 'process', '--set', `kafka.topicPrefix=${prefix}`, ...more], {
        home,
        environment,
      })
    const client = await connectTo(url)

    produceSales(brokers, topic, 0, firstSales)
    const first = await process('run', '--until-caught-up', '--json')
    expect(first.code, first.stderr).toBe(0)
    const board = lastJson<Board>(first)
    expect(board).toMatchObject({ state: 'stopped', profile: 'process', lag: { records: 0 } })
    expect(board.records).toMatchObject({ received: firstSales, counted: firstSales })
    expect(await readTable(client)).toEqual(await recomputeInSql(client, firstSales))

    const before = await readRows(client)
    const again = await process('run', '--until-caught-up', '--json')
    expect(again.code, again.stderr).toBe(0)
    expect(await readRows(client)).toEqual(before)

    produceSales(brokers, topic, firstSales, sales)
    const third = await process('run', '--until-caught-up', '--json')
    expect(lastJson<Board>(third).records).toMatchObject({ received: sales, counted: sales })
    expect(await readTable(client)).toEqual(await recomputeInSql(client, sales))

    const counted = await process('query', 'SELECT sum(total_transactions) AS n FROM transactions_summary', '--json')
    expect(jsonLines(counted)).toEqual([{ n: String(sales) }])
    const replayed = await process('replay', '--json')
    expect(lastJson(replayed)).toMatchObject({ differs: 0 })
  })
})
