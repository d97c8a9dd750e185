import { type Rejection, type RejectionReason, rejectionReasons } from './decoded.ts'

/** A JSON object as parsed. Keys are only ever asked for by name, never copied: `__proto__` is a key like any other. */
export type JsonObject = Readonly<Record<string, unknown>>

export const isJsonObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What is wrong with a record so far; null when nothing is. */
export interface Findings {
  rejection: Rejection | null
}

export const createFindings = (): Findings => ({ rejection: null })

const rankOf = (reason: RejectionReason): number => rejectionReasons.indexOf(reason)

/** Keeps a finding if its reason comes before the one kept in §2's order: within one reason the first noted stays. */
export function noteFinding(findings: Findings, reason: RejectionReason, path: string): void {
  const { rejection } = findings
  if (rejection === null || rankOf(reason) < rankOf(rejection.reason)) {
    findings.rejection = { type: 'rejection', reason, path }
  }
}
