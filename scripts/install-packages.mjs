// Packages that only the tests on another platform need: installed apart from the project's own, in a folder of .cache.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * Installs `packages` into `.cache/<name>`, unless all `files` of its node_modules are there.
 * @returns the folder, as seen from where the command was given
 */
export function installPackages(name, packages, files) {
  const folder = join(fileURLToPath(new URL('..', import.meta.url)), '.cache', name);
  if (!files.every((file) => existsSync(join(folder, 'node_modules', file)))) {
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), `{ "name": "${name}", "private": true, "version": "1.0.0" }\n`);
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', ...packages], {
      cwd: folder,
      stdio: 'inherit',
    });
  }
  return relative(process.cwd(), folder) || folder;
}
