// Whether the embedded model could answer without a network.
import { localStatus } from '../../providers/local/status.ts'
import { type Finding, ok, warn } from './check.ts'

export async function checkEmbeddedModel(dataDir: string): Promise<Finding> {
  const { supported, engineInstalled, modelPresent, model, reason } = await localStatus(dataDir)
  if (reason === undefined) return ok('embedded model', `engine and ${model} are here`)
  if (!supported) {
    return warn('embedded model', reason, 'Use Ollama or a provider with a key on this machine.')
  }
  const here = [
    `engine ${engineInstalled ? 'here' : 'not fetched yet'}`,
    `${model} ${modelPresent ? 'here' : 'not fetched yet'}`,
  ].join(', ')
  return warn(
    'embedded model',
    here,
    'Fetched at its first use; to fetch it now: patchbay models pull',
  )
}
