import { connect as connectTls } from 'node:tls'
import { connect } from 'node:net'
import { Kafka, logLevel, type SASLOptions } from 'kafkajs'
import { expect, it, onTestFinished } from 'vitest'
import { startKafka } from '../support/services/kafka.ts'
import { signToken, startTokenServer } from '../support/services/kafka-oauth.ts'
import { startMinio } from '../support/services/minio.ts'
import { runSql, startPostgres } from '../support/services/postgres.ts'
import { startRedis } from '../support/services/redis.ts'
import { startSchemaRegistry } from '../support/services/schema-registry.ts'
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

const connectAs = async (brokers: string | undefined, ca: string | undefined, sasl: SASLOptions): Promise<string> => {
  const client = new Kafka({
    brokers: [brokers ?? ''],
    ssl: ca === undefined ? false : { ca },
    sasl,
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  })
  const admin = client.admin()
  try {
    await admin.connect()
    await admin.listTopics()
    return 'lets in'
  } catch (error) {
    return error instanceof Error ? error.name : String(error)
  } finally {
    await admin.disconnect()
  }
}

describeWithServices('kafka with sign-in', ['kafka'], () => {
  it.each(['SASL_PLAINTEXT', 'SASL_SSL'] as const)(
    'lets in on %s who knows the password or has a token',
    async (name) => {
      const { listeners, access } = await useSecureKafka()
      const { user = '', password = '', tokenKey = '', ca } = access ?? {}
      const tokens = await startTokenServer(tokenKey, { id: 'analyst', secret: 'a&b=c' })
      onTestFinished(() => tokens.stop())
      const askToken = async (secret: string): Promise<string> => {
        const body = new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: 'analyst',
          client_secret: secret,
        })
        const response = await fetch(tokens.url, { method: 'POST', body })
        return response.ok ? ((await response.json()) as { access_token: string }).access_token : `${response.status}`
      }
      const connect = (sasl: SASLOptions): Promise<string> =>
        connectAs(listeners[name], name === 'SASL_SSL' ? ca : undefined, sasl)
      const withToken = (value: string): Promise<string> =>
        connect({ mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value }) })
      for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'] as const) {
        expect(await connect({ mechanism, username: user, password }), mechanism).toBe('lets in')
        expect(await connect({ mechanism, username: user, password: 'wrong' }), mechanism).toMatch(/SASL/)
      }
      expect(await withToken(await askToken('a&b=c'))).toBe('lets in')
      expect(await askToken('wrong')).toBe('401')
      expect(tokens.countTokens()).toBe(1)
      expect(await withToken(signToken(tokenKey, 'analyst', -60))).not.toBe('lets in')
    },
  )
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

describeWithServices('schema registry', ['schema-registry'], () => {
  it('keeps schemas, and lets nobody in without a password', async () => {
    const registry = await startSchemaRegistry()
    onTestFinished(() => registry.stop())
    const id = await registry.register('prices', { type: 'string' })
    expect((await fetch(`${registry.url}/schemas/ids/${id}`)).status).toBe(401)
    expect(await registry.register('names', { type: 'string' })).toBe(id)
  })
})
