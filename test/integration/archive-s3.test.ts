import { randomUUID } from 'node:crypto'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { expect, it, onTestFinished } from 'vitest'
import type { S3Connection } from '../../core/base/connections.ts'
import type { ArchiveRequest } from '../../core/archive/archive.ts'
import { openArchive } from '../../core/archive/open-archive.ts'
import { createS3Store } from '../../core/archive/s3/s3-store.ts'
import { createMemoryLog } from '../../core/log/memory/memory-log.ts'
import { promiseArchive } from '../contract/archive.promises.ts'
import { describeStore, lastHourMs, makeArchivedLog } from '../support/archived-log.ts'
import { makeCommittedHome, readTable } from '../support/committed-home.ts'
import { faultOf } from '../support/fault-of.ts'
import { describeRecord, readAll } from '../support/log-records.ts'
import { type MinioAddress, startMinio } from '../support/services/minio.ts'
import { startProxy } from '../support/services/proxy.ts'
import { describeWithServices, useMinio } from '../support/services/use.ts'
import { lastJson, runStorepulse } from '../support/storepulse.ts'

const everything: ArchiveRequest = { nowMs: lastHourMs, includesOpenHour: true }

async function makeBucket(address: MinioAddress): Promise<S3Connection> {
  const { accessKey, endpoint, region, secretKey } = address
  const bucket = `test-${randomUUID()}`
  const client = new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId: accessKey, secretAccessKey: secretKey },
  })
  await client.send(new CreateBucketCommand({ Bucket: bucket }))
  client.destroy()
  return { endpoint, region, bucket, accessKey, secretKey, prefix: 'raw/' }
}

const open = (connection: S3Connection) => {
  const archive = openArchive(createS3Store(connection))
  onTestFinished(() => archive.close())
  return archive
}

const openStore = (connection: S3Connection) => {
  const store = createS3Store(connection)
  onTestFinished(() => store.close())
  return store
}

describeWithServices('an archive on MinIO', ['minio'], () => {
  promiseArchive('s3', async () => {
    const connection = await makeBucket(await useMinio())
    return { archive: open(connection), store: openStore(connection), another: () => open(connection) }
  })

  it('keeps to its prefix', async () => {
    const connection = await makeBucket(await useMinio())
    const other = openStore({ ...connection, prefix: 'other/' })
    await other.replace('a.json', Buffer.from('1'), null)
    await open(connection).archive(await makeArchivedLog(), everything)
    expect((await other.list()).map(({ key }) => key)).toEqual(['a.json'])
    expect((await open({ ...connection, prefix: '' }).list()).length).toBe(0)
  })

  it('lists more objects than one answer holds', async () => {
    const store = openStore(await makeBucket(await useMinio()))
    const keys = Array.from({ length: 1_050 }, (_, index) => `n/${index}.json`)
    for (let at = 0; at < keys.length; at += 50) {
      await Promise.all(keys.slice(at, at + 50).map((key) => store.replace(key, Buffer.from('1'), null)))
    }
    expect((await store.list()).map(({ key }) => key).sort()).toEqual([...keys].sort())
  })

  it('says in seconds what is wrong with keys, bucket and address', async () => {
    const connection = await makeBucket(await useMinio())
    const ask = (changes: Partial<S3Connection>) => faultOf(openStore({ ...connection, ...changes }).list())
    const secret = await ask({ secretKey: 'something else' })
    expect([secret.code, secret.hint]).toEqual(['refused', 'check s3.secretKey'])
    const key = await ask({ accessKey: 'nobody' })
    expect([key.code, key.hint]).toEqual(['refused', 'check s3.accessKey'])
    const bucket = await ask({ bucket: 'not-there' })
    expect([bucket.code, bucket.message]).toEqual(['not-found', expect.stringContaining('no bucket not-there')])
    const proxy = await startProxy()
    onTestFinished(() => proxy.stop())
    await proxy.refuse()
    const refused = await ask({ endpoint: `http://127.0.0.1:${proxy.port}` })
    expect([refused.code, refused.retry]).toEqual(['unreachable', true])
    for (const fault of [secret, key, bucket, refused]) expect(fault.message).not.toContain('something else')
  })
})

describeWithServices('the command and MinIO', ['minio'], () => {
  it('gives the identical table when everything but the bucket is wiped, restored and run again', async () => {
    const { accessKey, bucket, endpoint, region, secretKey } = await makeBucket(await useMinio())
    const environment = {
      STOREPULSE_ARCHIVE_TARGET: 's3',
      STOREPULSE_S3_ENDPOINT: endpoint ?? '',
      STOREPULSE_S3_BUCKET: bucket,
      STOREPULSE_S3_REGION: region,
      STOREPULSE_S3_ACCESS_KEY: accessKey ?? '',
      STOREPULSE_S3_SECRET_KEY: secretKey ?? '',
    }
    const home = await makeCommittedHome()
    const before = await readTable(home)
    const run = (...args: readonly string[]) => runStorepulse(args, { home, environment })
    const archived = await run('archive', 'run', '--all', '--json')
    expect([archived.code, archived.stderr]).toEqual([0, ''])
    const replayed = await run('archive', 'replay', '--json')
    expect(lastJson(replayed)).toEqual({ windows: before.length, same: before.length, differs: 0 })
    expect((await run('reset', '--yes')).code).toBe(0)
    const restored = await run('archive', 'restore', '--yes', '--json')
    expect(lastJson(restored)).toMatchObject({ records: lastJson<{ records: number }>(archived).records })
    await run('run', '--until-caught-up')
    expect(await readTable(home)).toEqual(before)
    const wrong = await runStorepulse(['archive', 'list'], {
      home,
      environment: { ...environment, STOREPULSE_S3_ENDPOINT: 'http://127.0.0.1:1' },
    })
    expect([wrong.code, wrong.stderr]).toEqual([3, expect.stringContaining('does not answer')])
  })
})

describeWithServices('an archive on a MinIO that fails', ['minio'], () => {
  it('gives the same set however often connections are cut', async () => {
    const minio = await useMinio()
    const connection = await makeBucket(minio)
    const calm = await makeBucket(minio)
    const log = await makeArchivedLog()
    await open(calm).archive(log, everything)
    const target = new URL(minio.endpoint)
    const proxy = await startProxy({ host: target.hostname, port: Number(target.port) })
    onTestFinished(() => proxy.stop())
    const cutOff = { ...connection, endpoint: `http://127.0.0.1:${proxy.port}` }
    for (let bytes = 2_000; ; bytes += 9_000) {
      proxy.killAfterBytes(bytes, bytes % 2_000 === 0 ? 'client' : 'server')
      const archive = open(cutOff)
      const { problems, rows } = await archive
        .archive(log, everything)
        .catch(() => null)
        .then(() => open(connection).verify())
      expect(problems.filter(({ kind }) => kind !== 'unlisted' && kind !== 'gap')).toEqual([])
      if (rows === 325 && bytes > 60_000) break
    }
    await open(connection).archive(log, everything)
    expect(await describeStore(openStore(connection))).toEqual(await describeStore(openStore(calm)))
  })

  it('goes on where the server was killed', async () => {
    const minio = await startMinio()
    onTestFinished(() => minio.stop())
    const connection = await makeBucket(minio)
    const log = await makeArchivedLog()
    const archive = open(connection)
    let files = 0
    const working = archive.archive(log, {
      ...everything,
      onProgress(progress) {
        files = progress.files
        if (files === 10) void minio.halt()
      },
    })
    const fault = await faultOf(working)
    expect([fault.code, fault.retry, files]).toEqual(['unreachable', true, 10])
    await minio.start()
    await archive.archive(log, everything)
    const restored = createMemoryLog({ partitions: 4 })
    await archive.restore(restored)
    expect((await readAll(restored)).map(describeRecord)).toEqual((await readAll(log)).map(describeRecord))
  })
})
