// `node resources/compose/make-certificates.mjs [HOST…]`: an authority of this cluster's own and a certificate for each
// server, in certificates/ beside this file, good for two years. HOST is a further name or address of this machine.
//
// What is there stays: delete the folder to make others. Needs openssl.
import { execFileSync } from 'node:child_process'
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const folder = join(import.meta.dirname, 'certificates')
const days = '730'
const hosts = ['localhost', '127.0.0.1', ...process.argv.slice(2)]
const servers = {
  kafka: ['kafka', 'kafka-2', 'kafka-3'],
  postgres: ['postgres', 'postgres-standby'],
  redis: ['redis'],
  minio: ['minio'],
  serve: ['serve'],
}

const openssl = (...args) => execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] })
const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes']
const alternative = (host) => (/^[\d.]+$|:/.test(host) ? `IP:${host}` : `DNS:${host}`)

function makeAuthority() {
  writeFileSync(
    join(folder, 'ca.cnf'),
    '[req]\ndistinguished_name=dn\nx509_extensions=ca\n[dn]\n[ca]\nbasicConstraints=critical,CA:true\n',
  )
  const files = ['-keyout', 'ca.key', '-out', 'ca.pem']
  openssl('req', '-x509', ...newKey, '-config', 'ca.cnf', '-days', days, '-subj', '/CN=Storepulse cluster', ...files)
}

function makeCertificate(server, names) {
  const all = [...names, ...hosts].map(alternative).join(',')
  writeFileSync(join(folder, `${server}.ext`), `subjectAltName=${all}\nextendedKeyUsage=serverAuth,clientAuth\n`)
  openssl('req', ...newKey, '-subj', `/CN=${server}`, '-keyout', `${server}.key`, '-out', `${server}.csr`)
  const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-days', days]
  openssl('x509', '-req', ...signer, '-in', `${server}.csr`, '-extfile', `${server}.ext`, '-out', `${server}.pem`)
  // The servers run as users of their own, and are handed this one file out of a folder that keeps others out.
  chmodSync(join(folder, `${server}.key`), 0o644)
  for (const ending of ['csr', 'ext']) rmSync(join(folder, `${server}.${ending}`))
}

if (existsSync(folder)) {
  process.stderr.write(`${folder} is there already and stays; delete it to make others\n`)
  process.exitCode = 1
} else {
  mkdirSync(folder, { mode: 0o700 })
  makeAuthority()
  for (const [server, names] of Object.entries(servers)) makeCertificate(server, names)
  // Kafka wants key and certificate in one file.
  appendFileSync(join(folder, 'kafka.pem'), readFileSync(join(folder, 'kafka.key')))
  for (const name of ['ca.cnf', 'ca.srl', 'kafka.key']) rmSync(join(folder, name), { force: true })
  process.stderr.write(`${folder} is written; keep ca.key where no server is\n`)
}
