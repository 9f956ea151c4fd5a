// State that only its maker can read: it goes to no one else.
import type { Note } from '../../canonical/note.ts'
import type { Origin } from '../../canonical/extensions.ts'
import type { HostedSource, HostedWork } from '../../canonical/hosted-work.ts'
import { type Json, isArray, isObject } from '../../wire/json.ts'
import type { OpaquePart, Part } from '../../canonical/part.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import type { ToolChoice } from '../../canonical/tool.ts'
import { isHosted, missedBy } from './hosted-settings.ts'
import type { Pass } from './pass.ts'
import { flatMapSame, omit, rewriteParts } from './rewrite.ts'

/** Who the request goes to. Without `provider`, state from any provider of the dialect is taken for its own. */
export interface Recipient {
  readonly dialect: string
  readonly provider?: string
}

/** Drops seals, redacted reasoning, opaque parts and native tools that another party made; opaque parts with readable text become that text. */
export function foreignState(recipient: Recipient): Pass {
  return (request) => {
    const notes: Note[] = []
    const rewritten = rewriteParts(
      request,
      (part, path) => withoutForeign(part, { recipient, path, notes }),
      ['opaque', 'seal'],
    )
    return { value: withoutForeignTools(rewritten, recipient, notes), notes }
  }
}

function isForeign(origin: Origin, recipient: Recipient): boolean {
  if (origin.dialect !== recipient.dialect) return true
  return (
    origin.provider !== undefined &&
    recipient.provider !== undefined &&
    origin.provider !== recipient.provider
  )
}

/** The format of a seal that seals nothing. */
const NO_STATE = 'none'

interface Place {
  readonly recipient: Recipient
  readonly path: string
  readonly notes: Note[]
}

function withoutForeign(part: Part, { recipient, path, notes }: Place): readonly Part[] {
  if (part.type === 'opaque' && isForeign(part.origin, recipient)) {
    const text = readableText(part)
    notes.push({
      action: text === '' ? 'dropped' : 'approximated',
      feature: part.what,
      path,
      weight: text === '' && part.hosted === undefined ? 3 : 2,
      reason: 'only the provider that made this can read it',
    })
    return text === '' ? [] : [{ type: 'text', text }]
  }
  if (part.seal === undefined) return [part]
  const { seal, ...open } = part
  const redacted = part.type === 'reasoning' && part.redacted === true
  const foreign = isForeign(seal.origin, recipient)
  // An envelope that only tells whose thinking it is, or a vendor's word for no state.
  if (seal.format === NO_STATE && (foreign || seal.payload === '')) return redacted ? [] : [open]
  if (!foreign) return [part]
  notes.push({
    action: 'dropped',
    feature: 'reasoning_state',
    path: redacted ? path : `${path}.seal`,
    weight: 2,
    reason: 'signed or encrypted state goes back to the provider that made it only',
  })
  return redacted ? [] : [open]
}

/** What a person could read in a vendor's own piece: what its tool brought, its text, or the titles and addresses it lists. */
function readableText(part: OpaquePart): string {
  const work = part.hosted === undefined ? '' : workInWords(part.hosted)
  if (work !== '') return work
  if (!isObject(part.native)) return ''
  return linesOf(part.native['text'] ?? part.native['content']).join('\n')
}

/** Code and its output as people write them down; of a search the pages that it found. */
function workInWords({ code, language, output, sources = [] }: HostedWork): string {
  const written = code === undefined ? [] : [fenced(language ?? 'python', code)]
  const printed = output === undefined ? [] : [fenced('', output)]
  return [...written, ...printed, ...sources.map((source) => lineOf(source))].join('\n')
}

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text.replace(/\n$/, '')}\n\`\`\``
}

function lineOf({ url, title }: HostedSource): string {
  return title === undefined || title === '' ? url : `${title}: ${url}`
}

function linesOf(value: Json | undefined): readonly string[] {
  if (typeof value === 'string') return value === '' ? [] : [value]
  if (isArray(value)) return value.flatMap(linesOf)
  if (!isObject(value)) return []
  const { text, title, url } = value
  if (typeof text === 'string' && text !== '') return [text]
  if (typeof url !== 'string') return []
  return [lineOf({ url, ...(typeof title === 'string' ? { title } : {}) })]
}

function withoutForeignTools(
  request: ChatRequest,
  recipient: Recipient,
  notes: Note[],
): ChatRequest {
  if (request.tools === undefined) return request
  const gone = new Set<string>()
  const tools = flatMapSame(request.tools, (tool, at) => {
    if (tool.kind !== 'native' || tool.dialect === recipient.dialect) return [tool]
    gone.add(tool.name)
    notes.push({
      action: 'dropped',
      feature: tool.name,
      path: `tools[${at}]`,
      weight: isHosted(tool) ? missedBy(tool.purpose) : 3,
      reason: 'the target cannot run a tool that another provider defines',
    })
    return []
  })
  if (tools === request.tools) return request
  const without =
    tools.length === 0 ? omit(request, ['tools', 'toolChoice']) : { ...request, tools }
  const choice = tools.length === 0 ? undefined : narrowed(request.toolChoice, gone)
  if (request.toolChoice?.only?.some((name) => gone.has(name)) === true) {
    notes.push({
      action: 'dropped',
      feature: 'tool_choice',
      path: 'toolChoice',
      weight: request.toolChoice.mode === 'required' ? 3 : 1,
      reason: 'the tool to be chosen is not there',
    })
  }
  return choice === undefined ? without : { ...without, toolChoice: choice }
}

/** The choice without tools that are gone; what named nothing else is free again. */
function narrowed(
  choice: ToolChoice | undefined,
  gone: ReadonlySet<string>,
): ToolChoice | undefined {
  if (choice?.only === undefined) return choice
  const only = choice.only.filter((name) => !gone.has(name))
  return only.length === 0 ? { ...omit(choice, ['only']), mode: 'auto' } : { ...choice, only }
}
