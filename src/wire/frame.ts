// A frame: one unit of a stream, whatever its framing. NDJSON frames have data only.

export interface Frame {
  /** The SSE `event:` name. */
  readonly event?: string
  readonly data: string
  /** An SSE comment without data, as keep-alives are. */
  readonly comment?: string
  /** The comment stands in the event that follows, without a blank line of its own. */
  readonly attached?: true
}

export type Framing = 'sse' | 'ndjson'

/** How the stream of one answer may be framed, where a client can choose. */
export type AnswerFraming = Framing | 'json-array'
