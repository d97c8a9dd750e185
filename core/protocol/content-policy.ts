/**
 * The Content-Security-Policy of every page, in the desktop app and from `serve`: everything from the page's own origin,
 * styles made at run time only with this load's nonce, no script but files, and text turned into HTML only through the
 * page's own default policy.
 *
 * @param nonce fresh for each load, base64
 */
export const buildContentPolicy = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
    "require-trusted-types-for 'script'",
    'trusted-types default',
  ].join('; ')
