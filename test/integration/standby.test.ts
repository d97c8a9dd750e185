import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { expect, it } from 'vitest'
import type { Board } from '../../core/protocol/board.ts'
import { connectTo, produceSales, readTable, recomputeInSql } from '../support/cluster-sales.ts'
import { describeWithServices, useKafka, usePostgres } from '../support/services/use.ts'
import { jsonLines, runStorepulse, type Started, startStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

/** Follows what a process writes to standard error until it says what is waited for. */
async function untilSaid({ process }: Started, wanted: string): Promise<void> {
  let text = ''
  while (!text.includes(wanted)) {
    const [chunk]: readonly unknown[] = await once(process.stderr ?? process, 'data')
    text += String(chunk)
  }
}

describeWithServices('a second machine on the same database', ['kafka', 'postgres'], () => {
  it('is refused, or stands by and takes over when the first is gone', async () => {
    const [{ brokers }, { url }] = await Promise.all([useKafka(), usePostgres()])
    const prefix = `t${randomUUID().slice(0, 8)}-`
    const topic = `${prefix}retail-transactions`
    const environment = { STOREPULSE_KAFKA_BROKERS: brokers, DATABASE_URL: url }
    const args = ['run', '--profile', 'process', '--json', '--set', `kafka.topicPrefix=${prefix}`]
    const start = (...more: readonly string[]): Started =>
      startStorepulse([...args, ...more], { home: makeTemporaryDirectory(), environment })
    const client = await connectTo(url)
    const untilCounted = async (total: number): Promise<void> => {
      await expect
        .poll(async () => (await readTable(client).catch(() => [])).length > 0 && (await sumOf(client)) === total, {
          timeout: 60_000,
          interval: 250,
        })
        .toBe(true)
    }
    const sumOf = async (db: typeof client): Promise<number> => {
      const { rows } = await db.query('SELECT coalesce(sum(total_transactions), 0)::int AS n FROM transactions_summary')
      return Number(rows[0]?.n)
    }

    produceSales(brokers, topic, 0, 5_000)
    const first = start()
    await untilCounted(5_000)

    const refused = await runStorepulse([...args, '--duration', '5s'], { home: makeTemporaryDirectory(), environment })
    expect(refused.code, refused.stderr).toBe(4)
    expect(refused.stderr).toContain(`process ${first.process.pid}`)

    const second = start('--standby')
    await untilSaid(second, 'standing by')
    first.process.kill('SIGKILL')
    produceSales(brokers, topic, 5_000, 8_000)
    await untilCounted(8_000)
    second.process.kill('SIGTERM')
    const ended = await second.finished
    expect(ended.code, ended.stderr).toBe(0)
    expect(jsonLines<Board>(ended).at(-1)?.records).toMatchObject({ received: 8_000, counted: 8_000 })
    expect(await readTable(client)).toEqual(await recomputeInSql(client, 8_000))
  })

  it('waits for nobody where the one before ended properly', async () => {
    const [{ brokers }, { url }] = await Promise.all([useKafka(), usePostgres()])
    const prefix = `v${randomUUID().slice(0, 8)}-`
    const environment = { STOREPULSE_KAFKA_BROKERS: brokers, DATABASE_URL: url }
    const args = ['run', '--profile', 'process', '--json', '--set', `kafka.topicPrefix=${prefix}`]
    const start = (...more: readonly string[]): Started =>
      startStorepulse([...args, ...more], { home: makeTemporaryDirectory(), environment })
    const client = await connectTo(url)
    const readOwner = async (): Promise<{ token: string; pid: number } | undefined> => {
      const { rows } = await client.query<{ token: string; pid: number }>(
        'SELECT fencing_token AS token, process_id::int AS pid FROM storepulse.owner',
      )
      return rows[0]
    }
    const untilOwned = ({ process }: Started): Promise<void> =>
      expect
        .poll(async () => (await readOwner().catch(() => undefined))?.pid, { timeout: 60_000, interval: 100 })
        .toBe(process.pid)

    produceSales(brokers, `${prefix}retail-transactions`, 0, 1_000)
    const first = start()
    await untilOwned(first)
    const second = start('--standby')
    await untilSaid(second, 'standing by')
    first.process.kill('SIGTERM')
    expect((await first.finished).code).toBe(0)
    const endedMs = performance.now()
    await untilOwned(second)
    // One that is not given up is waited for ten seconds.
    expect(performance.now() - endedMs).toBeLessThan(8_000)
    second.process.kill('SIGTERM')
    expect((await second.finished).code).toBe(0)
    expect(await readOwner()).toMatchObject({ token: '' })

    const third = await runStorepulse([...args, '--until-caught-up'], { home: makeTemporaryDirectory(), environment })
    expect(third.code, third.stderr).toBe(0)
    expect(jsonLines<Board>(third).at(-1)?.records).toMatchObject({ received: 1_000, counted: 1_000 })
  })

  it('stops the one that was away for too long, so that no number comes from two', async () => {
    const [{ brokers }, { url }] = await Promise.all([useKafka(), usePostgres()])
    const prefix = `u${randomUUID().slice(0, 8)}-`
    const topic = `${prefix}retail-transactions`
    const environment = { STOREPULSE_KAFKA_BROKERS: brokers, DATABASE_URL: url }
    const args = ['run', '--profile', 'process', '--json', '--set', `kafka.topicPrefix=${prefix}`]
    const client = await connectTo(url)
    const countWindows = async (): Promise<number> => {
      const { rows } = await client.query(
        'SELECT coalesce(sum(total_transactions), 0)::int AS n FROM transactions_summary',
      )
      return Number(rows[0]?.n)
    }
    const untilSum = (total: number): Promise<void> =>
      expect.poll(() => countWindows().catch(() => 0), { timeout: 60_000, interval: 250 }).toBe(total)

    produceSales(brokers, topic, 0, 2_000)
    const first = startStorepulse(args, { home: makeTemporaryDirectory(), environment })
    await untilSum(2_000)
    const second = startStorepulse([...args, '--standby'], { home: makeTemporaryDirectory(), environment })
    await untilSaid(second, 'standing by')
    first.process.kill('SIGSTOP')
    produceSales(brokers, topic, 2_000, 4_000)
    await untilSum(4_000)
    first.process.kill('SIGCONT')
    produceSales(brokers, topic, 4_000, 6_000)
    const woken = await first.finished
    expect(woken.code).not.toBe(0)
    expect(woken.stderr).toContain('taken')
    await untilSum(6_000)
    second.process.kill('SIGTERM')
    expect((await second.finished).code).toBe(0)
    expect(await readTable(client)).toEqual(await recomputeInSql(client, 6_000))
  })
})
