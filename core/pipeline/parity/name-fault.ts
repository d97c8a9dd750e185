import { Fault } from '../../base/fault.ts'

/** The same fault, its message behind what it is about. */
export const nameFault = (name: string, { cause, code, hint, message }: Fault): Fault =>
  new Fault(code, `${name}: ${message}`, { domain: 'user', cause, ...(hint === undefined ? {} : { hint }) })
