// The embedded model at the terminal: whether it must be fetched, and fetching it in sight.
import type { BaseProvider } from '../providers/base-provider.ts'
import type { OnProgress } from '../providers/local/progress.ts'
import { type PullOptions, pullModel } from '../providers/local/pull-model.ts'
import { localStatus } from '../providers/local/status.ts'
import { ProviderType } from '../providers/provider-config.ts'
import { Progress } from './progress.ts'
import type { Terminal } from './terminal.ts'

/** What a first fetch brings over the network, for people. */
export const FETCH_SIZES = 'about 98 MB, and 71 MB for its engine'

export function isEmbedded(provider: BaseProvider): boolean {
  return provider.config.providerType === ProviderType.local
}

/** True where a provider answers with the embedded model, may fetch it, and it is not on this machine yet. */
export async function needsEmbedded(provider: BaseProvider, dataDir: string): Promise<boolean> {
  const { settings } = provider.config
  if (!isEmbedded(provider) || !provider.enabled) return false
  // The user's own file needs only the engine, which comes with its first use.
  if (settings?.['modelPath'] !== undefined || settings?.['fetch'] === false) return false
  const { supported, engineInstalled, modelPresent } = await localStatus(dataDir)
  return supported && !(engineInstalled && modelPresent)
}

/** Shows how far a fetch is, on stderr; `end` leaves the line. */
export function shownProgress(terminal: Terminal): OnProgress & { readonly end: () => void } {
  const progress = new Progress(terminal)
  const show: OnProgress = ({ what, source, bytes, totalBytes }) =>
    progress.show({
      label: `${what} from ${source}`,
      receivedBytes: bytes,
      ...(totalBytes === undefined ? {} : { totalBytes }),
    })
  return Object.assign(show, { end: () => progress.end() })
}

/** Fetches engine and model with their progress on stderr; resolves with the model's path. */
export async function fetchEmbedded(
  terminal: Terminal,
  options: Pick<PullOptions, 'dataDir' | 'signal'>,
): Promise<string> {
  const onProgress = shownProgress(terminal)
  try {
    return await pullModel({ ...options, env: terminal.env, onProgress })
  } finally {
    onProgress.end()
  }
}
