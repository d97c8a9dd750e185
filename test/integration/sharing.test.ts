import { randomUUID } from 'node:crypto'
import { expect, it } from 'vitest'
import type { Board } from '../../core/protocol/board.ts'
import { produceSales } from '../support/cluster-sales.ts'
import { describeWithServices, useKafka, usePostgres, useRedis } from '../support/services/use.ts'
import { jsonLines, startStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

describeWithServices('the board in Redis', ['kafka', 'postgres', 'redis'], () => {
  it('reaches a watcher that knows no database', async () => {
    const [kafka, postgres, redis] = await Promise.all([useKafka(), usePostgres(), useRedis()])
    const prefix = `s${randomUUID().slice(0, 8)}-`
    produceSales(kafka.brokers, `${prefix}retail-transactions`, 0, 1_000, Date.now() - 600_000)
    const settings = ['--set', `kafka.topicPrefix=${prefix}`, '--set', `redis.prefix=${prefix}`]
    const start = (profile: string, duration: string, environment: Readonly<Record<string, string>>) =>
      startStorepulse(['run', '--profile', profile, '--duration', duration, '--json', ...settings], {
        home: makeTemporaryDirectory(),
        environment: { STOREPULSE_KAFKA_BROKERS: kafka.brokers, STOREPULSE_REDIS_URL: redis.url, ...environment },
      })
    const processing = start('process', '45s', { DATABASE_URL: postgres.url })
    const watching = start('watch', '25s', {})
    const watched = await watching.finished
    processing.process.kill('SIGTERM')
    const processed = await processing.finished
    expect(watched.code, watched.stderr).toBe(0)
    expect(processed.code, processed.stderr).toBe(0)
    const { warehouse } = jsonLines<Board>(processed).at(-1) ?? {}
    expect(warehouse).toMatchObject({ transactions: 1_000 })
    expect(jsonLines<Board>(watched).map((board) => board.warehouse)).toContainEqual(warehouse)
    expect(jsonLines<Board>(watched).at(-1)?.alerts).toEqual([])
  })

  it('is done without while Redis is gone, and that is said', async () => {
    const [kafka, postgres] = await Promise.all([useKafka(), usePostgres()])
    const prefix = `s${randomUUID().slice(0, 8)}-`
    produceSales(kafka.brokers, `${prefix}retail-transactions`, 0, 1_000, Date.now() - 600_000)
    const { finished } = startStorepulse(
      ['run', '--profile', 'process', '--duration', '12s', '--json', '--set', `kafka.topicPrefix=${prefix}`],
      {
        home: makeTemporaryDirectory(),
        environment: {
          STOREPULSE_KAFKA_BROKERS: kafka.brokers,
          STOREPULSE_REDIS_URL: 'redis://127.0.0.1:1',
          DATABASE_URL: postgres.url,
        },
      },
    )
    const { code, stderr, ...more } = await finished
    expect(code, stderr).toBe(0)
    const board = jsonLines<Board>({ code, stderr, ...more }).at(-1)
    expect(board?.records).toMatchObject({ received: 1_000, counted: 1_000 })
    expect(board?.alerts).toMatchObject([{ id: 'cache', message: expect.stringContaining('Redis is not used') }])
  })
})
