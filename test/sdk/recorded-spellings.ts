// What a client library does not see of a recording because its host spells it so that the library cannot read it. Each is a
// limit of the library: where the host's bytes pass, it would fail on the host itself as well; printed anew (`pass_through: false`), the same recording must be right.
import type { Case } from './recorded-expectation.ts'

export interface Spelling {
  /** Of a client's name. */
  readonly client: RegExp
  /** Of a case's name. */
  readonly recording: RegExp
  /** Of what is compared. */
  readonly what: RegExp
  readonly why: string
  /** Also where it is printed anew. */
  readonly always?: true
}

export const spellings: readonly Spelling[] = [
  {
    client: /^openai .*Chat/,
    recording: /gpustack\/chat-completions-stream-thinking/,
    what: /^an answer$/,
    why: "the SDK's stream helper wants a role, which the host never says",
  },
  {
    client: /^openai .*Chat/,
    recording: /snowflake\/|unknown-vendor\//,
    what: /^an answer$/,
    why: "the SDK's stream helper wants a reason for the end, which the host never says",
  },
  {
    client: /^openai .*Responses/,
    recording: /chatgpt-codex\//,
    what: /^(?:text|calls|arguments)$/,
    why: "the SDK's stream helper takes the output from the last event, in which the host leaves it out",
  },
  {
    client: /^openai 7, Responses/,
    recording: /github-copilot\//,
    what: /^an answer$/,
    why: "the SDK's stream helper wants one id for the answer, and the host gives each event another",
  },
  {
    client: /anthropic/,
    recording: /messages-stream-quirk-claude-3-haiku/,
    what: /^an answer$/,
    why: 'the SDK wants one message_start, and a proxy has written two',
  },
  {
    client: /google/,
    recording: /gemini\/generatecontent-(?:logprobs|parallel-tools-logprobs)/,
    what: /^finish$/,
    why: 'it was asked for with enum-encoding=int, which no client here does: its words are numbers',
    always: true,
  },
]

export function spellingOf({ kind, one, protocol, way }: Case, what: string): Spelling | undefined {
  if (one.protocol !== protocol) return undefined
  return spellings.find(
    (spelling) =>
      spelling.client.test(kind.name) &&
      spelling.recording.test(one.name) &&
      spelling.what.test(what) &&
      (way === 'passed' || spelling.always === true),
  )
}
