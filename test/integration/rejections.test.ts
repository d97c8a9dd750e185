import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { rejectionReasons } from '../../core/events/decoded.ts'
import type { Board } from '../../core/protocol/board.ts'
import type { LateItem } from '../../core/protocol/commands.ts'
import { hostileTexts } from '../support/hostile-texts.ts'
import { quarantinedColumns, quarantinedRows, rejectedRecords } from '../support/rejected-records.ts'
import { describeWithServices, useKafka, usePostgres } from '../support/services/use.ts'
import { jsonLines, lastJson, runStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const saleLine = (id: string, time: string): string =>
  JSON.stringify({ transaction_id: id, store_id: 1, customer_id: id, event_time: time, final_amount: 12.5 })

describeWithServices('records that another program spoilt', ['kafka', 'postgres'], () => {
  it('are in PostgreSQL’s quarantine, each reason once and with its bytes; late ones by whatever id', async () => {
    const [{ brokers }, { url }] = await Promise.all([useKafka(), usePostgres()])
    const prefix = `r${randomUUID().slice(0, 8)}-`
    const home = makeTemporaryDirectory()
    const values = [
      Buffer.from(saleLine('A', '2025-01-06T12:30:00Z')),
      ...rejectedRecords.map(({ bytes }) => bytes),
      // Long before the first one's watermark.
      ...hostileTexts.map(({ text }) => Buffer.from(saleLine(text, '2025-01-06T10:00:00Z'))),
    ]
    const files = values.map((value, index) => {
      const file = join(home, `value-${index}`)
      writeFileSync(file, value)
      return file
    })
    // One partition, so that the order is that of the files; compressed, as the broker takes no more than 1 MiB.
    const large = ['-X', 'message.max.bytes=4000000', '-z', 'gzip']
    execFileSync('kcat', ['-P', '-b', brokers, '-t', `${prefix}retail-transactions`, '-p', '0', ...large, ...files])

    const storepulse = (command: string, ...more: readonly string[]) =>
      runStorepulse([command, ...more, '--profile', 'process', '--set', `kafka.topicPrefix=${prefix}`], {
        home,
        environment: { STOREPULSE_KAFKA_BROKERS: brokers, DATABASE_URL: url },
      })
    const run = await storepulse('run', '--until-caught-up', '--json')
    expect(run.code, run.stderr).toBe(0)
    const board = lastJson<Board>(run)
    expect(board.invalidByReason).toEqual(Object.fromEntries(rejectionReasons.map((reason) => [reason, 1])))
    expect(board.records).toEqual({
      received: values.length,
      counted: 1,
      late: hostileTexts.length,
      duplicate: 0,
      invalid: rejectionReasons.length,
      tombstone: 0,
    })
    const sql = `SELECT ${quarantinedColumns} FROM storepulse.quarantine ORDER BY record_offset`
    expect(jsonLines(await storepulse('query', sql, '--json'))).toEqual(quarantinedRows)
    const late = jsonLines<LateItem>(await storepulse('late', 'list', '--json'))
    const ids = late.map(({ transactionId }) => transactionId)
    for (const { name, text } of hostileTexts) {
      const whole = Buffer.from(text).toString()
      expect(ids, name).toContain(whole.length > 1_000 ? `${whole.slice(0, 999)}…` : whole)
    }
    const exported = jsonLines(await storepulse('export', 'late', '--format', 'json'))
    expect(exported).toHaveLength(hostileTexts.length)
  })
})
