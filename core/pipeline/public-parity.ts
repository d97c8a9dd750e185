/** What the host may use of the comparison with Spark. */
export { compareWithSpark, type ParityReport, type ParityRequest } from './parity/compare-with-spark.ts'
export { type CustomerType, customerTypes } from '../parity/customer-hash.ts'
export { countProblems, type OutputMode, outputModes, type RowDifference } from '../parity/compare.ts'
export { formatRef } from '../events/record.ts'
