import { createServer } from 'node:net'
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest'
import type { PostgresConnection } from '../../core/base/connections.ts'
import { systemClock } from '../../core/base/clock.ts'
import type { Fault } from '../../core/base/fault.ts'
import { checkPostgres } from '../../core/warehouse/postgres/check.ts'
import { openPostgresWarehouse } from '../../core/warehouse/postgres/postgres-warehouse.ts'
import { faultOf } from '../support/fault-of.ts'
import { connectionTo, noTls } from '../support/postgres-warehouse.ts'
import { createAuthority } from '../support/services/certificates.ts'
import { createDatabase, type PostgresServer, runSql, startPostgres } from '../support/services/postgres.ts'
import { startProxy } from '../support/services/proxy.ts'
import { findFreePorts } from '../support/services/server-process.ts'
import { describeWithServices } from '../support/services/use.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'
import { exactSketch } from '../support/warehouse-commits.ts'

const open = (connection: PostgresConnection, writes = true) =>
  openPostgresWarehouse({
    connection,
    readConnection: null,
    sketch: exactSketch,
    writes,
    adopt: false,
    zone: 'UTC',
    clock: systemClock,
  })

/** The fault of opening, which must come within ten seconds. */
async function refusal(connection: PostgresConnection): Promise<Fault> {
  const startedMs = performance.now()
  const fault = await faultOf(open(connection))
  expect(performance.now() - startedMs).toBeLessThan(10_000)
  expect(fault.hint).toBeTypeOf('string')
  return fault
}

const tlsOf = (mode: PostgresConnection['tls']['mode'], ca: string | null = null) => ({ ...noTls, mode, ca })

describeWithServices('signing in to PostgreSQL', ['postgres'], () => {
  let server: PostgresServer
  let secure: PostgresServer
  let plain: PostgresConnection

  beforeAll(async () => {
    server = await startPostgres({ settings: { max_connections: 12, superuser_reserved_connections: 0 } })
    secure = await startPostgres({ tlsOnly: true })
    plain = connectionTo(server)
  })
  afterAll(async () => {
    await server.stop()
    await secure.stop()
  })

  it('tells a wrong password, none, an unknown user and an unknown database apart', async () => {
    expect(await refusal({ ...plain, password: 'wrong' })).toMatchObject({
      code: 'unreachable',
      retry: false,
      message: 'the password for user storepulse is wrong',
    })
    expect((await refusal({ ...plain, password: null })).message).toBe(
      'the server wants a password for user storepulse, there is none',
    )
    expect((await refusal({ ...plain, user: 'nobody' })).message).toBe('the password for user nobody is wrong')
    expect((await refusal({ ...plain, database: 'nowhere' })).message).toBe(
      'there is no database nowhere on the server',
    )
  })

  it('tells a closed port, an unknown host and silence apart', async () => {
    const [port = 0] = await findFreePorts(1)
    expect((await refusal({ ...plain, port })).message).toBe(`nothing listens on 127.0.0.1:${port}`)
    expect((await refusal({ ...plain, host: 'nowhere.invalid' })).message).toMatch(
      /^(?:no address is known for|the name server did not answer for) the host nowhere\.invalid$/,
    )
    const proxy = await startProxy({ host: server.host, port: server.port })
    onTestFinished(() => proxy.stop())
    proxy.freeze()
    expect((await refusal({ ...plain, port: proxy.port })).message).toBe(`127.0.0.1:${proxy.port} did not answer`)
  })

  it('says that another service answers', async () => {
    const other = createServer((socket) => socket.on('error', () => undefined).end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void other.close())
    const address = other.address()
    const port = typeof address === 'object' && address ? address.port : 0
    for (const mode of ['disable', 'require'] as const) {
      expect((await refusal({ ...plain, port, tls: tlsOf(mode) })).hint).toMatch(/port/)
    }
  })

  it('says where one side has no TLS', async () => {
    expect((await refusal({ ...plain, tls: tlsOf('require') })).message).toBe(`127.0.0.1:${server.port} speaks no TLS`)
    expect((await refusal(connectionTo(secure))).message).toBe('the server lets user storepulse in only over TLS')
    await (await open({ ...plain, tls: tlsOf('prefer') })).close()
  })

  it('checks the certificate as sslmode says', async () => {
    const ca = secure.ca
    for (const tls of [tlsOf('prefer'), tlsOf('require'), tlsOf('verify-ca', ca), tlsOf('verify-full', ca)]) {
      await (await open(connectionTo(secure, { tls }))).close()
    }
    const other = createAuthority(makeTemporaryDirectory(), 'other').certificate
    for (const tls of [
      tlsOf('require', other),
      tlsOf('verify-ca', other),
      tlsOf('verify-full', other),
      tlsOf('verify-full'),
    ]) {
      const fault = await refusal(connectionTo(secure, { tls }))
      expect(fault.message).toMatch(/^the certificate of 127\.0\.0\.1:\d+ is not trusted: /)
    }
    expect((await refusal(connectionTo(secure, { tls: tlsOf('verify-full', 'no PEM') }))).message).toMatch(
      /certificate|TLS/,
    )
  })

  it('tells a certificate for another host', async () => {
    // Another name of 127.0.0.1, which the certificate does not have.
    const connection = connectionTo(secure, { host: '127.1', tls: tlsOf('verify-full', secure.ca) })
    expect((await refusal(connection)).message).toMatch(
      /^the certificate of the server is for another host than 127\.1: /,
    )
    await (await open({ ...connection, tls: tlsOf('verify-ca', secure.ca) })).close()
  })

  it('may pass by itself where the server has no connection left', async () => {
    const warehouses = await Promise.all(Array.from({ length: 12 }, () => open(plain)))
    try {
      const fault = await refusal(plain)
      expect(fault).toMatchObject({ code: 'unreachable', retry: true })
      expect(fault.hint).toMatch(/max_connections/)
    } finally {
      await Promise.all(warehouses.map((warehouse) => warehouse.close()))
    }
  })

  it('says what rights are missing, in doctor and where they are needed', async () => {
    const address = createDatabase(server, 'guarded')
    runSql(address, "CREATE ROLE clerk LOGIN PASSWORD 'till'")
    runSql(address, 'REVOKE CREATE ON SCHEMA public FROM PUBLIC')
    const connection = connectionTo(address, { user: 'clerk', password: 'till' })
    const options = { connection, writes: true, adopt: false, clock: systemClock }
    const failures = async () => (await checkPostgres(options)).filter(({ ok }) => !ok)
    expect(await failures()).toEqual([
      {
        step: 'rights',
        ok: false,
        detail: 'user clerk cannot make the schema',
        fix: 'GRANT CREATE ON DATABASE guarded TO clerk; GRANT CREATE ON SCHEMA public TO clerk',
      },
    ])
    const warehouse = await open(connection)
    onTestFinished(() => warehouse.close())
    expect(await faultOf(warehouse.migrate())).toMatchObject({ code: 'refused', retry: false })
    runSql(address, 'GRANT CREATE ON DATABASE guarded TO clerk')
    runSql(address, 'GRANT CREATE ON SCHEMA public TO clerk')
    expect(await failures()).toEqual([])
    await warehouse.migrate()
    expect(await failures()).toEqual([])
    runSql(address, 'REVOKE CONNECT ON DATABASE guarded FROM PUBLIC')
    expect((await refusal(connection)).message).toMatch(/^user clerk has no right to use database guarded/)
  })

  it('is examined step by step', async () => {
    const checks = await checkPostgres({
      connection: connectionTo(secure, { tls: tlsOf('verify-full', secure.ca) }),
      writes: true,
      adopt: false,
      clock: systemClock,
    })
    expect(checks.filter(({ ok }) => !ok)).toEqual([])
    expect(checks.map(({ step }) => step)).toEqual([
      'connection',
      'tls',
      'version',
      'recovery',
      'encoding',
      'timezone',
      'clock',
      'rights',
    ])
    expect(checks[1]?.detail).toMatch(/^TLSv1\.[23] /)
    const late = { ...systemClock, nowMs: () => systemClock.nowMs() - 60_000 }
    const skewed = await checkPostgres({ connection: plain, writes: true, adopt: false, clock: late })
    expect(skewed.find(({ step }) => step === 'clock')).toMatchObject({ ok: false })
    const [refused] = await checkPostgres({
      connection: { ...plain, password: 'x' },
      writes: true,
      adopt: false,
      clock: late,
    })
    expect(refused).toMatchObject({ step: 'connection', ok: false, fix: 'check user and password' })
  })
})
