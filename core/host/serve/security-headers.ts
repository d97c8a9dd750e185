import { buildContentPolicy } from '../../protocol/content-policy.ts'
import type { RandomBytes } from './vault.ts'

/** A nonce for one load of one page. */
export const makeNonce = (randomBytes: RandomBytes): string => Buffer.from(randomBytes(16)).toString('base64')

/**
 * What every answer says to a browser, refusals included. There are no CORS headers: no other origin may read anything.
 *
 * @param nonce that of the page in the answer, or one that is in no page
 */
export const securityHeaders = (nonce: string): Readonly<Record<string, string>> => ({
  'Content-Security-Policy': buildContentPolicy(nonce),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy':
    'accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), microphone=(), midi=(), payment=(), usb=()',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'Cache-Control': 'no-store',
})
