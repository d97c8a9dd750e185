import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { installPrograms, runProgram } from './machine.ts'

export interface Artifact {
  readonly group: string
  readonly name: string
  readonly version: string
  /** Groups whose artifacts are left out although this one names them. */
  readonly without?: readonly string[]
}

const writeDependency = ({ group, name, version, without = [] }: Artifact): string =>
  `<dependency><groupId>${group}</groupId><artifactId>${name}</artifactId><version>${version}</version><exclusions>${without
    .map((excluded) => `<exclusion><groupId>${excluded}</groupId><artifactId>*</artifactId></exclusion>`)
    .join('')}</exclusions></dependency>`

/** Copies the artifacts with all they need into `folder`/libs. */
export function installArtifacts(folder: string, artifacts: readonly Artifact[]): void {
  installPrograms({ java: 'default-jre-headless', mvn: 'maven' })
  mkdirSync(folder, { recursive: true })
  writeFileSync(
    join(folder, 'pom.xml'),
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion><groupId>storepulse</groupId><artifactId>services</artifactId><version>1</version><dependencies>${artifacts
      .map(writeDependency)
      .join('')}</dependencies></project>`,
  )
  runProgram('mvn', ['-q', '-B', 'dependency:copy-dependencies', '-DoutputDirectory=libs'], { cwd: folder })
}
