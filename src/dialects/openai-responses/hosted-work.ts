// Items of the vendor's own tools: what they tell of the work, and work of other vendors' tools in their form.
import { compact } from '../../canonical/compact.ts'
import type { HostedSource, HostedWork } from '../../canonical/hosted-work.ts'
import type { OpaquePart } from '../../canonical/part.ts'
import { type Json, type JsonObject, isArray, isObject } from '../../wire/json.ts'
import type { HostedForm, ShownWork } from '../hosted-answer.ts'
import { isWorkId, openWork } from '../hosted-envelope.ts'
import { unwrapSeal, wrapSeal } from '../lowering/seal.ts'
import { OPENAI_RESPONSES } from './wire-types.ts'

/** An item that only this vendor understands, with what others can show of it. */
export function opaqueItem(what: string, native: JsonObject): OpaquePart {
  return {
    type: 'opaque',
    origin: { dialect: OPENAI_RESPONSES },
    ...compact({ hosted: workOf(what, native) }),
    what,
    native,
  }
}

const OTHERS: ReadonlySet<string> = new Set([
  'file_search_call',
  'image_generation_call',
  'mcp_call',
  'mcp_list_tools',
])

function workOf(type: string, item: JsonObject): HostedWork | undefined {
  const known = {
    phase: 'both',
    ...compact({ id: textIn(item['id']), failed: failureIn(item) }),
  } as const
  if (type === 'web_search_call') return { ...known, ...searchOf(item['action']) }
  if (type === 'code_interpreter_call') {
    const { code, outputs } = item
    return {
      tool: 'code-execution',
      ...known,
      ...compact({ code: textIn(code), output: logsIn(outputs) }),
    }
  }
  return OTHERS.has(type) ? { tool: 'other', ...known } : undefined
}

function failureIn({ status }: JsonObject): string | undefined {
  return status === 'failed' || status === 'incomplete' ? status : undefined
}

/** One item searches, opens a page, or looks for words in it. */
function searchOf(
  action: Json | undefined,
): Pick<HostedWork, 'tool' | 'queries' | 'sources' | 'url'> {
  const { query, queries, sources, url } = isObject(action) ? action : {}
  const page = textIn(url)
  if (page !== undefined) return { tool: 'web-fetch', url: page }
  const asked = isArray(queries) ? queries.filter((one) => typeof one === 'string') : []
  const single = textIn(query)
  const all = asked.length === 0 && single !== undefined ? [single] : asked
  return {
    tool: 'web-search',
    ...compact({
      queries: all.length === 0 ? undefined : all,
      sources: isArray(sources) ? sources.flatMap((source) => sourceOf(source)) : undefined,
    }),
  }
}

function sourceOf(source: Json): readonly HostedSource[] {
  const url = isObject(source) ? textIn(source['url']) : undefined
  return url === undefined ? [] : [{ url }]
}

function logsIn(outputs: Json | undefined): string | undefined {
  const logs = (isArray(outputs) ? outputs : []).flatMap((output) =>
    isObject(output) && typeof output['logs'] === 'string' ? [output['logs']] : [],
  )
  return logs.length === 0 ? undefined : logs.join('\n')
}

function textIn(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Whether an item is work of another vendor's tool in this wire's form. */
export function isShown(item: Json): item is JsonObject {
  return isObject(item) && isWorkId(item['id'])
}

/** Work that this wire has shown for another vendor comes back as the vendor's own; undefined for any other item. */
export function returnedWork(type: string, item: JsonObject): readonly OpaquePart[] | undefined {
  const hosted = isShown(item) ? workOf(type, item) : undefined
  if (hosted === undefined) return undefined
  const sealed = textIn(item['encrypted_content'])
  const seal = sealed === undefined ? undefined : unwrapSeal(sealed)
  return openWork(seal, { what: type, native: item, hosted })
}

export const hostedForm: HostedForm = { dialect: OPENAI_RESPONSES, print }

function print({ work, id, seal }: ShownWork): ReturnType<HostedForm['print']> {
  const status = work.failed === undefined ? 'completed' : 'failed'
  const item = { status, encrypted_content: wrapSeal(seal) }
  switch (work.tool) {
    case 'web-search':
      return whole({ id: `ws_${id}`, type: 'web_search_call', ...item, action: search(work) })
    case 'web-fetch': {
      const url = work.url ?? work.sources?.at(0)?.url ?? ''
      const action = { type: 'open_page', url }
      return whole({ id: `ws_${id}`, type: 'web_search_call', ...item, action })
    }
    case 'code-execution': {
      const outputs = work.output === undefined ? [] : [{ type: 'logs', logs: work.output }]
      const run = { container_id: `cntr_${id}`, code: work.code ?? '', outputs }
      return whole({ id: `ci_${id}`, type: 'code_interpreter_call', ...item, ...run })
    }
    case 'other':
      return []
  }
}

function search({ queries = [], sources }: HostedWork): JsonObject {
  return compact({
    type: 'search',
    query: queries.join('; '),
    queries,
    sources: sources?.map(({ url }) => ({ type: 'url', url })),
  })
}

function whole(native: JsonObject & { readonly type: string }): ReturnType<HostedForm['print']> {
  return [{ what: native.type, native }]
}
