import type { PostgresTls, PostgresTlsMode } from '../base/connections.ts'
import { Fault } from '../base/fault.ts'
import type { Environment } from './environment.ts'
import { findUserPem } from './libpq-files.ts'
import { refuseMissing } from './missing.ts'
import { openKey, readPem } from './pem.ts'
import type { PostgresParameters } from './postgres-url.ts'
import type { Settings } from './settings.ts'

const tlsModes: readonly PostgresTlsMode[] = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full']

const refuse = (message: string, hint: string): Fault => new Fault('setting', message, { domain: 'user', hint })

function readMode(settings: Settings, parameters: PostgresParameters, onNote: (note: string) => void): PostgresTlsMode {
  const own = settings.text('warehouse.ssl.mode')
  const wanted = own === 'url' ? (parameters.sslmode ?? 'prefer') : own
  if (wanted === 'allow') {
    onNote('sslmode=allow is read as prefer: an encrypted connection is tried first')
    return 'prefer'
  }
  const mode = tlsModes.find((known) => known === wanted)
  if (mode !== undefined) return mode
  throw refuse('sslmode is none that PostgreSQL has', `use one of ${tlsModes.join(', ')}`)
}

/**
 * What settings, URL and files say about TLS to PostgreSQL.
 *
 * @throws Fault `setting` for a mode there is not, a file that cannot be read, or a key that is not opened
 */
export function readPostgresTls(
  settings: Settings,
  parameters: PostgresParameters,
  environment: Environment,
  onNote: (note: string) => void,
): PostgresTls {
  const mode = readMode(settings, parameters, onNote)
  if (mode === 'disable') return { mode, ca: null, cert: null, key: null }
  const read = (
    setting: string,
    own: string,
    parameter: string,
    usual: Parameters<typeof findUserPem>[0],
  ): string | null => {
    if (own !== '') return readPem(setting, own)
    const given = parameters[parameter]
    if (parameter === 'sslrootcert' && given === 'system') return null
    return given === undefined ? readPem(parameter, findUserPem(usual, environment) ?? '') : readPem(parameter, given)
  }
  const ca = read('warehouse.ssl.ca', settings.text('warehouse.ssl.ca'), 'sslrootcert', 'root.crt')
  const cert = read('warehouse.ssl.cert', settings.text('warehouse.ssl.cert'), 'sslcert', 'postgresql.crt')
  if (cert === null) return { mode, ca, cert, key: null }
  const found = read('warehouse.ssl.key', settings.secret('warehouse.ssl.key'), 'sslkey', 'postgresql.key')
  const key = found ?? (cert.includes('PRIVATE KEY-----') ? cert : null)
  if (key === null) throw refuseMissing('warehouse.ssl.key', 'there is a certificate', ['PGSSLKEY'])
  if (!key.includes('ENCRYPTED')) return { mode, ca, cert, key }
  const passphrase = settings.secret('warehouse.ssl.passphrase') || (parameters.sslpassword ?? '')
  if (passphrase === '') throw refuseMissing('warehouse.ssl.passphrase', 'the key is encrypted')
  return { mode, ca, cert, key: openKey('warehouse.ssl.key', key, passphrase) }
}
