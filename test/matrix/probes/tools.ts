// Tools: what is offered, what is called, what came of it.
import type { Part } from '../../../src/canonical/part.ts'
import type { ChatRequest } from '../../../src/canonical/request.ts'
import type { JsonObject } from '../../../src/wire/json.ts'
import { assistant, call, result, text, user } from '../plain-words.ts'
import { type Group, type Probe, asks, says } from '../probe.ts'
import { WEATHER, weather } from '../weather.ts'

const { city } = { city: 'Oslo' }

function loop(calls: readonly Part[], results: readonly Part[]): Partial<ChatRequest> {
  return {
    tools: [WEATHER],
    turns: [
      user('Weather?'),
      assistant(...calls),
      ...results.map((part) => ({ role: 'tool' as const, parts: [part] })),
    ],
  }
}

function schema(name: string, properties: JsonObject, more: JsonObject = {}): Probe {
  return asks(name, {
    tools: [{ ...WEATHER, parameters: { type: 'object', properties, required: [], ...more } }],
  })
}

function answers(name: string, ...parts: readonly Part[]): Probe {
  return says(name, { candidates: [{ index: 0, parts, finish: { reason: 'tool-calls' } }] })
}

const custom = {
  type: 'tool-call',
  callId: 'abcDEF123',
  kind: 'custom',
  name: 'shell',
  arguments: { text: 'ls -l' },
} as const
const PNG = {
  type: 'image',
  source: { kind: 'base64', data: 'iVBORw0KGgoAAAA', mediaType: 'image/png' },
} as const
const PDF = {
  type: 'file',
  source: { kind: 'base64', data: 'JVBERi0xLjQK', mediaType: 'application/pdf' },
} as const
const unparsed: Part = {
  type: 'tool-call',
  callId: 'abcDEF123',
  kind: 'function',
  name: 'get_weather',
  arguments: { text: '{"city":' },
}

export const tools: Group = {
  title: 'Tools',
  features: [
    {
      title: 'function tools',
      probes: [
        asks('a tool', weather({})),
        asks('a tool without arguments', {
          tools: [{ kind: 'function', name: 'now', description: 'The time.' }],
        }),
      ],
    },
    {
      title: 'strict tools',
      probes: [asks('a strict tool', { tools: [{ ...WEATHER, strict: true }] })],
    },
    {
      title: 'tool schema: $ref',
      probes: [
        schema(
          'a reference',
          { where: { $ref: '#/$defs/place' } },
          {
            $defs: {
              place: {
                type: 'object',
                properties: { city: { type: 'string' } },
                required: ['city'],
              },
            },
          },
        ),
      ],
    },
    {
      title: 'tool schema: unions',
      probes: [
        schema('anyOf', { where: { anyOf: [{ type: 'string' }, { type: 'number' }] } }),
        schema('oneOf', { where: { oneOf: [{ type: 'string' }, { type: 'number' }] } }),
      ],
    },
    {
      title: 'tool schema: nullable',
      probes: [schema('a nullable field', { where: { type: ['string', 'null'] } })],
    },
    {
      title: 'tool schema: limits and patterns',
      probes: [
        schema('limits', {
          where: { type: 'string', pattern: '^O', minLength: 1, maxLength: 9 },
          count: { type: 'integer', minimum: 1, maximum: 5 },
        }),
      ],
    },
    {
      title: 'custom (free text) tools',
      probes: [
        asks('a custom tool', {
          tools: [{ kind: 'custom', name: 'shell', description: 'Runs it.' }],
        }),
        asks('a custom call and its result', {
          tools: [{ kind: 'custom', name: 'shell', description: 'Runs it.' }],
          turns: [
            user('Files?'),
            assistant(custom),
            { role: 'tool', parts: [result([text('a.txt')])] },
          ],
        }),
      ],
    },
    {
      title: 'custom tools under a grammar',
      probes: [
        asks('a grammar', {
          tools: [
            {
              kind: 'custom',
              name: 'shell',
              description: 'Runs it.',
              format: { syntax: 'regex', definition: '[a-z]+' },
            },
          ],
        }),
      ],
    },
    {
      title: 'tool names of any form',
      probes: [
        asks('a long name with dots', {
          tools: [{ ...WEATHER, name: `mcp.server.${'w'.repeat(60)}` }],
        }),
      ],
    },
    {
      title: 'tool choice: auto',
      probes: [asks('auto', weather({ toolChoice: { mode: 'auto' } }))],
    },
    {
      title: 'tool choice: none',
      probes: [asks('none', weather({ toolChoice: { mode: 'none' } }))],
    },
    {
      title: 'tool choice: required',
      probes: [asks('required', weather({ toolChoice: { mode: 'required' } }))],
    },
    {
      title: 'tool choice: named',
      probes: [asks('named', weather({ toolChoice: { mode: 'required', only: ['get_weather'] } }))],
    },
    {
      title: 'tool choice: subset',
      probes: [
        asks(
          'two of three, if any',
          weather({ toolChoice: { mode: 'auto', only: ['get_weather', 'now'] } }),
        ),
        asks(
          'two of three, one of them',
          weather({ toolChoice: { mode: 'required', only: ['get_weather', 'now'] } }),
        ),
      ],
    },
    {
      title: 'one call at a time',
      probes: [asks('no parallel calls', weather({ parallelToolCalls: false }))],
    },
    {
      title: 'calls and results in the history',
      probes: [
        asks(
          'a call and its result',
          loop([call('get_weather', { city })], [result([text('Rain.')])]),
        ),
        asks(
          'words beside a call',
          loop([text('Let me look.'), call('get_weather', { city })], [result([text('Rain.')])]),
        ),
        asks(
          'a long id',
          loop(
            [call('get_weather', { city }, `toolu_${'x'.repeat(70)}`)],
            [result([text('Rain.')], `toolu_${'x'.repeat(70)}`)],
          ),
        ),
      ],
    },
    {
      title: 'parallel calls in the history',
      probes: [
        asks(
          'two calls, two results',
          loop(
            [call('get_weather', { city }), call('now', {}, 'abcDEF124')],
            [result([text('Rain.')]), result([text('Noon.')], 'abcDEF124')],
          ),
        ),
      ],
    },
    {
      title: 'arguments that are no JSON',
      probes: [
        asks('broken arguments', loop([unparsed], [result([text('What?')])])),
        answers('broken arguments answered', unparsed),
      ],
    },
    {
      title: 'results: images',
      probes: [
        asks(
          'a picture as result',
          loop([call('get_weather', { city })], [result([text('See.'), PNG])]),
        ),
      ],
    },
    {
      title: 'results: documents',
      probes: [
        asks(
          'a PDF as result',
          loop([call('get_weather', { city })], [result([text('See.'), PDF])]),
        ),
      ],
    },
    {
      title: 'results: several texts',
      probes: [
        asks(
          'two texts as result',
          loop([call('get_weather', { city })], [result([text('Rain.'), text('Wind.')])]),
        ),
      ],
    },
    {
      title: 'results: errors',
      probes: [
        asks(
          'a failed call',
          loop(
            [call('get_weather', { city })],
            [
              {
                type: 'tool-result',
                callId: 'abcDEF123',
                content: [text('No such city.')],
                isError: true,
              },
            ],
          ),
        ),
      ],
    },
    {
      title: 'answered calls, whole and streamed',
      probes: [
        answers('one call', call('get_weather', { city })),
        answers('words, then a call', text('Let me look.'), call('get_weather', { city })),
      ],
    },
    {
      title: 'answered parallel calls',
      probes: [answers('two calls', call('get_weather', { city }), call('now', {}, 'abcDEF124'))],
    },
    {
      title: 'answered custom calls',
      probes: [
        {
          ...says('a custom call', {
            candidates: [{ index: 0, parts: [custom], finish: { reason: 'tool-calls' } }],
          }),
          asked: { tools: [{ kind: 'custom', name: 'shell' }] },
        },
      ],
    },
  ],
}
