import type { KafkaConnection } from '../../../base/connections.ts'
import { describeError, Fault, systemErrorCode } from '../../../base/fault.ts'
import { formatAddress, type KafkaAddress, readAddress } from '../address.ts'
import type { SocketTrace } from './socket.ts'

/** What keeps us from a broker, told apart; `cause` of a fault's detail. */
export type Hindrance =
  | 'dns'
  | 'refused'
  | 'timed-out'
  | 'closed'
  | 'tls-to-plaintext'
  | 'plaintext-to-tls'
  | 'certificate-not-trusted'
  | 'certificate-expired'
  | 'certificate-for-another-host'
  | 'client-certificate'
  | 'mechanism'
  | 'credentials'

interface Explanation {
  readonly hindrance: Hindrance
  readonly message: string
  readonly hint: string
}

const notTrusted = [
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
]

const explain = (hindrance: Hindrance, message: string, hint: string): Explanation => ({ hindrance, message, hint })

const needsUser: readonly Hindrance[] = [
  'tls-to-plaintext',
  'plaintext-to-tls',
  'certificate-not-trusted',
  'certificate-expired',
  'certificate-for-another-host',
  'client-certificate',
  'mechanism',
  'credentials',
]

function makeFault({ hindrance, message, hint }: Explanation, where: string, cause: unknown): Fault {
  const isForUser = needsUser.includes(hindrance)
  const isSignIn = hindrance === 'mechanism' || hindrance === 'credentials'
  return new Fault(isSignIn ? 'refused' : 'unreachable', message, {
    hint,
    retry: !isForUser,
    domain: isForUser ? 'user' : 'external',
    cause,
    detail: { broker: where, cause: hindrance },
  })
}

/** Why no connection came about, from what the socket saw. */
export function explainConnecting(
  where: string,
  { tls, sasl }: KafkaConnection,
  trace: SocketTrace,
  error: unknown,
  timeoutMs: number,
): Fault {
  const cause = trace.error ?? error
  const found = explainSocket(where, trace, tls !== null, sasl !== null) ?? explainLate(where, error, timeoutMs)
  return makeFault(
    found ??
      explain('closed', `${where} closed the connection: ${describeError(cause)}`, 'check that this is a Kafka broker'),
    where,
    cause,
  )
}

/** An alert (0x15) or a handshake (0x16), and the major version of TLS. */
const looksLikeTls = (bytes: Buffer): boolean => (bytes[0] === 0x15 || bytes[0] === 0x16) && bytes[1] === 3

function explainSocket(where: string, trace: SocketTrace, usesTls: boolean, signsIn: boolean): Explanation | null {
  // Faults are our own doing: too late, or closed.
  const error = trace.error instanceof Fault ? null : trace.error
  const code = systemErrorCode(error) ?? ''
  const text = error === null ? '' : describeError(error)
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return explain(
      'dns',
      `${where}: there is no such host`,
      "check the broker's name, and that this network can resolve it",
    )
  }
  if (code === 'ECONNREFUSED') {
    return explain('refused', `${where} refuses connections`, 'check the port, and that the broker runs')
  }
  if (code === 'ETIMEDOUT' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    return explain('timed-out', `${where} cannot be reached: ${code}`, 'check the address, firewalls and the VPN')
  }
  if (usesTls) return explainTls(where, trace, code, text)
  if (looksLikeTls(trace.firstBytes)) {
    return explain('plaintext-to-tls', `${where} speaks TLS, and the profile does not`, 'turn TLS on in the profile')
  }
  if (trace.socket !== null && trace.firstBytes.length === 0 && !signsIn && code !== '') {
    return explain(
      'closed',
      `${where} closed the connection: ${code}`,
      'check whether this listener wants TLS or a sign-in, and that it is a Kafka broker',
    )
  }
  return null
}

function explainTls(where: string, { isSecure }: SocketTrace, code: string, text: string): Explanation | null {
  if (notTrusted.includes(code)) {
    return explain(
      'certificate-not-trusted',
      `${where}: its certificate is signed by nobody who is trusted here`,
      "give the CA's certificate as PEM",
    )
  }
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID') {
    return explain(
      'certificate-expired',
      `${where}: its certificate is not valid now`,
      'renew it, or set the clock right',
    )
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    return explain(
      'certificate-for-another-host',
      `${where}: its certificate is for another host`,
      'use a name that the certificate has, or turn the check of the host name off',
    )
  }
  if (
    isSecure ||
    /ALERT_|alert (bad certificate|certificate required|handshake failure|unknown ca)/i.test(`${code} ${text}`)
  ) {
    return explain(
      'client-certificate',
      `${where} does not accept the certificate of this client`,
      'give a certificate and key that the broker trusts',
    )
  }
  const isPlain = code === 'EPROTO' || code.startsWith('ERR_SSL') || code === 'ECONNRESET'
  if (!isPlain) return null
  return explain('tls-to-plaintext', `${where} does not speak TLS`, 'turn TLS off in the profile, or use the TLS port')
}

function explainLate(where: string, error: unknown, timeoutMs: number): Explanation | null {
  const isLate = error instanceof Fault ? error.code === 'timeout' : /timeout/i.test(describeError(error))
  if (!isLate) return null
  return explain(
    'timed-out',
    `${where} did not answer within ${timeoutMs / 1000} s`,
    'check the address, firewalls and whether this listener wants TLS',
  )
}

/** Why signing in failed. */
export function explainSignIn(where: string, { sasl }: KafkaConnection, error: unknown): Fault {
  if (error instanceof Fault) return error
  const mechanism = sasl?.mechanism.toUpperCase() ?? 'SASL'
  const text = describeError(error)
  if (/not supported|UNSUPPORTED_SASL_MECHANISM|current SASL state|unsupported sasl/i.test(text)) {
    return makeFault(
      explain(
        'mechanism',
        `${where} does not offer ${mechanism} on this listener`,
        'choose a mechanism that the broker offers, or the port of a SASL listener',
      ),
      where,
      error,
    )
  }
  return makeFault(
    explain(
      'credentials',
      `${where} does not accept these credentials (${mechanism})`,
      'check user name and password, or the token',
    ),
    where,
    error,
  )
}

export const explainSilence = (where: string, timeoutMs: number, doing: string): Fault =>
  new Fault('timeout', `${where} gave no answer for ${timeoutMs / 1000} s (${doing})`, {
    hint: 'the broker may be overloaded, stopped or cut off; it is tried again',
    retry: true,
    detail: { broker: where, cause: 'timed-out' },
  })

/** A connection that was there has ended. */
export function explainTraffic(where: string, doing: string, error: unknown): Fault {
  if (error instanceof Fault) return error
  return new Fault('unreachable', `${where}: the connection ended (${doing}: ${describeError(error)})`, {
    hint: 'it is tried again',
    retry: true,
    cause: error,
    detail: { broker: where, cause: 'closed' },
  })
}

/** A broker that another one has named cannot be reached at the address it tells clients. */
export function explainAdvertised(given: readonly string[], address: KafkaAddress, fault: Fault): Fault {
  const where = formatAddress(address)
  if (fault.code !== 'unreachable' || given.some((text) => formatAddress(readAddress(text)) === where)) return fault
  return new Fault('unreachable', `the cluster answers, but sends us to ${where}: ${fault.message}`, {
    hint: "check the broker's advertised.listeners: the address must be reachable from here",
    retry: fault.retry,
    domain: fault.domain,
    cause: fault,
    detail: { ...fault.detail, advertised: where },
  })
}
