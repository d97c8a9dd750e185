import { compareWithSpark, type ParityReport, type ParityRequest } from '../pipeline/public-parity.ts'
import type { OpenInputs } from './open.ts'
import { withOwnership } from './with-ownership.ts'

export {
  countProblems,
  type CustomerType,
  customerTypes,
  formatRef,
  type OutputMode,
  outputModes,
  type ParityReport,
  type RowDifference,
} from '../pipeline/public-parity.ts'

/**
 * Replays the batches of a Spark query and compares what they give with a table.
 *
 * @throws Fault `owned` where the local log belongs to another process, or as {@link compareWithSpark}
 */
export const runParity = (inputs: OpenInputs, request: ParityRequest): Promise<ParityReport> =>
  inputs.settings.profile.eventsFrom === 'local-log'
    ? withOwnership(inputs, () => compareWithSpark(inputs, request))
    : compareWithSpark(inputs, request)
