import { join, resolve } from 'node:path'
import { expect, it } from 'vitest'
import { Fault } from '../../../core/base/fault.ts'
import { readArchiveTarget, readS3Connection } from '../../../core/settings/archive-connection.ts'
import { describeDataDirectory } from '../../../core/settings/data-directory.ts'
import { readRegistryConnection } from '../../../core/settings/registry-connection.ts'
import { readRedisConnection } from '../../../core/settings/redis-connection.ts'
import { resolveSettings, type Settings } from '../../../core/settings/settings.ts'

const settingsOf = (...flags: readonly string[]): Settings =>
  resolveSettings({ profile: { kind: 'process' }, environment: {}, flags })

it('needs no Redis', () => {
  expect(readRedisConnection(settingsOf())).toBeNull()
})

it('reads one Redis, and the nodes of a cluster', () => {
  expect(readRedisConnection(settingsOf('redis.url=redis://:s3cret@cache:6380/2'))).toEqual({
    url: 'redis://:s3cret@cache:6380/2',
    clusterUrls: [],
    prefix: 'storepulse:',
    ttlMs: 30_000,
    tls: null,
  })
  const cluster = readRedisConnection(settingsOf('redis.url=rediss://a:1, rediss://[::1]:2', 'redis.cluster=true'))
  expect(cluster?.clusterUrls).toEqual(['rediss://a:1', 'rediss://[::1]:2'])
  expect(cluster?.tls).toEqual({ ca: null, cert: null, key: null, verifiesHost: true })
})

it.each([
  ['http://canary@cache', 'must begin with redis:// or rediss://'],
  ['redis://:can ary@cache', 'cannot be read'],
  ['redis://:canary/x@cache:1', 'cannot be read'],
  ['redis:///0', 'must name a host'],
  ['redis://:canary@cache/first', 'must have nothing but the number of a database'],
  ['redis://:canary@a,redis://b', 'takes redis.cluster=true'],
  ['redis://:canary@a,rediss://b', 'must have one scheme'],
])('refuses the Redis %s without its password', (url, rule) => {
  let message = ''
  try {
    readRedisConnection(settingsOf(`redis.url=${url}`))
  } catch (error) {
    message = error instanceof Fault ? `${error.message} ${error.hint ?? ''}` : ''
  }
  expect(message).toContain(rule)
  expect(message).not.toContain('canary')
})

it('reads where the archive’s bucket is', () => {
  const flags = ['archive.target=s3', 's3.bucket=events', 's3.endpoint=http://127.0.0.1:9000/', 's3.prefix=/raw']
  const settings = settingsOf(...flags, 's3.accessKey=a', 's3.secretKey=b')
  const connection = {
    endpoint: 'http://127.0.0.1:9000',
    bucket: 'events',
    region: 'us-east-1',
    accessKey: 'a',
    secretKey: 'b',
    prefix: 'raw/',
  }
  expect(readS3Connection(settings)).toEqual(connection)
  expect(readArchiveTarget(settings, describeDataDirectory('/data'))).toEqual({ kind: 's3', connection })
})

it('misses the bucket, and one key without the other', () => {
  expect(() => readS3Connection(settingsOf())).toThrow('s3.bucket is missing: archive.target is s3')
  expect(() => readS3Connection(settingsOf('s3.bucket=events', 's3.accessKey=a'))).toThrow('s3.secretKey is missing')
  expect(() => readS3Connection(settingsOf('s3.bucket=events', 's3.secretKey=a'))).toThrow('s3.accessKey is missing')
  expect(readS3Connection(settingsOf('s3.bucket=events')).endpoint).toBeNull()
})

it('archives nowhere unless told to, and on disk beside the rest', () => {
  const paths = describeDataDirectory('/data', 'process')
  expect(readArchiveTarget(settingsOf(), paths)).toEqual({ kind: 'none' })
  expect(readArchiveTarget(settingsOf('archive.target=disk'), paths)).toEqual({
    kind: 'disk',
    directory: join('/data', 'profiles', 'process', 'archive'),
  })
  const elsewhere = readArchiveTarget(settingsOf('archive.target=disk', 'archive.directory=/mnt/archive'), paths)
  expect(elsewhere).toEqual({ kind: 'disk', directory: resolve('/mnt/archive') })
})

const registry = 'registry.url=https://schemas.example:8081/api'

it('needs no schema registry, and reads how to reach one', () => {
  const tls = { ca: null, cert: null, key: null, verifiesHost: true }
  const url = 'https://schemas.example:8081/api'
  expect(readRegistryConnection(settingsOf())).toBeNull()
  expect(readRegistryConnection(settingsOf(registry))).toEqual({ url, auth: null, tls })
  expect(readRegistryConnection(settingsOf(registry, 'registry.username=ada', 'registry.password=p'))?.auth).toEqual({
    kind: 'basic',
    username: 'ada',
    password: 'p',
  })
  expect(readRegistryConnection(settingsOf(registry, 'registry.token=t'))?.auth).toEqual({ kind: 'bearer', token: 't' })
})

it.each([
  [['registry.username=ada'], 'registry.password is missing'],
  [['registry.password=p'], 'registry.username is missing'],
  [['registry.token=t', 'registry.username=ada'], 'both set'],
])('refuses a schema registry with %j', (more, rule) => {
  expect(() => readRegistryConnection(settingsOf(registry, ...more))).toThrow(rule)
})

it.each(['ftp://schemas', 'http://ada:pass@schemas', 'http://a,http://b', 'schemas:8081'])(
  'refuses the schema registry %s',
  (url) => {
    expect(() => settingsOf(`registry.url=${url}`)).toThrow('must be an http or https URL without a user')
  },
)
