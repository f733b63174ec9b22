/** Reason phrases of the registered status codes (RFC 9110 15 and the IANA registry, in Node's wording). */
const phrases: Readonly<Record<number, string>> = {
  100: 'Continue',
  101: 'Switching Protocols',
  102: 'Processing',
  103: 'Early Hints',
  200: 'OK',
  201: 'Created',
  202: 'Accepted',
  203: 'Non-Authoritative Information',
  204: 'No Content',
  205: 'Reset Content',
  206: 'Partial Content',
  207: 'Multi-Status',
  208: 'Already Reported',
  226: 'IM Used',
  300: 'Multiple Choices',
  301: 'Moved Permanently',
  302: 'Found',
  303: 'See Other',
  304: 'Not Modified',
  305: 'Use Proxy',
  307: 'Temporary Redirect',
  308: 'Permanent Redirect',
  400: 'Bad Request',
  401: 'Unauthorized',
  402: 'Payment Required',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  411: 'Length Required',
  412: 'Precondition Failed',
  413: 'Payload Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  416: 'Range Not Satisfiable',
  417: 'Expectation Failed',
  418: "I'm a Teapot",
  421: 'Misdirected Request',
  422: 'Unprocessable Entity',
  423: 'Locked',
  424: 'Failed Dependency',
  425: 'Too Early',
  426: 'Upgrade Required',
  428: 'Precondition Required',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  451: 'Unavailable For Legal Reasons',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
  505: 'HTTP Version Not Supported',
  506: 'Variant Also Negotiates',
  507: 'Insufficient Storage',
  508: 'Loop Detected',
  510: 'Not Extended',
  511: 'Network Authentication Required',
};

/** The reason phrase of a status code; 'Unknown' for one that nobody registered. */
export function reasonPhrase(code: number): string {
  return phrases[code] ?? 'Unknown';
}

/** True for whole numbers from 100 to 599. */
export function isStatusCode(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 100 && value <= 599;
}

/** True for the codes a final answer may carry: whole numbers from 200 to 599 (1xx is never the last word). */
export function isFinalStatusCode(value: unknown): value is number {
  return isStatusCode(value) && value >= 200;
}

/** True for text a status line can carry: no line breaks or other control characters, latin1 only (RFC 9112 4). */
export function isReasonPhrase(text: string): boolean {
  return /^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(text);
}

/** A status with its reason phrase, as the API has it (API 1.10): equal when code and text are. */
export class Status {
  readonly code: number;
  readonly text: string;

  /** @param text the registered phrase when left out */
  constructor(code: number, text: string = reasonPhrase(code)) {
    this.code = code;
    this.text = text;
  }

  equals(other: Status): boolean {
    return this.code === other.code && this.text === other.text;
  }

  /** `200 OK` */
  toString(): string {
    return `${this.code} ${this.text}`;
  }
}

export const SWITCHING_PROTOCOLS_101 = new Status(101);
export const OK_200 = new Status(200);
export const CREATED_201 = new Status(201);
export const ACCEPTED_202 = new Status(202);
export const NO_CONTENT_204 = new Status(204);
export const PARTIAL_CONTENT_206 = new Status(206);
export const MOVED_PERMANENTLY_301 = new Status(301);
export const FOUND_302 = new Status(302);
export const TEMPORARY_REDIRECT_307 = new Status(307);
export const PERMANENT_REDIRECT_308 = new Status(308);
export const BAD_REQUEST_400 = new Status(400);
export const UNAUTHORIZED_401 = new Status(401);
export const FORBIDDEN_403 = new Status(403);
export const NOT_FOUND_404 = new Status(404);
export const METHOD_NOT_ALLOWED_405 = new Status(405);
export const TOO_MANY_REQUESTS_429 = new Status(429);
export const INTERNAL_SERVER_ERROR_500 = new Status(500);
export const NOT_IMPLEMENTED_501 = new Status(501);
export const SERVICE_UNAVAILABLE_503 = new Status(503);
