import fc from 'fast-check'
import { expect, it } from 'vitest'
import { Fault } from '../../../core/base/fault.ts'
import { maskDetail, maskSecrets, secretMask } from '../../../core/base/redact.ts'

const canary = 'hunter2-Canary'

it.each([
  [`postgres://ada:${canary}@db:5432/retail`, `postgres://ada:${secretMask}@db:5432/retail`],
  [`could not reach postgres://ada:p@ss/${canary}@db/x now`, `could not reach postgres://ada:${secretMask}@db/x now`],
  [`redis://:${canary}@cache:6379/0`, `redis://:${secretMask}@cache:6379/0`],
  [
    `postgres://db/x?user=ada&password=${canary}&sslmode=require`,
    `postgres://db/x?user=ada&password=${secretMask}&sslmode=require`,
  ],
  [`host=db password=${canary} user=ada`, `host=db password=${secretMask} user=ada`],
  [`host=db password = 'it\\'s ${canary}' user=ada`, `host=db password = ${secretMask} user=ada`],
  [`sslpassword=a\\ ${canary} x=1`, `sslpassword=${secretMask} x=1`],
  [`{"user":"ada","password": "a\\"${canary}"}`, `{"user":"ada","password": "${secretMask}"}`],
  [`{"text":"{\\"password\\":\\"${canary}\\"}"}`, `{"text":"{\\"password\\":"${secretMask}"}"}`],
  [
    `LoginModule required username="ada" password="${canary}";`,
    `LoginModule required username="ada" password=${secretMask};`,
  ],
  [`ssl.key.password=${canary}`, `ssl.key.password=${secretMask}`],
  [`Authorization: Bearer ${canary}`, `Authorization: Bearer ${secretMask}`],
  [`kafka.oauth.clientSecret=${canary}`, `kafka.oauth.clientSecret=${secretMask}`],
  [`STOREPULSE_S3_SECRET_KEY=${canary}`, `STOREPULSE_S3_SECRET_KEY=${secretMask}`],
  [`password: ${canary}`, `password: ${secretMask}`],
])('masks %s', (text, masked) => {
  expect(maskSecrets(text)).toBe(masked)
})

it('masks a private key, whole or cut off, and leaves certificates', () => {
  const key = `-----BEGIN EC PRIVATE KEY-----\nMHc${canary}\n-----END EC PRIVATE KEY-----`
  expect(maskSecrets(`before ${key} after`)).toBe(`before -----BEGIN EC PRIVATE KEY-----${secretMask} after`)
  expect(maskSecrets(key.slice(0, 45))).not.toContain('MHc')
  const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----'
  expect(maskSecrets(certificate)).toBe(certificate)
})

it.each([
  'there is no profile "cluster"',
  '/window/latenessMs must be at least 0',
  'postgres://ada@db:5432/retail?sslmode=require',
  'password authentication failed for user "ada"',
  'https://login.example/token?tokenUrl=https://x.example/y',
  'unexpected token: FROM',
  'kafka.ssl.key names no file',
  'a:9092, b:9092 and http://[::1]:8080/path',
])('leaves %s as it is', (text) => {
  expect(maskSecrets(text)).toBe(text)
})

it('masks a known secret in every spelling', () => {
  fc.assert(
    fc.property(fc.string({ minLength: 4, maxLength: 40 }), fc.constantFrom('', 'before '), (secret, before) => {
      const spellings = [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]
      for (const text of spellings) expect(maskSecrets(`${before}${text}`, [secret])).not.toBe(`${before}${text}`)
      expect(maskSecrets(`${before}${secret}`, [secret])).toContain(secretMask)
    }),
  )
})

it('shows no password of a URL or of key=value, whatever it is made of', () => {
  // Letters that can be found again, among signs that could end a password for who reads carelessly.
  const password = fc
    .array(fc.constantFrom('Zq7', '@', ':', '/', '?', '#', '%', '$', '!', ';', ',', '='), {
      minLength: 1,
      maxLength: 8,
    })
    .map((parts) => `Zq7${parts.join('')}Zq7`)
  fc.assert(
    fc.property(password, (secret) => {
      expect(maskSecrets(`postgres://ada:${secret}@db/x`)).not.toContain('Zq7')
      expect(maskSecrets(`host=db password=${secret} user=ada`)).not.toContain('Zq7')
      expect(maskSecrets(JSON.stringify({ password: secret }))).not.toContain('Zq7')
    }),
  )
})

it('masks long texts in no time', () => {
  const startMs = performance.now()
  for (const part of ['a', '://a:', 'password', '"', 'password="', '-----BEGIN PRIVATE KEY-----', '\\']) {
    maskSecrets(part.repeat(20_000))
  }
  expect(performance.now() - startMs).toBeLessThan(5_000)
})

it('is what every fault says', () => {
  const fault = new Fault('unreachable', `postgres://ada:${canary}@db`, { hint: `try password=${canary}` })
  expect(JSON.stringify([fault.message, fault.hint, fault.stack])).not.toContain(canary)
})

it('masks details by name and by look, as deep as they go', () => {
  const detail = {
    user: 'ada',
    sasl: { password: canary, mechanism: 'plain' },
    urls: [`redis://:${canary}@h`],
    count: 7,
  }
  expect(maskDetail(detail)).toEqual({
    user: 'ada',
    sasl: { password: secretMask, mechanism: 'plain' },
    urls: [`redis://:${secretMask}@h`],
    count: 7,
  })
  const ring: { inner?: unknown; password: string } = { password: canary }
  ring.inner = ring
  expect(JSON.stringify(maskDetail(ring))).not.toContain(canary)
})

it.each([
  ['a quoted secret', (size: number) => `password="${'q'.repeat(size)}`],
  ['a secret in JSON', (size: number) => `{"password": "${'q'.repeat(size)}"}`],
  ['escapes', (size: number) => `secret=${'\\q'.repeat(size)}`],
  ['quotes', (size: number) => '"'.repeat(size)],
  ['the end of an address', (size: number) => `${'x'.repeat(size)} kafka://me:sesame@host`],
])('cuts megabytes of %s, and shows nothing of a secret', (_, write) => {
  for (const size of [99_000, 99_990, 100_000, 104_090, 10_000_000]) {
    const masked = maskSecrets(write(size))
    expect(masked.length).toBeLessThanOrEqual(100_100)
    expect(masked).not.toMatch(/qq|sesame|\\q/)
  }
})
