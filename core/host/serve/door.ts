/**
 * Who may ask at all, before anybody looks at what is asked.
 *
 * 1. The Host header names one of our own addresses, so that a name somebody else made resolve to us opens nothing.
 * 2. A page of another origin asks nothing: its Origin is not that of the address it asks. Another port of this machine
 *    is another origin, though browsers count it as the same site.
 * 3. What a browser says comes from another site is refused, except opening the front page in a tab.
 */
import type { IncomingMessage } from 'node:http'

/** A request as far as the door looks at it. */
export type Caller = Pick<IncomingMessage, 'headers' | 'method' | 'rawHeaders' | 'url'>

/** Status and reason of a refusal; the answer has no content. */
export interface Refusal {
  readonly status: 400 | 403 | 405 | 421
  readonly reason: string
}

/** What is right for one of our addresses. */
export interface OwnAddress {
  /** Exactly what browsers send as Host. */
  readonly host: string
  /** Exactly what browsers send as Origin. */
  readonly origin: string
}

const refuse = (status: Refusal['status'], reason: string): Refusal => ({ status, reason })

const countHeader = (caller: Caller, name: string): number =>
  caller.rawHeaders.filter((value, index) => index % 2 === 0 && value.toLowerCase() === name).length

/** Opening the front page in a tab, from wherever: nothing is done by it, and no other page can look at it. */
function isTopLevelVisit({ headers, method, url = '' }: Caller): boolean {
  const isFrontPage = /^\/(\?|$)/.test(url)
  return (
    method === 'GET' &&
    isFrontPage &&
    headers['sec-fetch-mode'] === 'navigate' &&
    headers['sec-fetch-dest'] === 'document'
  )
}

function judgeOrigin(caller: Caller, own: OwnAddress, isUpgrade: boolean): Refusal | null {
  const { origin } = caller.headers
  if (origin === undefined) {
    return isUpgrade || caller.method === 'POST' ? refuse(403, 'no Origin where one is needed') : null
  }
  return origin === own.origin ? null : refuse(403, 'another Origin')
}

function judgeSite(caller: Caller): Refusal | null {
  const site = caller.headers['sec-fetch-site']
  if (site === undefined || site === 'same-origin' || site === 'none') return null
  return isTopLevelVisit(caller) ? null : refuse(403, 'a request of another site')
}

/** @returns why a request is refused, or null when it may be looked at */
export function judge(caller: Caller, addresses: readonly OwnAddress[], isUpgrade: boolean): Refusal | null {
  const { headers, method = '', url = '' } = caller
  if (countHeader(caller, 'host') !== 1) return refuse(400, 'not one Host')
  const own = addresses.find(({ host }) => host === headers.host)
  if (!own) return refuse(421, 'another Host')
  if (!url.startsWith('/')) return refuse(400, 'a target that is no path')
  if (!['GET', 'HEAD', 'POST'].includes(method)) return refuse(405, 'another method')
  return judgeOrigin(caller, own, isUpgrade) ?? judgeSite(caller)
}
