/** Asks the runtime for folders of the machine it runs on. Those who may not change flows may not look. */
import './red.js';

/** What the runtime knows of a path; see `FolderLook` of the plugin. */
export interface FolderLook {
  readonly kind: 'folder' | 'file' | 'missing' | 'forbidden';
  /** The absolute path. */
  readonly path: string;
  /** The folder at the path, else the nearest one above it. */
  readonly nearest: string;
  /** Whether Node-RED may write into `nearest`. */
  readonly writable: boolean;
  /** Paths that continue the one asked for, or, for a list, the names of all folders in `nearest`. */
  readonly folders: readonly string[];
}

/** Looks at a path. Rejects for those who may not, and while Node-RED does not answer. */
export function lookAtFolder(path: string, { list = false } = {}): Promise<FolderLook> {
  const url = `http-servers/folders?path=${encodeURIComponent(path)}${list ? '&list' : ''}`;
  return Promise.resolve($.getJSON(url) as PromiseLike<FolderLook>);
}

/** Whether the one who sits here may look for folders. */
export function mayLookAtFolders(): boolean {
  return RED.user.hasPermission('flows.write');
}
