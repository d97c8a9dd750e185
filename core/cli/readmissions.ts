import { openAccess, type OpenInputs } from '../host/public.ts'
import { makeVisible } from '../protocol/visible-text.ts'
import { writeJson, writeOut } from './output.ts'

/** Re-admits records and prints what became of each; exit code 1 when any was refused. */
export async function printReadmissions(
  refs: readonly string[],
  from: 'late' | 'quarantine',
  inputs: OpenInputs,
  isJson: boolean,
): Promise<void> {
  const access = await openAccess(inputs)
  try {
    const { results } = await access.client.run('readmit', { refs, from })
    for (const result of results) {
      if (isJson) await writeJson(result)
      else {
        const reason = result.reason === null ? '' : `: ${result.reason}`
        await writeOut(`${makeVisible(`${result.ref}  ${result.outcome}${reason}`)}\n`)
      }
    }
    if (results.some(({ outcome }) => outcome === 'refused')) process.exitCode = 1
  } finally {
    await access.close()
  }
}
