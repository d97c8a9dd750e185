import { setTimeout as sleep } from 'node:timers/promises'
import { randomUUID } from 'node:crypto'
import { expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../core/base/clock.ts'
import type { Board } from '../../core/protocol/board.ts'
import { checkPostgres } from '../../core/warehouse/postgres/check.ts'
import { createServerChoice, type ServerChoice } from '../../core/warehouse/postgres/server-choice.ts'
import { connectTo, produceSales, readTable, recomputeInSql } from '../support/cluster-sales.ts'
import { faultOf } from '../support/fault-of.ts'
import { connectionTo } from '../support/postgres-warehouse.ts'
import { runSql, startPostgres } from '../support/services/postgres.ts'
import { startStandby } from '../support/services/postgres-standby.ts'
import { describeWithServices, useKafka } from '../support/services/use.ts'
import { runStorepulse, startStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const chunk = 500

/** Port of the server that is connected to. */
async function portOf(choice: ServerChoice, isReadOnly = false): Promise<number> {
  const { client, server } = await choice.connect({ isReadOnly, answerMs: 5_000 })
  await client.end()
  return server.port
}

describeWithServices('several PostgreSQL servers', ['kafka', 'postgres'], () => {
  it('takes the first that takes writes for writing, and any for reading', async () => {
    const primary = await startPostgres()
    onTestFinished(() => primary.stop())
    const standby = await startStandby(primary)
    const both = [connectionTo(standby), connectionTo(primary)]
    expect(await portOf(createServerChoice(both, 'writable'))).toBe(primary.port)
    expect(await portOf(createServerChoice(both, 'writable'), true)).toBe(primary.port)
    expect(await portOf(createServerChoice(both, 'any'), true)).toBe(standby.port)
    const [connection, ...others] = both
    if (!connection) throw new Error('there are two')
    const checks = await checkPostgres({ connection, others, writes: true, adopt: false, clock: systemClock })
    expect(checks.filter(({ ok }) => !ok)).toEqual([])
    expect(checks[0]?.detail).toContain(String(primary.port))

    runSql(primary, 'ALTER SYSTEM SET default_transaction_read_only = on')
    runSql(primary, 'SELECT pg_reload_conf()')
    await expect
      .poll(() => faultOf(createServerChoice(both, 'writable').connect({ isReadOnly: false, answerMs: 5_000 })))
      .toMatchObject({ code: 'read-only', retry: true })
    runSql(primary, 'ALTER SYSTEM RESET default_transaction_read_only')
    runSql(primary, 'SELECT pg_reload_conf()')

    const choice = createServerChoice(both, 'writable')
    await expect.poll(() => portOf(choice)).toBe(primary.port)
    await primary.halt('SIGQUIT')
    const fault = await faultOf(choice.connect({ isReadOnly: false, answerMs: 5_000 }))
    expect(fault).toMatchObject({ code: 'read-only', retry: true })
    expect(fault.message).toContain(`127.0.0.1:${standby.port} is a standby`)
    expect(fault.message).toContain(`nothing listens on 127.0.0.1:${primary.port}`)
    runSql(standby, 'SELECT pg_promote()')
    await expect.poll(() => portOf(choice), { timeout: 30_000 }).toBe(standby.port)
    // Two that take writes: the one that was written stays.
    await primary.start()
    expect(await portOf(choice)).toBe(standby.port)
  })

  it('lets the process go on by itself on the standby that takes the place of the primary', async () => {
    const [{ brokers }, primary] = await Promise.all([useKafka(), startPostgres()])
    onTestFinished(() => primary.stop())
    const standby = await startStandby(primary)
    const prefix = `f${randomUUID().slice(0, 8)}-`
    const topic = `${prefix}retail-transactions`
    const url = new URL(primary.url)
    const hosts = `${primary.host}:${primary.port},${standby.host}:${standby.port}`
    const environment = {
      STOREPULSE_KAFKA_BROKERS: brokers,
      DATABASE_URL: `postgres://${url.username}:${url.password}@${hosts}${url.pathname}?sslmode=disable`,
    }
    const home = makeTemporaryDirectory()
    const profile = ['--profile', 'process', '--set', `kafka.topicPrefix=${prefix}`]
    let sent = 0
    const send = (): void => {
      produceSales(brokers, topic, sent, sent + chunk)
      sent += chunk
    }
    send()
    const running = startStorepulse(['run', ...profile, '--json', '--log-level', 'error'], { home, environment })
    onTestFinished(() => void running.process.kill('SIGKILL'))
    let last: Board | null = null
    let text = ''
    running.process.stdout?.on('data', (part: Buffer) => {
      text += part.toString()
      const lines = text.split('\n')
      text = lines.pop() ?? ''
      const newest = lines.at(-1)
      if (newest !== undefined) last = JSON.parse(newest) as Board
    })
    const isCounted = async (): Promise<void> => {
      await expect.poll(() => last?.records.counted, { timeout: 90_000 }).toBe(sent)
    }
    await isCounted()
    for (let round = 0; round < 4; round += 1) {
      send()
      await sleep(200)
    }
    await primary.halt('SIGQUIT')
    send()
    await expect.poll(() => last?.state, { timeout: 60_000 }).toBe('paused')
    runSql(standby, 'SELECT pg_promote()')
    send()
    await isCounted()
    running.process.kill('SIGTERM')
    const { code, stderr } = await running.finished
    expect(code, stderr).toBe(0)

    const client = await connectTo(standby.url.replace(`:${primary.port}`, `:${standby.port}`))
    expect(await readTable(client)).toEqual(await recomputeInSql(client, sent))
    const again = await runStorepulse(['run', ...profile, '--until-caught-up', '--json'], { home, environment })
    expect(again.code, again.stderr).toBe(0)
    expect(await readTable(client)).toEqual(await recomputeInSql(client, sent))
  })
})
