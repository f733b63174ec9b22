// The libraries we are measured beside that are not dependencies of this package: installed once, into .cache/bench.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../.cache/bench', import.meta.url));
const packages = ['send@1', 'sirv@3', 'better-sse@0.16', 'busboy@1', 'ws@8'];

/** The folder the peers are installed in. */
export function peersFolder() {
  const missing = packages.filter((name) => !existsSync(join(folder, 'node_modules', name.replace(/@.*/, ''))));
  if (missing.length > 0) {
    mkdirSync(folder, { recursive: true });
    const manifest = join(folder, 'package.json');
    if (!existsSync(manifest))
      writeFileSync(manifest, '{ "name": "bench-peers", "private": true, "version": "1.0.0" }\n');
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...missing], {
      cwd: folder,
      stdio: 'inherit',
    });
  }
  return folder;
}
