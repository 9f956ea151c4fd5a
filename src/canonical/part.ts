// What a turn is made of: text, media, reasoning, tool calls and results, and pieces only their vendor can read.
import type { Node, Origin } from './extensions.ts'
import type { HostedWork } from './hosted-work.ts'
import type { Json } from './json.ts'

/** Provider-private state (signatures, encrypted reasoning), exactly as received; goes back to its origin only. */
export interface Sealed {
  readonly payload: string
  readonly format: string
  readonly origin: Origin
}

export type MediaSource =
  | { readonly kind: 'base64'; readonly data: string; readonly mediaType?: string }
  | { readonly kind: 'url'; readonly url: string; readonly mediaType?: string }
  /** `dialect` names the file store that knows the id: protocols of one vendor may share theirs. */
  | { readonly kind: 'file'; readonly id: string; readonly dialect: string }
  | { readonly kind: 'text'; readonly text: string; readonly mediaType?: string }
  | { readonly kind: 'parts'; readonly parts: readonly Part[] }

/** A prompt-cache mark after the part that carries it. */
export interface CacheMark {
  readonly ttl?: string
}

export interface Citation extends Node {
  readonly kind: 'url' | 'document' | 'search-result' | 'other'
  readonly url?: string
  readonly title?: string
  readonly quote?: string
  /** Where in the answer's text, in UTF-16 units; absent when the citation covers its whole part. */
  readonly start?: number
  readonly end?: number
}

export interface TokenLogprob extends Node {
  readonly token: string
  readonly logprob: number
  readonly bytes?: readonly number[]
  readonly top?: readonly TokenLogprob[]
}

interface PartBase extends Node {
  readonly cache?: CacheMark
  readonly seal?: Sealed
}

export interface TextPart extends PartBase {
  readonly type: 'text'
  readonly text: string
  readonly citations?: readonly Citation[]
}

export interface RefusalPart extends PartBase {
  readonly type: 'refusal'
  readonly text: string
}

export interface MediaPart extends PartBase {
  readonly type: 'image' | 'audio' | 'video' | 'file'
  readonly source: MediaSource
  readonly filename?: string
  readonly title?: string
  /** Text about the document that is not part of it. */
  readonly context?: string
  readonly detail?: string
  readonly transcript?: string
  readonly id?: string
  readonly expiresAt?: number
}

/** A model's thinking. `redacted`: there is only the seal. */
export interface ReasoningPart extends PartBase {
  readonly type: 'reasoning'
  readonly text: string
  readonly redacted?: true
}

/** `text` is the arguments as JSON text, verbatim where the wire had text; `json` is there when they parse to an object. */
export interface ToolArguments {
  readonly text: string
  readonly json?: Json
}

export interface ToolCallPart extends PartBase {
  readonly type: 'tool-call'
  /** Minted deterministically where the wire has none. */
  readonly callId: string
  readonly callIdMinted?: true
  readonly kind: 'function' | 'custom'
  readonly name: string
  readonly arguments: ToolArguments
}

export interface ToolResultPart extends PartBase {
  readonly type: 'tool-result'
  readonly callId: string
  readonly name?: string
  readonly content: readonly Part[]
  readonly isError?: boolean
}

/** A search hit that the client hands to the model to cite. */
export interface SearchResultPart extends PartBase {
  readonly type: 'search-result'
  readonly source: string
  readonly title: string
  readonly content: readonly Part[]
}

/** Anything else one vendor alone understands (hosted tool traffic, compaction ...): goes back to that dialect unchanged. */
export interface OpaquePart extends PartBase {
  readonly type: 'opaque'
  readonly origin: Origin
  /** Traffic of a tool that the vendor ran: what came of it is in what the model said. */
  readonly hosted?: HostedWork
  /** The vendor's own word for it. */
  readonly what: string
  readonly native: Json
}

export type Part =
  | TextPart
  | RefusalPart
  | MediaPart
  | ReasoningPart
  | ToolCallPart
  | ToolResultPart
  | SearchResultPart
  | OpaquePart

/** The visible text of some parts, in order. */
export function textOf(parts: readonly Part[]): string {
  return parts.map((part) => (part.type === 'text' ? part.text : '')).join('')
}
