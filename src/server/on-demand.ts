import type * as Lockouts from '../auth/lockout.js';
import type { Locked, Lockout } from '../auth/lockout.js';
import type { ExchangeContext } from '../exchange/context.js';
import type { MediaTypeOptions } from '../file/media-types.js';
import { HttpError } from '../errors.js';
import { lazily } from '../lazily.js';
import type { Logger } from '../logger.js';
import type * as Advertisings from './advertising.js';
import type { Advertising } from './advertising.js';
import type * as Addresses from './client-address.js';
import type * as CrossOrigin from './cors.js';
import type { Cors } from './cors.js';
import type { Entry } from './entry.js';
import type * as FileServices from './file-service.js';
import type { FileService } from './file-service.js';
import type * as Live from './live-channels.js';
import type { EventHub, LiveChannels, SocketHub } from './live-channels.js';
import type * as SecurityHeaders from './security-headers.js';
import type { ServerFiles } from './server-files.js';
import type { ServerState } from './server-state.js';
import type { ServerSettings } from './settings.js';
import type * as UploadFolders from './upload-folders.js';

const addresses = lazily(() => require('./client-address.js') as typeof Addresses);
const advertisings = lazily(() => require('./advertising.js') as typeof Advertisings);
const crossOrigin = lazily(() => require('./cors.js') as typeof CrossOrigin);
const fileServices = lazily(() => require('./file-service.js') as typeof FileServices);
const liveChannels = lazily(() => require('./live-channels.js') as typeof Live);
const lockouts = lazily(() => require('../auth/lockout.js') as typeof Lockouts);
const securityHeaders = lazily(() => require('./security-headers.js') as typeof SecurityHeaders);
const uploads = lazily(() => require('./upload-folders.js') as typeof UploadFolders);

/** What the settings of a server make of its exchanges' context and of the requests of other origins. */
export interface OnDemandServices extends Pick<
  ExchangeContext,
  'defaultHeaders' | 'forwarded' | 'sendFile' | 'files' | 'serveRoot'
> {
  /** undefined: there are no rules for other origins. */
  readonly cors: Cors | undefined;
}

/** Whom the parts of a server speak to. */
export interface OnDemandListeners {
  readonly logger: () => Logger;
  readonly onLocked: (locked: Locked) => void;
}

/**
 * The parts of a server that not every server needs. What settings call for is loaded with them, so that it is there or
 * refused when they are applied; the rest when somebody uses it.
 */
export class OnDemand {
  readonly #listeners: OnDemandListeners;
  #files: FileService | undefined;
  #live: LiveChannels | undefined;
  #lockout: Lockout | undefined;
  #advertising: Advertising | undefined;
  #lockoutLimit = 0;
  #isHeld = false;

  constructor(listeners: OnDemandListeners) {
    this.#listeners = listeners;
  }

  /** The services of these settings. @throws HttpError INVALID_SETTING: nothing is changed */
  servicesOf(settings: ServerSettings, isSecure: boolean): OnDemandServices {
    const { cors, trustProxy, rootPath } = settings;
    const { keep = [], register = [] } = settings.mediaTypes as MediaTypeOptions;
    let own: FileService | undefined;
    const files = (): FileService => (this.#files = own ??= new (fileServices().FileService)(settings, this.#files));
    const trusts = trustProxy.length > 0 ? addresses().parseTrust(trustProxy) : undefined;
    // Types of its own may be none: that shows now.
    if (keep.length > 0 || register.length > 0) files();
    return {
      cors: cors.origins.length > 0 ? new (crossOrigin().Cors)(cors) : undefined,
      defaultHeaders: settings.securityHeaders
        ? securityHeaders().withSecurityHeaders(settings.headers, isSecure)
        : settings.headers,
      forwarded: (request) => addresses().forwardedOf(request, trusts),
      files: {
        root: rootPath,
        get mediaTypes() {
          return files().mediaTypes;
        },
        get cache() {
          return files().cache;
        },
      } satisfies ServerFiles,
      sendFile: async (request, response, options) => files().send(request, response, options),
      serveRoot: async (exchange) => {
        if (rootPath === '') throw new HttpError('FILES_DISABLED');
        await files().serve(exchange);
      },
    };
  }

  /** Takes settings over that {@link servicesOf} has found good. */
  apply({ lockout, advertise }: ServerSettings): void {
    this.#lockoutLimit = lockout;
    if (this.#lockout) this.#lockout.limit = lockout;
    if (advertise.name !== '') this.#advertising ??= new (advertisings().Advertising)(this.#listeners.logger);
  }

  /** Brings what the network is told in line with the server. @returns when what was told before is taken back */
  async advertise(state: ServerState, settings: ServerSettings): Promise<void> {
    await this.#advertising?.follow(state, settings);
  }

  /** Failed logins. */
  get lockout(): Lockout {
    const { onLocked } = this.#listeners;
    return (this.#lockout ??= new (lockouts().Lockout)({ limit: this.#lockoutLimit, onLocked }));
  }

  get eventChannels(): EventHub {
    return this.#channels.events;
  }

  get socketChannels(): SocketHub {
    return this.#channels.sockets;
  }

  /** Makes the folder known that an entry keeps uploads in. @returns the work that goes on, if there is any */
  openFolder(body: Entry['body']): Promise<void> | undefined {
    if (typeof body === 'function' || body.upload !== 'disk') return undefined;
    const { uploadFolderOf, uploadFolders } = uploads();
    const folder = uploadFolderOf(body);
    return folder === '' ? undefined : uploadFolders.open(folder);
  }

  /** The flows restart: events of live clients wait. */
  hold(): void {
    this.#isHeld = true;
    this.#live?.hold();
  }

  /** The flows are back. */
  release(): void {
    this.#isHeld = false;
    this.#live?.release();
  }

  /** Tells live clients to leave. */
  endLive(): void {
    this.#live?.end();
  }

  get #channels(): LiveChannels {
    if (this.#live) return this.#live;
    this.#live = new (liveChannels().LiveChannels)();
    if (this.#isHeld) this.#live.hold();
    return this.#live;
  }
}
