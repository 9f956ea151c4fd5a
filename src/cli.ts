// The `patchbay` command.
export { main } from './cli/program.ts'
