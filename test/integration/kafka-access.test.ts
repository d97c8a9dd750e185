import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { KafkaConnection, KafkaSasl, KafkaTls } from '../../core/base/connections.ts'
import { checkKafka } from '../../core/log/kafka/check.ts'
import { openKafkaLog } from '../../core/log/kafka/kafka-log.ts'
import { createKafkaTopics } from '../../core/log/kafka/topics.ts'
import { faultOf } from '../support/fault-of.ts'
import { nameTopics, plainConnection, roomyBroker } from '../support/kafka-logs.ts'
import { liveAt, makeRecord, readAll, textOf } from '../support/log-records.ts'
import { createAuthority } from '../support/services/certificates.ts'
import { type KafkaServer, startKafka } from '../support/services/kafka.ts'
import { signToken, startTokenServer } from '../support/services/kafka-oauth.ts'
import type { KafkaAccess, KafkaListener } from '../support/services/kafka-settings.ts'
import { findFreePorts } from '../support/services/server-process.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

let kafka: KafkaServer
let access: KafkaAccess

beforeAll(async () => {
  kafka = await startKafka({
    listeners: ['SSL', 'MTLS', 'SASL_PLAINTEXT', 'SASL_SSL'],
    acls: true,
    overrides: { ...roomyBroker, 'super.users': 'User:ANONYMOUS;User:storepulse;User:CN=storepulse;User:robot' },
  })
  if (kafka.access === null) throw new Error('the broker asks nobody who comes')
  access = kafka.access
})

afterAll(() => kafka.stop())

const topics = nameTopics()
const names = Object.values(topics)

const trusting = (): KafkaTls => ({ ca: access.ca, cert: null, key: null, passphrase: null, verifiesHost: true })
const withPassword = (mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'): KafkaSasl => ({
  mechanism,
  username: access.user,
  password: access.password,
})

/** Listeners with TLS are at localhost, which their certificate names. */
function connectTo(listener: KafkaListener, more: Partial<KafkaConnection> = {}): KafkaConnection {
  const usesTls = listener !== 'PLAINTEXT' && listener !== 'SASL_PLAINTEXT'
  return { ...plainConnection(kafka.listeners[listener] ?? ''), tls: usesTls ? trusting() : null, ...more }
}

async function roundTrip(connection: KafkaConnection): Promise<readonly string[]> {
  const names = nameTopics()
  await createKafkaTopics({ connection, topics: names, partitions: 1, replicationFactor: 1 })
  const log = await openKafkaLog({ connection, topics: names, writes: true })
  onTestFinished(() => log.close())
  await log.append([makeRecord('a:1'), makeRecord('a:2')], liveAt(1))
  return (await readAll(log)).map(textOf)
}

describe('ways in', () => {
  it('PLAINTEXT', async () => expect(await roundTrip(connectTo('PLAINTEXT'))).toEqual(['a:1', 'a:2']))

  it.each(['SASL_PLAINTEXT', 'SASL_SSL'] as const)('%s with every mechanism', async (listener) => {
    for (const mechanism of ['plain', 'scram-sha-256', 'scram-sha-512'] as const) {
      expect(await roundTrip(connectTo(listener, { sasl: withPassword(mechanism) }))).toEqual(['a:1', 'a:2'])
    }
    const token = signToken(access.tokenKey, 'robot')
    expect(await roundTrip(connectTo(listener, { sasl: { mechanism: 'oauthbearer', token } }))).toEqual(['a:1', 'a:2'])
  })

  it('OAUTHBEARER with tokens asked for by client credentials', async () => {
    const server = await startTokenServer(access.tokenKey, { id: 'robot', secret: 'of metal' })
    onTestFinished(() => server.stop())
    const sasl: KafkaSasl = {
      mechanism: 'oauthbearer',
      tokenUrl: server.url,
      clientId: 'robot',
      clientSecret: 'of metal',
      scope: null,
    }
    expect(await roundTrip(connectTo('SASL_SSL', { sasl }))).toEqual(['a:1', 'a:2'])
    expect(server.countTokens()).toBeGreaterThan(0)
    const wrong = await faultOf(
      openKafkaLog({ connection: connectTo('SASL_SSL', { sasl: { ...sasl, clientSecret: 'x' } }), writes: false }),
    )
    expect(wrong.message).toContain('gave no token: it answered 401')
  })

  it('mTLS, with a certificate of this client', async () => {
    const tls = { ...trusting(), cert: access.clientCertificate, key: access.clientKey }
    expect(await roundTrip(connectTo('MTLS', { tls }))).toEqual(['a:1', 'a:2'])
  })
})

/** A server that takes connections and says nothing. */
async function listenSilently(): Promise<{ readonly port: number; readonly server: Server }> {
  const server = createServer((socket) => socket.on('error', () => socket.destroy()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  const address = server.address()
  return { server, port: typeof address === 'object' && address !== null ? address.port : 0 }
}

describe('what keeps us out, and the step of the check it belongs to', () => {
  const judge = async (connection: KafkaConnection): Promise<readonly [string, unknown, string]> => {
    const startedMs = performance.now()
    const fault = await faultOf(openKafkaLog({ connection, topics, writes: false, connectTimeoutMs: 2_000 }))
    expect(performance.now() - startedMs).toBeLessThan(10_000)
    expect(fault.hint).toBeTruthy()
    const failed = (await checkKafka(connection, names, { timeoutMs: 2_000 })).find(({ ok }) => !ok)
    expect(failed?.fix).toBeTruthy()
    return [fault.code, fault.detail['cause'], failed?.step ?? 'nothing']
  }

  it('a host that does not exist', async () => {
    expect(await judge(plainConnection('no-such-host.invalid:9092'))).toEqual(['unreachable', 'dns', 'DNS'])
  })

  it('a port where nobody listens', async () => {
    const [port] = await findFreePorts(1)
    expect(await judge(plainConnection(`127.0.0.1:${port}`))).toEqual(['unreachable', 'refused', 'TCP'])
  })

  it('a server that never answers', async () => {
    const { port } = await listenSilently()
    expect(await judge(plainConnection(`127.0.0.1:${port}`))).toEqual(['unreachable', 'timed-out', 'TCP'])
  })

  it('TLS spoken to a plaintext port', async () => {
    expect(await judge(connectTo('PLAINTEXT', { tls: trusting() }))).toEqual(['unreachable', 'tls-to-plaintext', 'TLS'])
  })

  it('plaintext spoken to a TLS port', async () => {
    expect(await judge(connectTo('SSL', { tls: null }))).toEqual(['unreachable', 'plaintext-to-tls', 'TLS'])
  })

  it('a certificate that nobody trusts', async () => {
    const ca = createAuthority(makeTemporaryDirectory(), 'stranger').certificate
    const expected = ['unreachable', 'certificate-not-trusted', 'TLS']
    expect(await judge(connectTo('SSL', { tls: { ...trusting(), ca } }))).toEqual(expected)
    expect(await judge(connectTo('SSL', { tls: { ...trusting(), ca: null } }))).toEqual(expected)
  })

  it('a certificate for another host', async () => {
    const brokers = (kafka.listeners.SSL ?? '').replaceAll('127.0.0.1', '127.0.0.2')
    // On machines where all of 127/8 is the machine itself; elsewhere nobody listens there.
    const [, cause] = await judge({ ...connectTo('SSL'), brokers: [brokers] })
    expect(['certificate-for-another-host', 'refused', 'timed-out']).toContain(cause)
  })

  it('no certificate where one is wanted, and one of a stranger', async () => {
    const expected = ['unreachable', 'client-certificate', 'TLS']
    expect(await judge(connectTo('MTLS'))).toEqual(expected)
    const stranger = createAuthority(makeTemporaryDirectory(), 'stranger').issue('someone')
    const tls = { ...trusting(), cert: stranger.certificate, key: stranger.key }
    expect(await judge(connectTo('MTLS', { tls }))).toEqual(expected)
  })

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)('a wrong password for %s', async (mechanism) => {
    const sasl = { ...withPassword(mechanism), password: 'wrong' } as KafkaSasl
    expect(await judge(connectTo('SASL_PLAINTEXT', { sasl }))).toEqual(['refused', 'credentials', 'sign-in'])
  })

  it.each([60, 3_600])('a token that has expired %i s ago', async (seconds) => {
    const sasl: KafkaSasl = { mechanism: 'oauthbearer', token: signToken(access.tokenKey, 'robot', -seconds) }
    expect(await judge(connectTo('SASL_SSL', { sasl }))).toEqual(['refused', 'credentials', 'sign-in'])
  })

  it('a sign-in where the listener has none', async () => {
    expect(await judge(connectTo('PLAINTEXT', { sasl: withPassword('plain') }))).toEqual([
      'refused',
      'mechanism',
      'sign-in',
    ])
  })

  it('topics this user may not read', async () => {
    await createKafkaTopics({ connection: connectTo('PLAINTEXT'), topics, partitions: 1, replicationFactor: 1 })
    const sasl: KafkaSasl = { mechanism: 'oauthbearer', token: signToken(access.tokenKey, 'guest') }
    const fault = await faultOf(openKafkaLog({ connection: connectTo('SASL_SSL', { sasl }), topics, writes: false }))
    expect([fault.code, fault.detail['cause']]).toEqual(['refused', 'acl'])
    const failed = (await checkKafka(connectTo('SASL_SSL', { sasl }), names)).find(({ ok }) => !ok)
    expect(failed).toMatchObject({ step: 'topics', fix: 'grant Describe and Read on the topic' })
  })
})

it('finds nothing wrong where nothing is', async () => {
  const connection = connectTo('SASL_SSL', { sasl: withPassword('scram-sha-512') })
  await createKafkaTopics({ connection, topics, partitions: 2, replicationFactor: 1 })
  const checks = await checkKafka(connection, names)
  expect(checks.map(({ step, ok, fix }) => [step, ok, fix])).toEqual(
    ['DNS', 'TCP', 'TLS', 'sign-in', 'advertised listeners', 'topics', 'read rights'].map((step) => [step, true, null]),
  )
})

it('finds the topics that are missing', async () => {
  const checks = await checkKafka(connectTo('PLAINTEXT'), ['no-such-topic'])
  expect(checks.find(({ step }) => step === 'topics')).toMatchObject({ ok: false })
})
