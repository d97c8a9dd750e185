import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { expect, it, onTestFinished } from 'vitest'
import type { Board } from '../../core/protocol/board.ts'
import { createAvroWriter, describeSale, frame, saleSchema } from '../support/avro-frames.ts'
import { connectTo, listSales, readTable, recomputeInSql } from '../support/cluster-sales.ts'
import { type SchemaRegistryServer, startSchemaRegistry } from '../support/services/schema-registry.ts'
import { describeWithServices, useKafka, usePostgres } from '../support/services/use.ts'
import { lastJson, runStorepulse, startStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const between = '<<key>>'
const after = '<<end>>'

/** Sends values with kcat, keyed by store. */
function produce(brokers: string, topic: string, values: readonly (readonly [key: number, value: Uint8Array])[]): void {
  const input = Buffer.concat(
    values.flatMap(([key, value]) => [Buffer.from(`${key}${between}`), value, Buffer.from(after)]),
  )
  execFileSync('kcat', ['-P', '-b', brokers, '-t', topic, '-K', between, '-D', after], { input })
}

const write = createAvroWriter(saleSchema)

const encodeSales = (id: number, from: number, until: number): readonly (readonly [number, Uint8Array])[] =>
  listSales(from, until).map(({ cents, customer, eventTimeMs, storeId }, index) => {
    const sale = { id: `T-${from + index}`, storeId, customer: Number(customer.slice(2)), eventTimeMs, cents }
    return [storeId, frame(id, write(describeSale(sale)))]
  })

async function startRegistry(): Promise<SchemaRegistryServer> {
  const registry = await startSchemaRegistry()
  onTestFinished(() => registry.stop())
  return registry
}

describeWithServices('records with a schema', ['kafka', 'postgres', 'schema-registry'], () => {
  it('counts sales in Avro, waits for a registry that does not answer, and gives the same again', async () => {
    const [{ brokers }, { url }, registry] = await Promise.all([useKafka(), usePostgres(), startRegistry()])
    const prefix = `r${randomUUID().slice(0, 8)}-`
    const topic = `${prefix}retail-transactions`
    const home = makeTemporaryDirectory()
    const environment = {
      STOREPULSE_KAFKA_BROKERS: brokers,
      DATABASE_URL: url,
      STOREPULSE_REGISTRY_URL: registry.url,
      STOREPULSE_REGISTRY_USERNAME: registry.username,
      STOREPULSE_REGISTRY_PASSWORD: registry.password,
    }
    const profile = ['--profile', 'process', '--set', `kafka.topicPrefix=${prefix}`]
    const run = (command: string, ...more: readonly string[]) =>
      runStorepulse([command, ...profile, ...more], { home, environment })
    const client = await connectTo(url)

    const first = await registry.register(`${topic}-value`, saleSchema)
    produce(brokers, topic, [...encodeSales(first, 0, 3_000), [1, frame(99_999, Buffer.from('{}'))]])
    const counted = await run('run', '--until-caught-up', '--json')
    expect(counted.code, counted.stderr).toBe(0)
    expect(lastJson<Board>(counted).records).toMatchObject({ received: 3_001, counted: 3_000, invalid: 1 })
    expect(await readTable(client)).toEqual(await recomputeInSql(client, 3_000))
    const { rows } = await client.query('SELECT reason, get_byte(bytes, 0) AS first FROM storepulse.quarantine')
    expect(rows).toEqual([{ reason: 'schema_framed', first: 0 }])

    const second = await registry.register('another', { ...saleSchema, name: 'Again' })
    expect(second).not.toBe(first)
    const running = startStorepulse(['run', ...profile, '--json', '--log-level', 'error'], { home, environment })
    onTestFinished(() => void running.process.kill('SIGKILL'))
    let last: Board | null = null
    running.process.stdout?.on('data', (chunk: Buffer) => {
      const line = chunk.toString().trimEnd().split('\n').at(-1) ?? ''
      if (line.endsWith('}') && line.startsWith('{')) last = JSON.parse(line) as Board
    })
    await expect.poll(() => last?.state, { timeout: 60_000 }).toBe('running')
    registry.pause()
    produce(brokers, topic, encodeSales(second, 3_000, 6_000))
    await expect.poll(() => last?.state, { timeout: 60_000 }).toBe('paused')
    expect(JSON.stringify(last)).toContain(
      `the schema registry at ${registry.url} could not be asked: it did not answer`,
    )
    expect(last).toMatchObject({ records: { invalid: 1, counted: 3_000 } })
    registry.resume()
    await expect.poll(() => last, { timeout: 60_000 }).toMatchObject({ records: { counted: 6_000, invalid: 1 } })
    running.process.kill('SIGTERM')
    expect((await running.finished).code).toBe(0)
    expect(await readTable(client)).toEqual(await recomputeInSql(client, 6_000))

    const replayed = await run('replay', '--json')
    expect(lastJson(replayed)).toMatchObject({ differs: 0 })
  })

  it('says within seconds what is wrong with the registry, and doctor the same', async () => {
    const [{ brokers }, { url }, registry] = await Promise.all([useKafka(), usePostgres(), startRegistry()])
    const home = makeTemporaryDirectory()
    const prefix = `r${randomUUID().slice(0, 8)}-`
    produce(brokers, `${prefix}retail-transactions`, encodeSales(1, 0, 1))
    const run = (command: string, more: Readonly<Record<string, string>>, ...args: readonly string[]) =>
      runStorepulse([command, '--profile', 'process', '--set', `kafka.topicPrefix=${prefix}`, ...args], {
        home,
        environment: {
          STOREPULSE_KAFKA_BROKERS: brokers,
          DATABASE_URL: url,
          STOREPULSE_REGISTRY_URL: registry.url,
          STOREPULSE_REGISTRY_USERNAME: registry.username,
          ...more,
        },
      })
    const wrong = { STOREPULSE_REGISTRY_PASSWORD: 'guessed' }
    const refused = await run('run', wrong, '--until-caught-up')
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toContain('does not accept user storepulse with this password')
    expect(refused.stderr).not.toContain('guessed')
    expect((await run('doctor', wrong)).stdout).toContain('does not accept user storepulse with this password')
    const right = await run('doctor', { STOREPULSE_REGISTRY_PASSWORD: registry.password })
    expect(right.stdout).toContain(`${registry.url} answers, and lets storepulse in`)
  })
})
