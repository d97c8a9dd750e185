/** Notes what is not as it must be; all of it is wrong, the first few are said. */
export interface Findings {
  expect(what: string, found: unknown, wanted: unknown): void
  readonly differences: string[]
}

const asText = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? `${inner}n` : inner)) ?? 'nothing'

export function createFindings(): Findings {
  const differences: string[] = []
  return {
    differences,
    expect(what, found, wanted) {
      const [is, must] = [asText(found), asText(wanted)]
      if (is !== must) differences.push(`${what}: ${is.slice(0, 300)}, must be ${must.slice(0, 300)}`)
    },
  }
}
