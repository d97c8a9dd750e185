import { type Hash64, hashInt, hashLong, hashText } from '../base/hash64.ts'

/** The type of the customer column that a query counts distinct values of. */
export const customerTypes = ['string', 'int', 'long'] as const
export type CustomerType = (typeof customerTypes)[number]

/** Puts a customer's hash, as Spark takes it of such a column, into `into`; false for a value that would be null there. */
export type HashCustomer = (customerId: string, into: Hash64) => boolean

const integer = /^[+-]?\d+$/
const readInteger = (text: string): bigint | null => (integer.test(text) ? BigInt(text.replace('+', '')) : null)
const fits = (value: bigint, bits: number): boolean => BigInt.asIntN(bits, value) === value

const hashers: Readonly<Record<CustomerType, HashCustomer>> = {
  string(customerId, into) {
    hashText(customerId, into)
    return true
  },
  int(customerId, into) {
    const value = readInteger(customerId)
    if (value === null || !fits(value, 32)) return false
    hashInt(Number(value), into)
    return true
  },
  long(customerId, into) {
    const value = readInteger(customerId)
    if (value === null || !fits(value, 64)) return false
    hashLong(Number(BigInt.asIntN(32, value >> 32n)), Number(BigInt.asIntN(32, value)), into)
    return true
  },
}

/**
 * How customers are hashed. In a column of integers a customer that is none is null, and `approx_count_distinct` does not
 * count nulls.
 */
export const chooseCustomerHash = (type: CustomerType): HashCustomer => hashers[type]
