// The names of settings, from files and the API to the code.
import { expect, it } from 'vitest'
import { checkFile } from './file-schema.ts'
import { camelKeys } from './setting-names.ts'

it('puts the keys of settings in camelCase, and nothing below them', () => {
  expect(camelKeys({ whole_by_stream: true, headers: { x_team: 'blue' }, local: false })).toEqual({
    wholeByStream: true,
    headers: { x_team: 'blue' },
    local: false,
  })
})

it('reads the settings of a custom host from a file, from variables too', () => {
  const settings = { whole_by_stream: 'true', auth: 'x-api-key', flags: { developerRole: false } }
  const file = { providers: [{ name: 'lab', type: 'custom', settings }] }
  expect(checkFile(file)).toMatchObject({
    ok: true,
    layer: {
      providers: [
        {
          settings: { wholeByStream: true, auth: 'x-api-key', flags: { developerRole: false } },
        },
      ],
    },
  })
})

it('refuses another way to send a key', () => {
  const file = { providers: [{ name: 'lab', type: 'custom', settings: { auth: 'basic' } }] }
  expect(checkFile(file)).toMatchObject({ ok: false })
})
