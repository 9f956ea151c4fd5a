// Which prebuilt engine runs on which machine.

export interface EnginePackage {
  readonly name: string
  /** Whether the package drives a graphics card. */
  readonly gpu: 'auto' | false
}

const CPU = false
const PACKAGES: Readonly<Record<string, EnginePackage>> = {
  'linux-x64': { name: '@node-llama-cpp/linux-x64', gpu: CPU },
  'linux-arm64': { name: '@node-llama-cpp/linux-arm64', gpu: CPU },
  'darwin-arm64': { name: '@node-llama-cpp/mac-arm64-metal', gpu: 'auto' },
  'darwin-x64': { name: '@node-llama-cpp/mac-x64', gpu: CPU },
  'win32-x64': { name: '@node-llama-cpp/win-x64', gpu: CPU },
}

export interface Platform {
  readonly os: string
  readonly cpu: string
}

export const thisPlatform: Platform = { os: process.platform, cpu: process.arch }

/** Undefined where no engine is offered. */
export function enginePackage(platform: Platform): EnginePackage | undefined {
  return PACKAGES[`${platform.os}-${platform.cpu}`]
}

export const supportedPlatforms: readonly string[] = Object.keys(PACKAGES)
