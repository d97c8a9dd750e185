/**
 * Keeps secrets out of what is shown, logged or sent.
 *
 * 1. What looks like a secret goes, wherever it stands: in URLs, key=value texts, JSON, JAAS, headers, PEM keys.
 * 2. What is known to be one goes, however it looks, also percent-encoded or in base64.
 * 3. Rather too much than too little: a mask may swallow what stands beside a secret, never show a part of it.
 */

/** What stands for a secret wherever one would be shown. */
export const secretMask = '••••••••'

/** `scheme://user:password@`; the password up to the last @, as one may stand in it unescaped. */
const inUrl = /(:\/\/[^\s:@/?#"'<>]{0,256}:)[^\s"'<>]{1,2048}@/g
const words = 'passw(?:or)?d|pwd|passphrase|secret|secret[._-]?key|access[._-]?key|api[._-]?key|private[._-]?key'
const quoted = String.raw`"(?:[^"\\]|\\.)*(?:"|$)|'(?:[^'\\]|\\.)*(?:'|$)`
/** `password=…` and `"token" : "…"`: up to the closing quote, else to a blank or the next parameter of a URL. */
const assigned = new RegExp(
  String.raw`((?:${words}|token|signature|credential|jaas[._]config)(?:\\?["'])?\s?=\s?)(?:${quoted}|(?:\\.|[^\s&])+)`,
  'gi',
)
const inJson = new RegExp(
  String.raw`((?:${words}|token)\\?["']\s*:\s*)(?:\\"(?:[^"\\]|\\[^"])*(?:\\"|$)|${quoted})`,
  'gi',
)
const afterColon = new RegExp(String.raw`((?:${words})\s?:\s?)(?:${quoted}|[^\s&"']+)`, 'gi')
const inHeader = /\b((?:bearer|basic)\s+)[a-z0-9._~+/=-]{8,}/gi
const pemKey = /(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----)[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g

/** Forms in which a known secret may stand in a text. */
const spell = (secret: string): readonly string[] => [
  secret,
  // Half a surrogate pair has no encoding.
  encodeURIComponent(Buffer.from(secret).toString()),
  JSON.stringify(secret).slice(1, -1),
  Buffer.from(secret).toString('base64'),
]

/** Shorter ones would mask half of every text; they are still masked where they look like one. */
const shortestKnown = 4

const maskKnown = (text: string, known: readonly string[]): string =>
  known
    .filter((secret) => secret.length >= shortestKnown)
    .flatMap(spell)
    .sort((one, other) => other.length - one.length)
    .reduce((masked, form) => masked.replaceAll(form, secretMask), text)

/** Longer texts are cut: nobody reads them, and the patterns above would run out of stack on megabytes. */
const longestText = 100_000
/** What is looked at beyond the cut and then left out, so that no secret is cut in half before it is found. */
const marginLength = 4_096

/**
 * The text with every secret masked; where it is longer than 100,000 characters, only its beginning.
 *
 * @param known secrets that may stand in it in any form
 */
export function maskSecrets(text: string, known: readonly string[] = []): string {
  if (text.length <= longestText) return maskAll(text, known)
  const masked = maskAll(text.slice(0, longestText + marginLength), known)
  return `${masked.slice(0, Math.max(0, masked.length - marginLength))}…`
}

function maskAll(text: string, known: readonly string[]): string {
  return maskKnown(text, known)
    .replace(pemKey, `$1${secretMask}`)
    .replace(inUrl, `$1${secretMask}@`)
    .replace(inHeader, `$1${secretMask}`)
    .replace(inJson, `$1"${secretMask}"`)
    .replace(assigned, `$1${secretMask}`)
    .replace(afterColon, `$1${secretMask}`)
}

const secretName = new RegExp(`(?:${words}|token|credential)$`, 'i')
const deepest = 8

/** A plain value with every text in it masked; a text whose name says that it is a secret, whole. */
export function maskDetail(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return maskSecrets(value)
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Error) return maskSecrets(value.message)
  if (depth === deepest) return secretMask
  if (Array.isArray(value)) return value.map((item) => maskDetail(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      typeof inner === 'string' && inner !== '' && secretName.test(name) ? secretMask : maskDetail(inner, depth + 1),
    ]),
  )
}
