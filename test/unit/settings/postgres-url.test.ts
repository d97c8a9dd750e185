import fc from 'fast-check'
import { expect, it } from 'vitest'
import { formatPostgresPairs, formatPostgresUrl, parsePostgres } from '../../../core/settings/postgres-url.ts'

const read = (text: string): object => {
  const parsed = parsePostgres(text)
  return parsed.ok ? parsed.parameters : { rule: parsed.rule }
}

it.each([
  ['postgres://db', { host: 'db' }],
  ['postgresql://ada@db:5433/retail', { host: 'db', port: '5433', user: 'ada', dbname: 'retail' }],
  ['postgres://ada:p%40ss%2F%25@db/retail%20x', { host: 'db', user: 'ada', password: 'p@ss/%', dbname: 'retail x' }],
  ['postgres://ada:p@ss@db/x', { host: 'db', user: 'ada', password: 'p@ss', dbname: 'x' }],
  ['postgres://ada:p?x=1@db/x', { host: 'db', user: 'ada', password: 'p?x=1', dbname: 'x' }],
  ['postgres://db?sslrootcert=/a@b', { host: 'db', sslrootcert: '/a@b' }],
  ['postgres://[2001:db8::1]:5433/x', { host: '2001:db8::1', port: '5433', dbname: 'x' }],
  ['postgres://a:1,b:2,c:3/x', { host: 'a,b,c', port: '1,2,3', dbname: 'x' }],
  ['postgres://a,[::1]:2/x', { host: 'a,::1', port: ',2', dbname: 'x' }],
  ['postgres://%2Fvar%2Frun%2Fpostgresql/x', { host: '/var/run/postgresql', dbname: 'x' }],
  ['postgres:///x?host=/var/run/postgresql&port=5433', { host: '/var/run/postgresql', port: '5433', dbname: 'x' }],
  [
    'postgres://db/x?sslmode=verify-full&sslrootcert=%2Fca.pem',
    { host: 'db', dbname: 'x', sslmode: 'verify-full', sslrootcert: '/ca.pem' },
  ],
  [
    'jdbc:postgresql://db/x?user=ada&password=p%26q&ssl=true',
    { host: 'db', dbname: 'x', user: 'ada', password: 'p&q', sslmode: 'require' },
  ],
  ['host=db port = 5433 dbname=x', { host: 'db', port: '5433', dbname: 'x' }],
  ["host=/tmp password='it\\'s a \\\\ ' user=ada\\ b", { host: '/tmp', password: "it's a \\ ", user: 'ada b' }],
  ["host=db password='' user=ada", { host: 'db', password: '', user: 'ada' }],
  // Blanks after the sign are skipped, as libpq does.
  ['host=db user= ada', { host: 'db', user: 'ada' }],
  ['host=db password=', { host: 'db', password: '' }],
])('reads %s', (text, parameters) => {
  expect(read(text)).toEqual(parameters)
})

it.each([
  ['mysql://ada:canary@db/x', 'must begin with postgres://'],
  ['postgres://ada:canary%@db/x', 'has a % that no two hexadecimal digits follow'],
  ['postgres://ada:canary@db:99999/x', 'has a port that is not 1 to 65535'],
  ['postgres://ada:canary@db:canary/x', 'has a host that cannot be read'],
  ['postgres://ada:canary@::1/x', 'has a host that cannot be read'],
  ['postgres://ada:1234/canary@db/x', 'has a / or @ that is part of a name'],
  ['canary', 'must be a URL such as postgres://'],
  ["host=db password='canary", 'must be a URL such as postgres://'],
  ["host=db password='canary'x", 'must be a URL such as postgres://'],
  ['host=db canary', 'must be a URL such as postgres://'],
  ['host=db port=0', 'has a port that is not 1 to 65535'],
])('refuses %s without repeating it', (text, rule) => {
  expect(JSON.stringify(read(text))).toContain(rule)
  expect(JSON.stringify(read(text))).not.toContain('canary')
})

const sign = fc.constantFrom("'", '"', '\\', ' ', '@', '%', ':', '/', ',', '?', '&', '=', '#', '\n')
const anyText = fc
  .array(fc.oneof(sign, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 5 })), { minLength: 1, maxLength: 10 })
  .map((parts) => parts.join(''))
const host = fc.oneof(
  fc.domain(),
  fc.ipV4(),
  fc.ipV6().filter((address) => !address.includes('.')),
  fc.constantFrom('/var/run/postgresql', '/tmp/a b'),
)
const parameters = fc.record(
  {
    host: fc.array(host, { minLength: 1, maxLength: 3 }).map((hosts) => hosts.join(',')),
    port: fc.integer({ min: 1, max: 65_535 }).map(String),
    user: anyText,
    password: anyText,
    dbname: anyText,
    sslmode: fc.constantFrom('disable', 'verify-full'),
    sslrootcert: anyText,
    options: anyText,
  },
  { requiredKeys: ['host'] },
)

it('reads back every URL it writes', () => {
  fc.assert(
    fc.property(parameters, (wanted) => {
      const found = read(formatPostgresUrl(wanted))
      // One port for all hosts is written beside each of them.
      const hosts = wanted.host.split(',').length
      const port = wanted.port === undefined ? {} : { port: Array.from({ length: hosts }, () => wanted.port).join(',') }
      expect(found).toEqual({ ...wanted, ...port })
    }),
  )
})

it('reads back every key=value text it writes', () => {
  fc.assert(
    fc.property(parameters, (wanted) => {
      expect(read(formatPostgresPairs(wanted))).toEqual(wanted)
    }),
  )
})

it('takes any text without an exception', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.string().map((text) => `postgres://${text}`),
      ),
      (text) => {
        expect(typeof parsePostgres(text).ok).toBe('boolean')
      },
    ),
  )
})
