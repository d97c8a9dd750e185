/** What one browser, or whoever pretends to be one, may use up. */
export interface ServeLimits {
  /** All headers of a request together. */
  readonly headerBytes: number
  /** Until the headers of a request are there, counted from its first byte or the opening of the connection. */
  readonly headersMs: number
  /** Until a whole request is there. */
  readonly requestMs: number
  /** How often the two above are looked at. */
  readonly checkMs: number
  /** A connection without a request. */
  readonly idleMs: number
  /** A connection on which nothing moves in the middle of a request or an answer. */
  readonly stallMs: number
  /** The body of the sign-in request. */
  readonly bodyBytes: number
  /** Open connections in total. */
  readonly connections: number
  /** Open feeds of one session. */
  readonly feedsPerSession: number
  /** One message from a feed's viewer. */
  readonly messageBytes: number
  /** Requests of one feed that are not answered yet. */
  readonly requestsInFlight: number
  /** Bytes a viewer has not taken yet; with more it is cut off. */
  readonly pendingBytes: number
  /** A viewer that lets this much time pass without an answer to a ping is gone. */
  readonly heartbeatMs: number
  /** Failed sign-ins in a row from one address; one more is allowed after each `signInPauseMs`. */
  readonly signIns: number
  readonly signInPauseMs: number
}

export const usualLimits: ServeLimits = {
  headerBytes: 16_384,
  headersMs: 5_000,
  requestMs: 10_000,
  checkMs: 500,
  idleMs: 10_000,
  stallMs: 30_000,
  bodyBytes: 16_384,
  connections: 512,
  feedsPerSession: 16,
  messageBytes: 1_048_576,
  requestsInFlight: 32,
  pendingBytes: 67_108_864,
  heartbeatMs: 10_000,
  signIns: 10,
  signInPauseMs: 6_000,
}
