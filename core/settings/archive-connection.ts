import { resolve } from 'node:path'
import type { S3Connection } from '../base/connections.ts'
import type { DataPaths } from './data-directory.ts'
import { refuseMissing } from './missing.ts'
import type { Settings } from './settings.ts'

/** Where raw events are archived. */
export type ArchiveTarget =
  | { readonly kind: 'none' }
  | { readonly kind: 'disk'; readonly directory: string }
  | { readonly kind: 's3'; readonly connection: S3Connection }

/** @throws Fault `setting` naming what is missing and the variable for it */
export function readS3Connection(settings: Settings): S3Connection {
  const bucket = settings.text('s3.bucket')
  if (bucket === '') throw refuseMissing('s3.bucket', 'archive.target is s3')
  const accessKey = settings.secret('s3.accessKey')
  const secretKey = settings.secret('s3.secretKey')
  if (accessKey !== '' && secretKey === '') throw refuseMissing('s3.secretKey', 's3.accessKey is there')
  if (accessKey === '' && secretKey !== '') throw refuseMissing('s3.accessKey', 's3.secretKey is there')
  const prefix = settings.text('s3.prefix').replace(/^\/+/, '')
  return {
    endpoint: settings.text('s3.endpoint').replace(/\/$/, '') || null,
    bucket,
    region: settings.text('s3.region'),
    accessKey: accessKey || null,
    secretKey: secretKey || null,
    prefix: prefix === '' || prefix.endsWith('/') ? prefix : `${prefix}/`,
  }
}

/** @throws Fault `setting` as {@link readS3Connection} */
export function readArchiveTarget(settings: Settings, paths: DataPaths): ArchiveTarget {
  const target = settings.text('archive.target')
  if (target === 's3') return { kind: 's3', connection: readS3Connection(settings) }
  if (target !== 'disk') return { kind: 'none' }
  const directory = settings.text('archive.directory')
  return { kind: 'disk', directory: directory === '' ? paths.archive : resolve(directory) }
}
