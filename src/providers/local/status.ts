// What of the embedded model is on this machine already.
import { type Artifact, SMOLLM2 } from './artifact.ts'
import { engineIsInstalled, exists } from './engine.ts'
import { modelPath } from './pull-model.ts'
import { enginePackage, supportedPlatforms, thisPlatform } from './platform.ts'

export interface LocalStatus {
  /** Whether the engine exists for this operating system and processor. */
  readonly supported: boolean
  readonly engineInstalled: boolean
  readonly modelPresent: boolean
  readonly model: string
  readonly modelPath: string
  /** One sentence on what is missing; absent when nothing is. */
  readonly reason?: string
}

/** Looks at files only: loads nothing, fetches nothing. */
export async function localStatus(
  dataDir: string,
  artifact: Artifact = SMOLLM2,
): Promise<LocalStatus> {
  const path = modelPath(dataDir, artifact)
  const [engineInstalled, modelPresent] = await Promise.all([
    engineIsInstalled(dataDir),
    exists(path),
  ])
  const supported = enginePackage(thisPlatform) !== undefined
  const missing = [
    ...(engineInstalled ? [] : ['the engine']),
    ...(modelPresent ? [] : [`the model ${artifact.model}`]),
  ].join(' and ')
  const reason = !supported
    ? `The embedded model does not run on this machine; it runs on ${supportedPlatforms.join(', ')}.`
    : missing === ''
      ? undefined
      : `On first use ${missing} will be fetched; to fetch now, run: patchbay models pull`
  return {
    supported,
    engineInstalled,
    modelPresent,
    model: artifact.model,
    modelPath: path,
    ...(reason === undefined ? {} : { reason }),
  }
}
