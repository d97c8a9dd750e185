import type { Session, Sessions } from './sessions.ts'
import { sessionLifeMs } from './sessions.ts'

/** The session's cookie: named for the port, since browsers do not keep cookies of one host's ports apart. */
export interface SessionCookie {
  /** Who is signed in, by a Cookie header; null when nobody is. */
  read(header: string | undefined): Session | null
  /** The Set-Cookie header that signs in. */
  write(secret: string, isSecure: boolean): string
}

/** Another program on this host can set cookies of the same name: so many of them are tried. */
const mostCandidates = 4

export function createSessionCookie(port: number, sessions: Sessions): SessionCookie {
  const name = `storepulse-${port}`
  return {
    read(header = '') {
      const candidates = header
        .split(';')
        .map((pair) => pair.trim())
        .filter((pair) => pair.startsWith(`${name}=`))
        .slice(0, mostCandidates)
      for (const pair of candidates) {
        const session = sessions.find(pair.slice(name.length + 1))
        if (session) return session
      }
      return null
    },
    write(secret, isSecure) {
      const attributes = `Path=/; Max-Age=${sessionLifeMs / 1_000}; HttpOnly; SameSite=Strict`
      return `${name}=${secret}; ${attributes}${isSecure ? '; Secure' : ''}`
    },
  }
}
