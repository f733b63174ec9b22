import fs from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';

const prefix = 'node-red-http-server';
/** Milliseconds a folder's time may lie before the start it is compared with: clocks and file systems round. */
const clockSlack = 2000;

/**
 * Makes a folder for the uploads of one request, readable by this user only. Its name carries host and process, so
 * that {@link removeStaleFolders} of a later process knows whose it was.
 * @param isHidden true gives it a leading dot: for a folder whose other files people look at
 */
export function makeTemporaryFolder(parent = os.tmpdir(), isHidden = false): Promise<string> {
  return fs.mkdtemp(join(parent, `${isHidden ? '.' : ''}${prefix}-${hostLabel()}-${process.pid}-`));
}

/**
 * Removes the upload folders that processes of this host left behind when they crashed; call at start. Folders of
 * living processes and of other users stay, and so does what cannot be removed: this never fails.
 * @returns the folders removed
 */
export async function removeStaleFolders(parent = os.tmpdir()): Promise<string[]> {
  const pattern = new RegExp(`^\\.?${prefix}-${hostLabel()}-(\\d+)-[^-]+$`);
  const removed: string[] = [];
  for (const name of await fs.readdir(parent).catch(() => [])) {
    const pid = pattern.exec(name)?.[1];
    if (pid === undefined) continue;
    const path = join(parent, name);
    try {
      if (!(await isStale(path, Number(pid)))) continue;
      await fs.rm(path, { recursive: true, force: true });
      removed.push(path);
    } catch {
      // Someone else's, or gone already.
    }
  }
  return removed;
}

async function isStale(path: string, pid: number): Promise<boolean> {
  const stats = await fs.lstat(path);
  if (!stats.isDirectory() || (process.getuid && stats.uid !== process.getuid())) return false;
  // After a restart, in a container above all, another process may have the number: then the folder is older than it.
  const bornAfter = (uptime: number): boolean => stats.mtimeMs >= Date.now() - uptime * 1000 - clockSlack;
  if (!bornAfter(os.uptime())) return true;
  return pid === process.pid ? !bornAfter(process.uptime()) : !isAlive(pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives and belongs to someone else.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function hostLabel(): string {
  return os
    .hostname()
    .replace(/[^\dA-Za-z]+/g, '_')
    .slice(0, 40);
}
