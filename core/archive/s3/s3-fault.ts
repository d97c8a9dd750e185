import { describeError, Fault, systemErrorCode } from '../../base/fault.ts'

/** Where requests go, for messages. */
export interface S3Place {
  readonly endpoint: string | null
  readonly bucket: string
}

/** The status of an answer that was no success, or null when there was no answer. */
export function statusOf(error: unknown): number | null {
  if (!(error instanceof Error) || !('$metadata' in error)) return null
  const metadata = error.$metadata
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return null
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : null
}

const refusals: Readonly<Record<string, string>> = {
  InvalidAccessKeyId: 'does not know the access key: check s3.accessKey',
  SignatureDoesNotMatch: 'does not take the secret key: check s3.secretKey',
  AccessDenied: 'does not allow this: the key needs ListBucket, GetObject, PutObject and DeleteObject on the bucket',
  ExpiredToken: 'says that the credentials have expired: renew them',
  RequestTimeTooSkewed: 'has another time than this machine: set the clock',
  CredentialsProviderError: 'needs keys and there are none: set s3.accessKey and s3.secretKey',
}

const unreachable = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'ECONNRESET', 'ETIMEDOUT', 'EHOSTUNREACH', 'EPIPE']

/** Who is behind an error without an answer: refused, no such host, too slow, or no S3 at all. */
function isUnreachable(error: Error): boolean {
  const code = systemErrorCode(error) ?? ''
  return (
    unreachable.includes(code) || error.name === 'TimeoutError' || /timed? ?out|socket hang up/i.test(error.message)
  )
}

/** Turns what the client throws into a {@link Fault}: who answered what, and what to do. */
export function toS3Fault(error: unknown, { endpoint, bucket }: S3Place, doing: string): Fault {
  if (error instanceof Fault) return error
  const where = endpoint ?? 'AWS'
  const more = { cause: error, domain: 'external' as const }
  if (!(error instanceof Error)) return new Fault('internal', `${doing}: ${describeError(error)}`, more)
  const refusal = refusals[error.name]
  if (refusal !== undefined) {
    const [what = '', hint = ''] = refusal.split(': ')
    return new Fault('refused', `${doing}: ${where} ${what}`, { ...more, hint })
  }
  if (error.name === 'NoSuchBucket') {
    const hint = 'create it, or name another in s3.bucket'
    return new Fault('not-found', `${doing}: ${where} has no bucket ${bucket}`, { ...more, hint })
  }
  if (isUnreachable(error)) {
    const hint = 'check s3.endpoint, and that the server is up'
    return new Fault('unreachable', `${doing}: ${where} does not answer (${error.message})`, {
      ...more,
      hint,
      retry: true,
    })
  }
  const status = statusOf(error)
  const isPassing = status !== null && (status >= 500 || status === 429)
  const told = status === null ? error.message : `${where} answered ${status} ${error.name}: ${error.message}`
  return new Fault(isPassing ? 'unreachable' : 'refused', `${doing}: ${told}`, { ...more, retry: isPassing })
}
