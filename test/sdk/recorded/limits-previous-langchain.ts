// Limits of LangChain's previous major: those of both, and what has been mended since.
import type { Limit } from './limit.ts'
import { sharedChainLimits } from './limits-langchain.ts'

export const previousChainLimits: readonly Limit[] = [
  ...sharedChainLimits,
  {
    client: /ChatOllama|ChatGoogle/,
    recording: /thinking|responses-stream-parallel-tools|mcp-code-execution|parallel-tools-tool-ca/,
    what: /^text$/,
    why: 'it knows no thinking, and takes it for text',
    where: 'anywhere',
  },
  {
    client: /ChatOllama/,
    recording: /tool/,
    what: /^calls that it gives back$/,
    why: 'it sends results without their calls',
    where: 'anywhere',
  },
  {
    client: /ChatMistral/,
    recording: /stream/,
    what: /^finish$/,
    why: 'it never says why a stream ended',
    where: 'anywhere',
  },
  {
    client: /ChatOpenAI, Responses/,
    recording: /stream.*(?:max-to|logprobs|thinking-m|cache)/,
    what: /^(?:finish|(?:input|output|cached) tokens)$/,
    why: 'it passes over the last event of a stream that was cut short',
    where: 'anywhere',
  },
  {
    client: /ChatOpenAI, Responses/,
    recording: /stream-refusal-structured/,
    what: /^an answer$/,
    why: 'it reads a refusal as the JSON that was asked for',
    where: 'anywhere',
  },
  {
    client: /ChatOpenAI, Responses/,
    recording: /generatecontent-multiple-choices|mcp-code-execution/,
    what: /^thinking$/,
    why: 'it keeps the last thinking of several',
    where: 'anywhere',
  },
  {
    client: /ChatGoogle/,
    recording: /refusal/,
    what: /^an answer$/,
    why: 'an answer without a text is an error there',
    where: 'anywhere',
  },
  {
    client: /ChatAnthropic/,
    recording: /cache|tool|content-filter|mcp/,
    what: /^input tokens$/,
    why: 'it leaves what was read from a cache out of the count of a whole answer',
    where: 'anywhere',
  },
]
