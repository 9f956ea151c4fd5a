// A conversation that is kept in any pieces is the one that was sent whole.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { KeptAnswer } from '../../canonical/kept-answer.ts'
import type { JsonObject } from '../../wire/json.ts'
import { openaiResponses } from './dialect.ts'
import { keeping } from './keeping.ts'
import { kept, message, wire } from './kept.contract.ts'

const text = fc.string({ minLength: 1, maxLength: 8 })

const asked = fc.oneof(
  text,
  fc.array(
    fc.oneof(
      text.map((content) => ({ role: 'user', content })),
      text.map((said) => ({
        type: 'message',
        role: 'developer',
        content: [{ type: 'input_text', text: said }],
      })),
      text.map((output) => ({ type: 'function_call_output', call_id: 'call_1', output })),
    ),
    { minLength: 1, maxLength: 3 },
  ),
)

const answered = fc.array(
  fc.oneof(
    text.map((said) => (id: string) => message(said, `msg_${id}`)),
    text.map((said) => (id: string) => ({
      type: 'function_call',
      id: `fc_${id}`,
      call_id: 'call_1',
      name: 'f',
      arguments: JSON.stringify({ said }),
    })),
    text.map((said) => (id: string) => ({
      type: 'reasoning',
      id: `rs_${id}`,
      summary: [{ type: 'summary_text', text: said }],
      encrypted_content: `sealed ${said}`,
    })),
  ),
  { maxLength: 3 },
)

describe('a conversation in any pieces', () => {
  it('is, from the last answer, what sending all of it at once would be', () => {
    const turn = fc.record({ asked, answered, goesOn: fc.boolean() })
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1, maxLength: 6 }), asked, (turns, last) => {
        const chain: KeptAnswer[] = []
        const said: JsonObject[] = []
        for (const [at, { asked: own, answered: makers, goesOn }] of turns.entries()) {
          const output = makers.map((make, place) => make(`${at}_${place}`))
          const before = chain.at(-1)?.id
          const listed = typeof own === 'string' ? [{ role: 'user', content: own }] : own
          if (goesOn && before !== undefined) {
            chain.push(kept(`resp_${at}`, own, { output, previous: before }))
          } else chain.splice(0, Infinity, kept(`resp_${at}`, [...said, ...listed], { output }))
          said.push(...listed, ...output)
        }
        const listed = typeof last === 'string' ? [{ role: 'user', content: last }] : last
        const settings = { model: 'm', instructions: 'Be kind.' }
        const { value: whole, notes } = keeping.whole(
          { ...settings, previous_response_id: chain.at(-1)?.id ?? '', input: last },
          { conversation: chain, holders: new Map() },
        )
        const atOnce = { ...settings, input: [...said, ...listed] }
        expect(notes).toEqual([])
        expect(whole).toEqual(atOnce)
        expect(openaiResponses.request.decode(wire(whole))).toEqual(
          openaiResponses.request.decode(wire(atOnce)),
        )
      }),
      { numRuns: 1000 },
    )
  })
})
