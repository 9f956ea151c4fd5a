// Content blocks to parts, for requests and answers alike.
import { compact } from '../../canonical/compact.ts'
import type { Node } from '../../canonical/extensions.ts'
import type {
  CacheMark,
  MediaPart,
  MediaSource,
  Part,
  ToolResultPart,
} from '../../canonical/part.ts'
import { type Item, type Json, type JsonObject, ObjectReader, isArray } from '../../wire/json.ts'
import { readCacheControl } from './cache-control.ts'
import { decodeCitation } from './citations.ts'
import { type Kept } from '../leftovers.ts'
import { leftovers } from './extension.ts'
import { returnedWork, workOf } from './hosted-work.ts'
import { readSource } from './media.ts'
import { readSeal } from './seals.ts'
import { argumentsOf } from '../lowering/object-arguments.ts'
import { DIALECT } from './wire-types.ts'

/** Undefined where a block of this type has a form that the model has no word for. */
type BlockReader = (reader: ObjectReader) => Part | undefined

const READERS: ReadonlyMap<string, BlockReader> = new Map<string, BlockReader>([
  ['text', readText],
  ['image', (reader) => readMedia(reader, 'image')],
  ['document', (reader) => readMedia(reader, 'file')],
  ['search_result', readSearchResult],
  ['thinking', readThinking],
  ['redacted_thinking', readRedacted],
  ['tool_use', readToolUse],
  ['tool_result', readToolResult],
])

/** Blocks that only this vendor understands become opaque parts, whole. */
export function decodeBlock(item: Item): Part {
  const reader = ObjectReader.of(item.value, item.path)
  const type = reader.string('type')
  const part = READERS.get(type)?.(reader)
  return part ?? nativeBlock(type, item.value)
}

function nativeBlock(what: string, native: Json): Part {
  const work = compact({ hosted: workOf(what, native) })
  return { type: 'opaque', origin: { dialect: DIALECT }, ...work, what, native }
}

/** What a client says; work of tools that this wire has shown it comes back as its maker's own. */
function decodeBlocks(items: readonly Item[]): readonly Part[] {
  return items.flatMap((item): readonly Part[] => returnedWork(item.value) ?? [decodeBlock(item)])
}

function readText(reader: ObjectReader): Part {
  const text = reader.string('text')
  // Documents use the same key for a switch, and compatible servers copy that.
  const citations = isArray(reader.peek('citations')) ? reader.items('citations') : undefined
  return {
    type: 'text',
    text,
    ...(citations === undefined ? {} : { citations: citations.map((one) => decodeCitation(one)) }),
    ...common(reader),
  }
}

function readMedia(reader: ObjectReader, type: 'image' | 'file'): MediaPart | undefined {
  const sourceReader = reader.object('source')
  const inner = readInnerContent(sourceReader)
  const source: MediaSource | undefined =
    inner === undefined ? readSource(sourceReader) : { kind: 'parts', parts: inner.parts }
  if (source === undefined) return undefined
  const about =
    type === 'image'
      ? {}
      : compact({
          title: reader.optionalString('title'),
          context: reader.optionalString('context'),
        })
  return {
    type,
    source,
    ...about,
    ...common(reader, { nested: { source: sourceReader }, ...contentShape(inner) }),
  }
}

/** A document made of blocks, or of one text. */
function readInnerContent(reader: ObjectReader): Content | undefined {
  if (reader.value('type') !== 'content') return undefined
  return readContent(reader, 'content')
}

function readSearchResult(reader: ObjectReader): Part {
  return {
    type: 'search-result',
    source: reader.string('source'),
    title: reader.string('title'),
    content: decodeBlocks(reader.items('content')),
    ...common(reader),
  }
}

function readThinking(reader: ObjectReader): Part {
  const signature = reader.peek('signature')
  // An empty signature is what streams begin with: none yet.
  const seal = signature === '' ? undefined : readOptionalSeal(reader.optionalString('signature'))
  return {
    type: 'reasoning',
    text: reader.string('thinking'),
    ...compact({ seal }),
    ...common(reader),
  }
}

function readOptionalSeal(signature: string | undefined) {
  return signature === undefined ? undefined : readSeal(signature, 'anthropic.signature')
}

function readRedacted(reader: ObjectReader): Part {
  const seal = readSeal(reader.string('data'), 'anthropic.redacted')
  return { type: 'reasoning', text: '', redacted: true, ...compact({ seal }), ...common(reader) }
}

function readToolUse(reader: ObjectReader): Part {
  const input: Json = reader.has('input') ? (reader.value('input') ?? null) : {}
  return {
    type: 'tool-call',
    kind: 'function',
    callId: reader.string('id'),
    name: reader.string('name'),
    arguments: argumentsOf(input),
    ...common(reader),
  }
}

function readToolResult(reader: ObjectReader): ToolResultPart {
  const content = readContent(reader, 'content')
  return {
    type: 'tool-result',
    callId: reader.string('tool_use_id'),
    content: content.parts,
    ...compact({ isError: reader.optionalBoolean('is_error') }),
    ...common(reader, contentShape(content)),
  }
}

export interface Content {
  readonly parts: readonly Part[]
  /** How it was written; `none` where the key was absent or null. */
  readonly spelling: 'string' | 'blocks' | 'none'
}

/** Text is short for one text block. */
export function readContent(reader: ObjectReader, key: string): Content {
  const value = reader.peek(key)
  if (value === undefined || value === null) return { parts: [], spelling: 'none' }
  if (typeof value === 'string') {
    return { parts: [{ type: 'text', text: reader.string(key) }], spelling: 'string' }
  }
  return { parts: decodeBlocks(reader.items(key)), spelling: 'blocks' }
}

/** The spelling of content, where it is not the usual one. */
export function contentShape(content: Content | undefined): { readonly shape?: JsonObject } {
  if (content === undefined || content.spelling === 'blocks') return {}
  return { shape: { content: content.spelling } }
}

/** What any block may carry, and its leftovers. */
function common(reader: ObjectReader, more: Kept = {}): Node & { readonly cache?: CacheMark } {
  const control = readCacheControl(reader)
  return {
    ...compact({ cache: control.mark }),
    ...leftovers.kept(reader, {
      ...more,
      nested: { ...more.nested, cache_control: control.reader },
    }),
  }
}
