// Tools that stand together under a name of their own: everywhere else each of them stands alone, under both names.
import type { Part, ToolCallPart } from '../../canonical/part.ts'
import type { Tool } from '../../canonical/tool.ts'
import {
  type Item,
  type Json,
  type JsonObject,
  type ObjectReader,
  isArray,
  isObject,
} from '../../wire/json.ts'
import { leftovers } from './extension.ts'

/** A tool that is called; the vendor's own can stand in no other place. */
type Callable = Exclude<Tool, { readonly kind: 'native' }>

/** `clock.now`: no tool of this wire has a dot in its name. */
export function qualified(namespace: Json | undefined, name: string): string {
  return typeof namespace === 'string' ? `${namespace}.${name}` : name
}

function bare(namespace: string, name: string): string {
  const prefix = `${namespace}.`
  return name.startsWith(prefix) ? name.slice(prefix.length) : name
}

/** The members of a namespace; undefined where it has something else in it, or nothing. `at`: its place among the tools. */
export function membersOf(
  reader: ObjectReader,
  { at, decode }: { readonly at: number; readonly decode: (item: Item) => Tool },
): readonly Tool[] | undefined {
  const { tools: _, ...head } = reader.source
  const namespace = head['name']
  if (typeof namespace !== 'string' || !isArray(reader.peek('tools'))) return undefined
  const members = reader.items('tools').map((item) => decode(item))
  if (members.length === 0 || !members.every((tool) => tool.kind !== 'native')) return undefined
  return members.map((tool) => ({
    ...tool,
    name: qualified(namespace, tool.name),
    ...leftovers.owned(leftovers.fieldsOf(tool), {
      ...leftovers.shapeOf(tool),
      namespace: { at, head },
    }),
  }))
}

/** Members of one namespace that still stand side by side are printed in it again. */
export function encodeGrouped(
  tools: readonly Tool[],
  encode: (tool: Tool) => Json,
): readonly Json[] {
  const printed: { readonly at: Json | undefined; readonly value: Json; readonly inner: Json[] }[] =
    []
  for (const tool of tools) {
    const place = placeOf(tool)
    if (place === undefined || tool.kind === 'native') {
      printed.push({ at: undefined, value: encode(tool), inner: [] })
      continue
    }
    const { at, head, name } = place
    const member = encode({ ...tool, name: bare(name, tool.name) })
    const last = printed.at(-1)
    if (last !== undefined && last.at === at) last.inner.push(member)
    else {
      const inner = [member]
      printed.push({ at, value: { ...head, tools: inner }, inner })
    }
  }
  return printed.map(({ value }) => value)
}

interface Place {
  readonly at: Json | undefined
  /** The namespace without its tools. */
  readonly head: JsonObject
  readonly name: string
}

function placeOf(tool: Tool): Place | undefined {
  const { namespace } = leftovers.shapeOf(tool)
  if (!isObject(namespace) || !isObject(namespace['head'])) return undefined
  const { at, head } = namespace
  const { name } = head
  return typeof name === 'string' ? { at, head, name } : undefined
}

/** `{name}`, with the namespace where the call has one. */
export function calleeOf(part: ToolCallPart): {
  readonly name: string
  readonly namespace?: string
} {
  const { namespace } = leftovers.shapeOf(part)
  return typeof namespace === 'string'
    ? { name: bare(namespace, part.name), namespace }
    : { name: part.name }
}

/** A call that came from elsewhere, in the namespace in which the client offered its tool. */
export function inNamespace<P extends Part>(part: P, tools: readonly Tool[] | undefined): P {
  if (part.type !== 'tool-call' || leftovers.isOwn(part)) return part
  const tool = tools?.find(
    (one): one is Callable => one.kind !== 'native' && one.name === part.name,
  )
  const place = tool === undefined ? undefined : placeOf(tool)
  if (place === undefined) return part
  return { ...part, ...leftovers.keptFields(undefined, { namespace: place.name }) }
}
