/** What there is to be known before a binary is looked for. */
export interface Surroundings {
  readonly platform: NodeJS.Platform
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly isRoot: boolean
  readonly allowsNoSandbox: boolean
}

/** What Linux says about the two ways in which Chromium's sandbox can start. */
export interface SandboxFacts {
  /** `chrome-sandbox` beside the binary belongs to root and has its setuid bit. */
  readonly hasSetuidProgram: boolean
  /** Texts of the kernel's switches; null where it has none. */
  readonly maxUserNamespaces: string | null
  readonly unprivilegedClone: string | null
  readonly restrictedByAppArmor: string | null
}

/** Why no window can be, known without looking at any file; or null. */
export function findObstacle({ allowsNoSandbox, environment, isRoot, platform }: Surroundings): string | null {
  const needsDisplay = platform === 'linux' || platform === 'freebsd' || platform === 'openbsd'
  if (needsDisplay && !environment.DISPLAY && !environment.WAYLAND_DISPLAY) {
    return 'there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set)'
  }
  if (isRoot && !allowsNoSandbox) {
    return 'as root the sandbox of its pages cannot start (--no-sandbox opens the window without it)'
  }
  return null
}

/** Why the sandbox cannot start on this Linux, or null. */
export function findSandboxObstacle(facts: SandboxFacts): string | null {
  if (facts.hasSetuidProgram) return null
  const isForbidden =
    facts.maxUserNamespaces?.trim() === '0' ||
    facts.unprivilegedClone?.trim() === '0' ||
    facts.restrictedByAppArmor?.trim() === '1'
  if (!isForbidden) return null
  return 'this system does not let the sandbox of its pages start (--no-sandbox opens the window without it)'
}
