// Which protocol a client library speaks with the gateway, by the name that it has in these tests.

const SPOKEN: readonly (readonly [RegExp, string])[] = [
  [/Chat Completions|openai-compatible/, 'openai-chat'],
  [/Responses|open-responses/, 'openai-responses'],
  [/anthropic/i, 'anthropic-messages'],
  [/google/i, 'gemini'],
  [/mistral/i, 'mistral-chat'],
  [/ollama/i, 'ollama'],
]

export function protocolSpokenBy(name: string): string {
  const found = SPOKEN.find(([pattern]) => pattern.test(name))
  if (found === undefined) throw new Error(`nobody has said which protocol ${name} speaks`)
  return found[1]
}
