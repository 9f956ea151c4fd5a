// Limits of the AI SDK's previous major and its providers: those of the current one, and what has been mended since.
import type { Limit } from './limit.ts'
import { aiLimits } from './limits-ai-sdk.ts'

export const previousAiLimits: readonly Limit[] = [
  ...aiLimits,
  {
    client: /google/,
    recording:
      /gemini\/(?:generatecontent-(?:file-search|web-fetch)|streamgeneratecontent-stream-(?:code-execu|file-search))/,
    what: /^input tokens$/,
    why: 'it does not count what tools have read',
    where: 'own',
  },
  {
    client: /@ai-sdk\/anthropic/,
    recording: /xai\/responses-stream-web-search-citations|gemini\/generatecontent-web-fetch/,
    what: /^an answer$/,
    why: 'it takes no citation whose title is null',
    where: 'anywhere',
  },
  {
    client: /@ai-sdk\/openai, Responses/,
    recording: /github-copilot\/responses-stream-thinking-multi-turn/,
    what: /^an answer$/,
    why: 'it finds thinking by its id, which this host changes from event to event',
    where: 'own',
  },
]
