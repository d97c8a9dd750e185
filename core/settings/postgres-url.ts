/** Connection parameters by their libpq names: `host`, `port`, `user`, `password`, `dbname`, `sslmode` … */
export type PostgresParameters = Readonly<Record<string, string>>

/** What a text says, or the rule it breaks; the rule never quotes the text, in which a password may stand. */
export type ParsedPostgres =
  | { readonly ok: true; readonly parameters: PostgresParameters }
  | { readonly ok: false; readonly rule: string }

const broken = (rule: string): ParsedPostgres => ({ ok: false, rule })

function decode(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch (error) {
    if (error instanceof URIError) return null
    throw error
  }
}

/** Hosts and ports of a URL, each list with commas as libpq has them; an IPv6 address without its brackets. */
function parseHosts(text: string): { readonly host: string; readonly port: string } | null {
  const found = text.split(',').map((part) => /^(?:\[([0-9a-f:.%]+)\]|([^:[\]]*))(?::(\d*))?$/i.exec(part.trim()))
  if (found.some((match) => match === null)) return null
  const ports = found.map((match) => match?.[3] ?? '')
  return {
    host: found.map((match) => match?.[1] ?? match?.[2] ?? '').join(','),
    port: ports.every((port) => port === '') ? '' : ports.join(','),
  }
}

const isPort = (text: string): boolean =>
  text === '' || (/^\d{1,5}$/.test(text) && Number(text) >= 1 && Number(text) <= 65_535)

function readQuery(query: string): readonly (readonly [string, string])[] | null {
  const pairs = query.split('&').filter(Boolean)
  const read = pairs.map((pair): readonly [string, string] | null => {
    const at = pair.indexOf('=')
    const name = decode(at < 0 ? pair : pair.slice(0, at))
    const value = decode(at < 0 ? '' : pair.slice(at + 1))
    if (name === null || value === null) return null
    // JDBC's own way to ask for TLS.
    if (name === 'ssl') return ['sslmode', value === 'false' ? 'disable' : 'require']
    return [name, value]
  })
  return read.some((pair) => pair === null) ? null : read.flatMap((pair) => (pair === null ? [] : [pair]))
}

/** The part before a mark and the part after it, null without the mark. */
function cut(text: string, at: number): readonly [string, string | null] {
  return at < 0 ? [text, null] : [text.slice(0, at), text.slice(at + 1)]
}

function parseUrl(text: string): ParsedPostgres {
  const afterScheme = text.slice(text.indexOf('://') + 3)
  const slash = afterScheme.indexOf('/')
  const at = afterScheme.slice(0, slash < 0 ? undefined : slash).lastIndexOf('@')
  const entry = afterScheme.slice(0, Math.max(at, 0))
  const behindEntry = afterScheme.slice(at + 1)
  const [beforeQuery, query] = cut(behindEntry, behindEntry.indexOf('?'))
  const [hostsText, path] = cut(beforeQuery, beforeQuery.indexOf('/'))
  // What stands behind a / of the password would be taken for the server, and the rest of it for a database.
  if (path !== null && /[/@]/.test(path)) return broken('has a / or @ that is part of a name: write %2F or %40')
  const [user, password] = cut(entry, entry.indexOf(':'))
  const hosts = parseHosts(hostsText)
  if (!hosts) return broken('has a host that cannot be read: host:port, with IPv6 addresses in brackets')
  if (!hosts.port.split(',').every(isPort)) return broken('has a port that is not 1 to 65535')
  const parts = [
    ['host', hosts.host],
    ['port', hosts.port],
    ['user', user],
    ['password', password ?? ''],
    ['dbname', path ?? ''],
  ] as const
  const decoded = parts.map(([name, value]) => [name, decode(value)] as const)
  const parameters = readQuery(query ?? '')
  if (parameters === null || decoded.some(([, value]) => value === null)) {
    return broken('has a % that no two hexadecimal digits follow: write %25 for a percent sign')
  }
  const given = decoded.filter(
    (pair): pair is readonly [(typeof pair)[0], string] => pair[1] !== null && pair[1] !== '',
  )
  return { ok: true, parameters: { ...Object.fromEntries(given), ...Object.fromEntries(parameters) } }
}

/** One `name = value` of a text of them: bare with \ before blanks, or in single quotes with \ before quotes. */
const pairRule =
  /\s*([a-z_]+)\s*=\s*(?:'((?:[^'\\]|\\[\s\S])*)'|((?:[^\s'\\]|\\[\s\S])(?:[^\s\\]|\\[\s\S])*)?)(?=\s|$)/iy

function parsePairs(text: string): ParsedPostgres {
  const parameters: Record<string, string> = {}
  const rule = new RegExp(pairRule)
  const whole = text.trimEnd()
  while (rule.lastIndex < whole.length) {
    const found = rule.exec(whole)
    if (!found)
      return broken("must be a URL such as postgres://user@host/database, or name=value … with '…' around blanks")
    parameters[(found[1] ?? '').toLowerCase()] = (found[2] ?? found[3] ?? '').replaceAll(/\\([\s\S])/g, '$1')
  }
  return (parameters.port ?? '').split(',').every(isPort)
    ? { ok: true, parameters }
    : broken('has a port that is not 1 to 65535')
}

/**
 * Reads a connection text as libpq does: `postgres://user:password@host:port,host:port/database?sslmode=…`, or
 * `host=… port=… dbname='…'`. A JDBC URL will do as well. Only what the text says is in the answer.
 */
export function parsePostgres(text: string): ParsedPostgres {
  const trimmed = text.trim()
  if (/^(jdbc:)?postgres(ql)?:\/\//i.test(trimmed)) return parseUrl(trimmed)
  if (/^[a-z][a-z0-9+.:-]*:\/\//i.test(trimmed)) return broken('must begin with postgres://')
  return parsePairs(trimmed)
}

const inUrl = ['host', 'port', 'user', 'password', 'dbname']
/** As strict as encodeURIComponent, and the signs it leaves that mean something here. */
const encode = (text: string): string => encodeURIComponent(text)

/** The parameters as a URL that {@link parsePostgres} reads back. */
export function formatPostgresUrl(parameters: PostgresParameters): string {
  const { dbname = '', host = '', password = '', port = '', user = '' } = parameters
  const ports = port.split(',')
  const hosts = host.split(',').map((one, index) => {
    const own = ports.length === 1 ? (ports[0] ?? '') : (ports[index] ?? '')
    const name = /^[0-9a-f.%]*:[0-9a-f:.%]*$/i.test(one) ? `[${one}]` : encode(one)
    return own === '' ? name : `${name}:${own}`
  })
  const secret = password === '' ? '' : `:${encode(password)}`
  const entry = user === '' && password === '' ? '' : `${encode(user)}${secret}@`
  const others = Object.entries(parameters).filter(([name]) => !inUrl.includes(name))
  const query = others.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')
  return `postgres://${entry}${hosts.join(',')}/${encode(dbname)}${query === '' ? '' : `?${query}`}`
}

/** The parameters as `name='value' …` that {@link parsePostgres} reads back. */
export const formatPostgresPairs = (parameters: PostgresParameters): string =>
  Object.entries(parameters)
    .map(([name, value]) => `${name}='${value.replaceAll(/[\\']/g, '\\$&')}'`)
    .join(' ')
