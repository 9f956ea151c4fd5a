// Thinking: how much, seen or unseen, signed and sent back.
import type { Part } from '../../../src/canonical/part.ts'
import { type Effort, EFFORTS } from '../../../src/canonical/request.ts'
import { assistant, call, result, text, user } from '../plain-words.ts'
import { type AnswerProbe, type Group, type Spoken, asks, asksIn, says } from '../probe.ts'
import { WEATHER } from '../weather.ts'

function thinks(name: string, ...parts: readonly Part[]): AnswerProbe {
  return says(name, { candidates: [{ index: 0, parts, finish: { reason: 'stop' } }] })
}

const thought: Part = { type: 'reasoning', text: 'Think.' }

/** As each vendor signs. */
const SIGNED: Readonly<Record<string, Part>> = {
  'openai-chat': signed('openai-chat', 'anthropic-claude-v1'),
  'openai-responses': signed('openai-responses', 'openai.encrypted'),
  'anthropic-messages': signed('anthropic-messages', 'anthropic.signature'),
  'mistral-chat': signed('mistral-chat', 'mistral.signature'),
}

/** Where a signature comes on this wire only hosts of others put it. */
const SIGNED_CHAT: Readonly<Record<string, Spoken>> = {
  'openai-chat': {
    'openai-chat': {
      messages: [
        { role: 'user', content: 'Hi.' },
        {
          role: 'assistant',
          content: 'Yes.',
          reasoning_details: [
            {
              type: 'reasoning.text',
              text: 'Think.',
              signature: 'c2lnbmF0dXJl',
              format: 'anthropic-claude-v1',
              index: 0,
            },
          ],
        },
        { role: 'user', content: 'Why?' },
      ],
    },
  },
}

function signed(dialect: string, format: string): Part {
  return { ...thought, seal: { payload: 'c2lnbmF0dXJl', format, origin: { dialect } } }
}

const replies = {
  'openai-chat': {
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: 'Yes.',
          reasoning_details: [
            {
              type: 'reasoning.text',
              text: 'Think.',
              signature: 'c2lnbmF0dXJl',
              format: 'anthropic-claude-v1',
              index: 0,
            },
          ],
        },
        finish_reason: 'stop',
      },
    ],
  },
  'openai-responses': {
    output: [
      {
        id: 'rs_1',
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: 'Think.' }],
        encrypted_content: 'c2lnbmF0dXJl',
      },
      {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'Yes.', annotations: [] }],
      },
    ],
  },
  'anthropic-messages': {
    content: [
      { type: 'thinking', thinking: 'Think.', signature: 'c2lnbmF0dXJl' },
      { type: 'text', text: 'Yes.' },
    ],
  },
  gemini: {
    candidates: [
      {
        index: 0,
        content: { role: 'model', parts: [{ text: 'Yes.', thoughtSignature: 'c2lnbmF0dXJl' }] },
        finishReason: 'STOP',
      },
    ],
  },
  'mistral-chat': {
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: [
            {
              type: 'thinking',
              thinking: [{ type: 'text', text: 'Think.' }],
              signature: 'c2lnbmF0dXJl',
              closed: true,
            },
            { type: 'text', text: 'Yes.' },
          ],
        },
        finish_reason: 'stop',
      },
    ],
  },
} as const

const unsigned = {
  'openai-responses': {
    output: [
      { id: 'rs_1', type: 'reasoning', summary: [{ type: 'summary_text', text: 'Think.' }] },
      {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'Yes.', annotations: [] }],
      },
    ],
  },
  'anthropic-messages': {
    content: [
      { type: 'thinking', thinking: 'Think.', signature: '' },
      { type: 'text', text: 'Yes.' },
    ],
  },
} as const

const earlier = {
  'openai-chat': {
    messages: [
      { role: 'user', content: 'Hi.' },
      { role: 'assistant', content: 'Yes.', reasoning_content: 'Think.' },
      { role: 'user', content: 'Why?' },
    ],
  },
  'openai-responses': {
    input: [
      { role: 'user', content: 'Hi.' },
      { id: 'rs_1', type: 'reasoning', summary: [{ type: 'summary_text', text: 'Think.' }] },
      { role: 'assistant', content: 'Yes.' },
      { role: 'user', content: 'Why?' },
    ],
  },
  gemini: {
    contents: [
      { role: 'user', parts: [{ text: 'Hi.' }] },
      { role: 'model', parts: [{ text: 'Think.', thought: true }, { text: 'Yes.' }] },
      { role: 'user', parts: [{ text: 'Why?' }] },
    ],
  },
  ollama: {
    messages: [
      { role: 'user', content: 'Hi.' },
      { role: 'assistant', content: 'Yes.', thinking: 'Think.' },
      { role: 'user', content: 'Why?' },
    ],
  },
} as const

const calls = {
  gemini: {
    candidates: [
      {
        index: 0,
        content: {
          role: 'model',
          parts: [
            {
              functionCall: { id: 'abcDEF123', name: 'get_weather', args: { city: 'Oslo' } },
              thoughtSignature: 'c2lnbmF0dXJl',
            },
          ],
        },
        finishReason: 'STOP',
      },
    ],
  },
  'anthropic-messages': {
    content: [
      { type: 'thinking', thinking: 'Think.', signature: 'c2lnbmF0dXJl' },
      { type: 'tool_use', id: 'abcDEF123', name: 'get_weather', input: { city: 'Oslo' } },
    ],
    stop_reason: 'tool_use',
  },
  'openai-responses': {
    output: [
      {
        id: 'rs_1',
        type: 'reasoning',
        summary: [{ type: 'summary_text', text: 'Think.' }],
        encrypted_content: 'c2lnbmF0dXJl',
      },
      {
        id: 'fc_1',
        type: 'function_call',
        status: 'completed',
        call_id: 'abcDEF123',
        name: 'get_weather',
        arguments: '{"city":"Oslo"}',
      },
    ],
  },
} as const

const redacted = {
  'openai-responses': {
    output: [
      { id: 'rs_1', type: 'reasoning', summary: [], encrypted_content: 'c2lnbmF0dXJl' },
      {
        id: 'msg_1',
        type: 'message',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'Yes.', annotations: [] }],
      },
    ],
  },
  'anthropic-messages': {
    content: [
      { type: 'redacted_thinking', data: 'c2lnbmF0dXJl' },
      { type: 'text', text: 'Yes.' },
    ],
  },
} as const

/** Gemini's levels, as far as there are any. */
function level(effort: Effort): Spoken {
  const levels: readonly Effort[] = ['minimal', 'low', 'medium', 'high']
  if (!levels.includes(effort)) return {}
  const thinkingConfig = { thinkingLevel: effort.toUpperCase() }
  return { gemini: { generationConfig: { maxOutputTokens: 40_000, thinkingConfig } } }
}

export const reasoning: Group = {
  title: 'Thinking',
  features: [
    {
      title: 'effort',
      probes: EFFORTS.filter((effort) => effort !== 'none').map((effort) => ({
        ...asks(`effort ${effort}`, { maxOutputTokens: 40_000, reasoning: { effort } }),
        wire: {
          'anthropic-messages': {
            max_tokens: 40_000,
            thinking: { type: 'adaptive' },
            output_config: { effort },
          },
          ...level(effort),
        },
      })),
    },
    {
      title: 'thinking off',
      probes: [
        { ...asks('no effort', { reasoning: { effort: 'none' } }), wire: {} },
        {
          ...asks('off', { reasoning: { mode: 'off' } }),
          wire: {
            gemini: {
              generationConfig: { maxOutputTokens: 40_000, thinkingConfig: { thinkingBudget: 0 } },
            },
          },
        },
      ],
    },
    {
      title: 'token budget',
      probes: [
        {
          ...asks('a budget', {
            maxOutputTokens: 20_000,
            reasoning: { mode: 'on', budgetTokens: 8192 },
          }),
          wire: {
            gemini: {
              generationConfig: {
                maxOutputTokens: 20_000,
                thinkingConfig: { thinkingBudget: 8192 },
              },
            },
          },
        },
      ],
    },
    {
      title: 'left to the model',
      probes: [
        asksIn('adaptive', {
          'anthropic-messages': { thinking: { type: 'adaptive' } },
          gemini: {
            generationConfig: { maxOutputTokens: 40_000, thinkingConfig: { thinkingBudget: -1 } },
          },
        }),
        asks('on', { maxOutputTokens: 40_000, reasoning: { mode: 'on' } }),
      ],
    },
    {
      title: 'whether thinking is shown',
      probes: [
        asks('shown', {
          maxOutputTokens: 40_000,
          reasoning: { effort: 'high', show: 'summarized' },
        }),
        asksIn('summaries', {
          'openai-responses': { reasoning: { effort: 'high', summary: 'auto' } },
          gemini: {
            generationConfig: {
              maxOutputTokens: 40_000,
              thinkingConfig: { thinkingLevel: 'HIGH', includeThoughts: true },
            },
          },
          'anthropic-messages': { thinking: { type: 'adaptive', display: 'summarized' } },
        }),
      ],
    },
    {
      title: 'visible thinking answered',
      probes: [{ ...thinks('a thought', thought, text('Yes.')), wire: unsigned }],
    },
    {
      title: 'visible thinking in the history',
      probes: [
        asksIn('an earlier thought in a history', earlier),
        asks('an earlier thought', {
          turns: [user('Hi.'), assistant(thought, 'Yes.'), user('Why?')],
        }),
        asks('a thought in a tool loop', {
          tools: [WEATHER],
          turns: [
            user('Weather?'),
            assistant(thought, call('get_weather', { city: 'Oslo' })),
            { role: 'tool', parts: [result([text('Rain.')])] },
          ],
        }),
      ],
    },
    {
      title: 'signed thinking answered',
      probes: [{ kind: 'answer', name: 'a signed thought', wire: replies }],
    },
    {
      title: 'redacted thinking answered',
      probes: [{ kind: 'answer', name: 'a redacted thought', wire: redacted }],
    },
    {
      title: 'signatures back to their maker',
      probes: [
        { kind: 'replay', name: 'a signed thought sent back', wire: replies },
        { kind: 'replay', name: 'a signed call sent back', wire: calls },
        { kind: 'replay', name: 'a redacted thought sent back', wire: redacted },
      ],
    },
    {
      title: "another maker's signatures in the history",
      probes: Object.entries(SIGNED).map(([maker, part]) => ({
        ...asks(`thinking signed by ${maker}`, {
          turns: [user('Hi.'), assistant(part, 'Yes.'), user('Why?')],
        }),
        wire: SIGNED_CHAT[maker] ?? {},
      })),
    },
  ],
}
