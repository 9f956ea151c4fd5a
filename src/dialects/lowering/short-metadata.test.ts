// What becomes of labels that a target cannot hold.
import { expect, it } from 'vitest'
import type { JsonObject } from '../../canonical/json.ts'
import type { ChatRequest } from '../../canonical/request.ts'
import { shortMetadata } from './short-metadata.ts'

const pass = shortMetadata({ pairs: 3, keyLength: 4, valueLength: 6 })

function labelled(metadata: JsonObject): ChatRequest {
  return {
    origin: { dialect: 'other' },
    model: 'm',
    turns: [],
    sampling: {},
    stream: { enabled: false },
    identity: { metadata },
  }
}

it('short texts stay as they are', () => {
  const request = labelled({ a: 'b', team: 'search' })
  expect(pass(request)).toEqual({ value: request, notes: [] })
})

it('other values become texts; what is too long or too much goes, each with a note', () => {
  const { value, notes } = pass(
    labelled({ n: 1, longer: 'x', b: '1234567', l: [1], t: 't', u: 'u' }),
  )
  expect(value.identity?.metadata).toEqual({ n: '1', l: '[1]', t: 't' })
  expect(notes.map(({ action, path }) => `${action} ${path}`)).toEqual([
    'approximated identity.metadata.n',
    'dropped identity.metadata.longer',
    'dropped identity.metadata.b',
    'approximated identity.metadata.l',
    'dropped identity.metadata.u',
  ])
  expect(pass(value)).toEqual({ value, notes: [] })
})
