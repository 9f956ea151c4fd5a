// Snippets: what is printed is what works.
import { describe, expect, it } from 'vitest'
import { snippets } from './snippets.ts'

describe('snippets', () => {
  const url = 'http://127.0.0.1:8787'
  const text = (key?: string): string =>
    snippets({ url, model: 'local', ...(key === undefined ? {} : { key }) })
      .map((snippet) => `${snippet.title}\n${snippet.text}`)
      .join('\n')

  it('cover the shell, both SDKs and clients that look for a host', () => {
    expect(snippets({ url, model: 'local' }).map((snippet) => snippet.title.split(' ')[0])).toEqual(
      ['curl', 'OpenAI', 'Anthropic', 'Ollama'],
    )
  })

  it('give each SDK the base URL that it appends to', () => {
    expect(text()).toContain('new OpenAI({ baseURL: "http://127.0.0.1:8787/v1"')
    expect(text()).toContain('new Anthropic({ baseURL: "http://127.0.0.1:8787"')
    expect(text()).toContain('OLLAMA_HOST=http://127.0.0.1:8787 ')
  })

  it('hold the key where it can be shown, else the variable for it', () => {
    expect(text('pb_live_x')).toContain('Bearer pb_live_x')
    expect(text('pb_live_x')).toContain('apiKey: "pb_live_x"')
    expect(text()).toContain('Bearer $PATCHBAY_KEY')
    expect(text()).toContain('apiKey: process.env.PATCHBAY_KEY')
  })

  it('have a curl body that is JSON', () => {
    const curl = snippets({ url, model: 'a"b' })[0]?.text ?? ''
    const body: unknown = JSON.parse(/-d '(.*)'/.exec(curl)?.[1] ?? '')
    expect(body).toMatchObject({ model: 'a"b', stream: true })
  })
})
