// Several calls in one: OpenAI's models sometimes call an inner tool of their vendor's, which nobody offered, whose arguments list the calls they mean.
import type { ToolCallPart } from '../../canonical/part.ts'
import type { Tool } from '../../canonical/tool.ts'
import { type Json, isArray, isObject, tryParseJson } from '../../wire/json.ts'
import { mintToolId } from './tool-ids.ts'

/** Seen since 2023: https://community.openai.com, "multi_tool_use.parallel". */
const BUNDLE = 'multi_tool_use.parallel'
const NAMESPACE = /^functions\./

/** Whether this is such a call; a client that offers a tool of that name means its own. */
export function isBundle(
  { kind, name }: ToolCallPart,
  tools: readonly Tool[] | undefined,
): boolean {
  return (
    kind === 'function' && name === BUNDLE && tools?.some((tool) => tool.name === name) !== true
  )
}

/** The calls in it, each with an id of its own; the call itself where its arguments are not such a list. */
export function unbundled(call: ToolCallPart): readonly ToolCallPart[] {
  const json = call.arguments.json ?? tryParseJson(call.arguments.text)
  const uses = isObject(json) ? json['tool_uses'] : undefined
  if (!isArray(uses) || uses.length === 0) return [call]
  const calls = uses.map((use, at) => callOf(use, `${call.callId}:${at}`))
  return calls.every((one) => one !== undefined) ? calls : [call]
}

function callOf(use: Json, seed: string): ToolCallPart | undefined {
  if (!isObject(use)) return undefined
  const { recipient_name: name, parameters: json = {} } = use
  if (typeof name !== 'string' || !isObject(json)) return undefined
  return {
    type: 'tool-call',
    callId: mintToolId(seed),
    callIdMinted: true,
    kind: 'function',
    name: name.replace(NAMESPACE, ''),
    arguments: { text: JSON.stringify(json), json },
  }
}
