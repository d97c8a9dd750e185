import { createHash } from 'node:crypto'
import { Fault } from '../base/fault.ts'
import warehouseSql from '../../resources/sql/0001_warehouse.sql?raw'
import operationsSql from '../../resources/sql/0002_operations.sql?raw'
import ledgersSql from '../../resources/sql/0003_ledgers.sql?raw'

/** One numbered change of the schema. */
export interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
  /** Hex sha-256 of the text with line feeds as line ends. */
  readonly checksum: string
}

function describe(number: number, name: string, sql: string): Migration {
  const checksum = createHash('sha256').update(sql.replaceAll('\r\n', '\n')).digest('hex')
  return { number, name, sql, checksum }
}

/** All of them, numbered from 1 without a gap. */
export const migrations: readonly Migration[] = [
  describe(1, 'warehouse', warehouseSql),
  describe(2, 'operations', operationsSql),
  describe(3, 'ledgers', ledgersSql),
]

/** A migration that a warehouse has had. */
export interface Applied {
  readonly number: number
  readonly name: string
  readonly checksum: string
}

function refuseNewer(message: string): Fault {
  return new Fault('warehouse-newer', message, { hint: 'update this program, or use another data directory' })
}

/** The migrations still to run. @throws Fault `warehouse-newer` */
export function findMissing(applied: readonly Applied[], known: readonly Migration[]): readonly Migration[] {
  const newest = known.length
  for (const { number, name, checksum } of applied) {
    const migration = known.find((other) => other.number === number)
    if (!migration) {
      throw refuseNewer(`the warehouse has schema ${number} (${name}), this program knows up to ${newest}`)
    }
    if (migration.checksum !== checksum) {
      throw refuseNewer(`schema ${number} (${name}) of the warehouse is not the one of this program`)
    }
  }
  return known.filter(({ number }) => !applied.some((other) => other.number === number))
}
