import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { installArtifacts } from './install-maven.ts'
import { fillFolder, installPrograms, runProgram, servicesFolder } from './machine.ts'

const version = '4.2.0'
const folderName = `spark-${version}`
const folder = join(servicesFolder, folderName)

export const isSparkInstalled = (): boolean => existsSync(folder)

/** PySpark in an environment of its own, and beside it what it reads Kafka and writes PostgreSQL with. */
export const installSpark = (): string =>
  fillFolder(folderName, (work) => {
    installPrograms({ python3: 'python3-venv' })
    runProgram('python3', ['-m', 'venv', 'python'], { cwd: work })
    const pip = join(work, 'python', 'bin', 'python')
    runProgram(pip, ['-m', 'pip', 'install', '--quiet', `pyspark==${version}`], { cwd: work })
    installArtifacts(work, [
      {
        group: 'org.apache.spark',
        name: 'spark-sql-kafka-0-10_2.13',
        version,
        without: ['org.apache.hadoop', 'org.scala-lang', 'org.slf4j'],
      },
      { group: 'org.postgresql', name: 'postgresql', version: '42.7.7' },
    ])
  })

/** A Spark on this machine. */
export interface Spark {
  /** The program that starts a job. */
  readonly submit: string
  /** Its Python, with pyspark in it. */
  readonly python: string
  /** What to give `--jars`, comma-separated. */
  readonly jars: string
  /** What the job runs in. */
  readonly environment: Readonly<Record<string, string>>
}

/** @throws when it is not installed */
export function findSpark(): Spark {
  if (!isSparkInstalled()) throw new Error('Spark is not installed: run the installer beside this file')
  const python = join(folder, 'python', 'bin', 'python')
  const packages = join(folder, 'python', 'lib')
  const [home = ''] = readdirSync(packages).map((name) => join(packages, name, 'site-packages', 'pyspark'))
  const libraries = join(folder, 'libs')
  return {
    submit: join(home, 'bin', 'spark-submit'),
    python,
    jars: readdirSync(libraries)
      .map((name) => join(libraries, name))
      .join(','),
    environment: { SPARK_HOME: home, PYSPARK_PYTHON: python, SPARK_LOCAL_IP: '127.0.0.1' },
  }
}
