import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, it, onTestFinished } from 'vitest'
import { checkKafka } from '../../core/log/kafka/check.ts'
import { readKafkaConnection } from '../../core/settings/kafka-connection.ts'
import { importKafkaProperties } from '../../core/settings/kafka-properties.ts'
import { resolveSettings } from '../../core/settings/settings.ts'
import type { KafkaAddress } from '../support/services/kafka.ts'
import { startTokenServer } from '../support/services/kafka-oauth.ts'
import type { KafkaAccess, KafkaListener } from '../support/services/kafka-settings.ts'
import { describeWithServices, useSecureKafka } from '../support/services/use.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

/** The steps that fail for whoever has nothing but this file. */
async function findFailures(lines: readonly string[]): Promise<readonly string[]> {
  const { ignored, secrets, values } = importKafkaProperties(lines.join('\n'))
  expect(ignored).toEqual([])
  const profile = { kind: 'watch', ...values }
  const settings = resolveSettings({ profile, environment: {}, flags: [], secrets })
  const steps = await checkKafka(readKafkaConnection(settings), [], { timeoutMs: 15_000 })
  expect(steps.length).toBeGreaterThan(1)
  return steps.filter(({ ok }) => !ok).map(({ detail, step }) => `${step}: ${detail}`)
}

const oneLine = (pem: string): string => pem.trim().replaceAll('\n', String.raw` \n`)

describeWithServices('a client.properties file opens', ['kafka'], () => {
  let kafka: KafkaAddress
  let access: KafkaAccess

  beforeAll(async () => {
    kafka = await useSecureKafka()
    if (kafka.access === null) throw new Error('the broker asks nobody who comes')
    access = kafka.access
  })

  const at = (listener: KafkaListener): string => `bootstrap.servers=${kafka.listeners[listener] ?? ''}`
  const login = (name: string): string =>
    `sasl.jaas.config=org.apache.kafka.common.security.${name} required username="${access.user}" password="${access.password}";`

  it.each([
    ['PLAIN', 'plain.PlainLoginModule'],
    ['SCRAM-SHA-256', 'scram.ScramLoginModule'],
    ['SCRAM-SHA-512', 'scram.ScramLoginModule'],
  ])('a listener with %s, in the spelling of Java and of librdkafka', async (mechanism, module) => {
    const java = [
      at('SASL_PLAINTEXT'),
      'security.protocol=SASL_PLAINTEXT',
      `sasl.mechanism=${mechanism}`,
      login(module),
    ]
    expect(await findFailures(java)).toEqual([])
    const librdkafka = [
      at('SASL_SSL').replace('bootstrap.servers', 'metadata.broker.list'),
      'security.protocol=sasl_ssl',
      `sasl.mechanisms=${mechanism}`,
      `sasl.username=${access.user}`,
      `sasl.password=${access.password}`,
      `ssl.ca.location=${access.caFile}`,
    ]
    expect(await findFailures(librdkafka)).toEqual([])
    const wrong = librdkafka.map((line) => (line.startsWith('sasl.password') ? 'sasl.password=wrong' : line))
    expect(await findFailures(wrong)).toEqual([expect.stringMatching(/^sign-in: /)])
  })

  it('a listener with TLS, the authority in a PEM store or in the file itself', async () => {
    const base = [at('SSL'), 'security.protocol=SSL']
    const inStore = ['ssl.truststore.type=PEM', `ssl.truststore.location=${access.caFile}`]
    expect(await findFailures([...base, ...inStore])).toEqual([])
    expect(await findFailures([...base, `ssl.ca.pem=${access.ca.trim().replaceAll('\n', String.raw`\n`)}`])).toEqual([])
    expect(await findFailures(base)).toEqual([expect.stringMatching(/^TLS: /)])
  })

  it('a listener that asks for a certificate, in one store with its key or apart', async () => {
    const base = [at('MTLS'), 'security.protocol=SSL', `ssl.ca.location=${access.caFile}`]
    const store = join(makeTemporaryDirectory(), 'client.pem')
    writeFileSync(store, `${access.clientKey}\n${access.clientCertificate}`)
    expect(await findFailures([...base, 'ssl.keystore.type=PEM', `ssl.keystore.location=${store}`])).toEqual([])
    const apart = [
      `ssl.certificate.location=${access.clientCertificateFile}`,
      `ssl.key.location=${access.clientKeyFile}`,
    ]
    expect(await findFailures([...base, ...apart])).toEqual([])
    const inFile = [
      `ssl.keystore.certificate.chain=${oneLine(access.clientCertificate)}`,
      `ssl.keystore.key=${oneLine(access.clientKey)}`,
    ]
    expect(await findFailures([...base, ...inFile])).toEqual([])
  })

  it('a listener with OAUTHBEARER, by client credentials', async () => {
    const server = await startTokenServer(access.tokenKey, { id: 'robot', secret: 'of "metal"' })
    onTestFinished(() => server.stop())
    const file = [
      at('SASL_SSL'),
      'security.protocol=SASL_SSL',
      'sasl.mechanism=OAUTHBEARER',
      `ssl.ca.location=${access.caFile}`,
      `sasl.oauthbearer.token.endpoint.url=${server.url}`,
      String.raw`sasl.jaas.config=x.OAuthBearerLoginModule required clientId="robot" clientSecret="of \\"metal\\"";`,
    ]
    expect(await findFailures(file)).toEqual([])
  })
})
