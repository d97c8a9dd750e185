import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createSecureServer } from 'node:https'
import { createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import type { RegistryConnection, TunnelConnection } from '../../core/base/connections.ts'
import { systemClock } from '../../core/base/clock.ts'
import { checkKafka } from '../../core/log/kafka/check.ts'
import { askForToken } from '../../core/log/kafka/cluster/token.ts'
import type { Board } from '../../core/protocol/board.ts'
import { createHttpRegistry } from '../../core/registry/http-registry.ts'
import { createTunnel } from '../../core/tunnel/tunnel.ts'
import { checkPostgres } from '../../core/warehouse/postgres/check.ts'
import { connectTo, produceSales, readTable, recomputeInSql } from '../support/cluster-sales.ts'
import { faultOf } from '../support/fault-of.ts'
import { plainConnection } from '../support/kafka-logs.ts'
import { certificate, certificateKey } from '../support/localhost-certificate.ts'
import { connectionTo as databaseOf } from '../support/postgres-warehouse.ts'
import { startRegistryServer } from '../support/registry-server.ts'
import { createTokenKey, startTokenServer } from '../support/services/kafka-oauth.ts'
import { startPostgres } from '../support/services/postgres.ts'
import { startProxy } from '../support/services/proxy.ts'
import { type SshServer, startSshServer } from '../support/services/ssh.ts'
import { describeWithServices, useKafka, usePostgres, useSecureKafka } from '../support/services/use.ts'
import { lastJson, runStorepulse, startStorepulse } from '../support/storepulse.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

async function startSsh(): Promise<SshServer> {
  const ssh = await startSshServer()
  onTestFinished(() => ssh.stop())
  return ssh
}

const connectionTo = (ssh: SshServer, changes: Partial<TunnelConnection> = {}): TunnelConnection => ({
  host: ssh.host,
  port: ssh.port,
  username: ssh.username,
  password: null,
  key: readFileSync(ssh.keyFile, 'utf8'),
  passphrase: null,
  hostKey: ssh.hostKey,
  ...changes,
})

/** A server that says everything again. */
async function startEcho(): Promise<number> {
  const server = createServer((socket) => socket.pipe(socket).on('error', () => undefined)).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const address = server.address()
  return typeof address === 'object' && address ? address.port : 0
}

async function exchange(tunnel: ReturnType<typeof createTunnel>, port: number, sent: Buffer): Promise<Buffer> {
  const socket = tunnel.dial('localhost', port)
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => chunks.push(chunk))
  socket.end(sent)
  await once(socket, 'close')
  return Buffer.concat(chunks)
}

describeWithServices('an SSH tunnel', ['ssh'], () => {
  it('carries every byte, over one session that ends with the last connection, and opens it again', async () => {
    const ssh = await startSsh()
    const port = await startEcho()
    const tunnel = createTunnel(connectionTo(ssh), systemClock)
    const sent = Buffer.alloc(3_000_000, 'all the way and back ')
    const count = (): number => ssh.readLog().split('Accepted publickey').length - 1
    const received = await Promise.all([1, 2, 3].map(() => exchange(tunnel, port, sent)))
    for (const bytes of received) expect(bytes.equals(sent)).toBe(true)
    expect(count()).toBe(1)
    await expect.poll(() => ssh.readLog()).toContain('Received disconnect')
    await ssh.halt()
    const away = await once(tunnel.dial('localhost', port), 'error')
    expect(away[0]).toMatchObject({ code: 'unreachable', retry: true })
    await ssh.start()
    expect((await exchange(tunnel, port, Buffer.from('again'))).toString()).toBe('again')
  })

  it('signs in to no server but the one that was named, and says what is wrong', async () => {
    const [ssh, other] = await Promise.all([startSsh(), startSsh()])
    const check = (changes: Partial<TunnelConnection>) =>
      faultOf(createTunnel(connectionTo(ssh, changes), systemClock).check())
    await createTunnel(connectionTo(ssh), systemClock).check()
    const unnamed = await check({ hostKey: '' })
    expect(unnamed.message).toContain(`shows the key ${ssh.hostKey}`)
    expect(unnamed.hint).toContain('set tunnel.hostKey')
    const changed = await check({ hostKey: other.hostKey })
    expect(changed.message).toContain(`shows another key than tunnel.hostKey says: ${ssh.hostKey}`)
    expect(ssh.readLog().split('Accepted publickey').length - 1).toBe(1)
    expect(await check({ key: readFileSync(other.keyFile, 'utf8') })).toMatchObject({
      code: 'refused',
      message: `the SSH server 127.0.0.1:${ssh.port} does not let ${ssh.username} in`,
    })
    expect(await check({ key: 'no key' })).toMatchObject({ code: 'setting' })
    const [fault] = await once(createTunnel(connectionTo(ssh), systemClock).dial('127.0.0.1', 1), 'error')
    expect(fault).toMatchObject({ code: 'unreachable', retry: true })
  })
})

describeWithServices('what is asked over HTTP behind an SSH server', ['ssh'], () => {
  const tls = { ca: certificate, cert: null, key: null, verifiesHost: true }

  it('is a schema registry, in the clear and through TLS that checks its name', async () => {
    const [ssh, plain] = await Promise.all([startSsh(), startRegistryServer({ ids: { 7: { schema: '"long"' } } })])
    onTestFinished(() => plain.stop())
    const secure = createSecureServer({ cert: certificate, key: certificateKey }, (_, response) => {
      response.setHeader('content-type', 'application/json').end('{"schema":"\\"string\\""}')
    }).listen(0, '0.0.0.0')
    onTestFinished(() => void secure.close())
    await once(secure, 'listening')
    const address = secure.address()
    const securePort = typeof address === 'object' && address ? address.port : 0
    const { dial } = createTunnel(connectionTo(ssh), systemClock)
    const open = (url: string, changes: Partial<RegistryConnection['tls']> = {}) =>
      createHttpRegistry({
        connection: { url, auth: null, tls: { ...tls, ...changes } },
        clock: systemClock,
        findWay: async () => ({ dial }),
      })
    expect(await open(plain.url).findSchema(7)).toMatchObject({ kind: 'avro' })
    expect(await open(`https://localhost:${securePort}`).findSchema(8)).toMatchObject({ kind: 'avro' })
    const distrusted = await faultOf(open(`https://localhost:${securePort}`, { ca: null }).findSchema(9))
    expect(distrusted.message).toContain('its certificate is not trusted')
    const renamed = await faultOf(open(`https://127.0.0.2:${securePort}`).findSchema(10))
    expect(renamed.message).toContain('its certificate is for another host')
    for (const port of [Number(new URL(plain.url).port), securePort]) expect(ssh.readLog()).toContain(`port ${port}`)
    const away = await faultOf(open('http://127.0.0.1:1').findSchema(11))
    expect(away.message).toContain('could not be reached from the SSH server')
  })

  it('is a server that gives tokens', async () => {
    const [ssh, folder] = [await startSsh(), makeTemporaryDirectory()]
    const server = await startTokenServer(createTokenKey(folder).privateKey, { id: 'robot', secret: 'of metal' })
    onTestFinished(() => server.stop())
    const { dial } = createTunnel(connectionTo(ssh), systemClock)
    const source = { mechanism: 'oauthbearer', tokenUrl: server.url, clientId: 'robot', scope: null } as const
    const token = await askForToken({ ...source, clientSecret: 'of metal' }, 8_000, dial)
    expect(token.split('.')).toHaveLength(3)
    expect(ssh.readLog()).toContain(`port ${new URL(server.url).port}`)
    expect(await askForToken({ ...source, clientSecret: 'of metal' }, 8_000)).toContain('.')
    const wrong = await faultOf(askForToken({ ...source, clientSecret: 'of wood' }, 8_000, dial))
    expect(wrong.message).toContain('gave no token: it answered 401')
  })
})

describeWithServices('a profile behind an SSH server', ['ssh', 'kafka', 'postgres'], () => {
  it('speaks TLS through it, to brokers and PostgreSQL, and checks their names', async () => {
    const [kafka, postgres, ssh] = await Promise.all([useSecureKafka(), startPostgres({ tlsOnly: true }), startSsh()])
    onTestFinished(() => postgres.stop())
    const { dial } = createTunnel(connectionTo(ssh), systemClock)
    const ca = kafka.access?.ca ?? null
    const tls = { ca, cert: null, key: null, passphrase: null, verifiesHost: true }
    const brokers = { ...plainConnection(kafka.listeners.SSL ?? ''), tls, dial }
    const steps = async (changes: object) => {
      const checks = await checkKafka({ ...brokers, ...changes }, [])
      return checks.filter(({ ok }) => !ok).map(({ step }) => step)
    }
    expect((await checkKafka(brokers, [])).filter(({ ok }) => ok).map(({ step }) => step)).toContain('TLS')
    expect(await steps({ tls: { ...tls, ca: postgres.ca } })).toEqual(['TLS'])

    const secure = { mode: 'verify-full', ca: postgres.ca, cert: null, key: null } as const
    const options = { writes: true, adopt: false, clock: systemClock }
    const connection = { ...databaseOf(postgres), tls: secure, dial }
    const checks = await checkPostgres({ ...options, connection })
    expect(checks.filter(({ ok }) => !ok)).toEqual([])
    expect(checks.find(({ step }) => step === 'tls')?.detail).toMatch(/^TLSv1/)
    const [distrusted] = await checkPostgres({ ...options, connection: { ...connection, tls: { ...secure, ca } } })
    expect(distrusted).toMatchObject({ ok: false })
    expect(distrusted?.detail).toContain('is not trusted')
  })

  it('reaches every broker and PostgreSQL through it', async () => {
    const [{ brokers }, { port, url }, ssh] = await Promise.all([useKafka(), usePostgres(), startSsh()])
    const prefix = `t${randomUUID().slice(0, 8)}-`
    produceSales(brokers, `${prefix}retail-transactions`, 0, 2_000)
    const environment = {
      STOREPULSE_KAFKA_BROKERS: brokers,
      DATABASE_URL: url,
      STOREPULSE_TUNNEL_HOST: ssh.host,
      STOREPULSE_TUNNEL_PORT: String(ssh.port),
      STOREPULSE_TUNNEL_USERNAME: ssh.username,
      STOREPULSE_TUNNEL_KEY: ssh.keyFile,
    }
    const home = makeTemporaryDirectory()
    const run = (more: Readonly<Record<string, string>>, command: string, ...args: readonly string[]) =>
      runStorepulse([command, '--profile', 'process', '--set', `kafka.topicPrefix=${prefix}`, ...args], {
        home,
        environment: { ...environment, ...more },
      })
    const refused = await run({}, 'run', '--until-caught-up')
    expect(refused.code).not.toBe(0)
    expect(refused.stderr).toContain(ssh.hostKey)

    const named = { STOREPULSE_TUNNEL_HOST_KEY: ssh.hostKey }
    const counted = await run(named, 'run', '--until-caught-up', '--json')
    expect(counted.code, counted.stderr).toBe(0)
    expect(lastJson<Board>(counted).records).toMatchObject({ received: 2_000, counted: 2_000 })
    const client = await connectTo(url)
    expect(await readTable(client)).toEqual(await recomputeInSql(client, 2_000))
    const broker = Number(brokers.split(':').at(-1))
    for (const target of [broker, port]) expect(ssh.readLog()).toContain(`port ${target}`)
    expect((await run(named, 'doctor')).stdout).toContain(`lets ${ssh.username} in`)

    const proxy = await startProxy({ host: ssh.host, port: ssh.port })
    onTestFinished(() => proxy.stop())
    const running = startStorepulse(
      ['run', '--profile', 'process', '--set', `kafka.topicPrefix=${prefix}`, '--json', '--log-level', 'error'],
      { home, environment: { ...environment, ...named, STOREPULSE_TUNNEL_PORT: String(proxy.port) } },
    )
    onTestFinished(() => void running.process.kill('SIGKILL'))
    let last: Board | null = null
    let text = ''
    running.process.stdout?.on('data', (part: Buffer) => {
      text += part.toString()
      const lines = text.split('\n')
      text = lines.pop() ?? ''
      const newest = lines.at(-1)
      if (newest !== undefined) last = JSON.parse(newest) as Board
    })
    for (const until of [3_000, 4_000, 5_000]) {
      await expect.poll(() => last?.records.counted, { timeout: 60_000 }).toBe(until - 1_000)
      proxy.cut()
      produceSales(brokers, `${prefix}retail-transactions`, until - 1_000, until)
    }
    await expect.poll(() => last?.records.counted, { timeout: 60_000 }).toBe(5_000)
    running.process.kill('SIGTERM')
    expect((await running.finished).code).toBe(0)
    expect(await readTable(client)).toEqual(await recomputeInSql(client, 5_000))
  })
})
