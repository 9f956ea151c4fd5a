// Limits of the official SDKs, in both majors.
import type { Limit } from './limit.ts'

export const officialLimits: readonly Limit[] = [
  {
    client: /^openai .*Chat/,
    recording: /gpustack\/chat-completions-stream-thinking/,
    what: /^an answer$/,
    why: "the SDK's stream helper wants a role, which the host never says",
    where: 'passed',
  },
  {
    client: /^openai .*Chat/,
    recording: /snowflake\//,
    what: /^an answer$/,
    why: "the SDK's stream helper wants a reason for the end, which the host never says",
    where: 'passed',
  },
  {
    client: /^openai .*Chat/,
    recording: /unknown-vendor\//,
    what: /^an answer$/,
    why: "the SDK's stream helper wants a reason for the end, which the host never says",
    where: 'passed',
  },
  {
    client: /^openai .*Responses/,
    recording: /chatgpt-codex\//,
    what: /^(?:text|calls|arguments)$/,
    why: "the SDK's stream helper takes the output from the last event, in which the host leaves it out",
    where: 'passed',
  },
  {
    client: /^openai 7, Responses/,
    recording: /github-copilot\//,
    what: /^an answer$/,
    why: "the SDK's stream helper wants one id for the answer, and the host gives each event another",
    where: 'passed',
  },
  {
    client: /^@anthropic/,
    recording: /messages-stream-quirk-claude-3-haiku/,
    what: /^an answer$/,
    why: 'the SDK wants one message_start, and a proxy has written two',
    where: 'passed',
  },
  {
    client: /^@google/,
    recording: /gemini\/generatecontent-(?:logprobs|parallel-tools-logprobs)/,
    what: /^finish$/,
    why: 'it was asked for with enum-encoding=int, which no client here does: its words are numbers',
    where: 'own',
  },
]
