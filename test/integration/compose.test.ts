import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { expect, it, onTestFinished } from 'vitest'
import { installKafka } from '../support/services/kafka-install.ts'
import { findFreePorts, startServerProcess } from '../support/services/server-process.ts'
import { describeWithServices } from '../support/services/use.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const folder = join(import.meta.dirname, '../../resources/compose')

/** A copy of the folder, which has nobody's .env in it. */
function copyFolder(): string {
  const copy = join(makeTemporaryDirectory(), 'resources', 'compose')
  cpSync(folder, copy, { recursive: true })
  rmSync(join(copy, '.env'), { force: true })
  return copy
}

const runScript = (copy: string): { readonly status: number | null; readonly stderr: string } =>
  spawnSync(process.execPath, [join(copy, 'make-env.mjs')], { encoding: 'utf8' })

const readEnv = (copy: string): ReadonlyMap<string, string> =>
  new Map(
    [...readFileSync(join(copy, '.env'), 'utf8').matchAll(/^([A-Z0-9_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [
      name,
      value,
    ]),
  )

interface Service {
  readonly command?: string | readonly string[]
  readonly environment?: Readonly<Record<string, string | number>>
  readonly ports?: readonly string[]
  readonly image?: string
  readonly healthcheck?: object
  readonly restart?: string
}

const runCompose = (copy: string, files: readonly string[], ...args: readonly string[]): ReturnType<typeof spawnSync> =>
  spawnSync('docker-compose', [...files.flatMap((file) => ['-f', join(copy, file)]), 'config', ...args], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'], HOME: copy },
    cwd: copy,
  })

/** The services as compose understands them. The Python that docker-compose runs on reads YAML. */
function readServices(copy: string, files: readonly string[]): Readonly<Record<string, Service>> {
  const config = runCompose(copy, files)
  expect(config.status, String(config.stderr)).toBe(0)
  const program = 'import json, sys, yaml; print(json.dumps(yaml.safe_load(sys.stdin)["services"]))'
  const json = execFileSync('/usr/bin/python3', ['-c', program], { input: String(config.stdout), encoding: 'utf8' })
  // What compose prints could be read by compose again: its dollars are doubled.
  return JSON.parse(json.replaceAll('$$', '$')) as Readonly<Record<string, Service>>
}

const base = ['docker-compose.yml']

describeWithServices('the cluster in compose', ['compose'], () => {
  it('does not start without passwords, and says how to make them', () => {
    const copy = copyFolder()
    const refused = runCompose(copy, base, '-q')
    expect(refused.status).not.toBe(0)
    expect(String(refused.stderr)).toContain('node resources/compose/make-env.mjs')
    expect(runScript(copy).status).toBe(0)
    expect(runCompose(copy, base, '-q').status).toBe(0)
  })

  it('has passwords that nobody else has, which stay and which only their owner reads', () => {
    const [copy, other] = [copyFolder(), copyFolder()]
    runScript(copy)
    runScript(other)
    const made = readEnv(copy)
    const secrets = [...made].filter(([name]) => /PASSWORD|SECRET|CLUSTER_ID/.test(name))
    expect(secrets.length).toBeGreaterThanOrEqual(7)
    for (const [name, value] of secrets) {
      expect(value.length, name).toBeGreaterThanOrEqual(22)
      expect([...readEnv(other).values()], name).not.toContain(value)
    }
    if (process.platform !== 'win32') expect(statSync(join(copy, '.env')).mode & 0o777).toBe(0o600)
    expect(runScript(copy)).toMatchObject({ status: 1, stderr: expect.stringContaining('stays') })
    expect(readEnv(copy)).toEqual(made)
  })

  it('is open to this machine alone, restarts by itself, and shows no password in a command', () => {
    const copy = copyFolder()
    runScript(copy)
    const secrets = [...readEnv(copy)].filter(([name]) => /^[A-Z]+_PASSWORD$/.test(name)).map(([, value]) => value)
    expect(secrets).toHaveLength(4)
    const services = Object.entries(readServices(copy, base))
    expect(services.map(([name]) => name)).toEqual(
      expect.arrayContaining(['kafka', 'postgres', 'redis', 'minio', 'spark-master', 'spark-worker', 'spark-job']),
    )
    for (const [name, { command, ports = [], image, healthcheck, restart }] of services) {
      for (const port of ports) expect(port, name).toMatch(/^127\.0\.0\.1:/)
      for (const secret of secrets) expect(JSON.stringify([command, healthcheck]), name).not.toContain(secret)
      expect(image, name).toMatch(/:./)
      expect(image, name).not.toMatch(/:latest$/)
      if (ports.length > 0)
        expect({ name, healthcheck, restart }).toMatchObject({
          healthcheck: expect.anything(),
          restart: 'unless-stopped',
        })
    }
  })

  it('starts a Redis that wants its password', async () => {
    const copy = copyFolder()
    runScript(copy)
    const [port = 0] = await findFreePorts(1)
    const place = (text: string): string =>
      text
        .replaceAll('/tmp/password.conf', join(copy, 'password.conf'))
        .replaceAll(' /redis.conf', ` ${join(copy, 'redis.conf')}`)
    writeFileSync(join(copy, 'redis.conf'), `${place(readFileSync(join(copy, 'redis.conf'), 'utf8'))}port ${port}\n`)
    writeFileSync(join(copy, 'docker-entrypoint.sh'), '#!/bin/sh\nexec "$@"\n')
    chmodSync(join(copy, 'docker-entrypoint.sh'), 0o755)
    const { redis } = readServices(copy, base)
    const [program = '', ...args] = (redis?.command ?? []) as readonly string[]
    const ask = (text: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = createConnection(port, '127.0.0.1', () => socket.write(text))
        socket.once('error', reject)
        socket.once('data', (chunk: Buffer) => {
          resolve(chunk.toString())
          socket.destroy()
        })
      })
    const password = readEnv(copy).get('REDIS_PASSWORD') ?? ''
    const server = await startServerProcess({
      program,
      args: args.map(place),
      directory: copy,
      output: 'redis.log',
      environment: { REDIS_PASSWORD: password, PATH: `${copy}:${process.env['PATH']}` },
      probe: async () => void (await ask('PING\r\n')),
    })
    onTestFinished(() => server.end('SIGTERM'))
    expect(await ask('PING\r\n')).toContain('NOAUTH')
    expect(await ask(`AUTH ${password}\r\n`)).toBe('+OK\r\n')
  })
})

describeWithServices('the broker in compose', ['compose', 'kafka'], () => {
  it('has the three topics, for whoever knows the password', async () => {
    const copy = copyFolder()
    runScript(copy)
    const libraries = join(installKafka('4.1'), 'libs', '*')
    const ports = await findFreePorts(4)
    const [inside = 0, , outside = 0] = ports
    const place = (value: string | number): string =>
      String(value)
        .replaceAll(/\b909([2345])\b/g, (_, digit: string) => String(ports[Number(digit) - 2]))
        .replaceAll(/:\/\/(localhost|kafka)?:/g, '://127.0.0.1:')
        .replaceAll('@localhost', '@127.0.0.1')
        .replaceAll('/var/lib/kafka/data', join(copy, 'data'))
    const { kafka, topics } = readServices(copy, base)
    // As the image makes properties of its variables.
    const settings = Object.entries(kafka?.environment ?? {})
      .filter(([name]) => name.startsWith('KAFKA_'))
      .map(([name, value]) => `${name.slice(6).toLowerCase().replaceAll('_', '.')}=${place(value)}\n`)
    const file = join(copy, 'server.properties')
    writeFileSync(file, settings.join(''))
    const storage = ['format', '-t', String(kafka?.environment?.['CLUSTER_ID']), '-c', file]
    execFileSync('java', ['-cp', libraries, 'kafka.tools.StorageTool', ...storage])
    const server = await startServerProcess({
      program: 'java',
      args: ['-Xmx512m', '-XX:+UseSerialGC', '-cp', libraries, 'kafka.Kafka', file],
      directory: copy,
      output: 'kafka.log',
      probe: () =>
        new Promise((resolve, reject) => {
          const socket = createConnection(inside, '127.0.0.1', () => {
            socket.destroy()
            resolve()
          })
          socket.once('error', reject)
        }),
    })
    onTestFinished(() => server.end('SIGKILL'))

    const home = join(copy, 'home')
    mkdirSync(join(home, 'bin'), { recursive: true })
    const tool = `#!/bin/sh\nexec java -XX:TieredStopAtLevel=1 -cp '${libraries}' org.apache.kafka.tools.TopicCommand "$@"\n`
    writeFileSync(join(home, 'bin', 'kafka-topics.sh'), tool, { mode: 0o755 })
    const environment = Object.fromEntries(
      Object.entries(topics?.environment ?? {}).map(([name, value]) => [name, String(value)]),
    )
    execFileSync('bash', [join(copy, 'topics.sh')], {
      env: { PATH: process.env['PATH'], ...environment, KAFKA_HOME: home, BROKERS: `127.0.0.1:${inside}` },
    })

    const connect = async (password: string): Promise<readonly string[]> => {
      const sasl = { mechanism: 'plain', username: 'storepulse', password } as const
      const client = new Kafka({
        brokers: [`127.0.0.1:${outside}`],
        sasl,
        logLevel: logLevel.NOTHING,
        retry: { retries: 1 },
      })
      const admin = client.admin()
      onTestFinished(() => admin.disconnect())
      await admin.connect()
      const { topics: found } = await admin.fetchTopicMetadata()
      return found.map(({ name, partitions }) => `${name} ${partitions.length}`).toSorted()
    }
    await expect(connect('wrong')).rejects.toThrow('Authentication failed')
    expect(await connect(readEnv(copy).get('KAFKA_PASSWORD') ?? '')).toEqual([
      'customer-events 4',
      'inventory-updates 4',
      'retail-transactions 4',
    ])
  })
})
