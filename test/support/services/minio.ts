import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fillFolder, runProgram, servicesFolder } from './machine.ts'
import { type OwnServer, startOwnServer } from './server-controls.ts'
import { findFreePorts, makeServerDirectory } from './server-process.ts'

/** The last commit of the public repository that builds. */
const version = 'v0.0.0-20260212201848-7aac2a2c5b7c'
const folderName = `minio-${version.slice(-12)}`

export const minioProgram = (): string => join(servicesFolder, folderName, 'minio')
export const isMinioInstalled = (): boolean => existsSync(minioProgram())

/** Builds it with Go; minutes, once. */
export const installMinio = (): string =>
  fillFolder(folderName, (folder) =>
    runProgram('go', ['install', `github.com/minio/minio@${version}`], { environment: { GOBIN: folder } }),
  )

/** Where a server is and how to get in; plain data. */
export interface MinioAddress {
  readonly endpoint: string
  readonly region: string
  readonly accessKey: string
  readonly secretKey: string
}

export type MinioServer = MinioAddress & OwnServer

async function probeMinio(endpoint: string): Promise<void> {
  const response = await fetch(`${endpoint}/minio/health/ready`, { signal: AbortSignal.timeout(5_000) })
  if (!response.ok) throw new Error(`it answers ${response.status}`)
}

/** Starts a MinIO of its own without a bucket. Whoever starts it stops it. */
export async function startMinio(): Promise<MinioServer> {
  const directory = makeServerDirectory('minio')
  const [port = 0] = await findFreePorts(1)
  const endpoint = `http://127.0.0.1:${port}`
  const [accessKey, secretKey] = ['storepulse', 'all-in-the-basket']
  const server = await startOwnServer(
    {
      program: minioProgram(),
      args: ['server', join(directory, 'data'), '--address', `127.0.0.1:${port}`, '--quiet'],
      directory,
      output: 'minio.log',
      environment: {
        MINIO_ROOT_USER: accessKey,
        MINIO_ROOT_PASSWORD: secretKey,
        MINIO_BROWSER: 'off',
        MINIO_UPDATE: 'off',
        MINIO_CALLHOME_ENABLE: 'off',
      },
      probe: () => probeMinio(endpoint),
    },
    { halt: 'SIGKILL', stop: 'SIGKILL' },
  )
  return { endpoint, region: 'us-east-1', accessKey, secretKey, ...server }
}
