// A chat answer as it comes: noun-verb events; parts carry an index so that interleaving is explicit.
//
// Grammar: response-start, then per candidate (part-start part-delta* part-end)* candidate-end, with usage-update and
// ping anywhere, then response-end; or error, which ends the stream at any point. Part indexes are unique in a stream
// and count up from 0 in order of part-start; parts may interleave. A part-start may already hold content: deltas add to it.
import type { Extensions, Node, Origin } from './extensions.ts'
import type { GatewayError } from './errors.ts'
import type { Json } from './json.ts'
import type { Citation, Part, Sealed, TokenLogprob } from './part.ts'
import type { Finish } from './response.ts'
import type { Usage } from './usage.ts'

/** `text` is for the part's own main string: text, refusal, reasoning, or a tool call's argument text. */
export type PartDelta =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'citation'; readonly citation: Citation }
  | { readonly kind: 'seal'; readonly seal: Sealed }
  | { readonly kind: 'media'; readonly data?: string; readonly transcript?: string }

export type ChatEvent =
  | (Node & {
      readonly type: 'response-start'
      readonly origin: Origin
      readonly id?: string
      readonly model?: string
      readonly createdMs?: number
      readonly fingerprint?: string
      readonly tier?: string
    })
  | {
      readonly type: 'part-start'
      readonly index: number
      readonly candidate: number
      readonly part: Part
    }
  | (Node & { readonly type: 'part-delta'; readonly index: number; readonly delta: PartDelta })
  /** `part`, when present, is the vendor's authoritative copy and replaces what was accumulated. */
  | {
      readonly type: 'part-end'
      readonly index: number
      readonly part?: Part
      readonly extensions?: Extensions
    }
  | {
      readonly type: 'logprobs'
      readonly candidate: number
      readonly logprobs: readonly TokenLogprob[]
    }
  | (Node & { readonly type: 'candidate-end'; readonly candidate: number; readonly finish: Finish })
  | { readonly type: 'usage-update'; readonly usage: Usage }
  /** `tier`: how it was served, where that is said at the end. */
  | (Node & { readonly type: 'response-end'; readonly tier?: string })
  | { readonly type: 'error'; readonly error: GatewayError }
  /** `told`: words beside the answer, for whoever reads a wire that has comments. */
  | { readonly type: 'ping'; readonly told?: string }
  /** A frame, or the rest of one, that only its own dialect understands; others pass over it. */
  | {
      readonly type: 'native'
      readonly dialect: string
      readonly candidate?: number
      readonly value: Json
    }
