// What Node.js 16 does not have yet. Only for the Electron that tests can have here; shipped Electrons have all of it.
globalThis.performance ??= require('node:perf_hooks').performance
globalThis.crypto ??= require('node:crypto').webcrypto
globalThis.Blob ??= require('node:buffer').Blob
globalThis.structuredClone ??= (value) => {
  const { deserialize, serialize } = require('node:v8')
  return deserialize(serialize(value))
}
require('node:diagnostics_channel').tracingChannel ??= () => ({
  hasSubscribers: false,
  traceSync: (work, _context, owner, ...parameters) => Reflect.apply(work, owner, parameters),
})
