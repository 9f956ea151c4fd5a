// Blocks of the vendor's own tools: what they tell of the work, and work of other vendors' tools in their form.
import { compact } from '../../canonical/compact.ts'
import type { HostedSource, HostedWork } from '../../canonical/hosted-work.ts'
import type { OpaquePart } from '../../canonical/part.ts'
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'
import type { HostedForm, ShownWork } from '../hosted-answer.ts'
import { isWorkId, openWork } from '../hosted-envelope.ts'
import { unwrapSeal, wrapSeal } from '../lowering/seal.ts'
import { DIALECT } from './wire-types.ts'

type Tool = HostedWork['tool']

/** By the name in a call, and how the type of its result begins. */
const TOOLS: ReadonlyMap<string, Tool> = new Map([
  ['web_search', 'web-search'],
  ['web_fetch', 'web-fetch'],
  ['code_execution', 'code-execution'],
  ['bash_code_execution', 'code-execution'],
])

const CALLS: ReadonlySet<string> = new Set(['server_tool_use', 'mcp_tool_use'])
const RESULT = /^(?<name>.+)_tool_result$/

/** Undefined for blocks that are no work of a tool. */
export function workOf(type: string, block: Json): HostedWork | undefined {
  if (!isObject(block)) return undefined
  if (CALLS.has(type)) return callOf(block)
  const name = RESULT.exec(type)?.groups?.['name']
  return name === undefined ? undefined : resultOf(TOOLS.get(name) ?? 'other', block)
}

function callOf({ id, name, input }: JsonObject): HostedWork {
  const asked = isObject(input) ? input : {}
  const shell = name === 'bash_code_execution'
  const query = textIn(asked['query'])
  return compact({
    tool: toolNamed(name),
    phase: 'call' as const,
    id: textIn(id),
    queries: query === undefined ? undefined : [query],
    url: textIn(asked['url']),
    code: textIn(asked[shell ? 'command' : 'code']),
    language: shell ? ('shell' as const) : undefined,
  })
}

function toolNamed(name: Json | undefined): Tool {
  return (typeof name === 'string' ? TOOLS.get(name) : undefined) ?? 'other'
}

function resultOf(tool: Tool, { tool_use_id, content }: JsonObject): HostedWork {
  const inside = isObject(content) ? content : {}
  const error = textIn(inside['error_code'])
  const code = inside['return_code']
  const broken = typeof code === 'number' && code !== 0 ? `exit code ${code}` : undefined
  return compact({
    tool,
    phase: 'result' as const,
    id: textIn(tool_use_id),
    sources: tool === 'web-search' || tool === 'web-fetch' ? sourcesIn(content) : undefined,
    output: tool === 'code-execution' ? outputOf(inside) : undefined,
    failed: error ?? broken,
  })
}

/** A search lists its hits; a page that was fetched is one. */
function sourcesIn(content: Json | undefined): readonly HostedSource[] | undefined {
  const found = (isArray(content) ? content : [content]).flatMap((hit) => {
    if (!isObject(hit) || typeof hit['url'] !== 'string') return []
    const page = isObject(hit['content']) ? hit['content'] : {}
    return [
      { url: hit['url'], ...compact({ title: textIn(hit['title']) ?? textIn(page['title']) }) },
    ]
  })
  return found.length === 0 ? undefined : found
}

function outputOf({ stdout, stderr }: JsonObject): string | undefined {
  const said = [textIn(stdout), textIn(stderr)].filter((text) => text !== undefined && text !== '')
  return said.length === 0 ? undefined : said.join('\n')
}

function textIn(value: Json | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined
}

/** Work that this wire has shown for another vendor comes back as the vendor's own; undefined for any other block. */
export function returnedWork(block: Json): readonly OpaquePart[] | undefined {
  if (!isObject(block) || typeof block['type'] !== 'string') return undefined
  if (!isWorkId(block['id'] ?? block['tool_use_id'])) return undefined
  const { type } = block
  const hosted = workOf(type, block)
  if (hosted === undefined) return undefined
  const sealed = sealIn(block)
  // The result of a call brings the call back with it.
  if (sealed === undefined && hosted.phase === 'call') return []
  const seal = sealed === undefined ? undefined : unwrapSeal(sealed)
  return openWork(seal, { what: type, native: block, hosted })
}

/** Beside the work, or with the first hit of a search, where every client keeps such a text. */
function sealIn({ encrypted_content, content }: JsonObject): string | undefined {
  const [first] = isArray(content) ? content : []
  return (
    textIn(encrypted_content) ?? (isObject(first) ? textIn(first['encrypted_content']) : undefined)
  )
}

export const hostedForm: HostedForm = { dialect: DIALECT, print }

function print(shown: ShownWork): ReturnType<HostedForm['print']> {
  const { work } = shown
  switch (work.tool) {
    case 'web-search':
      return blocks(shown, 'web_search', { query: work.queries?.join('; ') ?? '' })
    case 'web-fetch':
      return blocks(shown, 'web_fetch', { url: work.url ?? work.sources?.at(0)?.url ?? '' })
    case 'code-execution':
      return work.language === 'shell'
        ? blocks(shown, 'bash_code_execution', { command: work.code ?? '' })
        : blocks(shown, 'code_execution', { code: work.code ?? '' })
    case 'other':
      return []
  }
}

function blocks(
  { work, id, seal }: ShownWork,
  name: string,
  input: JsonObject,
): ReturnType<HostedForm['print']> {
  const call = { type: 'server_tool_use', id: `srvtoolu_${id}`, name, input }
  const envelope = wrapSeal(seal)
  if (work.phase === 'call') {
    return [{ what: call.type, native: { ...call, encrypted_content: envelope } }]
  }
  const type = `${name}_tool_result`
  const result = { type, tool_use_id: call.id, ...outcome(work, name, envelope) }
  return [
    { what: call.type, native: call },
    { what: type, native: result },
  ]
}

function outcome(work: HostedWork, name: string, envelope: string): JsonObject {
  const { tool, failed, output = '', sources = [] } = work
  if (tool === 'code-execution') {
    const said =
      failed === undefined ? { stdout: output, stderr: '' } : { stdout: '', stderr: output }
    const content = {
      type: `${name}_result`,
      ...said,
      return_code: failed === undefined ? 0 : 1,
      content: [],
    }
    return { content, encrypted_content: envelope }
  }
  if (failed !== undefined) {
    const content = { type: `${name}_tool_result_error`, error_code: 'unavailable' }
    return { content, encrypted_content: envelope }
  }
  if (tool === 'web-fetch') {
    const [page] = sources
    const url = work.url ?? page?.url ?? ''
    return { content: fetched(url, page?.title), encrypted_content: envelope }
  }
  const hits = sources.map(({ url, title }, at) => ({
    type: 'web_search_result',
    url,
    title: title ?? url,
    encrypted_content: at === 0 ? envelope : '',
    page_age: null,
  }))
  return hits.length === 0 ? { content: [], encrypted_content: envelope } : { content: hits }
}

/** What the page said is known to its vendor only. */
function fetched(url: string, title: string | undefined): JsonObject {
  return {
    type: 'web_fetch_result',
    url,
    retrieved_at: null,
    content: {
      type: 'document',
      source: { type: 'text', media_type: 'text/plain', data: '' },
      title: title ?? null,
    },
  }
}
