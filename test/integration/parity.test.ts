import { spawn } from 'node:child_process'
import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { expect, it } from 'vitest'
import { createRandom } from '../../core/base/random.ts'
import { findSpark } from '../support/services/spark.ts'
import { describeWithServices, useKafka } from '../support/services/use.ts'
import { decodeSale } from '../support/spark-batches.ts'
import { jsonLines, lastJson, runStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const topic = 'somebody-elses-sales'
const partitionCount = 2
const records = 2_400

interface Counts {
  readonly windows: number
  readonly same: number
  readonly lateInSpark: number
  readonly missing: number
  readonly extra: number
  readonly differs: number
  readonly rejectedByUs: number
}

interface Told {
  readonly row?: string
  readonly rejected?: readonly string[]
  readonly replayed?: {
    readonly mode: string
    readonly lateSales: number
    readonly nullCustomers: number
    readonly openBatch: { readonly number: number; readonly isInTable: boolean } | null
    readonly notCompared: { readonly rows: number } | null
  }
}

/** Sales of two hours, a tenth of them late by up to an hour and a half, some of which only others take for sales. */
function makeValues(): readonly string[] {
  const random = createRandom(11)
  return Array.from({ length: records }, (_, index) => {
    const lateMs = random.nextInt(10) === 0 ? random.nextInt(5_400_000) : random.nextInt(20_000)
    const isOdd = random.nextInt(100) === 0
    return JSON.stringify({
      transaction_id: `t${index}`,
      store_id: 1 + random.nextInt(4),
      // One in eight is beyond what an int holds.
      customer_id: random.nextInt(8) === 0 ? 3_000_000_000 + random.nextInt(50) : random.nextInt(300),
      event_time: new Date(Date.UTC(2025, 0, 6, 9) + index * 3_000 - lateMs).toISOString(),
      // A sale below zero: nothing for us.
      final_amount: ((isOdd ? -1 : 1) * (100 + random.nextInt(9_900))) / 100,
    })
  })
}

async function produce(brokers: string, values: readonly string[]): Promise<void> {
  const client = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING })
  const admin = client.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic, numPartitions: partitionCount }] })
  await admin.disconnect()
  const producer = client.producer()
  await producer.connect()
  const messages = values.map((value, index) => ({ partition: index % partitionCount, value }))
  await producer.send({ topic, messages })
  await producer.disconnect()
}

/** The batches of every query of the other job, and their tables. */
async function runOtherJob(brokers: string): Promise<string> {
  const { environment, jars, submit } = findSpark()
  const folder = makeTemporaryDirectory()
  const quick = ['--driver-java-options', '-XX:TieredStopAtLevel=1 -XX:+UseSerialGC']
  const here = ['--master', 'local[2]', '--jars', jars, '--conf', 'spark.ui.enabled=false', ...quick]
  const job = join(import.meta.dirname, '../support/spark-other-job.py')
  const child = spawn(submit, [...here, job, brokers, topic, folder], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const said: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => said.push(chunk))
  const code = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  expect(code, Buffer.concat(said).toString().slice(-4_000)).toBe(0)
  return folder
}

const countRows = (folder: string): number =>
  readFileSync(join(folder, 'table.csv'), 'utf8').trimEnd().split('\n').length - 1

const batchesOf = (folder: string): readonly number[] =>
  readdirSync(join(folder, 'checkpoint', 'commits'))
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .toSorted((one, other) => one - other)

/** A checkpoint without the files of some batches, as Spark leaves it after a while or a crash. */
function copyWithout(folder: string, lost: Readonly<Record<'offsets' | 'commits', readonly number[]>>): string {
  const copy = makeTemporaryDirectory()
  cpSync(folder, copy, { recursive: true })
  for (const [part, numbers] of Object.entries(lost)) {
    for (const number of numbers) {
      for (const name of [String(number), `.${number}.crc`])
        rmSync(join(copy, 'checkpoint', part, name), { force: true })
    }
  }
  return copy
}

describeWithServices('parity with somebody else’s job on Spark', ['spark', 'kafka'], () => {
  it('finds every row the same, but for records that only the job takes for sales, and names those', async () => {
    const { brokers } = await useKafka()
    const values = makeValues()
    await produce(brokers, values)
    const folder = await runOtherJob(brokers)
    const home = makeTemporaryDirectory()
    const compare = async (place: string, more: readonly string[]) => {
      const from = ['--checkpoint', join(place, 'checkpoint'), '--table', join(place, 'table.csv')]
      const profile = ['--profile', 'watch', '--set', `kafka.topics.retail-transactions=${topic}`]
      const found = await runStorepulse(['parity', '--json', ...profile, ...from, ...more], {
        home,
        environment: { STOREPULSE_KAFKA_BROKERS: brokers },
      })
      const lines = jsonLines<Told>(found)
      return {
        code: found.code,
        said: found.stderr,
        counts: lastJson<Counts>(found),
        lines,
        told: lines.at(-2)?.replayed,
      }
    }
    const rejected = values.flatMap((value, index) =>
      decodeSale(Buffer.from(value)).type === 'sale'
        ? []
        : [`retail-transactions/${index % partitionCount}/${Math.floor(index / partitionCount)}`],
    )
    expect(rejected.length).toBeGreaterThan(10)

    for (const [name, type, mode] of [
      ['ints', 'int', 'append'],
      ['longs', 'long', 'update'],
    ] as const) {
      const place = join(folder, name)
      const { code, counts, lines, said, told } = await compare(place, ['--customer-type', type])
      expect([code, said, counts.missing, counts.extra, counts.differs]).toEqual([0, '', 0, 0, 0])
      expect(counts.same + counts.rejectedByUs).toBe(countRows(place))
      expect(told?.mode).toBe(mode)
      expect(told?.lateSales).toBeGreaterThan(20)
      expect((told?.nullCustomers ?? 0) > 100).toBe(type === 'int')
      const named = lines.filter(({ row }) => row === 'rejectedByUs').flatMap((line) => line.rejected ?? [])
      expect(counts.rejectedByUs).toBeGreaterThan(5)
      expect(named.filter((ref) => !rejected.includes(ref))).toEqual([])
    }

    const ints = join(folder, 'ints')
    const asText = await compare(ints, [])
    expect([asText.code, asText.counts.differs > 10]).toEqual([1, true])

    const single = join(folder, 'single')
    const both = await compare(single, ['--customer-type', 'int'])
    expect([both.code, both.counts.missing + both.counts.extra + both.counts.differs > 0]).toEqual([1, true])
    const conf = 'spark.sql.streaming.statefulOperator.allowMultiple=false'
    const alone = await compare(single, ['--customer-type', 'int', '--conf', conf])
    expect([alone.code, alone.counts.same + alone.counts.rejectedByUs]).toEqual([0, countRows(single)])

    const batches = batchesOf(ints)
    expect(batches.length).toBeGreaterThan(4)
    const cut = await compare(copyWithout(ints, { offsets: [0, 1], commits: [0, 1] }), ['--customer-type', 'int'])
    expect([cut.code, cut.counts.missing, cut.counts.extra, cut.counts.differs]).toEqual([0, 0, 0, 0])
    expect(cut.told?.notCompared?.rows).toBeGreaterThan(0)
    expect(cut.counts.same).toBeGreaterThan(0)

    const last = batches.at(-1) ?? 0
    const open = await compare(copyWithout(ints, { offsets: [], commits: [last] }), ['--customer-type', 'int'])
    expect([open.code, open.told?.openBatch]).toEqual([0, { number: last, isInTable: true }])
  })
})
