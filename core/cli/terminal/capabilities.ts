export interface TerminalOptions {
  readonly color: boolean
  /** Whether signs beyond ASCII can be shown. */
  readonly unicode: boolean
}

/**
 * What a terminal can show, from its environment. No colour without a terminal, on a dumb one, or where `NO_COLOR` is set
 * (https://no-color.org); signs beyond ASCII only where the locale's encoding is UTF-8, and always on Windows, whose
 * consoles have been UTF-8 since Windows Terminal.
 */
export function detectTerminal(
  isTerminal: boolean,
  environment: Readonly<Record<string, string | undefined>>,
  platform: string,
): TerminalOptions {
  const isDumb = environment['TERM'] === 'dumb'
  const locale = environment['LC_ALL'] || environment['LC_CTYPE'] || environment['LANG'] || ''
  return {
    color: isTerminal && !isDumb && !environment['NO_COLOR'],
    unicode: platform === 'win32' || (/utf-?8/i.test(locale) && environment['TERM'] !== 'linux'),
  }
}
