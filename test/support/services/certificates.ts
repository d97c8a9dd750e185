import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** One party's certificate and key, as PEM files and as text. */
export interface Certificate {
  readonly certificateFile: string
  readonly keyFile: string
  readonly certificate: string
  /** PKCS#8, without a password. */
  readonly key: string
}

/** An authority of one test's own, whom nobody else trusts. */
export interface Authority {
  readonly certificateFile: string
  readonly certificate: string
  /** Signs a certificate; one without `names` is a client's, for whom only `commonName` counts. */
  issue(commonName: string, names?: readonly string[]): Certificate
}

const openssl = (directory: string, args: readonly string[]): void =>
  void execFileSync('openssl', args, { cwd: directory, stdio: ['ignore', 'ignore', 'pipe'] })

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']

/** Makes an authority whose files lie in `directory`, under names that begin with `name`. */
export function createAuthority(directory: string, name = 'ca'): Authority {
  const file = (ending: string): string => join(directory, `${name}${ending}`)
  const extensions = file('.cnf')
  writeFileSync(
    extensions,
    '[req]\ndistinguished_name=dn\nx509_extensions=ca\n[dn]\n[ca]\nbasicConstraints=critical,CA:true\n',
  )
  const subject = ['-subj', `/CN=Storepulse test ${name}`, '-days', '3650']
  const files = ['-keyout', file('.key'), '-out', file('.pem')]
  openssl(directory, ['req', '-x509', ...newKey, '-config', extensions, ...subject, ...files])
  return {
    certificateFile: file('.pem'),
    certificate: readFileSync(file('.pem'), 'utf8'),
    issue(commonName, names) {
      const base = join(directory, `${name}-${commonName.replaceAll(/[^a-z0-9]+/gi, '-')}`)
      const alternatives = (names ?? []).map((host) => (/^[\d.]+$|:/.test(host) ? `IP:${host}` : `DNS:${host}`))
      const usage = names ? 'serverAuth,clientAuth' : 'clientAuth'
      writeFileSync(
        `${base}.ext`,
        [`extendedKeyUsage=${usage}`, ...(names ? [`subjectAltName=${alternatives.join(',')}`] : [])].join('\n'),
      )
      openssl(directory, [
        'req',
        ...newKey,
        '-subj',
        `/CN=${commonName}`,
        '-keyout',
        `${base}.key`,
        '-out',
        `${base}.csr`,
      ])
      const signer = ['-CA', file('.pem'), '-CAkey', file('.key'), '-CAcreateserial', '-days', '3650']
      const files = ['-in', `${base}.csr`, '-extfile', `${base}.ext`, '-out', `${base}.pem`]
      openssl(directory, ['x509', '-req', ...signer, ...files])
      return {
        certificateFile: `${base}.pem`,
        keyFile: `${base}.key`,
        certificate: readFileSync(`${base}.pem`, 'utf8'),
        key: readFileSync(`${base}.key`, 'utf8'),
      }
    },
  }
}
