/** One Kafka broker to begin with. */
export interface Broker {
  /** A name, an IPv4 address, or an IPv6 address without its brackets. */
  readonly host: string
  readonly port: number
  /** The scheme in front of it in capitals (`SASL_SSL://…`), or null. */
  readonly scheme: string | null
}

const pattern = /^(?:([a-z][a-z0-9+._-]*):\/\/)?(?:\[([0-9a-f:.%]+)\]|([a-z0-9._-]+))(?::(\d{1,5}))?\/?$/i
const usualPort = 9092

function parseBroker(text: string): Broker | null {
  const found = pattern.exec(text)
  if (!found) return null
  const [, scheme, address, name, digits] = found
  const host = address ?? name ?? ''
  const port = digits === undefined ? usualPort : Number(digits)
  // A port beyond the last one, or brackets around something that is no address.
  if (port < 1 || port > 65_535 || (address !== undefined && !address.includes(':'))) return null
  return { host, port, scheme: scheme?.toUpperCase() ?? null }
}

/**
 * Reads a bootstrap list: brokers with commas, semicolons or blanks between them, each `host`, `host:port` or
 * `[IPv6]:port`, with or without a scheme such as `SASL_SSL://`; without a port 9092. Null when one cannot be read.
 */
export function parseBrokers(text: string): readonly Broker[] | null {
  const brokers: Broker[] = []
  for (const part of text.split(/[\s,;]+/).filter(Boolean)) {
    const broker = parseBroker(part)
    if (!broker) return null
    brokers.push(broker)
  }
  return brokers
}

/** `host:port`, with brackets around an IPv6 address. */
export const formatBroker = ({ host, port }: Broker): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
