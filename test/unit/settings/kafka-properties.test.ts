import fc from 'fast-check'
import { expect, it } from 'vitest'
import { importKafkaProperties } from '../../../core/settings/kafka-properties.ts'
import { readKafkaConnection } from '../../../core/settings/kafka-connection.ts'
import { parseJaas, parseProperties } from '../../../core/settings/properties.ts'
import { resolveSettings } from '../../../core/settings/settings.ts'

it.each([
  ['a=b', [['a', 'b']]],
  ['a = b \n', [['a', 'b ']]],
  ['a: b', [['a', 'b']]],
  ['a b', [['a', 'b']]],
  ['a', [['a', '']]],
  [
    '# c\n! c\n\n  a=1\r\nb=2',
    [
      ['a', '1'],
      ['b', '2'],
    ],
  ],
  ['a=1\\\n   2\\\n   3', [['a', '123']]],
  [
    'a=1\\\\\nb=2',
    [
      ['a', '1\\'],
      ['b', '2'],
    ],
  ],
  [String.raw`a\=b=c\u0041\n\:`, [['a=b', 'cA\n:']]],
  ['a=b=c', [['a', 'b=c']]],
  ['\uFEFFa=b', [['a', 'b']]],
  ['a=b\\', [['a', 'b']]],
])('reads the properties %j', (text, properties) => {
  expect(parseProperties(text).map(({ key, value }) => [key, value])).toEqual(properties)
})

it('reads back every property that is escaped as Java does', () => {
  const escape = (text: string): string =>
    text.replaceAll(/[\\=:#! ]/g, String.raw`\$&`).replaceAll('\n', String.raw`\n`)
  const text = fc.string({ unit: fc.constantFrom('a', ' ', '=', ':', '#', '!', '\\', '\n', 'ü'), minLength: 1 })
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text)), (pairs) => {
      const file = pairs.map(([key, value]) => `${escape(key)}=${escape(value)}`).join('\n')
      expect(parseProperties(file).map(({ key, value }) => [key, value])).toEqual(pairs)
    }),
  )
})

it.each([
  [
    'org.apache.kafka.common.security.plain.PlainLoginModule required username="ada" password="a\\"b;c";',
    { name: 'PlainLoginModule', options: { username: 'ada', password: 'a"b;c' } },
  ],
  [
    "KafkaClient {\n  a.b.ScramLoginModule Required\n  username='ada'\n  password=plain;\n};",
    { name: 'ScramLoginModule', options: { username: 'ada', password: 'plain' } },
  ],
  ['a.Login required;', { name: 'Login', options: {} }],
  ['nothing of the kind', null],
])('reads the login module %j', (text, login) => {
  expect(parseJaas(text)).toEqual(login)
})

it('reads the usual file of a cluster with scram over TLS', () => {
  const text = [
    'bootstrap.servers=SASL_SSL://b-1.example.com:9096, b-2.example.com:9096',
    'security.protocol=SASL_SSL',
    'sasl.mechanism=SCRAM-SHA-512',
    'sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required \\',
    '  username="ada" \\',
    '  password="canary";',
    'ssl.ca.location=/etc/ca.pem',
    'group.id=retail',
    'auto.offset.reset=smallest',
    'isolation.level=read_uncommitted',
    'linger.ms=5',
  ].join('\n')
  const { ignored, secrets, values } = importKafkaProperties(text)
  expect(values).toEqual({
    'kafka.brokers': 'SASL_SSL://b-1.example.com:9096, b-2.example.com:9096',
    'kafka.security': 'sasl_ssl',
    'kafka.sasl.mechanism': 'scram-sha-512',
    'kafka.sasl.username': 'ada',
    'kafka.ssl.ca': '/etc/ca.pem',
    'kafka.groupId': 'retail',
    'kafka.startFrom': 'earliest',
    'kafka.isolation': 'read_uncommitted',
  })
  expect(secrets).toEqual({ 'kafka.sasl.password': 'canary' })
  expect(ignored).toEqual([{ key: 'linger.ms', why: 'has no counterpart here' }])
})

it('reads librdkafka’s spellings', () => {
  const { ignored, secrets, values } = importKafkaProperties(
    [
      'metadata.broker.list=a:1,b:2',
      'security.protocol=sasl_plaintext',
      'sasl.mechanisms=PLAIN',
      'sasl.username=ada',
      'sasl.password= canary ',
      'ssl.certificate.location=/client.pem',
      'ssl.key.location=/client.key',
      'ssl.key.password=open',
      'enable.ssl.certificate.verification=false',
      'ssl.endpoint.identification.algorithm=none',
    ].join('\n'),
  )
  expect(values).toMatchObject({
    'kafka.brokers': 'a:1,b:2',
    'kafka.sasl.mechanism': 'plain',
    'kafka.ssl.cert': '/client.pem',
    'kafka.ssl.verifyHost': false,
  })
  expect(secrets).toEqual({
    'kafka.sasl.password': 'canary ',
    'kafka.ssl.key': '/client.key',
    'kafka.ssl.passphrase': 'open',
  })
  expect(ignored.map(({ key }) => key)).toEqual(['enable.ssl.certificate.verification'])
})

it('gives settings that connect', () => {
  const { secrets, values } = importKafkaProperties(
    [
      'bootstrap.servers=a',
      'security.protocol=SASL_PLAINTEXT',
      'sasl.mechanism=OAUTHBEARER',
      'sasl.oauthbearer.token.endpoint.url=https://login.example/token',
      'sasl.jaas.config=x.OAuthBearerLoginModule required clientId="c" clientSecret="canary" scope="s";',
    ].join('\n'),
  )
  const settings = resolveSettings({ profile: { kind: 'watch', ...values }, environment: {}, flags: [], secrets })
  expect(readKafkaConnection(settings).sasl).toEqual({
    mechanism: 'oauthbearer',
    tokenUrl: 'https://login.example/token',
    clientId: 'c',
    clientSecret: 'canary',
    scope: 's',
  })
})

it('takes the mechanism that is named over the one a login module lets guess, whichever stands first', () => {
  const lines = [
    'sasl.mechanism=SCRAM-SHA-256',
    'sasl.jaas.config=x.PlainLoginModule required username="a" password="b";',
  ]
  for (const text of [lines.join('\n'), lines.toReversed().join('\n')]) {
    expect(importKafkaProperties(text).values['kafka.sasl.mechanism']).toBe('scram-sha-256')
  }
  expect(importKafkaProperties(lines[1] ?? '').values['kafka.sasl.mechanism']).toBe('plain')
})

it('names stores of Java’s as not supported, with the line that converts them', () => {
  const find = (text: string): readonly string[] => importKafkaProperties(text).ignored.map(({ why }) => why)
  expect(find('ssl.truststore.location=/my store.jks\nssl.truststore.password=canary')).toEqual([
    "JKS stores are not supported: run keytool -importkeystore -srckeystore '/my store.jks' -destkeystore store.p12 -deststoretype PKCS12 && openssl pkcs12 -in store.p12 -nokeys -out ca.pem and set kafka.ssl.ca to ca.pem",
    'belongs to a store of Java’s; PEM files have none, and ssl.key.password opens a key',
  ])
  expect(find('ssl.keystore.location=/client.p12')).toEqual([
    'PKCS12 stores are not supported: run openssl pkcs12 -in /client.p12 -nodes -out client.pem and set kafka.ssl.cert to client.pem',
  ])
  const { ignored, values } = importKafkaProperties('ssl.truststore.type=PEM\nssl.truststore.location=/ca.store')
  expect([ignored, values]).toEqual([[], { 'kafka.ssl.ca': '/ca.store' }])
})

it.each([
  ['sasl.mechanism=GSSAPI', 'Kerberos is not supported'],
  ['sasl.mechanism=AWS_MSK_IAM', 'sign in to MSK with'],
  ['constructor=canary', 'has no counterpart here'],
  ['__proto__=canary', 'has no counterpart here'],
  ['sasl.mechanism=CANARY', 'must be one of plain'],
  ['security.protocol=CANARY', 'must be one of plaintext'],
  ['bootstrap.servers=::canary', 'must be host:port'],
  ['sasl.password=${file:/canary:password}', 'refers to a value that stands elsewhere'],
  ['sasl.jaas.config=canary', 'is no login module that can be read'],
  ['sasl.jaas.config=com.sun.Krb5LoginModule required keyTab="canary";', 'Krb5LoginModule is not supported'],
  ['auto.offset.reset=canary', 'must be earliest, latest, or a time'],
])('says why %s changes nothing, without its value', (line, why) => {
  const imported = importKafkaProperties(line)
  expect(imported.ignored).toHaveLength(1)
  expect(imported.ignored[0]?.why).toContain(why)
  expect(JSON.stringify(imported)).not.toContain('canary')
})

it('never lets a secret among the values or the reasons', () => {
  const keys = [
    'sasl.password',
    'ssl.key.password',
    'ssl.key.pem',
    'ssl.keystore.key',
    'sasl.oauthbearer.client.secret',
  ]
  const others = [
    'ssl.keystore.password',
    'ssl.truststore.password',
    'sasl.oauthbearer.client.credentials.client.secret',
  ]
  for (const key of [...keys, ...others]) {
    const { ignored, values } = importKafkaProperties(`${key}=canary`)
    expect(JSON.stringify([ignored, values])).not.toContain('canary')
  }
})

it('takes any text without an exception', () => {
  fc.assert(fc.property(fc.string(), (text) => Array.isArray(importKafkaProperties(text).ignored)))
})
