// Conversations that a client could have had: every call has an id of its own and its result behind it.
import fc from 'fast-check'
import type { Part, ToolResultPart } from '../../src/canonical/part.ts'
import type { ChatRequest, Turn } from '../../src/canonical/request.ts'
import type { Dialect } from '../../src/dialects/dialect.ts'
import { requestWith, text } from '../../src/dialects/lowering/request.arbitrary.ts'
import { translated } from './ground.ts'

const NAMES = ['look', 'look_up', 'look up', 'löok', 'mcp.server/look', 'a'.repeat(90)] as const
const ID_FORMS = ['abcDEF12', 'call_', 'call:', 'toolu_', 'x'.repeat(70)] as const

interface Call {
  readonly name: string
  readonly form: string
  readonly spaced: boolean
  readonly value: string
}

const call: fc.Arbitrary<Call> = fc.record({
  name: fc.constantFrom(...NAMES),
  form: fc.constantFrom(...ID_FORMS),
  spaced: fc.boolean(),
  value: fc.string({ unit: 'grapheme', maxLength: 6 }),
})

const step = fc.record({
  calls: fc.array(call, { minLength: 1, maxLength: 3 }),
  said: fc.boolean(),
  order: fc.nat(5),
})

/** Call number n has the argument `mark: n` and the result `result n.`. */
export const conversationArbitrary: fc.Arbitrary<ChatRequest> = fc
  .array(step, { minLength: 1, maxLength: 3 })
  .map((steps) => {
    let mark = 0
    const turns = steps.flatMap(({ calls, said, order }): readonly Turn[] => {
      const made = calls.map(({ name, form, spaced, value }) => {
        const json = { mark, value }
        const id = `${form}${mark}`
        mark += 1
        return { id, name, json, text: JSON.stringify(json, null, spaced ? 1 : 0) }
      })
      const parts = made.map(({ id, name, json, text }): Part => ({
        type: 'tool-call',
        callId: id,
        kind: 'function',
        name,
        arguments: { text, json },
      }))
      const results = made.map(({ id, json }): ToolResultPart => ({
        type: 'tool-result',
        callId: id,
        content: [text(`result ${json.mark}.`)],
      }))
      const turned = [
        ...results.slice(order % results.length),
        ...results.slice(0, order % results.length),
      ]
      return [
        { role: 'assistant', parts: [...(said ? [text('Let me see.')] : []), ...parts] },
        { role: 'tool', parts: turned },
      ]
    })
    const tools = NAMES.map((name) => ({ kind: 'function' as const, name }))
    return requestWith({ tools, turns: [{ role: 'user', parts: [text('Do it.')] }, ...turns] })
  })

/** Said on one wire after the other, as gateways in a row would. */
export function chained(request: ChatRequest, chain: readonly Dialect[]): ChatRequest {
  return chain.reduce((said, to) => translated(said, to).back, request)
}
