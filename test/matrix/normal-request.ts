// What two requests must have in common to be the same question: all that is meant, without spellings, ids and who made it.
import { compact } from '../../src/canonical/compact.ts'
import type { Extensions, Node } from '../../src/canonical/extensions.ts'
import type { MediaPart, Part, Sealed } from '../../src/canonical/part.ts'
import type {
  ChatRequest,
  OutputFormat,
  ReasoningControl,
  Turn,
} from '../../src/canonical/request.ts'
import type { Tool } from '../../src/canonical/tool.ts'
import { SENTINEL } from '../../src/dialects/gemini/seals.ts'
import { omit } from '../../src/dialects/lowering/rewrite.ts'
import { type Json, type JsonObject, isArray, isObject, tryParseJson } from '../../src/wire/json.ts'

export type Names = Readonly<Record<string, string>>

/**
 * Neighbouring turns of one side are one; calls are known by their order; leftovers of the client's protocol count, as
 * they are what another one may have no word for. `names` leads renamed tools back.
 */
export function normalRequest(request: ChatRequest, names: Names = {}): JsonObject {
  const { origin: _, model: __, stream, turns, tools, toolChoice, output, reasoning } = request
  const ids = new Map<string, string>()
  const only = toolChoice?.only?.map((name) => purposeNamed(name, request) ?? names[name] ?? name)
  return jsonOf({
    turns: normalTurns(turns, { ids, names }),
    tools: tools?.length === 0 ? undefined : tools?.map((tool) => normalTool(tool, names)),
    toolChoice: isFree(request) ? undefined : { mode: toolChoice?.mode, only },
    parallelToolCalls: onlyOne(request) ? false : undefined,
    maxHostedCalls: hostedLimit(request),
    sampling: request.sampling,
    maxOutputTokens: request.maxOutputTokens,
    output: output && {
      ...output,
      format: output.format && normalFormat(output.format),
      prediction: output.prediction?.map((part) => normalPart(part, { ids, names })),
    },
    reasoning: reasoning && normalControl(reasoning),
    streaming: stream.enabled,
    caching: request.caching,
    identity: request.identity,
    service: normalService(request.service),
    left: leftIn(request),
  })
}

/** The vendor's own tools have other names elsewhere. */
function purposeNamed(name: string, { tools = [] }: ChatRequest): string | undefined {
  const tool = tools.find((one) => one.name === name)
  return tool?.kind === 'native' ? tool.purpose?.what : undefined
}

/** Of all hosted tools together, however it is said. */
function hostedLimit({ tools = [], maxHostedCalls }: ChatRequest): number | undefined {
  const hosted = tools.flatMap((tool) => (tool.kind === 'native' ? (tool.purpose ?? []) : []))
  const limits = hosted.flatMap(({ maxUses }) => maxUses ?? [])
  if (hosted.length === 0) return undefined
  const sum = limits.reduce((left, right) => left + right, 0)
  return maxHostedCalls ?? (limits.length < hosted.length ? undefined : sum)
}

/** More calls than one are what there is unless they are forbidden. */
function onlyOne({ parallelToolCalls, tools = [] }: ChatRequest): boolean {
  return parallelToolCalls === false && tools.length > 0
}

/** Text is what there is anyway; a schema may be described inside, and held to more or less strictly. */
function normalFormat(format: OutputFormat): JsonObject | undefined {
  if (format.type === 'text') return undefined
  const node = omit(withoutExtensions(format), ['name', 'description', 'strict'])
  if (format.type !== 'json-schema') return node
  const { description } = format
  return jsonOf({ ...node, schema: { description, ...format.schema } })
}

/** A choice that is left to the model is what there is without one. */
function isFree({ toolChoice }: ChatRequest): boolean {
  return toolChoice === undefined || (toolChoice.mode === 'auto' && toolChoice.only === undefined)
}

/** Not to think is no effort; what is left to the model is not said. */
function normalControl(control: ReasoningControl): JsonObject | undefined {
  const { mode, effort, budgetTokens, ...rest } = control
  if (mode === 'off' || effort === 'none' || budgetTokens === 0) {
    return { ...withoutExtensions(rest), effort: 'none' }
  }
  const switched = mode === 'on' && effort === undefined && budgetTokens === undefined
  const said = withoutExtensions({
    ...rest,
    ...compact({ effort, budgetTokens: (budgetTokens ?? -1) < 0 ? undefined : budgetTokens }),
    ...(switched ? { mode } : {}),
  })
  return Object.keys(said).length === 0 ? undefined : said
}

/** What asks for nothing: not to be stored where nobody stores, the tier that is the usual one. */
function normalService(service: ChatRequest['service'] = {}): JsonObject | undefined {
  const { store, tier, region } = service
  const kept = jsonOf({
    store: store === true ? store : undefined,
    tier: USUAL.has(tier) ? undefined : tier,
    region,
  })
  return Object.keys(kept).length === 0 ? undefined : kept
}

const USUAL: ReadonlySet<string | undefined> = new Set(['default', 'auto', 'standard'])

interface Words {
  readonly ids: Map<string, string>
  readonly names: Names
}

function normalTurns(turns: readonly Turn[], words: Words): readonly Json[] {
  const sides: { side: string; name?: string | undefined; parts: Json[]; left: Json[] }[] = []
  for (const turn of turns) {
    const side = turn.role === 'tool' ? 'user' : turn.role
    const last = sides.at(-1)
    const same = last?.side === side && (turn.role === 'tool' || last.name === turn.name)
    const into = same ? last : { side, name: turn.name, parts: [], left: [] }
    if (!same) sides.push(into)
    into.parts.push(...turn.parts.map((part) => normalPart(part, words)))
    const left = leftIn(turn)
    if (left !== undefined) into.left.push(left)
  }
  return sides
    .filter(({ parts }) => parts.length > 0)
    .map((side) => jsonOf({ ...side, left: side.left.length === 0 ? undefined : side.left }))
}

export function normalPart(part: Part, words: Words): JsonObject {
  const node = withoutExtensions(part)
  switch (part.type) {
    case 'tool-call': {
      const { kind, name, arguments: given, seal } = part
      const value =
        kind === 'custom' ? given.text : (given.json ?? tryParseJson(given.text) ?? given.text)
      return jsonOf({
        type: part.type,
        id: numbered(part.callId, words),
        kind,
        name: words.names[name] ?? name,
        arguments: value,
        seal: seal && normalSeal(seal),
        cache: part.cache,
        left: leftIn(part),
      })
    }
    case 'tool-result':
      return jsonOf({
        type: part.type,
        id: numbered(part.callId, words),
        content: part.content
          .filter((inner) => inner.type !== 'text' || inner.text !== '')
          .map((inner) => normalPart(inner, words)),
        isError: part.isError === true ? true : undefined,
        cache: part.cache,
        left: leftIn(part),
      })
    case 'search-result':
      return jsonOf({ ...node, content: part.content.map((inner) => normalPart(inner, words)) })
    case 'text':
      return jsonOf({
        ...node,
        seal: part.seal && normalSeal(part.seal),
        citations: part.citations?.map((citation) => withoutExtensions(citation)),
      })
    case 'opaque':
      return jsonOf({ type: part.type, what: part.what, native: part.native })
    case 'reasoning':
      return jsonOf({
        type: part.type,
        text: part.text,
        seal: part.seal && normalSeal(part.seal),
        left: leftIn(part),
      })
    case 'refusal':
      return jsonOf({ ...node, seal: part.seal && normalSeal(part.seal) })
    default:
      return normalMedia(part)
  }
}

/** A file's name is as good as its title; a detail that is left open is none; what an address leads to is known when it is read. */
function normalMedia(part: MediaPart): JsonObject {
  const { filename, title = filename, detail, seal, source, ...rest } = part
  return jsonOf({
    ...withoutExtensions(rest),
    source: source.kind === 'url' ? { kind: source.kind, url: source.url } : source,
    title,
    detail: detail === 'auto' ? undefined : detail,
    seal: seal && normalSeal(seal),
  })
}

/** Empty seals and the word that stands for one are only there because a wire wants something in their place. */
function normalSeal({ payload, origin }: Sealed): JsonObject | undefined {
  if (payload === '' || payload === SENTINEL.payload) return undefined
  return { payload, maker: origin.dialect }
}

function numbered(id: string, { ids }: Words): string {
  const known = ids.get(id)
  if (known !== undefined) return known
  const fresh = `call ${ids.size + 1}`
  ids.set(id, fresh)
  return fresh
}

/** A tool that takes nothing may say so or not; a tool that is not strict likewise. */
function normalTool(tool: Tool, names: Names): JsonObject {
  const node = withoutExtensions(tool)
  if (tool.kind === 'native')
    return jsonOf({ maker: tool.dialect, name: tool.name, native: tool.native })
  const name = names[tool.name] ?? tool.name
  if (tool.kind === 'custom') return jsonOf({ ...node, name })
  const { parameters, strict, description } = tool
  const empty = Object.keys(parameters?.['properties'] ?? {}).length === 0
  return jsonOf({
    ...node,
    name,
    description: description === '' ? undefined : description,
    parameters: empty ? undefined : parameters,
    strict: strict === true ? true : undefined,
  })
}

function withoutExtensions(node: Node): JsonObject {
  const { extensions: _, ...rest } = node
  return jsonOf({ ...rest, left: leftIn(node) })
}

/** What its own dialect alone understands, but for labels and what says nothing: those go without a loss. */
export function leftIn({
  extensions = {},
}: {
  readonly extensions?: Extensions
}): JsonObject | undefined {
  const entries = Object.values(extensions).flatMap((extension) =>
    Object.entries(extension?.fields ?? {}).filter(
      ([key, value]) => extension?.weights?.[key] !== 0 && !isEmpty(value),
    ),
  )
  return entries.length === 0 ? undefined : jsonOf(Object.fromEntries(entries))
}

function isEmpty(value: Json | undefined): boolean {
  if (isArray(value)) return value.every((item) => isEmpty(item))
  if (isObject(value)) return Object.values(value).every((item) => isEmpty(item))
  return value === undefined || value === null || value === ''
}

export function jsonOf(value: object): JsonObject {
  const read: JsonObject = JSON.parse(JSON.stringify(value))
  return read
}
