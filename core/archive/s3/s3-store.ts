import type * as S3 from '@aws-sdk/client-s3'
import type { S3Connection } from '../../base/connections.ts'
import type { ArchiveStore, StoredObject } from '../store.ts'
import { statusOf, toS3Fault } from './s3-fault.ts'

const connectionTimeoutMs = 5_000
/** Without a byte; a file of the archive is a few MiB. */
const requestTimeoutMs = 30_000
const attempts = 4

interface Client {
  readonly s3: typeof S3
  readonly client: S3.S3Client
}

async function openClient(connection: S3Connection): Promise<Client> {
  // Megabytes that nobody needs whose archive is on disk, or who has none.
  // Its word on versions of Node.js is for who develops this, not for who runs it.
  process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] ??= 'true'
  const s3 = await import('@aws-sdk/client-s3')
  const { accessKey, endpoint, region, secretKey } = connection
  const client = new s3.S3Client({
    region,
    forcePathStyle: true,
    // Other servers than Amazon's do not all know the newer checksums; the archive has its own.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    maxAttempts: attempts,
    requestHandler: {
      connectionTimeout: connectionTimeoutMs,
      requestTimeout: requestTimeoutMs,
      throwOnRequestTimeout: true,
    },
    ...(endpoint === null ? {} : { endpoint }),
    ...(accessKey === null || secretKey === null
      ? {}
      : { credentials: { accessKeyId: accessKey, secretAccessKey: secretKey } }),
  })
  return { s3, client }
}

/** The precondition did not hold: somebody was first. */
const isOtherNow = (error: unknown): boolean => [404, 409, 412].includes(statusOf(error) ?? 0)
const isNoBucket = (error: unknown): boolean => error instanceof Error && error.name === 'NoSuchBucket'
const isAbsent = (error: unknown): boolean => statusOf(error) === 404 && !isNoBucket(error)

/**
 * An archive in a bucket. An upload is there whole or not at all, and conditional: `If-None-Match: *` for a new object,
 * `If-Match` with its ETag for one that is replaced, so of several writers the server lets one through.
 */
export function createS3Store(connection: S3Connection): ArchiveStore {
  const { bucket: Bucket, prefix } = connection
  let opening: Promise<Client> | null = null
  const attempt = async <Result>(doing: string, work: (client: Client) => Promise<Result>): Promise<Result> => {
    opening ??= openClient(connection)
    try {
      return await work(await opening)
    } catch (error) {
      throw toS3Fault(error, { endpoint: connection.endpoint, bucket: Bucket }, doing)
    }
  }

  const upload = async (
    { s3, client }: Client,
    key: string,
    bytes: Uint8Array,
    tag: string | null,
  ): Promise<boolean> => {
    const condition = tag === null ? { IfNoneMatch: '*' } : { IfMatch: tag }
    try {
      await client.send(new s3.PutObjectCommand({ Bucket, Key: prefix + key, Body: bytes, ...condition }))
      return true
    } catch (error) {
      if (isOtherNow(error) && !isNoBucket(error)) return false
      throw error
    }
  }

  return {
    list: () =>
      attempt('listing the archive', async ({ s3, client }) => {
        const objects: StoredObject[] = []
        for (let after: string | undefined; ; ) {
          const page = await client.send(
            new s3.ListObjectsV2Command({
              Bucket,
              Prefix: prefix,
              ...(after === undefined ? {} : { ContinuationToken: after }),
            }),
          )
          for (const { Key = '', Size = 0, ETag = '' } of page.Contents ?? []) {
            objects.push({ key: Key.slice(prefix.length), sizeBytes: Size, tag: ETag })
          }
          after = page.NextContinuationToken
          if (after === undefined) return objects
        }
      }),
    read: (key) =>
      attempt(`reading ${key}`, async ({ s3, client }) => {
        try {
          const answer = await client.send(new s3.GetObjectCommand({ Bucket, Key: prefix + key }))
          const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array()
          return { bytes, tag: answer.ETag ?? '' }
        } catch (error) {
          if (isAbsent(error)) return null
          throw error
        }
      }),
    replace: (key, bytes, tag) => attempt(`writing ${key}`, (client) => upload(client, key, bytes, tag)),
    remove: (key) =>
      attempt(`removing ${key}`, async ({ s3, client }) => {
        await client.send(new s3.DeleteObjectCommand({ Bucket, Key: prefix + key }))
      }),
    // What an upload that was cut off has sent is no object, and the server forgets it.
    tidy: async () => undefined,
    async close() {
      const opened = await opening
      opened?.client.destroy()
    },
  }
}
