import { isIP } from 'node:net'
import { Fault, systemErrorCode } from '../../base/fault.ts'
import type { OwnAddress } from './door.ts'

/** Where to listen, before a port is known. */
export interface AddressInputs {
  /** IP address or name to bind. */
  readonly address: string
  readonly isTls: boolean
  /** What a proxy in front shows, or null. */
  readonly publicUrl: string | null
}

/** Whether only this machine can connect to an address. */
export const isLoopback = (address: string): boolean =>
  address === 'localhost' || address === '::1' || (isIP(address) === 4 && address.startsWith('127.'))

const isWildcard = (address: string): boolean => address === '0.0.0.0' || address === '::'

const formatHost = (address: string): string => (isIP(address) === 6 ? `[${address}]` : address)

/** Reads the URL a proxy shows. @throws Fault `usage` when it is no plain origin */
export function readPublicUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null
  const isOrigin =
    url !== null &&
    ['http:', 'https:'].includes(url.protocol) &&
    `${url.pathname}${url.search}${url.hash}${url.username}${url.password}` === '/'
  if (isOrigin) return url
  throw new Fault('usage', `--public-url takes an address such as https://sales.example.com, not "${text}"`, {
    domain: 'user',
  })
}

/** Every address under which this server may be asked, and the first of them to show. */
export interface OwnAddresses {
  readonly all: readonly OwnAddress[]
  /** Without a slash at its end. */
  readonly url: string
}

/** @param port the port that was opened */
export function describeAddresses({ address, isTls, publicUrl }: AddressInputs, port: number): OwnAddresses {
  const scheme = isTls ? 'https' : 'http'
  const at = (name: string): URL => new URL(`${scheme}://${formatHost(name)}:${port}`)
  const shown = publicUrl === null ? at(isWildcard(address) ? '127.0.0.1' : address) : readPublicUrl(publicUrl)
  const urls = [shown, at('127.0.0.1'), at('localhost'), at('::1'), ...(isWildcard(address) ? [] : [at(address)])]
  return { all: urls.map(({ host, origin }) => ({ host, origin })), url: shown.origin }
}

/** What went wrong with opening a port, naming it. */
export function describeListenFailure(error: unknown, address: string, port: number): Fault {
  const code = systemErrorCode(error)
  if (code === 'EADDRINUSE') {
    return new Fault('refused', `port ${port} on ${address} is taken by another program`, {
      cause: error,
      hint: 'choose another with --port, or let one be picked with --port 0',
    })
  }
  if (code === 'EACCES') {
    return new Fault('refused', `port ${port} on ${address} may not be opened by this user`, {
      cause: error,
      hint: 'choose one above 1023 with --port',
    })
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EAI_AGAIN') {
    return new Fault('refused', `this machine has no address ${address}`, {
      cause: error,
      hint: 'choose one it has with --host',
    })
  }
  return new Fault('internal', `port ${port} on ${address} could not be opened`, { cause: error })
}
