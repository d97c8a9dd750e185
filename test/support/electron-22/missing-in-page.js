// What Chromium 108 does not have yet. Only for the Electron that tests can have here; shipped Electrons have all of it.
for (const kind of [Array, Float64Array, Int32Array, Uint8Array]) {
  kind.prototype.toSorted ??= function (compare) {
    return this.slice().sort(compare)
  }
  kind.prototype.toReversed ??= function () {
    return this.slice().reverse()
  }
}
