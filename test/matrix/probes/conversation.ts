// Who says what, and where: text, instructions, turns.
import { assistant, text, user } from '../plain-words.ts'
import { type Group, asks, says } from '../probe.ts'

const PNG = {
  type: 'image',
  source: { kind: 'base64', data: 'iVBORw0KGgoAAAA', mediaType: 'image/png' },
} as const

const BEGUN = [
  { role: 'user', content: 'Count.' },
  { role: 'assistant', content: 'One,' },
]

export const conversation: Group = {
  title: 'Conversation',
  features: [
    {
      title: 'text, several turns',
      probes: [
        asks('a question', {}),
        asks('three turns', { turns: [user('Hi.'), assistant('Hello.'), user('And now?')] }),
        asks('beyond ASCII', { turns: [user('Grüße, 世界 👩‍🚀')] }),
      ],
    },
    {
      title: 'stream asked for',
      probes: [asks('stream', { stream: { enabled: true } })],
    },
    {
      title: 'leading system instructions',
      probes: [
        asks('system', { turns: [{ role: 'system', parts: [text('Be kind.')] }, user('Hello.')] }),
        asks('system of two texts', {
          turns: [{ role: 'system', parts: [text('Be kind.'), text('Be short.')] }, user('Hello.')],
        }),
      ],
    },
    {
      title: 'system instructions amid the conversation',
      probes: [
        asks('mid system', {
          turns: [
            user('Hi.'),
            assistant('Hello.'),
            { role: 'system', parts: [text('Be short.')] },
            user('And now?'),
          ],
        }),
      ],
    },
    {
      title: 'developer role',
      probes: [
        asks('developer', {
          turns: [{ role: 'developer', parts: [text('Be kind.')] }, user('Hello.')],
        }),
      ],
    },
    {
      title: 'ordered user content: text, image, text',
      probes: [asks('text around an image', { turns: [user('Before.', PNG, 'After.')] })],
    },
    {
      title: 'several texts in one message',
      probes: [asks('two texts', { turns: [user('First.', 'Second.')] })],
    },
    {
      title: 'names of speakers',
      probes: [asks('a named user', { turns: [{ ...user('Hello.'), name: 'ada' }] })],
    },
    {
      title: 'an answer begun for the model (prefill)',
      probes: [
        {
          ...asks('prefill', { turns: [user('Count.'), assistant('One,')] }),
          wire: {
            'openai-chat': { messages: BEGUN },
            'openai-responses': { input: BEGUN },
          },
        },
      ],
    },
    {
      title: 'refusal in the history',
      probes: [
        asks('a refused turn', {
          turns: [
            user('Hi.'),
            { role: 'assistant', parts: [{ type: 'refusal', text: 'No.' }] },
            user('Why?'),
          ],
        }),
      ],
    },
    {
      title: 'answered text, whole and streamed',
      probes: [
        says('an answer', {}),
        says('beyond ASCII in an answer', {
          candidates: [{ index: 0, parts: [text('Grüße, 世界 👩‍🚀')], finish: { reason: 'stop' } }],
        }),
      ],
    },
  ],
}
