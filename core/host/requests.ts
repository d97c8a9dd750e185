import { z } from 'zod'
import type { CommandName, Commands } from '../protocol/commands.ts'
import { clusterRequestSchemas } from './cluster-requests.ts'
import { viewRequestSchemas } from './view-requests.ts'

/** The shape every request is checked against at the border. */
export type RequestSchemas = { readonly [Name in CommandName]: z.ZodType<Commands[Name]['request']> }

const nothing = z.strictObject({})
const page = z.strictObject({
  limit: z.int().min(1).max(10_000),
  offset: z.int().min(0),
})
const refs = z.array(z.string().max(200)).max(100_000)
const bytes = z.base64().nullable()

export const requestSchemas: RequestSchemas = {
  ...viewRequestSchemas,
  ...clusterRequestSchemas,
  hello: nothing,
  status: nothing,
  query: z
    .strictObject({ sql: z.string().min(1).max(1_000_000), maxRows: z.int().min(1).max(100_000).optional() })
    .transform(({ sql, maxRows }) => (maxRows === undefined ? { sql } : { sql, maxRows })),
  append: z.strictObject({
    records: z.array(z.strictObject({ topic: z.string(), key: bytes, value: bytes })).max(100_000),
  }),
  sync: nothing,
  listLate: page,
  listQuarantine: page,
  listAudit: page,
  listConflicts: page,
  sumLedgers: nothing,
  sumQuarantine: nothing,
  showQuarantined: z.strictObject({ ref: z.string().max(200) }),
  readmit: z.strictObject({
    refs,
    from: z.enum(['late', 'quarantine']),
    isConfirmed: z.boolean().default(false),
  }),
  purgeQuarantine: z.strictObject({ refs: refs.nullable(), isConfirmed: z.boolean().default(false) }),
  noteDeed: z.strictObject({
    action: z.string().min(1).max(100),
    subject: z.string().max(1_000),
    detail: z.string().max(10_000),
  }),
  mintLink: z.strictObject({ role: z.enum(['view', 'operate']) }),
  reportPainted: z.strictObject({ latencyMs: z.array(z.number().min(0)).max(10_000) }),
}
