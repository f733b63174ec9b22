import { HttpError } from '../errors.js';

/** The API's table (API 1.11). */
const table =
  '.7z application/x-7z-compressed .aac audio/aac .abw application/x-abiword .arc application/x-freearc .avi video/x-msvideo ' +
  '.azw application/vnd.amazon.ebook .bin application/octet-stream .bmp image/bmp .bz application/x-bzip .bz2 application/x-bzip2 ' +
  '.cda application/x-cdf .csh application/x-csh .css text/css .csv text/csv .doc application/msword ' +
  '.docx application/vnd.openxmlformats-officedocument.wordprocessingml.document .eot application/vnd.ms-fontobject ' +
  '.epub application/epub+zip .gif image/gif .gz application/gzip .htm text/html .html text/html .ico image/vnd.microsoft.icon ' +
  '.ics text/calendar .jar application/java-archive .jpeg image/jpeg .jpg image/jpeg .js text/javascript .json application/json ' +
  '.jsonld application/ld+json .mid audio/midi .midi audio/midi .mjs text/javascript .mp3 audio/mpeg .mp4 video/mp4 .mpeg video/mpeg ' +
  '.mpkg application/vnd.apple.installer+xml .odp application/vnd.oasis.opendocument.presentation ' +
  '.ods application/vnd.oasis.opendocument.spreadsheet .odt application/vnd.oasis.opendocument.text .oga audio/ogg .ogv video/ogg ' +
  '.ogx application/ogg .opus audio/opus .otf font/otf .pdf application/pdf .php application/x-httpd-php .png image/png ' +
  '.ppt application/vnd.ms-powerpoint .pptx application/vnd.openxmlformats-officedocument.presentationml.presentation ' +
  '.rar application/vnd.rar .rtf application/rtf .sh application/x-sh .svg image/svg+xml .swf application/x-shockwave-flash ' +
  '.tar application/x-tar .tif image/tiff .tiff image/tiff .ts video/mp2t .ttf font/ttf .txt text/plain .vsd application/vnd.visio ' +
  '.wav audio/wav .weba audio/webm .webm video/webm .webp image/webp .woff font/woff .woff2 font/woff2 .xhtml application/xhtml+xml ' +
  '.xls application/vnd.ms-excel .xlsx application/vnd.openxmlformats-officedocument.spreadsheetml.sheet .xml application/xml ' +
  '.xul application/vnd.mozilla.xul+xml .zip application/zip';

/** What `MIMETypes.configure` takes (API row MT2). */
export interface MediaTypeOptions {
  /** Type of files whose extension nobody knows; "text/plain". */
  readonly defaultTo?: string;
  /** Only these extensions keep a type; empty: all. */
  readonly keep?: readonly string[];
  /** Added or overridden. */
  readonly register?: readonly { readonly extension: string; readonly type: string }[];
}

/** The media types of one server, by file extension (API rows MT1–MT5). */
export class MediaTypes {
  readonly defaultTo: string;
  readonly #types = new Map<string, string>();
  readonly #isWhole: boolean;

  /**
   * @param base types these begin with, instead of the API's table
   * @throws HttpError INVALID_SETTING for an extension without a dot, or one to keep that is not registered
   */
  constructor({ defaultTo, keep = [], register = [] }: MediaTypeOptions = {}, base?: MediaTypes) {
    this.defaultTo = defaultTo ?? base?.defaultTo ?? 'text/plain';
    const all = base ? new Map(base.#types) : tableOf();
    const isOpen = base === undefined || base.#isWhole;
    this.#isWhole = isOpen && keep.length === 0;
    if (keep.length === 0) this.#types = all;
    for (const name of keep) {
      const extension = checkExtension(name);
      const type = all.get(extension) ?? (isOpen ? lookupType(extension) : undefined);
      if (type === undefined)
        throw new HttpError('INVALID_SETTING', { message: `mimeKeep: Extension "${name}" is not registered. ` });
      this.#types.set(extension, type);
    }
    for (const { extension, type } of register) this.#types.set(checkExtension(extension), type);
  }

  /** These media types, or those of these options. @throws as the constructor */
  static of(types: MediaTypeOptions | MediaTypes): MediaTypes {
    return types instanceof MediaTypes ? types : new MediaTypes(types);
  }

  /** The media type of a file by what follows its last dot, any case. */
  forFilename(filename: string, fallback: string = this.defaultTo): string {
    const dot = filename.lastIndexOf('.');
    if (dot < 0 || filename.includes('/', dot)) return fallback;
    const extension = filename.slice(dot).toLowerCase();
    return this.#types.get(extension) ?? (this.#isWhole ? lookupType(extension) : undefined) ?? fallback;
  }

  /** The Content-Type of a file: text types name their charset. */
  contentTypeFor(filename: string): string {
    return withCharset(this.forFilename(filename));
  }
}

/** Text types are UTF-8 unless they say otherwise. */
export function withCharset(type: string): string {
  return /^(text\/[^;]+|application\/(json|javascript|manifest\+json|xml|xhtml\+xml)|image\/svg\+xml)$/i.test(type)
    ? `${type}; charset=utf-8`
    : type;
}

function tableOf(): Map<string, string> {
  const words = table.split(' ');
  const all = new Map<string, string>();
  for (let index = 0; index + 1 < words.length; index += 2) all.set(words[index] ?? '', words[index + 1] ?? '');
  return all;
}

function checkExtension(name: string): string {
  if (!name.startsWith('.'))
    throw new HttpError('INVALID_SETTING', {
      message: `Invalid extension: "${name}". All extensions must start with a dot.`,
    });
  return name.toLowerCase();
}

/** Beyond the API's table: the IANA registry, loaded only when a file asks for it. */
function lookupType(extension: string): string | undefined {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- loaded on first need: most flows never need it
  const types = require('mime-types') as { lookup(extension: string): string | false };
  return types.lookup(extension) || undefined;
}
