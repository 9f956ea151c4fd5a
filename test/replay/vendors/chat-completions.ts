// What the requests of OpenAI's chat and of those that look like it say, as far as scenarios depend on it.
import type { JsonObject } from '../../../src/wire/json.ts'
import { dataOf, fieldsOf, itemsOf, textIn, textOf } from '../json-walk.ts'
import type { Facts } from '../vendor.ts'

export function chatFacts(body: JsonObject): Facts {
  const messages = itemsOf(body['messages'])
  const question = messages.findLastIndex(({ role }) => role === 'user')
  const spoken = messages.findLastIndex(({ role }) => role === 'assistant')
  const parts = messages.flatMap(({ content }) =>
    typeof content === 'string' ? [] : itemsOf(content),
  )
  const schema = fieldsOf(fieldsOf(body['response_format'])['json_schema'])['schema']
  return {
    model: textOf(body['model']),
    stream: body['stream'] === true,
    turn: messages.slice(question + 1).filter(({ role }) => role === 'assistant').length,
    results: messages
      .slice(spoken + 1)
      .filter(({ role }) => role === 'tool')
      .map(({ content }) => textIn(content)),
    callIds: messages.flatMap((message) =>
      itemsOf(message['tool_calls']).map((call) => textOf(call['id'])),
    ),
    system: messages
      .filter(({ role }) => role === 'system' || role === 'developer')
      .map(({ content }) => textIn(content))
      .join('\n'),
    images: parts.flatMap(({ image_url: image }) =>
      dataOf(typeof image === 'string' ? image : fieldsOf(image)['url']),
    ),
    seals: [],
    tools: itemsOf(body['tools']).map((tool) => textOf(fieldsOf(tool['function'])['name'])),
    ...(schema === undefined ? {} : { schema: fieldsOf(schema) }),
  }
}
