// nginx as a plain proxy (Debian: apt-get install nginx-light): what C does where nothing is looked at.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { familyOf } from '../process-cost.ts'
import { freePort, start } from '../processes.ts'
import type { Subject } from '../subject.ts'

export const nginx: Subject = {
  name: 'nginx',
  role: 'peer',
  missing: async () =>
    spawnSync('nginx', ['-v']).status === 0
      ? undefined
      : 'not installed (Debian: apt-get install nginx-light)',
  start: async (upstream) => {
    const folder = mkdtempSync(join(tmpdir(), 'patchbay-bench-nginx-'))
    const port = await freePort()
    const config = join(folder, 'nginx.conf')
    writeFileSync(config, configuration(folder, port, upstream.port))
    const { pid, stop, ready } = start('gateway', {
      program: 'nginx',
      args: ['-c', config, '-p', folder, '-e', join(folder, 'error.log')],
    })
    await ready(`http://127.0.0.1:${port}/ready`)
    return {
      lanes: [
        {
          kind: 'pass',
          url: `http://127.0.0.1:${port}/v1/chat/completions`,
          headers: {},
          model: (pace) => pace,
        },
      ],
      pids: () => familyOf(pid),
      stop: async () => {
        await stop()
        rmSync(folder, { recursive: true, force: true })
      },
    }
  },
}

function configuration(folder: string, port: number, upstream: number): string {
  return `
daemon off; worker_processes 1; pid ${folder}/pid;
events { worker_connections 8192; }
http {
  access_log off; keepalive_requests 1000000; keepalive_timeout 75s; client_max_body_size 64m;
  client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
  upstream fake { server 127.0.0.1:${upstream}; keepalive 1024; keepalive_requests 1000000; }
  server {
    listen 127.0.0.1:${port};
    location /ready { return 200; }
    location / {
      proxy_pass http://fake; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off;
    }
  }
}`
}
