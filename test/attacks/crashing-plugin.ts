// A provider of the operator's own that writes a report of the process, or ends it with everything it can reach in its last words.

/** The source of a plugin; `BUILD` stands for the root of the build. */
export const CRASHING = `
import { BaseProvider, textAnswer } from 'BUILD/src/index.ts'

export class PluggedProvider extends BaseProvider {
  static readonly providerType = 'plugged'
  async chat(messages, model) {
    if (model === 'report') process.report.writeReport('report.json')
    if (model === 'crash') {
      const error = new Error('The plugin has lost its mind.', { cause: this })
      setImmediate(() => {
        throw Object.assign(error, { config: this.config, provider: this, messages: messages.length })
      })
    }
    return textAnswer({ content: 'pong', tokensUsed: 1 })
  }
  async listModels() { return ['report', 'crash'] }
  async healthCheck() { return true }
}
`
