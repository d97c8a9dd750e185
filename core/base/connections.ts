import type { Dial } from './dial.ts'

/** How servers are reached, and who we are there: what settings are read into, and what adapters take. */

/** PEM texts. Without `ca` the well-known authorities are trusted. */
export interface TlsMaterial {
  readonly ca: string | null
  readonly cert: string | null
  readonly key: string | null
  readonly verifiesHost: boolean
}

export interface KafkaConnection {
  /** `host:port` each, an IPv6 address in brackets, in the order given. */
  readonly brokers: readonly string[]
  readonly clientId: string
  readonly tls: KafkaTls | null
  readonly sasl: KafkaSasl | null
  /** How brokers are reached; directly where it is left out. */
  readonly dial?: Dial
}

export interface KafkaTls extends TlsMaterial {
  readonly passphrase: string | null
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

export interface PostgresConnection {
  /** A name, an address, or the folder of a unix socket, which begins with /. */
  readonly host: string
  readonly port: number
  readonly user: string
  readonly password: string | null
  readonly database: string
  readonly tls: PostgresTls
  /** How the server is reached; directly where it is left out. */
  readonly dial?: Dial
}

export type PostgresTlsMode = 'disable' | 'prefer' | 'require' | 'verify-ca' | 'verify-full'

/** As libpq's sslmode has it. PEM texts, the key without a passphrase; without `ca` the well-known authorities are trusted. */
export interface PostgresTls {
  readonly mode: PostgresTlsMode
  readonly ca: string | null
  readonly cert: string | null
  readonly key: string | null
}

/** Where a bucket is. */
export interface S3Connection {
  /** `https://host:port`; null is AWS. */
  readonly endpoint: string | null
  readonly bucket: string
  readonly region: string
  /** Null: keys as AWS's own tools find them. */
  readonly accessKey: string | null
  readonly secretKey: string | null
  /** Put before the name of every object; ends with / or is empty. */
  readonly prefix: string
}

/** A schema registry. */
export interface RegistryConnection {
  /** `http://host:port/path` or `https://…`, without a user. */
  readonly url: string
  readonly auth: RegistryAuth | null
  readonly tls: TlsMaterial
}

export type RegistryAuth =
  | { readonly kind: 'basic'; readonly username: string; readonly password: string }
  | { readonly kind: 'bearer'; readonly token: string }

export interface RedisConnection {
  /** `redis://user:password@host:port/database`, or `rediss://…` for TLS. */
  readonly url: string
  /** Nodes to begin with when it is a cluster, the first of them `url`; empty when it is none. */
  readonly clusterUrls: readonly string[]
  /** Put before every key and channel. */
  readonly prefix: string
  readonly ttlMs: number
  readonly tls: TlsMaterial | null
}

/** An SSH server that connections go through. */
export interface TunnelConnection {
  readonly host: string
  readonly port: number
  readonly username: string
  readonly password: string | null
  /** PEM or OpenSSH text. */
  readonly key: string | null
  readonly passphrase: string | null
  /** The server's key as `SHA256:…`, as ssh-keygen -l prints it; empty where nobody has compared it yet. */
  readonly hostKey: string
}
