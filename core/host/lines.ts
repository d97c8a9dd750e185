import { Fault } from '../base/fault.ts'

const longestLine = 134_217_728

/**
 * Splits a byte stream into lines of JSON.
 *
 * @param onValue called for each line, parsed
 * @throws Fault `input` from the returned function when a line is no JSON or longer than 128 MiB
 */
export function createLineReader(onValue: (value: unknown) => void): (chunk: Buffer) => void {
  let parts: Buffer[] = []
  let held = 0
  return (chunk) => {
    let from = 0
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10, from)) {
      const line = Buffer.concat([...parts, chunk.subarray(from, at)])
      parts = []
      held = 0
      from = at + 1
      if (line.length > 0) onValue(parseLine(line))
    }
    parts.push(chunk.subarray(from))
    held += chunk.length - from
    if (held > longestLine) throw new Fault('input', 'a message is longer than 128 MiB')
  }
}

function parseLine(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString('utf8'))
  } catch (error) {
    throw new Fault('input', 'a message is no JSON', { cause: error })
  }
}
