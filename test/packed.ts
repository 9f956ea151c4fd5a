// This package as it would be published: built and packed in a temporary folder, never in the checkout.
import { cpSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ObjectReader, parseJson } from '../src/wire/json.ts'
import { mustRun } from './program.ts'

export const ROOT: string = join(import.meta.dirname, '..')

/** A program of the checkout's own `node_modules`. */
export function binary(name: string): string {
  return join(ROOT, 'node_modules', '.bin', name)
}

/** This package's own, or another of the checkout. */
export function manifest(path: string = 'package.json'): ObjectReader {
  return ObjectReader.of(parseJson(readFileSync(join(ROOT, path), 'utf8')), path)
}

/** Builds into `<folder>/package` and packs it; gives the path of the tarball. */
export async function packedInto(folder: string): Promise<string> {
  const stage = join(folder, 'package')
  await mustRun(process.execPath, ['packaging/build.ts', join(stage, 'dist')], { cwd: ROOT })
  const rest = (manifest().optionalStrings('files') ?? []).filter((name) => name !== 'dist')
  for (const name of [...rest, 'package.json', 'README.md', 'LICENSE']) {
    cpSync(join(ROOT, name), join(stage, name), { recursive: true })
  }
  const args = ['pack', stage, '--ignore-scripts', '--json', '--pack-destination', folder]
  await mustRun('npm', args, { cwd: folder })
  const version = manifest().string('version')
  return join(folder, `patchbay-${version}.tgz`)
}
