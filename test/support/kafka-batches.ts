import { type Batch, splitBatches } from '../../core/log/kafka/batch/batch-header.ts'
import { encodeBatch, type OutgoingBatch } from '../../core/log/kafka/batch/encode-batch.ts'

/** The bytes of a batch as a broker keeps it, which gives it its first offset. */
export function storeBatch(baseOffset: number, batch: Partial<OutgoingBatch> & Pick<OutgoingBatch, 'records'>): Buffer {
  const bytes = Buffer.from(
    encodeBatch({ origin: 'live', compression: 'none', producerId: -1, producerEpoch: -1, sequence: -1, ...batch }),
  )
  bytes.writeBigInt64BE(BigInt(baseOffset), 0)
  return bytes
}

/** The same, looked at as a fetch would. */
export function fetchedBatch(baseOffset: number, batch: Parameters<typeof storeBatch>[1]): Batch {
  const ref = { topic: 'retail-transactions', partition: 0, offset: baseOffset } as const
  const [found] = splitBatches(storeBatch(baseOffset, batch), ref, []).batches
  if (found === undefined) throw new Error('the batch was not found')
  return found
}
