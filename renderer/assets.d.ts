declare module '*.css'

/** Version of the program, put in by the build. */
declare const __STOREPULSE_VERSION__: string
