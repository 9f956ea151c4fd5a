// A host tells a key back in a text, a header or bytes: nothing of it stays, and what is clean is not copied.
import { expect, it } from 'vitest'
import { Redaction } from './redaction.ts'

const redaction = new Redaction(['sk-one-0123', 'sk-two-0123', 'short'])

async function* said(): AsyncGenerator<Uint8Array> {
  yield Buffer.from('a sk-one')
  yield Buffer.from('-0123 b')
}

it('takes every secret out of a text, however often it stands there', () => {
  expect(redaction.text('sk-one-0123 and sk-two-0123sk-one-0123')).toBe(
    '[secret] and [secret][secret]',
  )
  expect(redaction.text('sk-one-0123')).toBe('[secret]')
})

it('leaves words alone that are too short for a secret', () => {
  expect(redaction.text('in short')).toBe('in short')
})

it('gives clean headers as they are, and others without what stood in them', () => {
  const clean = { 'content-type': 'application/json', 'x-request-id': 'one' }
  expect(redaction.headers(clean)).toBe(clean)
  expect(redaction.headers({ ...clean, 'x-echo': 'Bearer sk-two-0123' })).toEqual({
    ...clean,
    'x-echo': 'Bearer [secret]',
  })
})

it('looks through bytes as they come', async () => {
  const bytes = await Array.fromAsync(redaction.bytes(said()))
  expect(Buffer.concat(bytes).toString()).toBe('a [secret] b')
  const source = said()
  expect(new Redaction(['short']).bytes(source)).toBe(source)
})

it('shows no secret to whoever prints it', () => {
  expect(JSON.stringify(redaction)).not.toContain('sk-')
})
