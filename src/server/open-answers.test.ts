// Responses that are kept in the database: a conversation goes on after a restart, and not where they are in memory.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openUpstream } from '../../test/fake-upstream.ts'
import { localHost, openGateway } from '../../test/open-gateway.ts'
import { completion } from '../../test/openai-replies.ts'
import { DEFAULT_RESPONSE_STORE } from '../config/merge.ts'
import { ObjectReader, parseJson } from '../wire/json.ts'

it.each([
  { persist: true, status: 200 },
  { persist: false, status: 400 },
])(
  'is answered with $status after a restart where persist is $persist',
  async ({ persist, status }) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'patchbay-answers-'))
    const upstream = await openUpstream()
    upstream.answer(() => completion('hello'))
    const asked = async (more: Readonly<Record<string, string>>): Promise<Response> => {
      const gateway = await openGateway({
        dataDir,
        providers: [localHost('house', upstream)],
        config: { store: {}, responseStore: { ...DEFAULT_RESPONSE_STORE, persist } },
      })
      const answer = await fetch(`${gateway.url}/v1/responses`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', connection: 'close' },
        body: JSON.stringify({ model: 'house/m', input: 'and then?', ...more }),
      })
      const whole = new Response(await answer.text(), { status: answer.status })
      await gateway.close()
      return whole
    }
    const first = ObjectReader.of(parseJson(await (await asked({})).text()), '')
    const second = await asked({ previous_response_id: first.string('id') })
    expect(second.status).toBe(status)
    if (status === 200) {
      expect(JSON.stringify(upstream.requests.at(-1)?.json)).toContain('hello')
    }
    await upstream.close()
    rmSync(dataDir, { recursive: true })
  },
)
