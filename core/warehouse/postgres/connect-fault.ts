import type { PostgresConnection } from '../../base/connections.ts'
import { describeError, Fault, systemErrorCode } from '../../base/fault.ts'
import { toPostgresFault } from './fault.ts'

interface Cause {
  readonly message: string
  readonly hint: string
}

type Explain = (connection: PostgresConnection, message: string) => Cause

const nameServer = ({ host, port }: PostgresConnection): string =>
  host.startsWith('/') ? `the socket in ${host}` : `${host.includes(':') ? `[${host}]` : host}:${port}`

const silent: Explain = (connection) => ({
  message: `${nameServer(connection)} did not answer`,
  hint: 'check host and port, and that no firewall is in between',
})

const untrusted: Explain = (connection, message) => ({
  message: `the certificate of ${nameServer(connection)} is not trusted: ${message}`,
  hint: 'give the CA that signed it (sslrootcert)',
})

const outOfDate: Explain = (connection, message) => ({
  message: `the certificate of ${nameServer(connection)} is out of date: ${message}`,
  hint: 'renew it on the server, or set the clock of this machine right',
})

/** By the code of a Node.js error. */
const byCode: Readonly<Record<string, Explain>> = {
  ENOTFOUND: ({ host }) => ({ message: `no address is known for the host ${host}`, hint: 'check its spelling' }),
  EAI_AGAIN: ({ host }) => ({
    message: `the name server did not answer for the host ${host}`,
    hint: 'check the network of this machine',
  }),
  ECONNREFUSED: (connection) => ({
    message: `nothing listens on ${nameServer(connection)}`,
    hint: 'check host and port, and that PostgreSQL runs and listens on that address',
  }),
  ENOENT: (connection) => ({
    message: `nothing listens on ${nameServer(connection)}`,
    hint: 'check the folder and the port, and that PostgreSQL runs',
  }),
  ETIMEDOUT: silent,
  EHOSTUNREACH: silent,
  ENETUNREACH: silent,
  ECONNRESET: (connection) => ({
    message: `${nameServer(connection)} closed the connection`,
    hint: 'check that this is the port of a PostgreSQL server',
  }),
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_SIGNATURE_FAILURE: untrusted,
  CERT_HAS_EXPIRED: outOfDate,
  CERT_NOT_YET_VALID: outOfDate,
  ERR_TLS_CERT_ALTNAME_INVALID: ({ host }, message) => ({
    message: `the certificate of the server is for another host than ${host}: ${message}`,
    hint: 'use the name that is in the certificate, or verify-ca instead of verify-full',
  }),
  EPROTO: (connection, message) => ({
    message: `TLS with ${nameServer(connection)} failed: ${message}`,
    hint: 'check TLS versions and certificates on both sides',
  }),
  '28P01': ({ user, password }) =>
    password === null
      ? { message: `the server wants a password for user ${user}, there is none`, hint: 'give the password' }
      : { message: `the password for user ${user} is wrong`, hint: 'check user and password' },
  '28000': ({ user, database, tls }, message) => {
    if (/no encryption|SSL off/i.test(message)) {
      return {
        message: `the server lets user ${user} in only over TLS`,
        hint: `set sslmode to verify-full, or to require (it is ${tls.mode})`,
      }
    }
    if (/client certificate/i.test(message)) {
      return { message: 'the server wants a client certificate', hint: 'give sslcert and sslkey' }
    }
    return {
      message: `the server does not let user ${user} into database ${database}: ${message}`,
      hint: 'ask for a role that may log in, and for a line in pg_hba.conf for this machine',
    }
  },
  '3D000': ({ database }) => ({
    message: `there is no database ${database} on the server`,
    hint: `make it with CREATE DATABASE, or name another one`,
  }),
  '42501': ({ user, database }, message) => ({
    message: `user ${user} has no right to use database ${database}: ${message}`,
    hint: `GRANT CONNECT ON DATABASE ${database} TO ${user}`,
  }),
}

/** By what pg says where it gives no code. */
const byMessage: readonly { readonly pattern: RegExp; readonly explain: Explain }[] = [
  {
    pattern: /does not support SSL/i,
    explain: (connection) => ({
      message: `${nameServer(connection)} speaks no TLS`,
      hint: 'turn ssl on at the server; or set sslmode to disable where the network between is trusted',
    }),
  },
  {
    pattern: /error establishing an SSL/i,
    explain: (connection) => ({
      message: `${nameServer(connection)} answers, but not as PostgreSQL does`,
      hint: 'check the port: this looks like another service',
    }),
  },
  { pattern: /timeout expired/i, explain: silent },
  {
    pattern: /password must be a (?:non-empty )?string|empty password/i,
    explain: ({ user }) => ({
      message: `the server wants a password for user ${user}, there is none`,
      hint: 'give the password',
    }),
  },
  {
    pattern: /terminated|unexpected message|Unknown authenticationOk/i,
    explain: (connection) => ({
      message: `${nameServer(connection)} closed the connection`,
      hint: 'check that this is the port of a PostgreSQL server',
    }),
  },
  {
    pattern: /certificate|self.signed/i,
    explain: untrusted,
  },
  {
    pattern: /PEM|bad base64|wrong tag|no start line|key values mismatch/i,
    explain: (_, message) => ({
      message: `a certificate or key of the connection cannot be read: ${message}`,
      hint: 'sslrootcert, sslcert and sslkey are PEM files',
    }),
  },
]

/** What a server says that may pass by itself: starting up, too many connections, disk full. */
const mayPass = /^(?:57P0|53)/

/**
 * Why a connection could not be opened. Not retriable but for what passes by itself: whoever has been connected before
 * tries again anyway.
 */
export function toConnectFault(error: unknown, connection: PostgresConnection): Fault {
  if (error instanceof Fault) return error
  const message = describeError(error)
  const code = systemErrorCode(error) ?? ''
  if (mayPass.test(code)) return toPostgresFault(error, 'the server takes no connection now')
  const explain = byCode[code] ?? byMessage.find(({ pattern }) => pattern.test(message))?.explain
  const text = explain?.(connection, message)
  return new Fault('unreachable', text?.message ?? `${nameServer(connection)} could not be reached: ${message}`, {
    cause: error,
    hint: text?.hint ?? 'see what `storepulse doctor` says',
    detail: { server: nameServer(connection), code },
  })
}
