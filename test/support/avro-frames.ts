import avsc, { type Schema } from 'avsc'

/** Confluent's frame before a payload. */
export function frame(id: number, payload: Uint8Array): Buffer {
  const head = Buffer.alloc(5)
  head.writeUInt32BE(id, 1)
  return Buffer.concat([head, payload])
}

/** Writes a decimal's unscaled value as Avro has it: the shortest two's complement, big-endian. */
export function encodeUnscaled(unscaled: bigint): Buffer {
  let size = 1
  while (BigInt.asIntN(size * 8, unscaled) !== unscaled) size += 1
  return Buffer.from(
    BigInt.asUintN(size * 8, unscaled)
      .toString(16)
      .padStart(size * 2, '0'),
    'hex',
  )
}

/** A writer of plain Avro: logical types are written as what is underneath them. */
export function createAvroWriter(schema: object): (value: unknown) => Buffer {
  const type = avsc.Type.forSchema(schema as Schema, { wrapUnions: 'auto' })
  return (value) => type.toBuffer(value)
}

/** Sales as a company would have them in Avro: an instant in micros, a decimal, an enum, fields that may be null. */
export const saleSchema = {
  type: 'record',
  name: 'Sale',
  namespace: 'shop',
  fields: [
    { name: 'transaction_id', type: 'string' },
    { name: 'store_id', type: 'int' },
    { name: 'customer_id', type: 'long' },
    { name: 'event_time', type: { type: 'long', logicalType: 'timestamp-micros' } },
    { name: 'final_amount', type: { type: 'bytes', logicalType: 'decimal', precision: 12, scale: 2 } },
    { name: 'tax', type: ['null', 'double'], default: null },
    {
      name: 'payment_method',
      type: ['null', { type: 'enum', name: 'Payment', symbols: ['card', 'cash', 'mobile', 'gift_card'] }],
      default: null,
    },
  ],
}

/** A value for {@link saleSchema}. */
export const describeSale = (sale: {
  readonly id: string
  readonly storeId: number
  readonly customer: number
  readonly eventTimeMs: number
  readonly cents: number
}) => ({
  transaction_id: sale.id,
  store_id: sale.storeId,
  customer_id: sale.customer,
  event_time: sale.eventTimeMs * 1_000,
  final_amount: encodeUnscaled(BigInt(sale.cents)),
  tax: null,
  payment_method: 'card',
})
