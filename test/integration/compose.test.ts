import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createConnection } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { Kafka, logLevel } from 'kafkajs'
import { expect, it, onTestFinished } from 'vitest'
import { installKafka } from '../support/services/kafka-install.ts'
import { findFreePorts, startServerProcess } from '../support/services/server-process.ts'
import { describeWithServices } from '../support/services/use.ts'
import { makeTemporaryDirectory } from '../support/temporary-directory.ts'

const folder = join(import.meta.dirname, '../../resources/compose')

/** A copy of the folder, which has nobody's passwords in it. */
function copyFolder(): string {
  const copy = join(makeTemporaryDirectory(), 'resources', 'compose')
  cpSync(folder, copy, { recursive: true })
  for (const name of ['.env', 'certificates']) rmSync(join(copy, name), { recursive: true, force: true })
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
const production = [...base, 'docker-compose.production.yml']

const makeCertificates = (copy: string): void =>
  void execFileSync(process.execPath, [join(copy, 'make-certificates.mjs')], { stdio: 'pipe' })

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

  it.each([{ files: base }, { files: production }])(
    'is open to this machine alone, restarts by itself, and shows no password in a command: $files',
    ({ files }) => {
      const copy = copyFolder()
      runScript(copy)
      const secrets = [...readEnv(copy)].filter(([name]) => /^[A-Z]+_PASSWORD$/.test(name)).map(([, value]) => value)
      expect(secrets).toHaveLength(4)
      const services = Object.entries(readServices(copy, files))
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
    },
  )

  it.each([
    { files: base, isSecure: false },
    { files: production, isSecure: true },
  ])('starts a Redis that wants its password, over TLS: $isSecure', async ({ files, isSecure }) => {
    const copy = copyFolder()
    runScript(copy)
    if (isSecure) makeCertificates(copy)
    const [port = 0] = await findFreePorts(1)
    const place = (text: string): string =>
      text
        .replaceAll('/tmp/password.conf', join(copy, 'password.conf'))
        .replaceAll(' /redis.conf', ` ${join(copy, 'redis.conf')}`)
        .replaceAll('/certificates/', `${copy}/certificates/`)
        .replaceAll('tls-port 6379', `tls-port ${port}`)
    const settings = place(readFileSync(join(copy, 'redis.conf'), 'utf8'))
    writeFileSync(join(copy, 'redis.conf'), isSecure ? settings : `${settings}port ${port}\n`)
    writeFileSync(join(copy, 'docker-entrypoint.sh'), '#!/bin/sh\nexec "$@"\n', { mode: 0o755 })
    const { redis } = readServices(copy, files)
    const [program = '', ...args] = (redis?.command ?? []) as readonly string[]
    const ask = (text: string): Promise<string> =>
      new Promise((resolve, reject) => {
        const socket = isSecure
          ? connectTls({ port, host: '127.0.0.1', ca: readFileSync(join(copy, 'certificates', 'ca.pem')) })
          : createConnection(port, '127.0.0.1')
        socket.once(isSecure ? 'secureConnect' : 'connect', () => socket.write(text))
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

/** A broker as the file describes it, on ports of this machine. */
interface Broker {
  readonly id: string
  readonly settings: string
  readonly clusterId: string
}

type Place = (service: string, value: string | number) => string

/** Puts what stands in the file where it can be in a test: free ports for 9092 to 9095 of each broker, files in `copy`. */
async function createPlace(copy: string, names: readonly string[]): Promise<Place> {
  const free = await findFreePorts(names.length * 4)
  const portOf = (service: string, digit: string): number => free[names.indexOf(service) * 4 + Number(digit) - 2] ?? 0
  const address = /(^|:\/\/|@|,)([a-z0-9.-]*):9\d9([2-5])\b/g
  return (service, value) =>
    String(value)
      .replaceAll(address, (_, before: string, host: string, digit: string) => {
        const port = portOf(names.includes(host) ? host : service, digit)
        return `${before}127.0.0.1:${port}`
      })
      .replaceAll('/var/lib/kafka/data', join(copy, `data-${service}`))
      .replaceAll('/certificates/', `${copy}/certificates/`)
}

/** As the image makes properties of its variables. */
function readBroker(service: string, environment: Service['environment'] = {}, place: Place): Broker {
  const settings = Object.entries(environment)
    .filter(([name]) => name.startsWith('KAFKA_'))
    .map(([name, value]) => `${name.slice(6).toLowerCase().replaceAll('_', '.')}=${place(service, value)}\n`)
  return { id: service, settings: settings.join(''), clusterId: String(environment['CLUSTER_ID']) }
}

const libraries = (): string => join(installKafka('4.1'), 'libs', '*')

async function startBroker(
  copy: string,
  { id, settings, clusterId }: Broker,
  probe: () => Promise<void>,
): Promise<void> {
  const file = join(copy, `${id}.properties`)
  writeFileSync(file, settings)
  const storage = ['format', '-t', clusterId, '-c', file]
  execFileSync('java', ['-XX:TieredStopAtLevel=1', '-cp', libraries(), 'kafka.tools.StorageTool', ...storage], {
    stdio: 'pipe',
  })
  const server = await startServerProcess({
    program: 'java',
    args: ['-Xmx512m', '-XX:+UseSerialGC', '-cp', libraries(), 'kafka.Kafka', file],
    directory: copy,
    output: `${id}.log`,
    probe,
  })
  onTestFinished(() => server.end('SIGKILL'))
}

const knock = (address: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const [host = '', port = ''] = address.split(':')
    const socket = createConnection(Number(port), host, () => {
      socket.destroy()
      resolve()
    })
    socket.once('error', reject)
  })

/** Runs the script that makes the topics, with Kafka's own tool out of its libraries. */
function makeTopics(copy: string, environment: Readonly<Record<string, string>>): void {
  const home = join(copy, 'home')
  mkdirSync(join(home, 'bin'), { recursive: true })
  const tool = `#!/bin/sh\nexec java -XX:TieredStopAtLevel=1 -cp '${libraries()}' org.apache.kafka.tools.TopicCommand "$@"\n`
  writeFileSync(join(home, 'bin', 'kafka-topics.sh'), tool, { mode: 0o755 })
  execFileSync('bash', [join(copy, 'topics.sh')], {
    stdio: 'pipe',
    env: { PATH: process.env['PATH'], ...environment, KAFKA_HOME: home },
  })
}

describeWithServices('the brokers in compose', ['compose', 'kafka'], () => {
  it.each([
    { files: base, partitions: 4, replicas: 1 },
    { files: production, partitions: 12, replicas: 3 },
  ])('have the three topics for whoever knows the password, with $replicas replicas', async (expected) => {
    const copy = copyFolder()
    runScript(copy)
    makeCertificates(copy)
    const services = readServices(copy, expected.files)
    const names = Object.keys(services).filter((name) => services[name]?.environment?.['KAFKA_NODE_ID'] !== undefined)
    expect(names).toHaveLength(expected.replicas)
    const place = await createPlace(copy, names)
    await Promise.all(
      names.map((name) =>
        startBroker(copy, readBroker(name, services[name]?.environment, place), () => knock(place(name, ':9092'))),
      ),
    )
    const wanted = { BROKERS: 'kafka:9092', ...services['topics']?.environment }
    makeTopics(copy, Object.fromEntries(Object.entries(wanted).map(([name, value]) => [name, place('kafka', value)])))

    const isSecure = expected.replicas > 1
    const list = async (password: string): Promise<readonly string[]> => {
      const client = new Kafka({
        brokers: [place('kafka', 'kafka:9094')],
        sasl: { mechanism: 'plain', username: 'storepulse', password },
        ssl: isSecure ? { ca: readFileSync(join(copy, 'certificates', 'ca.pem'), 'utf8') } : false,
        logLevel: logLevel.NOTHING,
        retry: { retries: 2 },
      })
      const admin = client.admin()
      onTestFinished(() => admin.disconnect())
      await admin.connect()
      const { topics } = await admin.fetchTopicMetadata()
      return topics
        .map(({ name, partitions }) => `${name} ${partitions.length} ${partitions[0]?.replicas.length}`)
        .toSorted()
    }
    await expect(list('wrong')).rejects.toThrow('Authentication failed')
    expect(await list(readEnv(copy).get('KAFKA_PASSWORD') ?? '')).toEqual(
      ['customer-events', 'inventory-updates', 'retail-transactions'].map(
        (topic) => `${topic} ${expected.partitions} ${expected.replicas}`,
      ),
    )
  })
})
