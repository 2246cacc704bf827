// agent.mjs: a fresh home with the agent on it, a bridge from loopback TCP to its Unix socket
// (these clients speak no Unix sockets, and the agent speaks nothing else), and TAP lines.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';

const [nestsyncd, makeStore] = process.argv.slice(2);
let number = 0;
let failures = 0;

export function check(good, what, ...facts) {
  console.log(`${good ? 'ok' : 'not ok'} ${++number} - ${what}`);
  if (!good) {
    failures++;
    for (const fact of facts) console.log(`# ${JSON.stringify(fact)}`);
  }
}

export class Home {
  // prepare: given the folder, what else the agent's command line has.
  static async open(settings = '', prepare = () => []) {
    const home = new Home();
    home.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'ns-interop-'));
    const made = spawnSync(makeStore, [home.folder]);
    if (made.status !== 0) throw new Error(`make-store: ${made.stderr}`);
    fs.writeFileSync(path.join(home.folder, 'nestsync.conf'), settings);
    home.options = prepare(home.folder);
    await home.start();
    home.links = new Set();
    home.bridge = net.createServer((near) => {
      const far = net.connect(path.join(home.folder, 'endpoint.sock'));
      for (const link of [near, far]) {
        home.links.add(link);
        link.on('close', () => home.links.delete(link));
        link.on('error', () => { near.destroy(); far.destroy(); });
      }
      near.pipe(far).pipe(near);
    });
    home.bridge.listen(0, '127.0.0.1');
    await once(home.bridge, 'listening');
    const port = home.bridge.address().port;
    home.http = `http://127.0.0.1:${port}/graphql`;
    home.ws = `ws://127.0.0.1:${port}/graphql`;
    return home;
  }

  async start() {
    this.agent = spawn(nestsyncd, ['--home', this.folder, '--ready-fd', '3', ...this.options],
                       { stdio: ['ignore', 'ignore', 'inherit', 'pipe'] });
    const [said] = await Promise.race([once(this.agent.stdio[3], 'data'),
                                       once(this.agent, 'exit').then(() => [''])]);
    if (said.toString() !== 'ready\n') throw new Error('the agent did not start');
  }

  async stop() {
    const ended = once(this.agent, 'exit');
    this.agent.kill('SIGTERM');
    const [status] = await ended;
    return status;
  }

  async ask(query, variables) {
    const answer = await fetch(this.http, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    return answer.json();
  }

  async close() {
    const status = await this.stop();
    check(status === 0, 'the agent ends with 0', status);
    for (const link of this.links) link.destroy();
    this.bridge.close();
    fs.rmSync(this.folder, { recursive: true });
    console.log(`1..${number}`);
    process.exit(failures > 0 ? 1 : 0);
  }
}

// Runs the script; what it throws is a failure that names itself.
export async function run(script, settings, prepare) {
  const home = await Home.open(settings, prepare);
  try {
    await script(home);
  } catch (error) {
    check(false, `it ran to its end: ${error.stack ?? error}`);
  }
  await home.close();
}
