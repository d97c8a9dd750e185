import { randomUUID } from 'node:crypto'
import { userInfo } from 'node:os'
import { expect, it } from 'vitest'
import { runSql } from '../support/services/postgres.ts'
import { describeWithServices, useKafka, usePostgres } from '../support/services/use.ts'
import { runStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

describeWithServices('the audit trail in PostgreSQL', ['kafka', 'postgres'], () => {
  it('has who made the schema, the topics and the events that were sent', async () => {
    const [{ brokers }, database] = await Promise.all([useKafka(), usePostgres()])
    const prefix = `a${randomUUID().slice(0, 8)}-`
    const home = makeTemporaryDirectory()
    const run = async (...args: readonly string[]): Promise<void> => {
      const settings = ['--profile', 'process', '--set', `kafka.topicPrefix=${prefix}`]
      const environment = { STOREPULSE_KAFKA_BROKERS: brokers, DATABASE_URL: database.url }
      const ended = await runStorepulse([...args, ...settings], { home, environment })
      expect(ended.code, ended.stderr).toBe(0)
      // There is a trail from the first migration on, and nothing to say about that before.
      expect(ended.stderr).not.toContain('audit')
    }
    await run('topics', 'create')
    await run('migrate')
    await run('topics', 'create')
    await run('generate', '--to', 'kafka', '--count', '40', '--topic', 'customer-events')
    const listed = runSql(
      database,
      "SELECT who || '|' || action || '|' || subject || '|' || detail FROM storepulse.audit ORDER BY entry",
    )
    const { username } = userInfo()
    expect(listed.split('\n')).toEqual([
      `${username}|migrated|the schema of the warehouse|`,
      `${username}|generated|40 records|to ${brokers}: customer-events 40`,
    ])
  })
})
