import type { RegistryAuth, RegistryConnection, TlsMaterial } from '../base/connections.ts'
import { Fault } from '../base/fault.ts'
import { refuseMissing } from './missing.ts'
import { readPem } from './pem.ts'
import type { Settings } from './settings.ts'

const refuse = (message: string, hint: string): Fault => new Fault('setting', message, { domain: 'user', hint })

function readAuth(settings: Settings): RegistryAuth | null {
  const username = settings.text('registry.username')
  const password = settings.secret('registry.password')
  const token = settings.secret('registry.token')
  if (token !== '' && username !== '') {
    throw refuse('registry.token and registry.username are both set', 'unset one of them')
  }
  if (token !== '') return { kind: 'bearer', token }
  if (username === '' && password !== '') throw refuseMissing('registry.username', 'registry.password is there')
  if (username !== '' && password === '') throw refuseMissing('registry.password', 'registry.username is there')
  return username === '' ? null : { kind: 'basic', username, password }
}

function readTls(settings: Settings): TlsMaterial {
  const cert = readPem('registry.ssl.cert', settings.text('registry.ssl.cert'))
  const key = readPem('registry.ssl.key', settings.secret('registry.ssl.key'))
  if (cert === null && key !== null) throw refuseMissing('registry.ssl.cert', 'registry.ssl.key is there')
  if (cert !== null && key === null) throw refuseMissing('registry.ssl.key', 'registry.ssl.cert is there')
  const ca = readPem('registry.ssl.ca', settings.text('registry.ssl.ca'))
  return { ca, cert, key, verifiesHost: settings.flag('registry.ssl.verifyHost') }
}

/**
 * The schema registry that records are framed for, or null where none is named.
 *
 * @throws Fault `setting` naming what is missing, or what does not go together; never a secret
 */
export function readRegistryConnection(settings: Settings): RegistryConnection | null {
  const url = settings.text('registry.url')
  if (url === '') return null
  const auth = readAuth(settings)
  const tls = readTls(settings)
  if (/^http:/i.test(url) && tls.ca !== null) {
    throw refuse('registry.ssl.ca is set, and registry.url begins with http://', 'write https:// in registry.url')
  }
  return { url, auth, tls }
}
