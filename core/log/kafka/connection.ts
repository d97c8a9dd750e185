import type { Dial } from '../../base/dial.ts'

/** How to reach a cluster, and who we are there. */
export interface KafkaConnection {
  /** `host:port`; an IPv6 host in brackets. */
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly tls: KafkaTls | null
  readonly sasl: KafkaSasl | null
  /** How brokers are reached; directly where it is left out. */
  readonly dial?: Dial
}

/** Certificates and keys as PEM text; null is what the machine trusts, or nothing to show. */
export interface KafkaTls {
  readonly ca: string | null
  readonly cert: string | null
  readonly key: string | null
  readonly passphrase: string | null
  readonly verifiesHost: boolean
}

export type KafkaSasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
      readonly username: string
      readonly password: string
    }
  | { readonly mechanism: 'oauthbearer'; readonly token: string }
  | {
      readonly mechanism: 'oauthbearer'
      readonly tokenUrl: string
      readonly clientId: string
      readonly clientSecret: string
      readonly scope: string | null
    }

export interface KafkaAddress {
  readonly host: string
  readonly port: number
}

/** Kafka's usual port, where none is given. */
const usualPort = 9092

/** `host:port` or `[ipv6]:port`. */
export function readAddress(text: string): KafkaAddress {
  const trimmed = text.trim().replace(/^[a-z_]+:\/\//i, '')
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]*))(?::(\d+))?$/.exec(trimmed) ?? []
  const host = bracketed ?? plain
  return host === undefined ? { host: trimmed, port: usualPort } : { host, port: Number(port ?? usualPort) }
}

export const formatAddress = ({ host, port }: KafkaAddress): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
