import { createHash } from 'node:crypto'
import warehouseSql from '../../../resources/sql/0001_warehouse.sql?raw'
import operationsSql from '../../../resources/sql/0002_operations.sql?raw'

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
]
