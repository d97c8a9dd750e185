import { Fault } from '../../base/fault.ts'
import type { Cell } from '../warehouse.ts'

/** An element in quotes, one of the signs between them, or one without quotes. Elements may be megabytes long. */
const token = /"([^"\\]*(?:\\.[^"\\]*)*)"|([{},])|([^{},"]+)/gsy

/**
 * Reads a list as the server writes it: `{1,NULL,"a \"b\""}`, lists in lists, and bounds in front that are left out.
 *
 * @throws Fault `internal` where it is none
 */
export function parseArray(text: string, readElement: (text: string | null) => Cell): readonly Cell[] {
  const start = text.indexOf('{')
  const root: Cell[][] = [[]]
  token.lastIndex = start
  let isOpen = start >= 0
  while (isOpen && token.lastIndex < text.length) {
    const match = token.exec(text)
    if (!match) break
    const [, quoted, sign, plain] = match
    if (quoted !== undefined) root.at(-1)?.push(readElement(quoted.replaceAll(/\\(.)/g, '$1')))
    else if (plain !== undefined) root.at(-1)?.push(readElement(plain === 'NULL' ? null : plain))
    else if (sign === '{') root.push([])
    else if (sign === '}') {
      const list = root.pop()
      if (list) root.at(-1)?.push(list)
      isOpen = root.length > 1
    }
  }
  const [list] = root[0] ?? []
  if (root.length === 1 && Array.isArray(list)) return list
  throw new Fault('internal', 'a list that the server sent cannot be read')
}
