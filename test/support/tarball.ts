/** The packed package, as npm would publish it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from './node-red.js';

/**
 * Packs what is built. The folder is the caller's to remove.
 * @param version packed in place of the one in package.json
 */
export function packTarball(version?: string): { readonly folder: string; readonly path: string } {
  const folder = mkdtempSync(join(tmpdir(), 'tarball-'));
  const pack = (cwd: string): string =>
    execFileSync('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  const path = join(folder, pack(projectRoot));
  if (version === undefined) return { folder, path };
  execFileSync('tar', ['-xzf', path, '-C', folder]);
  const unpacked = join(folder, 'package');
  const manifest = JSON.parse(readFileSync(join(unpacked, 'package.json'), 'utf8')) as Record<string, unknown>;
  writeFileSync(join(unpacked, 'package.json'), JSON.stringify({ ...manifest, version }));
  return { folder, path: join(folder, pack(unpacked)) };
}
