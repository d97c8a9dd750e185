import type { RedisConnection, TlsMaterial } from '../base/connections.ts'
import { Fault } from '../base/fault.ts'
import { refuseMissing } from './missing.ts'
import { readPem } from './pem.ts'
import type { Settings } from './settings.ts'

const refuse = (rule: string): Fault => new Fault('setting', `/redis/url ${rule}`, { domain: 'user' })

function parseUrl(text: string): URL | null {
  try {
    return new URL(text)
  } catch (error) {
    if (error instanceof TypeError) return null
    throw error
  }
}

/** @throws Fault `setting` naming the rule, never the URL, which has the password */
function checkUrl(text: string): URL {
  if (!/^rediss?:\/\//i.test(text)) throw refuse('must begin with redis:// or rediss://')
  const url = parseUrl(text)
  if (!url) throw refuse('cannot be read: write what is special in its password as %40 for @, %2F for /, %3A for :')
  if (url.hostname === '') throw refuse('must name a host')
  if (!/^\/?\d*$/.test(url.pathname)) throw refuse('must have nothing but the number of a database after its host')
  return url
}

function readTls(settings: Settings): TlsMaterial {
  const cert = readPem('redis.ssl.cert', settings.text('redis.ssl.cert'))
  const key = readPem('redis.ssl.key', settings.secret('redis.ssl.key'))
  if (cert === null && key !== null) throw refuseMissing('redis.ssl.cert', 'redis.ssl.key is there')
  if (cert !== null && key === null) throw refuseMissing('redis.ssl.key', 'redis.ssl.cert is there')
  const ca = readPem('redis.ssl.ca', settings.text('redis.ssl.ca'))
  return { ca, cert, key, verifiesHost: settings.flag('redis.ssl.verifyHost') }
}

/**
 * The Redis that shares boards, or null where none is set: it is never needed.
 *
 * @throws Fault `setting` for a URL that cannot be read, never quoting it
 */
export function readRedisConnection(settings: Settings): RedisConnection | null {
  const urls = settings
    .secret('redis.url')
    .split(/[\s,]+/)
    .filter(Boolean)
  const [first] = urls
  if (first === undefined) return null
  const schemes = new Set(urls.map((text) => checkUrl(text).protocol))
  if (schemes.size > 1) throw refuse('must have one scheme for all nodes')
  const isCluster = settings.flag('redis.cluster')
  if (urls.length > 1 && !isCluster) throw refuse('names several servers, which takes redis.cluster=true')
  return {
    url: first,
    clusterUrls: isCluster ? urls : [],
    prefix: settings.text('redis.prefix'),
    ttlMs: settings.number('redis.ttlMs'),
    tls: schemes.has('rediss:') ? readTls(settings) : null,
  }
}
