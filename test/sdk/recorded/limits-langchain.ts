// Limits of LangChain's chat models: those of both majors, and those of the current one.
import type { Limit } from './limit.ts'

export const sharedChainLimits: readonly Limit[] = [
  {
    client: /ChatGoogle/,
    recording: /./,
    what: /tokens$/,
    why: 'the SDK inside knows no count of thoughts, and none of what tools have read',
    where: 'anywhere',
  },
  {
    client: /ChatGoogle/,
    recording: /content-filter/,
    what: /^an answer$/,
    why: 'an answer without a text is an error there',
    where: 'own',
  },
  {
    client: /ChatGoogle/,
    recording: /gemini\/generatecontent-(?:logprobs-json|parallel-tools-logprobs)/,
    what: /^finish$/,
    why: 'it was asked for with enum-encoding=int, which no client here does: its words are numbers',
    where: 'own',
  },
  {
    client: /ChatMistral/,
    recording: /gemini\/streamgeneratecontent-stream-content-filter/,
    what: /^an answer$/,
    why: 'it gives no chunk for one without content, so that an empty answer is an empty stream',
    where: 'anywhere',
  },
  {
    client: /ChatMistral/,
    recording: /responses-stream-parallel-tools-tool-call-thinking-gpt-5-2025/,
    what: /^a next turn$/,
    why: 'it sends back no thinking, not even what was thought and not told',
    where: 'anywhere',
  },
  {
    client: /ChatOpenAI, Chat|ChatGoogle|ChatMistral/,
    recording: /stream-multiple-choices/,
    what: /^(?:text|finish)$/,
    why: 'it makes one answer of all candidates of a stream',
    where: 'anywhere',
  },
  {
    client: /ChatOpenAI, Chat/,
    recording: /openai-compatible\/.*stream/,
    what: /^finish$/,
    why: 'it says the word for the end as often as the host does, or never',
    where: 'passed',
  },
  {
    client: /ChatMistral/,
    recording: /openai-(?:chat|compatible)\/.*stream/,
    what: /^finish$/,
    why: 'it passes over a last chunk that has neither content nor a count',
    where: 'anywhere',
  },
  {
    client: /ChatOpenAI, Chat/,
    recording: /gpustack\/chat-completions-stream-thinking/,
    what: /tokens$/,
    why: 'it counts nothing in a stream without a role',
    where: 'passed',
  },
  {
    client: /ChatOpenAI|ChatMistral/,
    recording: /llamacpp\/chat-completions-stream-tool-call-cached/,
    what: /^arguments$/,
    why: 'it closes arguments that break off',
    where: 'anywhere',
  },
  {
    client: /ChatOpenAI, Responses/,
    recording: /special-tool-items/,
    what: /^calls$/,
    why: 'it drops namespaces',
    where: 'own',
  },
  {
    client: /ChatOpenAI, Responses/,
    recording: /deepseek\/responses-web-search|lmstudio\/responses-stream/,
    what: /^(?:thinking|arguments)$/,
    why: 'it looks for a summary of thinking only; of calls, for their deltas only, which this host leaves out',
    where: 'own',
  },
  {
    client: /ChatAnthropic/,
    recording: /messages-stream-quirk-tool-call-thinking/,
    what: /^a break$/,
    why: 'it passes over an error in a stream that it did not expect there',
    where: 'passed',
  },
]

export const chainLimits: readonly Limit[] = [
  ...sharedChainLimits,
  {
    client: /ChatOpenAI, Chat/,
    recording: /gpt-5\.6|codex/,
    what: /^finish$/,
    why: 'it asks models of this name in Responses, whatever it was told, and has no word for the end there',
    where: 'anywhere',
  },
  {
    client: /ChatOpenAI, Chat/,
    recording: /openai-compatible\//,
    what: /^thinking$/,
    why: 'it looks for reasoning_content only, and the host has another name for it',
    where: 'own',
  },
  {
    client: /ChatOpenAI|ChatAnthropic/,
    recording: /error-400/,
    what: /^(?:status|its own class of errors)$/,
    why: 'a prompt that is too long has an error of its own there, without a status',
    where: 'anywhere',
  },
]
