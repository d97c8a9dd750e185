/** One key of a properties file and its value. */
export interface Property {
  readonly key: string
  readonly value: string
}

const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', f: '\f' }

const unescape = (text: string): string =>
  text.replaceAll(/\\(?:u([0-9a-f]{4})|([\s\S])|$)/gi, (_, code: string | undefined, sign: string | undefined) =>
    code === undefined ? (escapes[sign ?? ''] ?? sign ?? '') : String.fromCharCode(Number.parseInt(code, 16)),
  )

/** Lines with those joined that end in an odd number of backslashes; without comments and what is blank. */
function joinLines(text: string): readonly string[] {
  const lines: string[] = []
  let open: string | null = null
  for (const raw of text.replace(/^\uFEFF/, '').split(/\r\n|\r|\n/)) {
    const line = raw.replace(/^[ \t\f]+/, '')
    if (open === null && (line === '' || line.startsWith('#') || line.startsWith('!'))) continue
    const whole: string = `${open ?? ''}${line}`
    const isOpen = (/\\*$/.exec(line)?.[0].length ?? 0) % 2 === 1
    open = isOpen ? whole.slice(0, -1) : null
    if (!isOpen) lines.push(whole)
  }
  return open === null ? lines : [...lines, open]
}

/**
 * Reads a file of Java properties, as Kafka's own tools do; librdkafka's files are the same but for the escapes.
 * Source: java.util.Properties, `load(Reader)`.
 */
export const parseProperties = (text: string): readonly Property[] =>
  joinLines(text).map((line) => {
    const [, key = '', value = ''] = /^((?:[^\\=: \t\f]|\\[\s\S])*)[ \t\f]*[=:]?[ \t\f]*([\s\S]*)$/.exec(line) ?? []
    return { key: unescape(key), value: unescape(value) }
  })

/** A login module of a JAAS text. */
export interface LoginModule {
  /** The last part of its class: `PlainLoginModule`. */
  readonly name: string
  readonly options: Readonly<Record<string, string>>
}

/**
 * The first login module of a JAAS text, also one in `KafkaClient { … };`; null when there is none.
 * Source: Java's `javax.security.auth.login.Configuration`.
 */
export function parseJaas(text: string): LoginModule | null {
  const body = text
    .trim()
    .replace(/^\w+\s*\{/, '')
    .trim()
  const head = /^([\w.$]+)\s+(?:required|requisite|sufficient|optional)\b/i.exec(body)
  if (!head) return null
  const options: Record<string, string> = {}
  const rule = /\s*([\w.-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|([^\s;]+))/y
  rule.lastIndex = head[0].length
  for (let found = rule.exec(body); found; found = rule.exec(body)) {
    const quoted = (found[2] ?? found[3])?.replaceAll(/\\(.)/g, '$1')
    options[found[1] ?? ''] = quoted ?? found[4] ?? ''
  }
  return { name: head[1]?.split('.').at(-1) ?? '', options }
}
