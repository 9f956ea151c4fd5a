// A chat request in no vendor's words.
import type { Node, Origin } from './extensions.ts'
import type { JsonObject } from './json.ts'
import type { CacheMark, Part } from './part.ts'
import type { Tool, ToolChoice } from './tool.ts'

export type Role = 'system' | 'developer' | 'user' | 'assistant' | 'tool'

/** One message. `place: 'top'` marks instructions that stood outside the message list. */
export interface Turn extends Node {
  readonly role: Role
  readonly place?: 'top'
  readonly parts: readonly Part[]
  readonly name?: string
}

export interface Sampling {
  readonly temperature?: number
  readonly topP?: number
  readonly topK?: number
  readonly minP?: number
  readonly seed?: number
  /** How many candidates. */
  readonly n?: number
  readonly presencePenalty?: number
  readonly frequencyPenalty?: number
  readonly repeatPenalty?: number
  readonly stop?: readonly string[]
  readonly logitBias?: JsonObject
  readonly logprobs?: boolean
  readonly topLogprobs?: number
}

export type OutputFormat = Node &
  (
    | { readonly type: 'text' }
    | { readonly type: 'json' }
    | {
        readonly type: 'json-schema'
        readonly schema: JsonObject
        readonly name?: string
        readonly description?: string
        readonly strict?: boolean
      }
  )

export interface Output {
  readonly format?: OutputFormat
  readonly verbosity?: string
  readonly modalities?: readonly string[]
  readonly audio?: JsonObject
  readonly prediction?: readonly Part[]
}

export const EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const
export type Effort = (typeof EFFORTS)[number]

export interface ReasoningControl extends Node {
  readonly mode?: 'off' | 'on' | 'auto'
  readonly effort?: Effort
  /** Tokens that thinking may take. */
  readonly budgetTokens?: number
  /** Whether the thinking's text is wanted in the answer. */
  readonly show?: 'summarized' | 'omitted'
}

export interface ChatRequest extends Node {
  readonly origin: Origin
  /** As the client named it, until routing resolves it. */
  readonly model: string
  readonly turns: readonly Turn[]
  readonly tools?: readonly Tool[]
  readonly toolChoice?: ToolChoice
  /** Left by lowering: tool names as the target has them, to the client's own. */
  readonly renamedTools?: Readonly<Record<string, string>>
  /** Left by lowering, in the client's names: custom tools that the target sees as functions. */
  readonly wrappedTools?: readonly string[]
  /** Left by lowering: the form of the answer stands in an instruction, so that what wraps it is to be taken off. */
  readonly instructedJson?: true
  readonly parallelToolCalls?: boolean
  /** How many calls of tools that the vendor runs may be made, all together. */
  readonly maxHostedCalls?: number
  readonly sampling: Sampling
  readonly maxOutputTokens?: number
  readonly output?: Output
  readonly reasoning?: ReasoningControl
  readonly stream: { readonly enabled: boolean; readonly includeUsage?: boolean }
  readonly caching?: {
    readonly key?: string
    readonly retention?: string
    readonly auto?: CacheMark
  }
  readonly identity?: { readonly user?: string; readonly metadata?: JsonObject }
  readonly service?: { readonly tier?: string; readonly store?: boolean; readonly region?: string }
}
