import { describeError, Fault, systemErrorCode } from '../../base/fault.ts'

interface Rule {
  readonly pattern: RegExp
  readonly message: string
  readonly hint: string
  readonly code: 'unreachable' | 'refused'
}

/** What servers and the way to them say, the first that holds; %s is the server. */
const rules: readonly Rule[] = [
  {
    pattern: /WRONGPASS|invalid password|invalid username-password/i,
    message: '%s refuses the user or the password',
    hint: 'check the user and the password in redis.url',
    code: 'refused',
  },
  {
    pattern: /NOAUTH|Authentication required/i,
    message: '%s wants a password',
    hint: 'put it into redis.url: redis://:password@host or redis://user:password@host',
    code: 'refused',
  },
  {
    pattern: /NOPERM/,
    message: '%s does not allow the user what a cache does',
    hint: 'allow get, set, publish, subscribe and ping on keys and channels that begin with redis.prefix',
    code: 'refused',
  },
  {
    pattern: /MOVED|CROSSSLOT|CLUSTERDOWN/,
    message: '%s is part of a cluster',
    hint: 'set redis.cluster to true; if it is, see that the cluster is whole',
    code: 'refused',
  },
  {
    pattern: /cluster support disabled/i,
    message: '%s is no cluster',
    hint: 'set redis.cluster to false',
    code: 'refused',
  },
  {
    pattern: /READONLY/,
    message: '%s is a replica, which cannot be written',
    hint: 'name the primary in redis.url',
    code: 'refused',
  },
  {
    pattern: /OOM command/,
    message: '%s has no memory left',
    hint: 'give it more, or let it evict keys',
    code: 'refused',
  },
  {
    pattern: /altname|hostname\/IP/i,
    message: '%s shows a certificate for another name',
    hint: 'use the name it is for, or set redis.ssl.verifyHost to false',
    code: 'refused',
  },
  {
    pattern: /self[- ]signed|unable to (?:verify|get local issuer)|UNABLE_TO_|DEPTH_ZERO/i,
    message: '%s shows a certificate that nobody who is trusted has signed',
    hint: 'name its authority in redis.ssl.ca',
    code: 'refused',
  },
  {
    pattern: /certificate has expired|CERT_HAS_EXPIRED/i,
    message: '%s shows a certificate that has expired',
    hint: 'renew it on the server',
    code: 'refused',
  },
  {
    pattern: /wrong version number|packet length too long|EPROTO/i,
    message: '%s speaks no TLS on this port',
    hint: 'use redis:// instead of rediss://, or the TLS port',
    code: 'refused',
  },
  {
    pattern: /ENOTFOUND|EAI_AGAIN/,
    message: '%s has a name that cannot be resolved',
    hint: 'check the host in redis.url',
    code: 'unreachable',
  },
  {
    pattern: /ECONNREFUSED/,
    message: 'nobody listens at %s',
    hint: 'start Redis, or check the port in redis.url',
    code: 'unreachable',
  },
  {
    pattern: /timed? ?out|timeout|does not answer/i,
    message: '%s does not answer',
    hint: 'check that it is up and can be reached from here; where it speaks no TLS, use redis:// in redis.url',
    code: 'unreachable',
  },
  {
    pattern: /closed unexpectedly|ECONNRESET|EPIPE|socket hang up/i,
    message: '%s ended the connection',
    hint: 'check that it is up; where it speaks TLS, use rediss:// in redis.url',
    code: 'unreachable',
  },
]

/** Causes and the errors of several tries say more than what is around them. */
function collectText(error: unknown): string {
  if (!(error instanceof Error)) return describeError(error)
  const inner = error instanceof AggregateError ? error.errors.map(collectText) : []
  const cause = error.cause === undefined ? [] : [collectText(error.cause)]
  return [error.name, systemErrorCode(error) ?? '', error.message, ...inner, ...cause].join(' ')
}

/** Turns what the client throws into a {@link Fault} that names the server and what to do, never the password. */
export function toRedisFault(error: unknown, server: string): Fault {
  if (error instanceof Fault) return error
  const text = collectText(error)
  const rule = rules.find(({ pattern }) => pattern.test(text))
  const more = { cause: error, domain: 'external' as const, retry: true }
  if (!rule) return new Fault('unreachable', `${server}: ${describeError(error)}`, more)
  return new Fault(rule.code, rule.message.replace('%s', server), { ...more, hint: rule.hint })
}
