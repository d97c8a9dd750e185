import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { KafkaConnection } from '../../../core/base/connections.ts'
import { Fault } from '../../../core/base/fault.ts'
import { formatBroker, parseBrokers } from '../../../core/settings/brokers.ts'
import { readKafkaConnection, readKafkaTopics } from '../../../core/settings/kafka-connection.ts'
import { readPem } from '../../../core/settings/pem.ts'
import { resolveSettings, type Settings } from '../../../core/settings/settings.ts'
import { makeTemporaryDirectory } from '../../support/temporary-directory.ts'

const settingsOf = (flags: readonly string[], environment: Readonly<Record<string, string>> = {}): Settings =>
  resolveSettings({ profile: { kind: 'process' }, environment, flags })

const read = (...flags: readonly string[]): KafkaConnection =>
  readKafkaConnection(settingsOf(['kafka.brokers=a', ...flags]))

function findFault(action: () => unknown): Fault {
  try {
    action()
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error('nothing was refused')
}

it.each([
  ['a', ['a:9092']],
  [' a:1 , b:2,, c ', ['a:1', 'b:2', 'c:9092']],
  ['a:1 b:2;c:3', ['a:1', 'b:2', 'c:3']],
  ['[2001:db8::1]:9093,[::1]', ['[2001:db8::1]:9093', '[::1]:9092']],
  ['SASL_SSL://b-1.kafka.example.com:9096', ['b-1.kafka.example.com:9096']],
  ['', []],
])('reads brokers %j', (text, brokers) => {
  expect(parseBrokers(text)?.map(formatBroker)).toEqual(brokers)
})

it.each(['::1', '::1:9092', 'a:b', 'a:0', 'a:65536', '[a]:1', 'a:1:2', 'http://user@a', '://a', 'a:1/x'])(
  'takes %s for no broker',
  (text) => {
    expect(parseBrokers(text)).toBeNull()
    expect(() => settingsOf([`kafka.brokers=${text}`])).toThrow('/kafka/brokers must be host:port')
  },
)

it('reads back every list of brokers it writes', () => {
  const host = fc.oneof(fc.domain(), fc.ipV4(), fc.ipV6())
  const scheme = fc.constantFrom(null, 'SSL', 'SASL_SSL')
  const broker = fc.record({ host, port: fc.integer({ min: 1, max: 65_535 }), scheme })
  fc.assert(
    fc.property(fc.array(broker, { maxLength: 4 }), fc.constantFrom(',', ', ', ' '), (brokers, between) => {
      const text = brokers
        .map((one) => `${one.scheme === null ? '' : `${one.scheme}://`}${formatBroker(one)}`)
        .join(between)
      expect(parseBrokers(text)).toEqual(brokers)
    }),
  )
})

it('connects in plain text unless told otherwise', () => {
  expect(read()).toEqual({ brokers: ['a:9092'], clientId: 'storepulse', tls: null, sasl: null })
})

it('takes the protection from the scheme, and refuses two that differ', () => {
  expect(read('kafka.brokers=SSL://a:1').tls).toEqual({
    ca: null,
    cert: null,
    key: null,
    passphrase: null,
    verifiesHost: true,
  })
  expect(() => read('kafka.brokers=SSL://a:1', 'kafka.security=plaintext')).toThrow('/kafka/brokers says ssl and')
  expect(() => read('kafka.brokers=SSL://a:1,PLAINTEXT://b:1')).toThrow(
    'has both plaintext and ssl in front of brokers',
  )
})

it('refuses to leave unprotected what was meant to be', () => {
  expect(() => read('kafka.sasl.username=ada')).toThrow('kafka.sasl.username is set, and kafka.security is plaintext')
  expect(() => read('kafka.security=sasl_plaintext', 'kafka.ssl.ca=/ca.pem')).toThrow('kafka.ssl.ca is set, and')
  expect(() => read('kafka.security=ssl', 'kafka.sasl.username=ada')).toThrow('makes no use of it')
  // A variable may be there for another profile.
  const ofAnother = settingsOf(['kafka.brokers=a'], { STOREPULSE_KAFKA_SASL_USERNAME: 'ada' })
  expect(readKafkaConnection(ofAnother).sasl).toBeNull()
})

it.each(['plain', 'scram-sha-256', 'scram-sha-512'])('signs in with %s', (mechanism) => {
  const { sasl, tls } = read(
    'kafka.security=sasl_plaintext',
    `kafka.sasl.mechanism=${mechanism}`,
    'kafka.sasl.username=ada',
    'kafka.sasl.password= s3=cret ',
  )
  expect(tls).toBeNull()
  expect(sasl).toEqual({ mechanism, username: 'ada', password: ' s3=cret ' })
})

it('signs in with a token, or with client credentials for one', () => {
  const base = ['kafka.security=sasl_ssl', 'kafka.sasl.mechanism=oauthbearer']
  expect(read(...base, 'kafka.oauth.token=t').sasl).toEqual({ mechanism: 'oauthbearer', token: 't' })
  const credentials = [
    'kafka.oauth.tokenUrl=https://login.example/token',
    'kafka.oauth.clientId=c',
    'kafka.oauth.clientSecret=s',
  ]
  expect(read(...base, ...credentials).sasl).toEqual({
    mechanism: 'oauthbearer',
    tokenUrl: 'https://login.example/token',
    clientId: 'c',
    clientSecret: 's',
    scope: null,
  })
  expect(() => read(...base, ...credentials, 'kafka.oauth.token=t')).toThrow('are both set')
})

it.each([
  [[], 'kafka.sasl.username is missing: kafka.sasl.mechanism is plain', 'STOREPULSE_KAFKA_SASL_USERNAME'],
  [['kafka.sasl.username=a'], 'kafka.sasl.password is missing', 'STOREPULSE_KAFKA_SASL_PASSWORD'],
  [['kafka.sasl.mechanism=oauthbearer'], 'kafka.oauth.tokenUrl is missing', 'STOREPULSE_KAFKA_OAUTH_TOKEN_URL'],
  [
    ['kafka.sasl.mechanism=oauthbearer', 'kafka.oauth.tokenUrl=http://a'],
    'kafka.oauth.clientId is missing',
    'CLIENT_ID',
  ],
])('names what is missing for signing in with %j', (flags, message, variable) => {
  const fault = findFault(() => read('kafka.security=sasl_ssl', ...flags))
  expect(fault.code).toBe('setting')
  expect(fault.message).toContain(message)
  expect(fault.hint).toContain(variable)
})

it('names brokers as missing', () => {
  const fault = findFault(() => readKafkaConnection(settingsOf([])))
  expect(fault.message).toBe('kafka.brokers is missing: a profile of kind process reads Kafka')
  expect(fault.hint).toBe('set STOREPULSE_KAFKA_BROKERS, or set kafka.brokers in the profile')
})

it('refuses a token URL that has a user in it', () => {
  const fault = findFault(() => settingsOf(['kafka.oauth.tokenUrl=https://user:canary@login.example/token']))
  expect(fault.message).toBe('/kafka/oauth/tokenUrl must be an http or https URL without a user')
})

const pem = (label: string): string => `-----BEGIN ${label}-----\nMIIB\n-----END ${label}-----\n`

it('reads certificates from files or as text, pasted into one line as well', () => {
  const folder = makeTemporaryDirectory()
  writeFileSync(join(folder, 'ca.pem'), pem('CERTIFICATE'))
  const { tls } = read(
    'kafka.security=ssl',
    `kafka.ssl.ca=${join(folder, 'ca.pem')}`,
    `kafka.ssl.cert=${pem('CERTIFICATE').replaceAll('\n', String.raw`\n`)}`,
    `kafka.ssl.key=${pem('EC PRIVATE KEY')}`,
    'kafka.ssl.passphrase=open',
    'kafka.ssl.verifyHost=false',
  )
  expect(tls).toEqual({
    ca: pem('CERTIFICATE'),
    cert: pem('CERTIFICATE'),
    key: pem('EC PRIVATE KEY'),
    passphrase: 'open',
    verifiesHost: false,
  })
})

it('takes the key from the file of the certificate, and misses one without the other', () => {
  const both = `${pem('CERTIFICATE')}${pem('PRIVATE KEY')}`
  const file = join(makeTemporaryDirectory(), 'client.pem')
  writeFileSync(file, both)
  expect(read('kafka.security=ssl', `kafka.ssl.cert=${file}`).tls?.key).toBe(both)
  expect(() => read(`kafka.ssl.cert=${both}`)).toThrow('/kafka/ssl/cert must not hold a private key')
  expect(() => read('kafka.security=ssl', `kafka.ssl.cert=${pem('CERTIFICATE')}`)).toThrow('kafka.ssl.key is missing')
  expect(() => read('kafka.security=ssl', `kafka.ssl.key=${pem('PRIVATE KEY')}`)).toThrow('kafka.ssl.cert is missing')
})

it('says of a store of Java or of Windows how to convert it', () => {
  const folder = makeTemporaryDirectory()
  const file = (name: string): string => join(folder, name)
  const run = (...parts: readonly string[]): void => {
    execFileSync('openssl', parts, { cwd: folder, stdio: 'ignore' })
  }
  run('req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/CN=a', '-keyout', 'a.key', '-out', 'a.crt')
  run('pkcs12', '-export', '-inkey', 'a.key', '-in', 'a.crt', '-passout', 'pass:x', '-out', 'a.p12')
  run('x509', '-in', 'a.crt', '-outform', 'der', '-out', 'a.der')
  writeFileSync(file('a.jks'), Buffer.from('feedfeed0000000200000001', 'hex'))
  writeFileSync(file('a.txt'), 'no certificate')
  const findRefusal = (name: string): Fault => findFault(() => readPem('kafka.ssl.ca', file(name)))
  expect(findRefusal('a.p12').message).toBe('kafka.ssl.ca names a file that is a PKCS#12 store')
  expect(findRefusal('a.p12').hint).toContain('openssl pkcs12 -in')
  expect(findRefusal('a.jks').message).toBe('kafka.ssl.ca names a file that is a Java key store')
  expect(findRefusal('a.jks').hint).toContain('keytool -importkeystore')
  expect(findRefusal('a.der').message).toBe('kafka.ssl.ca names a file that is in DER form')
  expect(findRefusal('a.txt').message).toBe('kafka.ssl.ca names a file that is no PEM')
})

it('never says a key that lost its first line', () => {
  const fault = findFault(() => read('kafka.security=ssl', 'kafka.ssl.key=MIIcanaryMII'))
  expect(fault.message).toBe('kafka.ssl.key is neither PEM nor a file that can be read: ENOENT')
  expect(JSON.stringify([fault.message, fault.hint, String(fault.cause), fault.stack])).not.toContain('canary')
})

it('names topics as the cluster does', () => {
  const { names, ...rest } = readKafkaTopics(
    settingsOf([
      'kafka.topicPrefix=eu.',
      'kafka.topics.customer-events=visits',
      'kafka.startFrom=2025-01-06T00:00:00Z',
    ]),
  )
  expect(names).toEqual({
    'retail-transactions': 'eu.retail-transactions',
    'customer-events': 'eu.visits',
    'inventory-updates': 'eu.inventory-updates',
  })
  expect(rest).toEqual({
    startFrom: { atMs: Date.UTC(2025, 0, 6) },
    isolation: 'read_committed',
    groupId: 'storepulse',
    partitions: 4,
    replicationFactor: -1,
  })
  expect(() => readKafkaTopics(settingsOf(['kafka.topics.customer-events=inventory-updates']))).toThrow('same name')
})

it.each(['yesterday', '2025-13-01', '2025-01-06T00:00:00', 'Earliest'])('begins no topic from %s', (text) => {
  expect(() => settingsOf([`kafka.startFrom=${text}`])).toThrow('/kafka/startFrom must be earliest, latest, or a time')
})
