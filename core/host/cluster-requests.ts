import { z } from 'zod'
import { type ClusterCommands, type ConnectionDraft, profileColours } from '../protocol/cluster.ts'

const profile = z.string().min(1).max(64)
const kind = z.enum(['local', 'watch', 'process', 'kafka-local'])
const colour = z.enum(profileColours).nullable()
const title = z.string().max(200)
const name = z.string().max(200)
/** A PEM bundle is the longest there is. */
const text = z.string().max(100_000)
const instant = z.int().min(0).max(7_258_118_400_000)
const draft: z.ZodType<ConnectionDraft> = z.strictObject({
  profile,
  values: z.record(name, z.union([z.number(), z.boolean(), text, z.null()])),
  secrets: z.record(name, text.nullable()),
  properties: text.nullable(),
})

/** The shapes of the commands about profiles and connections. */
export const clusterRequestSchemas: {
  readonly [Name in keyof ClusterCommands]: z.ZodType<ClusterCommands[Name]['request']>
} = {
  listProfiles: z.strictObject({}),
  createProfile: z.strictObject({ title, kind, colour }),
  updateProfile: z.strictObject({
    profile,
    changes: z
      .strictObject({ title: title.optional(), colour: colour.optional(), isLocked: z.boolean().optional() })
      .transform((changes) => ({
        ...(changes.title === undefined ? {} : { title: changes.title }),
        ...(changes.colour === undefined ? {} : { colour: changes.colour }),
        ...(changes.isLocked === undefined ? {} : { isLocked: changes.isLocked }),
      })),
  }),
  deleteProfile: z.strictObject({ profile }),
  switchProfile: z.strictObject({ profile, isConfirmed: z.boolean() }),
  planSchema: z.strictObject({ profile }),
  createSchema: z.strictObject({ profile, adopts: z.boolean(), isConfirmed: z.boolean() }),
  describeConnection: z.strictObject({ profile }),
  saveConnection: draft,
  checkConnection: draft,
  readCheck: z.strictObject({ check: z.int().min(1), from: z.int().min(0).max(10_000) }),
  importClientProperties: z.strictObject({ text }),
  compareTables: z
    .strictObject({ fromMs: instant, untilMs: instant })
    .refine(({ fromMs, untilMs }) => untilMs - fromMs <= 31 * 86_400_000, {
      error: 'must be at most 31 days after fromMs',
      path: ['untilMs'],
    }),
}
