// Tools that the vendor runs, and what they found.
import { type Group, asksIn, says, saysIn } from '../probe.ts'

export const hosted: Group = {
  title: 'Hosted tools and citations',
  features: [
    {
      title: 'hosted web search',
      probes: [
        asksIn('web search', {
          'openai-chat': { web_search_options: {} },
          'openai-responses': { tools: [{ type: 'web_search' }] },
          'anthropic-messages': { tools: [{ type: 'web_search_20250305', name: 'web_search' }] },
          gemini: { tools: [{ googleSearch: {} }] },
          'mistral-chat': { tools: [{ type: 'web_search' }] },
        }),
        asksIn('web search with limits', {
          'openai-chat': { web_search_options: { search_context_size: 'low' } },
          'openai-responses': {
            tools: [
              {
                type: 'web_search',
                filters: { allowed_domains: ['example.com'] },
                user_location: { type: 'approximate', city: 'Oslo' },
              },
            ],
          },
          'anthropic-messages': {
            tools: [
              {
                type: 'web_search_20250305',
                name: 'web_search',
                max_uses: 3,
                allowed_domains: ['example.com'],
              },
            ],
          },
        }),
      ],
    },
    {
      title: 'hosted code execution',
      probes: [
        asksIn('code execution', {
          'openai-responses': {
            tools: [{ type: 'code_interpreter', container: { type: 'auto' } }],
          },
          'anthropic-messages': {
            tools: [{ type: 'code_execution_20250825', name: 'code_execution' }],
          },
          gemini: { tools: [{ codeExecution: {} }] },
          'mistral-chat': { tools: [{ type: 'code_interpreter' }] },
        }),
      ],
    },
    {
      title: 'hosted page fetching',
      probes: [
        asksIn('page fetching', {
          'anthropic-messages': { tools: [{ type: 'web_fetch_20250910', name: 'web_fetch' }] },
          gemini: { tools: [{ urlContext: {} }] },
        }),
      ],
    },
    {
      title: 'hosted image making',
      probes: [
        asksIn('image making', {
          'openai-responses': { tools: [{ type: 'image_generation' }] },
          'mistral-chat': { tools: [{ type: 'image_generation' }] },
        }),
      ],
    },
    {
      title: 'hosted file search, MCP and others',
      probes: [
        asksIn('file search', {
          'openai-responses': { tools: [{ type: 'file_search', vector_store_ids: ['vs_1'] }] },
          gemini: { tools: [{ fileSearch: { fileSearchStoreNames: ['s'] } }] },
          'mistral-chat': { tools: [{ type: 'document_library', library_ids: ['l'] }] },
        }),
        asksIn('an MCP server', {
          'openai-responses': {
            tools: [
              {
                type: 'mcp',
                server_label: 'docs',
                server_url: 'https://example.com/mcp',
                require_approval: 'never',
              },
            ],
          },
          'anthropic-messages': {
            mcp_servers: [{ type: 'url', url: 'https://example.com/mcp', name: 'docs' }],
            tools: [{ type: 'mcp_toolset', mcp_server_name: 'docs' }],
          },
        }),
        asksIn('a computer', {
          'openai-responses': { tools: [{ type: 'computer' }] },
          'anthropic-messages': {
            tools: [
              {
                type: 'computer_20250124',
                name: 'computer',
                display_width_px: 800,
                display_height_px: 600,
              },
            ],
          },
          gemini: { tools: [{ computerUse: { environment: 'ENVIRONMENT_BROWSER' } }] },
        }),
        asksIn('maps', { gemini: { tools: [{ googleMaps: {} }] } }),
      ],
    },
    {
      title: 'hosted calls and results in the history',
      probes: [
        asksIn('an earlier search', {
          'openai-responses': {
            input: [
              { role: 'user', content: 'Weather?' },
              {
                id: 'ws_1',
                type: 'web_search_call',
                status: 'completed',
                action: { type: 'search', query: 'oslo' },
              },
              {
                id: 'msg_1',
                type: 'message',
                role: 'assistant',
                status: 'completed',
                content: [{ type: 'output_text', text: 'Rain.', annotations: [] }],
              },
              { role: 'user', content: 'Sure?' },
            ],
          },
          'anthropic-messages': {
            messages: [
              { role: 'user', content: 'Weather?' },
              {
                role: 'assistant',
                content: [
                  {
                    type: 'server_tool_use',
                    id: 'srvtoolu_1',
                    name: 'web_search',
                    input: { query: 'oslo' },
                  },
                  {
                    type: 'web_search_tool_result',
                    tool_use_id: 'srvtoolu_1',
                    content: [
                      {
                        type: 'web_search_result',
                        url: 'https://example.com/oslo',
                        title: 'Oslo',
                        encrypted_content: 'ZW5j',
                      },
                    ],
                  },
                  { type: 'text', text: 'Rain.' },
                ],
              },
              { role: 'user', content: 'Sure?' },
            ],
          },
          gemini: {
            contents: [
              { role: 'user', parts: [{ text: '1+1?' }] },
              {
                role: 'model',
                parts: [
                  { executableCode: { language: 'PYTHON', code: 'print(2)' } },
                  { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '2' } },
                  { text: '2' },
                ],
              },
              { role: 'user', parts: [{ text: 'Sure?' }] },
            ],
          },
        }),
      ],
    },
    {
      title: 'hosted calls answered',
      probes: [
        saysIn('a search that was made', {
          'openai-responses': {
            output: [
              {
                id: 'ws_1',
                type: 'web_search_call',
                status: 'completed',
                action: { type: 'search', query: 'oslo' },
              },
              {
                id: 'msg_1',
                type: 'message',
                role: 'assistant',
                status: 'completed',
                content: [{ type: 'output_text', text: 'Rain.', annotations: [] }],
              },
            ],
          },
          'anthropic-messages': {
            content: [
              {
                type: 'server_tool_use',
                id: 'srvtoolu_1',
                name: 'web_search',
                input: { query: 'oslo' },
              },
              {
                type: 'web_search_tool_result',
                tool_use_id: 'srvtoolu_1',
                content: [
                  {
                    type: 'web_search_result',
                    url: 'https://example.com/oslo',
                    title: 'Oslo',
                    encrypted_content: 'ZW5j',
                  },
                ],
              },
              { type: 'text', text: 'Rain.' },
            ],
          },
        }),
        saysIn('code that was run', {
          'openai-responses': {
            output: [
              {
                id: 'ci_1',
                type: 'code_interpreter_call',
                status: 'completed',
                container_id: 'c',
                code: 'print(2)',
                outputs: [{ type: 'logs', logs: '2' }],
              },
              {
                id: 'msg_1',
                type: 'message',
                role: 'assistant',
                status: 'completed',
                content: [{ type: 'output_text', text: '2', annotations: [] }],
              },
            ],
          },
          gemini: {
            candidates: [
              {
                index: 0,
                finishReason: 'STOP',
                content: {
                  role: 'model',
                  parts: [
                    { executableCode: { language: 'PYTHON', code: 'print(2)' } },
                    { codeExecutionResult: { outcome: 'OUTCOME_OK', output: '2' } },
                    { text: '2' },
                  ],
                },
              },
            ],
          },
        }),
      ],
    },
    {
      title: 'citations of web pages',
      probes: [
        says('a cited page', {
          candidates: [
            {
              index: 0,
              parts: [
                {
                  type: 'text',
                  text: 'It rains in Oslo.',
                  citations: [
                    { kind: 'url', url: 'https://example.com/a', title: 'A', start: 0, end: 8 },
                  ],
                },
              ],
              finish: { reason: 'stop' },
            },
          ],
        }),
        saysIn('a page that was found', {
          'anthropic-messages': {
            content: [
              {
                type: 'text',
                text: 'Rain.',
                citations: [
                  {
                    type: 'web_search_result_location',
                    url: 'https://example.com/a',
                    title: 'A',
                    encrypted_index: 'aWR4',
                    cited_text: 'Rain',
                  },
                ],
              },
            ],
          },
        }),
      ],
    },
    {
      title: 'citations of documents',
      probes: [
        saysIn('a cited document', {
          'openai-responses': {
            output: [
              {
                id: 'msg_1',
                type: 'message',
                role: 'assistant',
                status: 'completed',
                content: [
                  {
                    type: 'output_text',
                    text: 'Rain.',
                    annotations: [
                      { type: 'file_citation', file_id: 'file-1', filename: 'a.txt', index: 0 },
                    ],
                  },
                ],
              },
            ],
          },
          'anthropic-messages': {
            content: [
              {
                type: 'text',
                text: 'Rain.',
                citations: [
                  {
                    type: 'char_location',
                    cited_text: 'Rain',
                    document_index: 0,
                    document_title: 'a.txt',
                    start_char_index: 0,
                    end_char_index: 4,
                  },
                ],
              },
            ],
          },
          'mistral-chat': {
            choices: [
              {
                index: 0,
                finish_reason: 'stop',
                message: {
                  role: 'assistant',
                  content: [
                    { type: 'text', text: 'Rain' },
                    { type: 'reference', reference_ids: [0] },
                    { type: 'text', text: '.' },
                  ],
                },
              },
            ],
          },
        }),
      ],
    },
    {
      title: 'citations in the history',
      probes: [
        asksIn('an earlier citation', {
          'openai-responses': {
            input: [
              { role: 'user', content: 'Weather?' },
              {
                id: 'msg_1',
                type: 'message',
                role: 'assistant',
                status: 'completed',
                content: [
                  {
                    type: 'output_text',
                    text: 'Rain.',
                    annotations: [
                      {
                        type: 'url_citation',
                        start_index: 0,
                        end_index: 4,
                        url: 'https://example.com/a',
                        title: 'A',
                      },
                    ],
                  },
                ],
              },
              { role: 'user', content: 'Sure?' },
            ],
          },
          'anthropic-messages': {
            messages: [
              { role: 'user', content: 'Weather?' },
              {
                role: 'assistant',
                content: [
                  {
                    type: 'text',
                    text: 'Rain.',
                    citations: [
                      {
                        type: 'web_search_result_location',
                        url: 'https://example.com/a',
                        title: 'A',
                        encrypted_index: 'aWR4',
                        cited_text: 'Rain',
                      },
                    ],
                  },
                ],
              },
              { role: 'user', content: 'Sure?' },
            ],
          },
        }),
      ],
    },
  ],
}
