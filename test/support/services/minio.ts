import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fillFolder, runProgram, servicesFolder } from './machine.ts'
import {
  findFreePorts,
  makeServerDirectory,
  removeServerDirectory,
  type ServerProcess,
  startServerProcess,
} from './server-process.ts'

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

export interface MinioServer extends MinioAddress {
  readonly directory: string
  /** Ends it; its data stays. */
  halt(signal?: NodeJS.Signals): Promise<void>
  start(): Promise<void>
  restart(signal?: NodeJS.Signals): Promise<void>
  pause(): void
  resume(): void
  /** Ends it and takes its data away. */
  stop(): Promise<void>
}

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
  let server: ServerProcess | null = null
  const start = async (): Promise<void> => {
    if (server !== null) return
    server = await startServerProcess({
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
    })
  }
  const halt = async (signal: NodeJS.Signals = 'SIGKILL'): Promise<void> => {
    await server?.end(signal)
    server = null
  }
  const stop = async (): Promise<void> => {
    await halt()
    removeServerDirectory(directory)
  }
  try {
    await start()
  } catch (error) {
    await stop()
    throw error
  }
  return {
    endpoint,
    region: 'us-east-1',
    accessKey,
    secretKey,
    directory,
    halt,
    start,
    async restart(signal) {
      await halt(signal)
      await start()
    },
    pause: () => server?.pause(),
    resume: () => server?.resume(),
    stop,
  }
}
