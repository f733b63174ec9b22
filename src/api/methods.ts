/** The method names of the API (row P3); each equals its own name. Any other token is a method as well. */
export const GET = 'GET';
export const POST = 'POST';
export const PUT = 'PUT';
export const DELETE = 'DELETE';
export const PATCH = 'PATCH';
export const HEAD = 'HEAD';
export const OPTIONS = 'OPTIONS';
export const TRACE = 'TRACE';
export const CONNECT = 'CONNECT';
