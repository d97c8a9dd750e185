import { createPrivateKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { Fault, systemErrorCode } from '../base/fault.ts'

const refuse = (message: string, hint: string, cause?: unknown): Fault =>
  new Fault('setting', message, { domain: 'user', hint, cause })

/** What the beginning of a file that is no PEM says it is, with the command that makes PEM of it; or null. */
function describeOtherFormat(bytes: Buffer): { readonly name: string; readonly hint: string } | null {
  const magic = bytes.subarray(0, 4).toString('hex')
  if (magic === 'feedfeed' || magic === 'cececece') {
    const toPkcs12 = 'keytool -importkeystore -srckeystore STORE.jks -destkeystore STORE.p12 -deststoretype PKCS12'
    return {
      name: 'a Java key store',
      hint: `convert it: ${toPkcs12}, then openssl pkcs12 -in STORE.p12 -out STORE.pem -nodes`,
    }
  }
  if (bytes[0] !== 0x30) return null
  // A store begins with its version, 3; a certificate or a key with something else.
  const afterLength = bytes[1] === undefined || bytes[1] < 0x80 ? 2 : 2 + (bytes[1] & 0x7f)
  const isStore = bytes.subarray(afterLength, afterLength + 3).toString('hex') === '020103'
  if (isStore)
    return { name: 'a PKCS#12 store', hint: 'convert it: openssl pkcs12 -in STORE.p12 -out STORE.pem -nodes' }
  return { name: 'in DER form', hint: 'convert it: openssl x509 -inform der -in FILE -out FILE.pem' }
}

const expandHome = (path: string): string => (/^~[\\/]/.test(path) ? join(homedir(), path.slice(2)) : path)

/**
 * Reads PEM from a setting: the text itself, also pasted into one line with `\n` for its line ends, or a path to a file.
 *
 * @param source what names it, such as `kafka.ssl.ca`; the value is never said, as it may be a key
 * @returns null when there is none
 * @throws Fault `setting` when the file cannot be read or holds no PEM
 */
export function readPem(source: string, value: string): string | null {
  const text = value.trim()
  if (text === '') return null
  if (text.includes('-----BEGIN ')) return `${text.replaceAll('\\r', '').replaceAll('\\n', '\n').trim()}\n`
  const content = readPemFile(source, expandHome(text))
  if (content.includes('-----BEGIN ')) return content.toString('utf8')
  const other = describeOtherFormat(content)
  throw refuse(
    `${source} names a file that is ${other?.name ?? 'no PEM'}`,
    other?.hint ?? 'give a file with -----BEGIN … lines in it, or its text',
  )
}

function readPemFile(source: string, path: string): Buffer {
  try {
    return readFileSync(path)
  } catch (error) {
    throw refuse(
      `${source} is neither PEM nor a file that can be read: ${systemErrorCode(error) ?? 'failed'}`,
      'give a path to a PEM file, or its text from -----BEGIN on',
      // The system's own message quotes the path, which may be a key without its first line.
      new Error(systemErrorCode(error) ?? 'failed'),
    )
  }
}

/**
 * A private key without its passphrase.
 *
 * @throws Fault `setting` when the passphrase does not open it
 */
export function openKey(source: string, key: string, passphrase: string): string {
  try {
    return createPrivateKey({ key, format: 'pem', passphrase }).export({ type: 'pkcs8', format: 'pem' }).toString()
  } catch (error) {
    throw refuse(
      `${source} is not opened by its passphrase`,
      'check the passphrase, and that it belongs to this key',
      error,
    )
  }
}
