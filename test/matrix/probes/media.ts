// Pictures, documents, sound and film, in and out.
import type { MediaPart, MediaSource } from '../../../src/canonical/part.ts'
import { OPENAI_FILES } from '../../../src/dialects/openai-files.ts'
import { text, user } from '../plain-words.ts'
import { type Group, type RequestProbe, asks, asksIn, says, saysIn } from '../probe.ts'

type Shown = Pick<MediaPart, 'type' | 'source'> & Partial<MediaPart>

function shows(name: string, part: Shown): RequestProbe {
  return asks(name, { turns: [user(part, 'What is it?')] })
}

const PNG: MediaSource = { kind: 'base64', data: 'iVBORw0KGgoAAAA', mediaType: 'image/png' }
const JPEG: MediaSource = { kind: 'base64', data: '/9j/4AAQ', mediaType: 'image/jpeg' }
const PDF: MediaSource = { kind: 'base64', data: 'JVBERi0xLjQK', mediaType: 'application/pdf' }
const WAV: MediaSource = { kind: 'base64', data: 'UklGRiQAAABXQVZF', mediaType: 'audio/wav' }

export const media: Group = {
  title: 'Images, documents, sound',
  features: [
    {
      title: 'image by base64',
      probes: [
        shows('a PNG', { type: 'image', source: PNG }),
        shows('a JPEG', { type: 'image', source: JPEG }),
      ],
    },
    {
      title: 'image by URL',
      probes: [
        shows('an image address', {
          type: 'image',
          source: { kind: 'url', url: 'https://example.com/a.png' },
        }),
        asksIn('an image address of known type', {
          gemini: {
            contents: [
              {
                role: 'user',
                parts: [
                  { fileData: { fileUri: 'https://example.com/a.png', mimeType: 'image/png' } },
                  { text: 'What is it?' },
                ],
              },
            ],
          },
        }),
      ],
    },
    {
      title: 'image by file id',
      probes: [
        asksIn('an uploaded image', {
          'openai-responses': {
            input: [
              {
                role: 'user',
                content: [
                  { type: 'input_image', file_id: 'file-1' },
                  { type: 'input_text', text: 'What is it?' },
                ],
              },
            ],
          },
          'anthropic-messages': {
            messages: [
              {
                role: 'user',
                content: [
                  { type: 'image', source: { type: 'file', file_id: 'file_1' } },
                  { type: 'text', text: 'What is it?' },
                ],
              },
            ],
          },
          gemini: {
            contents: [
              {
                role: 'user',
                parts: [
                  {
                    fileData: {
                      fileUri: 'https://generativelanguage.googleapis.com/v1beta/files/abc',
                      mimeType: 'image/png',
                    },
                  },
                  { text: 'What is it?' },
                ],
              },
            ],
          },
        }),
      ],
    },
    {
      title: 'image detail',
      probes: [
        shows('low detail', { type: 'image', source: PNG, detail: 'low' }),
        shows('high detail', { type: 'image', source: PNG, detail: 'high' }),
      ],
    },
    {
      title: 'PDF by base64',
      probes: [
        {
          ...shows('a PDF', { type: 'file', source: PDF }),
          wire: {
            'openai-responses': {
              input: [
                {
                  role: 'user',
                  content: [
                    { type: 'input_file', file_data: 'data:application/pdf;base64,JVBERi0xLjQK' },
                    { type: 'input_text', text: 'What is it?' },
                  ],
                },
              ],
            },
          },
        },
      ],
    },
    {
      title: 'names of documents',
      probes: [shows('a named PDF', { type: 'file', source: PDF, filename: 'a.pdf' })],
    },
    {
      title: 'PDF by URL',
      probes: [
        shows('the address of a PDF', {
          type: 'file',
          source: { kind: 'url', url: 'https://example.com/a.pdf' },
        }),
        asksIn('the address of a PDF of known type', {
          gemini: {
            contents: [
              {
                role: 'user',
                parts: [
                  {
                    fileData: { fileUri: 'https://example.com/a.pdf', mimeType: 'application/pdf' },
                  },
                  { text: 'What is it?' },
                ],
              },
            ],
          },
        }),
      ],
    },
    {
      title: 'PDF by file id',
      probes: [OPENAI_FILES, 'anthropic-messages', 'mistral-chat'].map((dialect) =>
        asks(`a file uploaded to ${dialect}`, {
          turns: [
            user({ type: 'file', source: { kind: 'file', id: 'file-1', dialect } }, 'What is it?'),
          ],
        }),
      ),
    },
    {
      title: 'text document with title and context',
      probes: [
        shows('a plain text document', {
          type: 'file',
          source: {
            kind: 'text',
            text: 'Plain words.',
            mediaType: 'text/plain',
          },
        }),
        shows('a titled document', {
          type: 'file',
          source: PDF,
          title: 'Report',
          context: 'From the archive.',
        }),
      ],
    },
    {
      title: 'search results for the model to cite',
      probes: [
        asks('a search result', {
          turns: [
            user(
              {
                type: 'search-result',
                source: 'https://example.com/r',
                title: 'A result',
                content: [text('Found.')],
              },
              'Who?',
            ),
          ],
        }),
      ],
    },
    { title: 'audio in', probes: [shows('a WAV', { type: 'audio', source: WAV })] },
    {
      title: 'video in',
      probes: [
        asksIn('a film', {
          gemini: {
            contents: [
              {
                role: 'user',
                parts: [
                  {
                    fileData: {
                      fileUri: 'https://www.youtube.com/watch?v=x',
                      mimeType: 'video/mp4',
                    },
                  },
                  { text: 'What is it?' },
                ],
              },
            ],
          },
        }),
      ],
    },
    {
      title: 'audio out',
      probes: [
        asks('a spoken answer wanted', {
          output: { modalities: ['text', 'audio'], audio: { voice: 'alloy', format: 'wav' } },
        }),
        says('a spoken answer', {
          candidates: [
            {
              index: 0,
              parts: [
                {
                  type: 'audio',
                  source: { kind: 'base64', data: 'UklGRiQAAABXQVZF' },
                  transcript: 'Hello.',
                  id: 'audio_1',
                  expiresAt: 1_750_003_600,
                },
              ],
              finish: { reason: 'stop' },
            },
          ],
        }),
      ],
    },
    {
      title: 'image out',
      probes: [
        asks('a picture wanted', { output: { modalities: ['text', 'image'] } }),
        says('a picture answered', {
          candidates: [
            {
              index: 0,
              parts: [text('Here.'), { type: 'image', source: PNG }],
              finish: { reason: 'stop' },
            },
          ],
        }),
        saysIn('a picture made by a tool', {
          'openai-responses': {
            output: [
              {
                id: 'ig_1',
                type: 'image_generation_call',
                status: 'completed',
                result: 'iVBORw0KGgoAAAA',
              },
            ],
          },
        }),
      ],
    },
  ],
}
