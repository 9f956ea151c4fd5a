// What a row of the matrix is made of: small requests and answers that hold one thing each.
import type { ErrorKind } from '../../src/canonical/errors.ts'
import type { ChatRequest } from '../../src/canonical/request.ts'
import type { ChatResponse } from '../../src/canonical/response.ts'
import type { JsonObject } from '../../src/wire/json.ts'

/** A key that is undefined takes what is plain away. */
export type Some<T> = { readonly [K in keyof T]?: T[K] | undefined }

/** By dialect id: the words of one protocol, laid over its plain request or answer. */
export type Spoken = Readonly<Record<string, JsonObject>>

/**
 * Something asked for. `asks` is in no protocol's words: each protocol that can say it without a loss is a client of it.
 * `wire` is for what a protocol says in its own way only, and goes before `asks`.
 */
export interface RequestProbe {
  readonly kind: 'request'
  readonly name: string
  readonly asks?: Some<ChatRequest>
  readonly wire?: Spoken
  /** Shows what is changed in every request of a pair; elsewhere that does not count. */
  readonly bare?: true
}

/** Something answered, whole and streamed; `says` and `wire` as for requests. */
export interface AnswerProbe {
  readonly kind: 'answer'
  readonly name: string
  readonly says?: Some<ChatResponse>
  readonly wire?: Spoken
  readonly bare?: true
  /** What the client had asked with; matters where answers take the shape of the question. */
  readonly asked?: Some<ChatRequest>
}

/** A failure of the provider. */
export interface ErrorProbe {
  readonly kind: 'error'
  readonly name: string
  readonly fails: ErrorKind
  readonly retryAfterMs?: number
}

/** An answer that the client sends back in its history: what reaches the provider that made it. */
export interface ReplayProbe {
  readonly kind: 'replay'
  readonly name: string
  readonly says?: Some<ChatResponse>
  readonly wire?: Spoken
}

export type Probe = RequestProbe | AnswerProbe | ErrorProbe | ReplayProbe

export interface Feature {
  readonly title: string
  readonly probes: readonly Probe[]
}

export interface Group {
  readonly title: string
  readonly features: readonly Feature[]
}

export function asks(name: string, asks: Some<ChatRequest>): RequestProbe {
  return { kind: 'request', name, asks }
}

export function asksIn(name: string, wire: Spoken): RequestProbe {
  return { kind: 'request', name, wire }
}

export function says(name: string, says: Some<ChatResponse>): AnswerProbe {
  return { kind: 'answer', name, says }
}

export function saysIn(name: string, wire: Spoken): AnswerProbe {
  return { kind: 'answer', name, wire }
}
