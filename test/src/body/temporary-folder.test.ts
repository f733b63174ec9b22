import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { mkdir, readdir, symlink, utimes, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { makeTemporaryFolder, removeStaleFolders } from '../../../src/body/temporary-folder.js';
import { emptyFolder } from './body-server.js';

/** The number of a process that has ended. */
function deadProcess(): number {
  return spawnSync(process.execPath, ['-e', '0']).pid;
}

/** A folder as another process of this host would have made it. */
async function folderOf(parent: string, pid: number, hidden = false): Promise<string> {
  const own = await makeTemporaryFolder(parent, hidden);
  const name = own.slice(parent.length + 1).replace(`-${process.pid}-`, `-${pid}-`);
  const path = join(parent, name);
  fs.renameSync(own, path);
  await writeFile(join(path, 'half.bin'), 'half');
  return path;
}

test('a folder is new, empty and for this user only', async () => {
  const parent = emptyFolder();
  const [one, two] = await Promise.all([makeTemporaryFolder(parent), makeTemporaryFolder(parent, true)]);
  assert.notEqual(one, two);
  assert.equal(fs.statSync(one).mode & 0o777, 0o700);
  assert.match(one.slice(parent.length), /^\/node-red-http-server-/);
  assert.match(two.slice(parent.length), /^\/\.node-red-http-server-/);
});

test('what a crashed process left is removed, hidden folders too', async () => {
  const parent = emptyFolder();
  const pid = deadProcess();
  const left = [await folderOf(parent, pid), await folderOf(parent, pid, true)];
  assert.deepEqual((await removeStaleFolders(parent)).sort(), left.sort());
  assert.deepEqual(await readdir(parent), []);
});

test('folders of living processes stay: our own and those of others', async () => {
  const parent = emptyFolder();
  await makeTemporaryFolder(parent);
  await folderOf(parent, process.ppid);
  await folderOf(parent, 1);
  assert.deepEqual(await removeStaleFolders(parent), []);
  assert.equal((await readdir(parent)).length, 3);
});

test('a folder older than this start is stale though its number lives again', async () => {
  const parent = emptyFolder();
  const own = await makeTemporaryFolder(parent);
  const before = Date.now() / 1000 - process.uptime() - 60;
  await utimes(own, before, before);
  const reborn = await folderOf(parent, process.ppid);
  const boot = Date.now() / 1000 - os.uptime() - 60;
  await utimes(reborn, boot, boot);
  assert.equal((await removeStaleFolders(parent)).length, 2);
});

test('folders of another host, other names, files and links stay', async () => {
  const parent = emptyFolder();
  const pid = deadProcess();
  await mkdir(join(parent, `node-red-http-server-otherhost-${pid}-abcdef`));
  await mkdir(join(parent, `node-red-http-server-${pid}`));
  await mkdir(join(parent, 'photos'));
  const name = (await folderOf(parent, pid)).slice(parent.length + 1);
  fs.rmSync(join(parent, name), { recursive: true });
  await writeFile(join(parent, name), 'a file of that name');
  const target = emptyFolder();
  await writeFile(join(target, 'kept'), '');
  await symlink(target, join(parent, name.replace(/.{6}$/, 'linked')));
  assert.deepEqual(await removeStaleFolders(parent), []);
  assert.equal((await readdir(parent)).length, 5);
  assert.deepEqual(await readdir(target), ['kept']);
});

test('a folder that is not there is no error', async () => {
  assert.deepEqual(await removeStaleFolders(join(emptyFolder(), 'none')), []);
});
