import { connect as connectTls } from 'node:tls'
import { connect } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { startKafka } from '../support/services/kafka.ts'
import { startMinio } from '../support/services/minio.ts'
import { runSql, startPostgres } from '../support/services/postgres.ts'
import { startRedis } from '../support/services/redis.ts'
import {
  describeWithServices,
  useKafka,
  useMinio,
  usePostgres,
  useRedis,
  useSecureKafka,
  useZookeeperKafka,
} from '../support/services/use.ts'

/** Sends `text` and gives the first answer. */
const talk = (port: number, text: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.once('data', (chunk: Buffer) => {
      resolve(chunk.toString())
      socket.destroy()
    })
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('closed without an answer')))
  })

const splitAddress = (address = ''): { readonly host: string; readonly port: number } => {
  const [host = '', port = ''] = address.split(':')
  return { host, port: Number(port) }
}

describeWithServices('kafka', ['kafka'], () => {
  it('shares one broker among all who ask', async () => {
    expect((await useKafka()).brokers).toMatch(/^127\.0\.0\.1:\d+$/)
    expect(await useKafka()).toEqual(await useKafka())
  })

  it('shows a certificate of its own authority, and asks for one where it should', async () => {
    const { listeners, access } = await useSecureKafka()
    expect(Object.keys(listeners).toSorted()).toEqual(['MTLS', 'PLAINTEXT', 'SASL_PLAINTEXT', 'SASL_SSL', 'SSL'])
    const greet = (listener: string | undefined, certificate: object): Promise<string> =>
      new Promise((resolve) => {
        const socket = connectTls({ ...splitAddress(listener), ca: access?.ca, ...certificate })
        // ApiVersions 0: who is let in gets an answer.
        socket.once('secureConnect', () => socket.write(Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0, 0])))
        socket.once('data', () => resolve('answers'))
        socket.once('error', () => resolve('refuses'))
        socket.once('close', () => resolve('refuses'))
      })
    expect(await greet(listeners.SSL, {})).toBe('answers')
    expect(await greet(listeners.MTLS, {})).toBe('refuses')
    expect(await greet(listeners.MTLS, { cert: access?.clientCertificate, key: access?.clientKey })).toBe('answers')
  })

  it('sends clients through its proxy, and comes back on its port after a restart', async () => {
    const kafka = await startKafka({ proxied: true })
    onTestFinished(() => kafka.stop())
    expect(kafka.listeners.PROXIED).toBe(`127.0.0.1:${kafka.proxies[0]?.port}`)
    await kafka.restart('SIGKILL')
    await expect(
      talk(splitAddress(kafka.listeners.PROXIED).port, '\0\0\0\u000a\0\u0012\0\0\0\0\0\u0001\0\0'),
    ).resolves.not.toBe('')
  })
})

describeWithServices('kafka under zookeeper', ['kafka-zookeeper'], () => {
  it('starts', async () => {
    expect((await useZookeeperKafka()).version).toBe('3.9')
  })
})

describeWithServices('postgres', ['postgres'], () => {
  it('gives everyone an empty database of their own', async () => {
    const [one, other] = [await usePostgres(), await usePostgres()]
    runSql(one, 'create table only_here (id integer)')
    expect(runSql(one, 'select count(*) from only_here')).toBe('0')
    expect(() => runSql(other, 'select count(*) from only_here')).toThrow('does not exist')
    expect(() => runSql({ ...one, password: 'wrong' }, 'select 1')).toThrow('password authentication failed')
  })

  it('keeps its data over a kill, and its port', async () => {
    const postgres = await startPostgres({ tls: true, settings: { max_connections: 12 } })
    onTestFinished(() => postgres.stop())
    runSql(postgres, 'create table kept as select 7 as seven')
    await postgres.restart('SIGKILL')
    expect(runSql(postgres, 'select seven from kept')).toBe('7')
    expect(runSql(postgres, 'show max_connections')).toBe('12')
    expect(runSql(postgres, 'select ssl from pg_stat_ssl where pid = pg_backend_pid()')).toBe('t')
  })
})

describeWithServices('postgres 18', ['postgres-18'], () => {
  it('starts', async () => {
    const postgres = await startPostgres({ version: '18' })
    onTestFinished(() => postgres.stop())
    expect(runSql(postgres, 'show server_version')).toMatch(/^18/)
  })
})

describeWithServices('redis', ['redis'], () => {
  it('answers, and refuses whom it should', async () => {
    expect(await talk((await useRedis()).port, 'PING\r\n')).toBe('+PONG\r\n')
    const locked = await startRedis({ password: 'open-sesame' })
    onTestFinished(() => locked.stop())
    expect(await talk(locked.port, 'PING\r\n')).toContain('NOAUTH')
    expect(await talk(locked.port, 'AUTH open-sesame\r\n')).toBe('+OK\r\n')
    const secure = await startRedis({ tls: true })
    onTestFinished(() => secure.stop())
    expect(secure.url).toMatch(/^rediss:/)
  })
})

describeWithServices('minio', ['minio'], () => {
  it('answers, and lets nobody in without a key', async () => {
    const { endpoint } = await useMinio()
    expect((await fetch(`${endpoint}/a-bucket`)).status).toBe(403)
    const own = await startMinio()
    onTestFinished(() => own.stop())
    await own.halt()
    await expect(fetch(own.endpoint)).rejects.toThrow()
    await own.start()
    expect((await fetch(`${own.endpoint}/a-bucket`)).status).toBe(403)
  })
})
