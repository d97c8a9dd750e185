import { execFileSync } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { expect, it, onTestFinished } from 'vitest'
import type { HostMessage } from '../../core/protocol/wire.ts'
import { connectTo, produceSales } from '../support/cluster-sales.ts'
import { openFeed } from '../support/feed-client.ts'
import { redeem, tokenOf } from '../support/served-pages.ts'
import { describeWithServices, useKafka, usePostgres } from '../support/services/use.ts'
import { runStorepulse, startStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

type Run = (command: string, payload?: unknown) => Promise<HostMessage | null>

/** A page that connects anew for each question; null while nobody answers. */
async function visit(link: string): Promise<Run> {
  const port = Number(new URL(link).port)
  const { headers } = await redeem(port, tokenOf(link))
  const cookie = headers['set-cookie']?.[0]?.split(';')[0] ?? ''
  return async (command, payload = {}) => {
    const feed = await openFeed(port, cookie).catch(() => null)
    if (!feed) return null
    const answer = await Promise.race([feed.run(command, payload), feed.closed.then(() => null)])
    feed.socket.terminate()
    return answer
  }
}

/** `storepulse serve` in a process of its own; gives the link it prints. */
function serve(home: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const started = startStorepulse(['serve', '--port', '0', '--no-generator'], { home, environment })
  onTestFinished(async () => {
    started.process.kill('SIGTERM')
    await started.finished
  })
  return new Promise((resolve, reject) => {
    started.process.stdout?.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()))
    void started.finished.then(({ code, stderr }) => reject(new Error(`serve ended with ${code}: ${stderr}`)))
  })
}

describeWithServices('a watched cluster beside its own table', ['kafka', 'postgres'], () => {
  it('is switched to at run time, and shows which windows differ', async () => {
    const [{ brokers }, { url }] = await Promise.all([useKafka(), usePostgres()])
    const prefix = `c${randomUUID().slice(0, 8)}-`
    const home = makeTemporaryDirectory()
    const environment = {
      STOREPULSE_KAFKA_BROKERS: brokers,
      STOREPULSE_KAFKA_TOPIC_PREFIX: prefix,
      DATABASE_URL: url,
    }
    for (const topic of ['customer-events', 'inventory-updates']) {
      execFileSync('kcat', ['-P', '-b', brokers, '-t', `${prefix}${topic}`], { input: '{}\n' })
    }
    produceSales(brokers, `${prefix}retail-transactions`, 0, 4_000, Date.now() - 1_200_000)
    const processed = await runStorepulse(['run', '--profile', 'process', '--until-caught-up', '--json'], {
      home,
      environment,
    })
    expect(processed.code, processed.stderr).toBe(0)

    const run = await visit(await serve(home, environment))
    expect(await run('switchProfile', { profile: 'watch', isConfirmed: false })).toMatchObject({ kind: 'response' })
    const compare = (): Promise<HostMessage | null> =>
      run('compareTables', { fromMs: Date.now() - 3_600_000, untilMs: Date.now() })
    await expect.poll(() => run('hello'), { timeout: 30_000 }).toMatchObject({ result: { profile: 'watch' } })
    await expect
      .poll(compare, { timeout: 30_000 })
      .toMatchObject({ result: { same: expect.any(Number), differs: 0, onlyThere: 0, onlyHere: 0 } })
    await expect.poll(async () => Object(Object(await compare()).result).same, { timeout: 30_000 }).toBeGreaterThan(20)

    const client = await connectTo(url)
    const { rows } = await client.query(
      // Well behind the first window, which may be there in part, and long final.
      `SELECT store_id, window_start FROM storepulse.windows ORDER BY window_start
        OFFSET (SELECT count(*) / 4 FROM storepulse.windows) LIMIT 2`,
    )
    const [changed, gone] = rows
    await client.query(
      'UPDATE storepulse.windows SET transactions = transactions + 1 WHERE store_id = $1 AND window_start = $2',
      [changed.store_id, changed.window_start],
    )
    await client.query('DELETE FROM storepulse.windows WHERE store_id = $1 AND window_start = $2', [
      gone.store_id,
      gone.window_start,
    ])
    await expect.poll(compare, { timeout: 30_000 }).toMatchObject({
      result: { table: expect.stringMatching(/:\d+\//), differs: 1, onlyHere: 1, onlyThere: 0 },
    })
    expect(await run('pipeline')).toMatchObject({
      result: { source: { kind: 'kafka', title: brokers }, target: { kind: 'memory' }, lag: { records: 0 } },
    })
  })
})
