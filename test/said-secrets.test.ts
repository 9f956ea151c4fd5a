// The watch over what tests start sees a secret in every form in which it could be written.
import { expect, it } from 'vitest'
import { assertNothingSaid } from './said-secrets.ts'

const SECRET = 'sk-canary "ü" 0123456789/+'
const env = { HOUSE_API_KEY: SECRET, HOUSE_NAME: 'patchbay-house', SHORT_KEY: 'key' }

function watch(text: string): () => void {
  return () => assertNothingSaid('serve', ['all is well', text], env)
}

it.each([
  ['in clear', SECRET],
  ['in JSON', JSON.stringify(SECRET)],
  ['in base64', Buffer.from(SECRET).toString('base64')],
  ['in the middle of base64', Buffer.from(`{"key":"${SECRET}"}`).toString('base64')],
  ['in base64url', Buffer.from(`a${SECRET}b`).toString('base64url')],
  ['in hex', Buffer.from(SECRET).toString('hex')],
  ['in capital hex', Buffer.from(SECRET).toString('hex').toUpperCase()],
  ['in a URL', `?key=${encodeURIComponent(SECRET)}`],
  ['in UTF-16', Buffer.from(`x${SECRET}`, 'utf16le').toString('latin1')],
])('sees it %s', (_how, text) => {
  expect(watch(text)).toThrow(/sk-canary/)
})

it('lets pass what is no secret', () => {
  expect(watch('patchbay-house has a key')).not.toThrow()
  expect(watch('[secret]')).not.toThrow()
})
