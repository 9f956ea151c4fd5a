import fc from 'fast-check'
import { it, expect, describe } from 'vitest'
import { dialects } from '../../src/dialects/registry.ts'
import { wires } from './wires.ts'
import { plain, emptyRequest } from '../../src/dialects/dialect.contract.ts'
const PROFILE = { provider: 'x', flags: {} }
describe.each(dialects.filter((d) => wires[d.id]).map((to) => ({ id: to.id, to })))(
  '$id',
  ({ to }) => {
    const w = wires[to.id]!
    const path = to.endpoints.find((e) => e.operation === 'chat')!.path.replace(':model', 'm')
    it('requests', () => {
      fc.assert(
        fc.property(w.requests, (body) => {
          const d = to.request.decode({ method: 'POST', path, headers: {}, body })
          expect(plain(to.request.encode(d, PROFILE).body)).toEqual(body)
        }),
        { numRuns: 1000 },
      )
    })
    it('responses', () => {
      fc.assert(
        fc.property(w.responses, (body) => {
          const request = emptyRequest(to.id)
          const d = to.response.decode(
            { status: 200, headers: {}, body },
            { request, profile: PROFILE },
          )
          expect(
            plain(to.response.encode(d, { request, requestId: 'r', now: () => 0 }).value.body),
          ).toEqual(body)
        }),
        { numRuns: 1000 },
      )
    })
    it('models', () => {
      fc.assert(
        fc.property(w.modelLists, (body) => {
          expect(plain(to.models.encodeList(to.models.decodeList(body)))).toEqual(body)
        }),
        { numRuns: 1000 },
      )
    })
    it('errors', () => {
      fc.assert(
        fc.property(w.errors, ({ status, body }) => {
          const wire = to.error.encode(to.error.decode({ status, headers: {}, body }), 'r')
          expect([wire.status, plain(wire.body)]).toEqual([status, body])
        }),
        { numRuns: 1000 },
      )
    })
  },
)
import { assembled as assembleWire } from './assembled.ts'
import { decodeFrames, encodeStream, jsonOf } from '../../src/dialects/dialect.contract.ts'
describe.each(dialects.map((to) => ({ id: to.id, to })))('streams $id', ({ to }) => {
  const w = wires[to.id]!
  it('stream', () => {
    fc.assert(
      fc.property(w.streams, (events) => {
        const request = { ...emptyRequest(to.id), stream: { enabled: true, includeUsage: true } }
        const again = jsonOf(
          encodeStream(
            to,
            decodeFrames(
              to,
              events.map((e) => ({ data: JSON.stringify(e) })),
              { request, profile: PROFILE },
            ),
            { request, requestId: 'r', now: () => 0 },
          ),
        )
        expect(assembleWire(to.id, again)).toEqual(
          assembleWire(to.id, JSON.parse(JSON.stringify(events))),
        )
      }),
      { numRuns: 1000 },
    )
  })
})
