/** What the Flow Library's own check and a careful admin ask of the package. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { projectRoot } from '../support/node-red.js';
import { packTarball } from '../support/tarball.js';

const tarball = packTarball();
const installed = mkdtempSync(join(tmpdir(), 'installed-'));
after(() => {
  for (const folder of [tarball.folder, installed]) rmSync(folder, { recursive: true });
});

describe('node-red-dev validate', () => {
  const cache = join(projectRoot, '.cache', 'node-red-dev');
  const tool = join(cache, 'node_modules', 'node-red-dev');
  let scores: Record<string, { test?: boolean; packages?: string[]; nodes?: string[] }>;

  before(() => {
    if (!existsSync(join(tool, 'bin', 'run'))) {
      mkdirSync(cache, { recursive: true });
      writeFileSync(
        join(cache, 'package.json'),
        '{ "name": "node-red-dev-cache", "private": true, "version": "1.0.0" }',
      );
      execFileSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', 'node-red-dev@0.1.6'], {
        cwd: cache,
      });
    }
    execFileSync('tar', ['-xzf', tarball.path, '-C', tarball.folder]);
    const folder = join(tarball.folder, 'package');
    const output = join(tarball.folder, 'scores.json');
    // The tool asks the catalogue and the registry of the internet: those questions are answered from a file.
    const offline = join(projectRoot, 'test', 'fixtures', 'node-red-dev-offline.cjs');
    const args = ['--require', offline, join(tool, 'bin', 'run'), 'validate', '-p', folder, '-o', output];
    execFileSync(process.execPath, args, { cwd: folder, env: { ...process.env, NODE_RED_DEV: tool }, stdio: 'pipe' });
    scores = JSON.parse(readFileSync(output, 'utf8')) as typeof scores;
  });

  it('passes every check that does not need the internet', () => {
    // D03 wants the newest major of every dependency: jose 6 is ESM only, which Node 18 cannot require.
    const isExplained = (key: string, packages: readonly string[] = []): boolean =>
      key === 'D03' && packages.every((name) => name === 'jose');
    const failed = Object.entries(scores).filter(
      ([key, { test, packages }]) => test === false && !isExplained(key, packages),
    );
    assert.deepEqual(failed, []);
    assert.ok(Object.keys(scores).length >= 10, Object.keys(scores).join());
  });
});

describe('the installed package', () => {
  const files: string[] = [];

  before(() => {
    writeFileSync(join(installed, 'package.json'), '{ "name": "installed", "version": "1.0.0", "private": true }');
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--omit=dev', '--silent', tarball.path], {
      cwd: installed,
    });
    const visit = (folder: string): void => {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        const path = join(folder, entry.name);
        if (entry.isDirectory()) visit(path);
        else files.push(path);
      }
    };
    visit(join(installed, 'node_modules'));
  });

  it('brings no native code and nothing that is compiled at install time', () => {
    assert.deepEqual(
      files.filter((file) => /\.(node|so|dll|dylib|wasm)$|binding\.gyp$/.test(file)),
      [],
    );
    for (const file of files.filter((name) => name.endsWith('package.json'))) {
      const { scripts = {} } = JSON.parse(readFileSync(file, 'utf8')) as { scripts?: Record<string, string> };
      const { preinstall, install, postinstall } = scripts;
      assert.deepEqual(
        { preinstall, install, postinstall },
        { preinstall: undefined, install: undefined, postinstall: undefined },
        file,
      );
    }
  });

  it('takes less than 10 MB of an SD card, dependencies included', (t) => {
    const bytes = files.reduce((sum, file) => sum + statSync(file).size, 0);
    const packages = new Set(files.flatMap((file) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(file)?.[1] ?? []));
    t.diagnostic(`${(bytes / 1e6).toFixed(1)} MB in ${files.length} files of ${packages.size} packages`);
    assert.ok(bytes < 10e6, `${bytes} bytes`);
    assert.ok(packages.size <= 30, [...packages].join());
  });
});
