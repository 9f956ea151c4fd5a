// What to copy and paste to reach this server: plain text, made from its address.

export interface SnippetOptions {
  /** Without a slash at the end. */
  readonly url: string
  /** A name that answers, such as `local`. */
  readonly model: string
  /** The client key where it can be shown; else the snippets name the variable that should hold it. */
  readonly key?: string
}

export interface Snippet {
  readonly title: string
  readonly text: string
}

/** One snippet for each common way in. */
export function snippets({ url, model, key }: SnippetOptions): readonly Snippet[] {
  const shellKey = key ?? '$PATCHBAY_KEY'
  const codeKey = key === undefined ? 'process.env.PATCHBAY_KEY' : JSON.stringify(key)
  const ask = `messages: [{ role: "user", content: "Hello" }]`
  return [
    {
      title: 'curl',
      text: `curl -N ${url}/v1/chat/completions \\
  -H "authorization: Bearer ${shellKey}" -H "content-type: application/json" \\
  -d '{"model": ${JSON.stringify(model)}, "stream": true, "messages": [{"role": "user", "content": "Hello"}]}'`,
    },
    {
      title: 'OpenAI SDK',
      text: `const client = new OpenAI({ baseURL: "${url}/v1", apiKey: ${codeKey} })
await client.chat.completions.create({ model: ${JSON.stringify(model)}, ${ask} })`,
    },
    {
      title: 'Anthropic SDK',
      text: `const client = new Anthropic({ baseURL: "${url}", apiKey: ${codeKey} })
await client.messages.create({ model: ${JSON.stringify(model)}, max_tokens: 256, ${ask} })`,
    },
    {
      title: 'Ollama clients (models on this machine, no key)',
      text: `OLLAMA_HOST=${url} ollama run ${model}`,
    },
  ]
}
