// What stands around a request: caching, identity, service, protection, and state that only one vendor keeps.
import { user } from '../plain-words.ts'
import { type Group, asks, asksIn } from '../probe.ts'
import { WEATHER } from '../weather.ts'

export const settings: Group = {
  title: 'Settings',
  features: [
    {
      title: 'cache marks',
      probes: [
        {
          ...asks('a marked text', { turns: [user({ type: 'text', text: 'Long.', cache: {} })] }),
          wire: {
            'openai-chat': {
              messages: [
                {
                  role: 'user',
                  content: [{ type: 'text', text: 'Long.', cache_control: { type: 'ephemeral' } }],
                },
              ],
            },
            'openai-responses': {
              input: [
                {
                  role: 'user',
                  content: [
                    {
                      type: 'input_text',
                      text: 'Long.',
                      prompt_cache_breakpoint: { mode: 'explicit' },
                    },
                  ],
                },
              ],
            },
          },
        },
        asks('a marked system text', {
          turns: [
            { role: 'system', parts: [{ type: 'text', text: 'Long.', cache: { ttl: '1h' } }] },
            user('Hello.'),
          ],
        }),
        asks('a marked tool', { tools: [{ ...WEATHER, cache: {} }] }),
        asks('an automatic mark', { caching: { auto: {} } }),
      ],
    },
    {
      title: 'cache key and retention',
      probes: [
        {
          ...asks('a cache key', { caching: { key: 'k' } }),
          wire: { 'openai-chat': { prompt_cache_key: 'k' } },
        },
        asks('a retention', { caching: { key: 'k', retention: '24h' } }),
      ],
    },
    { title: 'metadata', probes: [asks('metadata', { identity: { metadata: { job: 'a' } } })] },
    { title: 'end user', probes: [asks('a user', { identity: { user: 'user-17' } })] },
    {
      title: 'service tier',
      probes: [
        asks('the default tier', { service: { tier: 'default' } }),
        asks('any tier', { service: { tier: 'auto' } }),
        asks('the flexible tier', { service: { tier: 'flex' } }),
        asks('priority', { service: { tier: 'priority' } }),
      ],
    },
    {
      title: 'whether the provider stores it',
      probes: [
        { ...asks('nothing said of storing', {}), bare: true },
        asks('not to be stored', { service: { store: false } }),
        asks('to be stored', { service: { store: true } }),
      ],
    },
    { title: 'region', probes: [asks('a region', { service: { region: 'us' } })] },
    {
      title: 'safety settings',
      probes: [
        asksIn('protection', {
          'openai-chat': { safe_prompt: true },
          gemini: {
            safetySettings: [
              { category: 'HARM_CATEGORY_HARASSMENT', threshold: 'BLOCK_LOW_AND_ABOVE' },
            ],
          },
          'mistral-chat': { safe_prompt: true },
        }),
        asksIn('guardrails', {
          'openai-responses': { moderation: { model: 'omni-moderation-latest' } },
          'mistral-chat': {
            guardrails: [{ block_on_error: true, moderation_llm_v1: { action: 'block' } }],
          },
        }),
        asksIn('no protection wanted', {
          gemini: { safetySettings: [{ category: 'HARM_CATEGORY_HARASSMENT', threshold: 'OFF' }] },
        }),
      ],
    },
    {
      title: 'state kept by the vendor',
      probes: [
        asksIn('an earlier response', { 'openai-responses': { previous_response_id: 'resp_1' } }),
        asksIn('a stored conversation', { 'openai-responses': { conversation: 'conv_1' } }),
        asksIn('a prompt template', { 'openai-responses': { prompt: { id: 'pmpt_1' } } }),
        asksIn('in the background', { 'openai-responses': { background: true } }),
        asksIn('cached content', { gemini: { cachedContent: 'cachedContents/abc' } }),
        asksIn('a container', { 'anthropic-messages': { container: 'container_1' } }),
        asksIn('a file for the container', {
          'anthropic-messages': {
            messages: [
              {
                role: 'user',
                content: [
                  { type: 'container_upload', file_id: 'file_1' },
                  { type: 'text', text: 'Run it.' },
                ],
              },
            ],
          },
        }),
      ],
    },
    {
      title: 'fields of one protocol only',
      probes: [
        asksIn('truncation', { 'openai-responses': { truncation: 'auto' } }),
        asksIn('a limit of tool calls', { 'openai-responses': { max_tool_calls: 3 } }),
        asksIn('context editing', {
          'anthropic-messages': {
            context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
          },
        }),
        asksIn('media resolution', {
          gemini: {
            generationConfig: { maxOutputTokens: 1000, mediaResolution: 'MEDIA_RESOLUTION_LOW' },
          },
        }),
        asksIn('labels', { gemini: { labels: { team: 'a' } } }),
        asksIn('prompt_mode', { 'mistral-chat': { prompt_mode: 'reasoning' } }),
        asksIn('runner options', { ollama: { options: { num_predict: 1000, num_ctx: 4096 } } }),
        asksIn('keep_alive', { ollama: { keep_alive: '10m' } }),
        asksIn('a field of tomorrow', {
          'openai-chat': { tomorrow: 1 },
          'openai-responses': { tomorrow: 1 },
          'anthropic-messages': { tomorrow: 1 },
          gemini: { tomorrow: 1 },
          'mistral-chat': { tomorrow: 1 },
          ollama: { tomorrow: 1 },
        }),
      ],
    },
  ],
}
