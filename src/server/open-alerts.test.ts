// A budget that is spent calls a webhook, signed, over the guarded transport; and what a configuration of it may not be.
import { createHmac } from 'node:crypto'
import { expect, it } from 'vitest'
import { type FakeUpstream, openUpstream } from '../../test/fake-upstream.ts'
import { openGateway } from '../../test/open-gateway.ts'
import { checkFile } from '../config/file-schema.ts'
import type { Happening } from '../exchange/happening.ts'
import { Secret } from '../vault/secret.ts'
import { isObject, tryParseJson } from '../wire/json.ts'

const SECRET = 'correct horse battery'

async function withOne<T>(run: (upstream: FakeUpstream) => Promise<T>): Promise<T> {
  const upstream = await openUpstream()
  try {
    return await run(upstream)
  } finally {
    await upstream.close()
  }
}

it('is told of the half of a budget, signed, and of nothing twice', async () => {
  await withOne(async (upstream) => {
    const hook = await openUpstream()
    const facts: Happening[] = []
    const opened = await openGateway({
      providers: [
        {
          providerType: 'custom',
          name: 'lab',
          apiKey: 'sk-lab',
          baseUrl: `${upstream.url}/v1`,
          models: ['m'],
        },
      ],
      config: {
        prices: { 'lab/m': { input: 1, output: 2 } },
        budgets: {
          rules: [
            {
              id: 'all',
              scope: 'installation',
              limitNano: 3_000_000,
              period: 'total',
              hard: false,
            },
          ],
        },
        alerts: { webhook: { url: `${hook.url}/alerts`, secret: new Secret(SECRET) } },
      },
      hear: (fact) => facts.push(fact),
    })
    const sent = (): number => facts.filter(({ type }) => type === 'alert-sent').length
    const chunks = [
      JSON.stringify({
        id: 'c',
        object: 'chat.completion',
        created: 1,
        model: 'm',
        choices: [
          { index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' },
        ],
        usage: { prompt_tokens: 1000, completion_tokens: 500, total_tokens: 1500 },
      }),
    ]
    for (const _ of [1, 2]) {
      hook.reply({ status: 204 })
      upstream.reply({ chunks })
      const response = await fetch(`${opened.url}/v1/chat/completions`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${opened.clientKey}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ model: 'lab/m', messages: [{ role: 'user', content: 'go' }] }),
      })
      expect(response.status).toBe(200)
      await response.text()
    }
    await expect.poll(sent).toBe(3)
    await opened.close()
    const bodies = hook.requests.map(({ text }) => tryParseJson(text))
    expect(bodies.map((body) => isObject(body) && body['threshold_percent'])).toEqual([50, 80, 100])
    const [first] = hook.requests
    const { 'x-patchbay-timestamp': timestamp, 'x-patchbay-signature': signed } =
      first?.headers ?? {}
    const expected = createHmac('sha256', SECRET)
      .update(`${String(timestamp)}.${first?.text ?? ''}`)
      .digest('hex')
    expect(signed).toBe(`v1=${expected}`)
    expect(JSON.stringify(facts)).not.toContain(SECRET)
    await hook.close()
  })
})

it.each([
  ['no secret', { url: 'https://hooks.example/x' }, 'alerts.webhook.secret'],
  ['an empty secret', { url: 'https://hooks.example/x', secret: '' }, 'alerts.webhook.secret'],
  ['a short secret', { url: 'https://hooks.example/x', secret: 'short' }, 'alerts.webhook.secret'],
  ['another scheme', { url: 'file:///etc/passwd', secret: SECRET }, 'alerts.webhook.url'],
])('is refused with %s [A033]', (_, webhook, path) => {
  const checked = checkFile({ alerts: { webhook } })
  expect(checked.ok).toBe(false)
  expect(checked.ok ? [] : checked.issues.map((issue) => issue.path.join('.'))).toContain(path)
})
