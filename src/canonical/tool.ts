// Tools offered to the model, and how it must choose among them.
import type { Node } from './extensions.ts'
import type { Json, JsonObject } from './json.ts'
import type { NoteWeight } from './note.ts'
import type { CacheMark } from './part.ts'

/** A function the client runs. */
export interface FunctionTool extends Node {
  readonly kind: 'function'
  readonly name: string
  readonly description?: string
  /** JSON Schema of the arguments; absent means it takes none. */
  readonly parameters?: JsonObject
  readonly strict?: boolean
  readonly cache?: CacheMark
}

/** A tool whose argument is free text, perhaps under a grammar. */
export interface CustomTool extends Node {
  readonly kind: 'custom'
  readonly name: string
  readonly description?: string
  readonly format?: { readonly syntax: string; readonly definition?: string }
}

export const HOSTED_KINDS = ['web-search', 'web-fetch', 'code-execution', 'image-making'] as const
export type HostedKind = (typeof HOSTED_KINDS)[number]

/** What a tool that the vendor runs is for, where other vendors have the like. Settings are there only where they were given. */
export interface HostedPurpose {
  readonly what: HostedKind
  readonly allowedDomains?: readonly string[]
  readonly blockedDomains?: readonly string[]
  /** Only what the vendor has stored may be read, not the web itself. */
  readonly offline?: true
  readonly maxUses?: number
  /** How much of what is found the model gets to read: `low`, `medium`, `high`. */
  readonly contextSize?: string
  /** `city`, `region`, `country`, `timezone`. */
  readonly location?: JsonObject
  /** Settings that no other vendor has, with how much each is missed. */
  readonly others?: Readonly<Record<string, NoteWeight>>
}

/** A tool that the vendor runs or defines; only its own dialect can print it. */
export interface NativeTool extends Node {
  readonly kind: 'native'
  readonly dialect: string
  readonly name: string
  readonly native: Json
  readonly purpose?: HostedPurpose
}

export type Tool = FunctionTool | CustomTool | NativeTool

/** `only` narrows the choice to these names; with `required` and one name it is a forced call. */
export interface ToolChoice extends Node {
  readonly mode: 'auto' | 'none' | 'required'
  readonly only?: readonly string[]
}
