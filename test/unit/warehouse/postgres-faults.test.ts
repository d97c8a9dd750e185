import { expect, it } from 'vitest'
import { Fault, type FaultCode } from '../../../core/base/fault.ts'
import { toConnectFault } from '../../../core/warehouse/postgres/connect-fault.ts'
import { isConnectionLost, toPostgresFault } from '../../../core/warehouse/postgres/fault.ts'
import { guardSelect } from '../../../core/warehouse/postgres/select-guard.ts'
import { isOutcomeKnown } from '../../../core/warehouse/postgres/session.ts'

const makeError = (code: string, message = 'as the server says', severity = 'ERROR'): Error =>
  Object.assign(new Error(message), { code, severity })

const connection = {
  host: 'db.example.org',
  port: 5432,
  user: 'clerk',
  password: 'x',
  database: 'shop',
  tls: { mode: 'verify-full', ca: null, cert: null, key: null },
} as const

it.each<[string, FaultCode, boolean]>([
  ['25006', 'read-only', true],
  ['53100', 'disk-full', true],
  ['53300', 'unreachable', true],
  ['53200', 'unreachable', true],
  ['57P01', 'unreachable', true],
  ['57P03', 'unreachable', true],
  ['08006', 'unreachable', true],
  ['40001', 'timeout', true],
  ['40P01', 'timeout', true],
  ['55P03', 'timeout', true],
  ['57014', 'timeout', true],
  ['25P03', 'timeout', true],
  ['58030', 'unreachable', true],
  ['ECONNRESET', 'unreachable', true],
  ['EPIPE', 'unreachable', true],
  ['42501', 'refused', false],
  ['XX001', 'internal', false],
  ['23505', 'internal', false],
])('takes %s for %s, to be tried again: %s', (sqlState, code, retry) => {
  const fault = toPostgresFault(makeError(sqlState), 'a commit failed')
  expect(fault).toMatchObject({ code, retry, message: 'a commit failed: as the server says' })
  if (sqlState !== '23505') expect(fault.hint).toBeTypeOf('string')
})

it.each(['Connection terminated unexpectedly', 'Query read timeout', 'Client was closed and is not queryable'])(
  'takes “%s” for a lost connection',
  (message) => {
    expect(toPostgresFault(new Error(message), 'x')).toMatchObject({ code: 'unreachable', retry: true })
    expect(isConnectionLost(new Error(message))).toBe(true)
  },
)

it('leaves a fault as it is', () => {
  const fault = new Fault('fenced', 'gone')
  expect(toPostgresFault(fault, 'x')).toBe(fault)
})

it('knows what became of a COMMIT only where the server said so and went on', () => {
  expect(isOutcomeKnown(makeError('40001'))).toBe(true)
  expect(isOutcomeKnown(makeError('57P01', 'terminating', 'FATAL'))).toBe(false)
  expect(isOutcomeKnown(makeError('ECONNRESET'))).toBe(false)
  expect(isOutcomeKnown(new Error('Query read timeout'))).toBe(false)
})

it.each<[string, string, RegExp]>([
  ['ENOTFOUND', '', /^no address is known for the host db\.example\.org$/],
  ['ECONNREFUSED', '', /^nothing listens on db\.example\.org:5432$/],
  ['ETIMEDOUT', '', /^db\.example\.org:5432 did not answer$/],
  ['28P01', '', /^the password for user clerk is wrong$/],
  ['28000', 'no pg_hba.conf entry for host "1.2.3.4", user "clerk", database "shop", no encryption', /only over TLS$/],
  ['28000', 'connection requires a valid client certificate', /^the server wants a client certificate$/],
  ['28000', 'role "clerk" is not permitted to log in', /^the server does not let user clerk into database shop/],
  ['3D000', '', /^there is no database shop on the server$/],
  ['CERT_HAS_EXPIRED', 'expired', /^the certificate of db\.example\.org:5432 is out of date: expired$/],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'self-signed', /is not trusted: self-signed$/],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'names', /is for another host than db\.example\.org: names$/],
])('explains %s %s', (code, message, wanted) => {
  const fault = toConnectFault(makeError(code, message), connection)
  expect(fault).toMatchObject({ code: 'unreachable', retry: false })
  expect(fault.message).toMatch(wanted)
  expect(fault.hint).toBeTypeOf('string')
})

it('writes an address with colons in brackets', () => {
  const fault = toConnectFault(makeError('ECONNREFUSED'), { ...connection, host: '::1' })
  expect(fault.message).toBe('nothing listens on [::1]:5432')
})

it.each([
  'SELECT pg_terminate_backend(1)',
  'select * from PG_READ_FILE ($$/etc/passwd$$)',
  'SELECT pg_sleep/* */(1)',
  'SELECT "pg_advisory_lock"(1)',
  "SELECT set_config('statement_timeout', '0', false)",
  "SELECT query_to_xml('SELECT 1', true, true, '')",
  'SELECT U&"\\0070g_sleep"(1)',
  "SELECT * FROM dblink('', '') AS t(a int)",
  "SELECT lo_import('/etc/passwd')",
  'EXPLAIN ANALYZE SELECT pg_sleep(1)',
  'COPY transactions_summary TO STDOUT',
  'do $$ begin end $$',
  '/* a */ -- b\n VACUUM',
])('refuses %s before it is sent', (sql) => {
  expect(() => guardSelect(sql)).toThrow(expect.objectContaining({ code: 'refused', domain: 'user' }))
})

it.each([
  'SELECT 1',
  '(SELECT 1)',
  'WITH a AS (SELECT 1) SELECT * FROM a',
  'VALUES (1)',
  'TABLE transactions_summary;',
])('lets %s through as it is', (sql) => {
  expect(guardSelect(sql)).toEqual({ select: sql, explain: null })
})

it('takes EXPLAIN off', () => {
  expect(guardSelect('-- x\nexplain ANALYZE\n SELECT 1')).toEqual({ select: 'SELECT 1', explain: 'EXPLAIN ANALYZE' })
  expect(guardSelect('EXPLAIN SELECT 1')).toEqual({ select: 'SELECT 1', explain: 'EXPLAIN' })
})
