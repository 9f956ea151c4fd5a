// What is known of a model: an entry of a model list in no vendor's words.
import type { Node } from './extensions.ts'

export interface ModelCard extends Node {
  /** The name a client asks with; upstream lists have the bare name, Patchbay's own list `provider/model`. */
  readonly id: string
  readonly name?: string
  readonly createdMs?: number
  readonly ownedBy?: string
  readonly contextTokens?: number
  readonly maxOutputTokens?: number
  /** Bytes on disk, for local models. */
  readonly sizeBytes?: number
  /** Such as `135M`. */
  readonly parameterSize?: string
  readonly family?: string
  readonly quantization?: string
  /** Field words such as `tools`, `vision`, `thinking`, `embedding`. */
  readonly capabilities?: readonly string[]
}
