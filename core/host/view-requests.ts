import { z } from 'zod'
import type { ViewCommands } from '../protocol/commands.ts'

const latestMs = 7_258_118_400_000
const instant = z.int().min(-latestMs).max(latestMs)
const mostSteps = 20_000
const span = { fromMs: instant, untilMs: instant }
const stepMs = z.int().min(1_000).max(latestMs)
const compareMs = z.int().min(0).max(latestMs)
const storeId = z.int().min(1).max(2_147_483_647)

interface Stepped {
  readonly fromMs: number
  readonly untilMs: number
  readonly stepMs: number
}
const hasFewSteps = (request: Stepped): boolean => (request.untilMs - request.fromMs) / request.stepMs <= mostSteps
const tooManySteps = { error: `must have at most ${mostSteps} steps`, path: ['stepMs'] }

/** The shapes of what pages ask for. */
export const viewRequestSchemas: {
  readonly [Name in keyof ViewCommands]: z.ZodType<ViewCommands[Name]['request']>
} = {
  series: z.strictObject({ ...span, stepMs, storeId: storeId.nullable() }).refine(hasFewSteps, tooManySteps),
  trends: z.strictObject({ ...span, compareMs }),
  stores: z.strictObject({
    ...span,
    compareMs,
    sort: z.enum(['revenue', 'transactions', 'average', 'change', 'name', 'id', 'latest']),
    descending: z.boolean(),
    filter: z.string().max(200),
    offset: z.int().min(0),
    limit: z.int().min(1).max(1_000),
  }),
  heatMap: z
    .strictObject({ ...span, stepMs, storeIds: z.array(storeId).max(500) })
    .refine(hasFewSteps, tooManySteps)
    .refine(({ fromMs, storeIds, stepMs: step, untilMs }) => ((untilMs - fromMs) / step) * storeIds.length <= 250_000, {
      error: 'must have at most 250,000 cells',
      path: ['storeIds'],
    }),
  storeSheet: z.strictObject({ storeId, ...span, compareMs }),
  quality: z.strictObject({ ...span, stepMs }).refine(hasFewSteps, tooManySteps),
  pipeline: z.strictObject({}),
  alertHistory: z.strictObject({ limit: z.int().min(1).max(500) }),
  describeSettings: z.strictObject({}),
  saveSettings: z.strictObject({
    values: z.record(z.string().max(200), z.union([z.number(), z.boolean(), z.string().max(10_000), z.null()])),
  }),
}
