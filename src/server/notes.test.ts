// What a caller is told of losses: by weight and policy, in a header that stays legal and short whatever was lost.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type OpenGateway, openGateway } from '../../test/open-gateway.ts'
import { FakeProvider } from '../../test/server-fakes.ts'
import { type Note, type NoteWeight, POLICIES, type Policy } from '../canonical/note.ts'

const WEIGHTS: readonly NoteWeight[] = [0, 1, 2, 3, 4]

let notes: readonly Note[] = []
let open: OpenGateway

function note(weight: NoteWeight, feature: string = `w${weight}`): Note {
  return { action: 'dropped', feature, path: feature, weight, reason: 'why' }
}

beforeAll(async () => {
  open = await openGateway({
    providers: [
      new FakeProvider({
        name: 'home',
        local: true,
        answer: async ({ target }) => ({
          kind: 'whole',
          notes,
          response: { origin: { dialect: 'x' }, model: target.model, candidates: [] },
        }),
      }),
    ],
  })
})
afterAll(async () => open.close())

async function told(policy?: Policy): Promise<string | null> {
  const response = await fetch(`${open.url}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(policy === undefined ? {} : { 'x-patchbay-policy': policy }),
    },
    body: JSON.stringify({ model: 'home', messages: [{ role: 'user', content: 'hi' }] }),
  })
  expect(response.status).toBe(200)
  await response.text()
  return response.headers.get('x-patchbay-notes')
}

describe('the header x-patchbay-notes', () => {
  it.each<[Policy, string]>([
    ['lenient', 'dropped=w4;dropped=w3'],
    ['default', 'dropped=w4;dropped=w3;dropped=w2'],
    ['strict', 'dropped=w4;dropped=w3;dropped=w2;dropped=w1'],
  ])(
    'tells under %s of what the policy neither passes nor could refuse any more',
    async (policy, line) => {
      notes = WEIGHTS.map((weight) => note(weight))
      expect(await told(policy)).toBe(line)
    },
  )

  it('is not there where there is nothing to tell', async () => {
    notes = [note(0), note(1)]
    expect(await told('default')).toBeNull()
    expect(await told()).toBeNull()
  })

  it('stays within 1024 characters for 500 losses, and counts those that it leaves out', async () => {
    notes = Array.from({ length: 500 }, (_, at) => note(2, `field_number_${at}`))
    const line = (await told()) ?? ''
    expect(line.length).toBeLessThanOrEqual(1024)
    const words = line.split(';')
    expect(words.at(-1)).toBe(`more=${500 - words.length + 1}`)
  })

  it('holds no control character, whatever a client calls its fields', async () => {
    notes = [note(2, 'a\r\nset-cookie: b\u0000\u007f\u0085\u2028é'), note(3, 'x;y=z')]
    expect(await told()).toBe('dropped=x?y?z;dropped=a??set-cookie: b?????')
  })
})

describe('the policy of a request', () => {
  it.each([...POLICIES, 'STRICT', 'Lenient'])('may be %s', async (word) => {
    notes = []
    expect(await told(POLICIES.find((policy) => policy === word.toLowerCase()))).toBeNull()
    const response = await fetch(`${open.url}/api/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-patchbay-policy': word },
      body: '{"message":"hi"}',
    })
    expect(response.status).toBe(200)
  })

  it('may be nothing else', async () => {
    const response = await fetch(`${open.url}/api/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-patchbay-policy': 'harsh' },
      body: '{"message":"hi"}',
    })
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({
      error: { code: 'unknown_policy', param: 'x-patchbay-policy' },
    })
  })
})
