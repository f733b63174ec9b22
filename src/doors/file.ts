/** Answers with files. */
export { sendFile } from '../file/send-file.js';
export { requestedFile, serverFiles } from '../server/server-files.js';
