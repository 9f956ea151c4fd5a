// The code of a thread that has the database.
import { OPERATIONS } from '../operations.ts'
import { serveThread } from './serve-thread.ts'

serveThread(OPERATIONS)
