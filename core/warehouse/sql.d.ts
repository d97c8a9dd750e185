/** A file's text, put into the bundle by Vite. */
declare module '*.sql?raw' {
  const text: string
  // oxlint-disable-next-line import/no-default-export -- the form in which Vite gives it
  export default text
}
