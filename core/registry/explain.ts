import type { RegistryAuth } from '../base/connections.ts'
import { describeError, Fault, systemErrorCode } from '../base/fault.ts'

type Cause = readonly [message: string, hint: string]

const checkAddress = 'check registry.url, and that no firewall is in between'
const untrusted = (reason: string): Cause => [
  `its certificate is not trusted: ${reason}`,
  'give the CA that signed it in registry.ssl.ca',
]
const silent: Cause = ['it did not answer in time', checkAddress]

/** By the code of a Node.js error. */
const byCode: Readonly<Record<string, (reason: string) => Cause>> = {
  ENOTFOUND: () => ['no address is known for its host', 'check the host in registry.url'],
  EAI_AGAIN: () => ['the name server did not answer', 'check the network of this machine'],
  ECONNREFUSED: () => ['nothing listens there', 'check host and port in registry.url, and that the registry runs'],
  ECONNRESET: () => ['it closed the connection', 'check host, port and http or https in registry.url'],
  ETIMEDOUT: () => silent,
  ABORT_ERR: () => silent,
  EHOSTUNREACH: () => silent,
  ENETUNREACH: () => silent,
  DEPTH_ZERO_SELF_SIGNED_CERT: untrusted,
  SELF_SIGNED_CERT_IN_CHAIN: untrusted,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: untrusted,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: untrusted,
  CERT_SIGNATURE_FAILURE: untrusted,
  CERT_HAS_EXPIRED: () => ['its certificate is out of date', 'renew it, or set the clock of this machine right'],
  ERR_TLS_CERT_ALTNAME_INVALID: (reason) => [
    `its certificate is for another host: ${reason}`,
    'use the name that is in the certificate',
  ],
  ERR_SSL_WRONG_VERSION_NUMBER: () => ['it speaks no TLS', 'write http:// in registry.url'],
  EPROTO: (reason) => [`TLS failed: ${reason}`, 'check registry.url, and the certificates on both sides'],
  HPE_INVALID_CONSTANT: () => ['it answers, but not in HTTP', 'check the port in registry.url'],
}

/** Why there was no answer. It may pass: nothing is ever decided on it. */
export function explainFailure(url: string, error: unknown): Fault {
  const reason = describeError(error)
  // Some servers only say by a wrong greeting that they speak no TLS.
  const code = /wrong version number|packet length too long/i.test(reason)
    ? 'ERR_SSL_WRONG_VERSION_NUMBER'
    : (systemErrorCode(error) ?? (error instanceof Error && error.name === 'TimeoutError' ? 'ABORT_ERR' : ''))
  const [message, hint] = byCode[code]?.(reason) ?? [reason, checkAddress]
  return new Fault('unreachable', `the schema registry at ${url} could not be asked: ${message}`, {
    retry: true,
    cause: error,
    hint,
    detail: { code },
  })
}

function explainSignIn(status: number, auth: RegistryAuth | null): Cause {
  if (status === 403) {
    return ['does not let us read schemas', 'grant who signs in there the right to read subjects and schemas']
  }
  if (auth === null) return ['wants to know who asks', 'set registry.username and registry.password, or registry.token']
  return auth.kind === 'bearer'
    ? ['does not accept the token', 'renew registry.token']
    : [`does not accept user ${auth.username} with this password`, 'check registry.username and registry.password']
}

/** An answer that says nothing about the schema that was asked for. */
export function explainAnswer(url: string, status: number, auth: RegistryAuth | null): Fault {
  if (status === 401 || status === 403) {
    const [message, hint] = explainSignIn(status, auth)
    // Who signs in can be let in again at any time, and what waits goes on by itself.
    return new Fault('refused', `the schema registry at ${url} ${message}`, { retry: true, hint, detail: { status } })
  }
  const isBusy = status === 429 || status >= 500
  return new Fault('unreachable', `the schema registry at ${url} answered ${status}`, {
    retry: true,
    hint: isBusy ? 'see its log; it is asked again' : 'check the path in registry.url: this may be no schema registry',
    detail: { status },
  })
}
