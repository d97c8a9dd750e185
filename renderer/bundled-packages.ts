/** A package whose code is part of this page. */
export interface BundledPackage {
  readonly name: string
  readonly version: string
  readonly licence: string
}

// The build puts the list here, made from what it bundled.
const packages = '__BUNDLED_PACKAGES__'

export function listBundledPackages(): readonly BundledPackage[] {
  return packages.startsWith('[') ? JSON.parse(packages) : []
}
