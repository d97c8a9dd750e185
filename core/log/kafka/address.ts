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
